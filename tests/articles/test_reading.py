"""Which reading of a page is taken."""

from __future__ import annotations

import json
from collections.abc import Callable

from mediawatch.articles.extract import extract
from mediawatch.models import Extracted, ExtractTask

Make = Callable[..., ExtractTask]


def _article(task: ExtractTask) -> Extracted:
    result = extract(task)
    assert isinstance(result, Extracted), result
    return result


def _stated(text: str) -> str:
    value = json.dumps({"@type": "NewsArticle", "headline": "A second bridge", "articleBody": text})
    return f'<script type="application/ld+json">{value}</script>'


def test_a_stated_body_completes_one_that_was_cut_short(page_task: Make, story: tuple[str, ...]) -> None:
    found = _article(page_task(story[:2], head=_stated("\n".join(story))))
    assert (found.text, found.engine) == ("\n\n".join(story), "articleBody")


def test_a_stated_body_of_something_else_does_not(page_task: Make, story: tuple[str, ...]) -> None:
    other = " ".join(f"Subscribers read {n} more stories of this kind every month." for n in range(20))
    found = _article(page_task(story, head=_stated(other)))
    assert (found.text, found.engine) == ("\n\n".join(story), "blocks")


def test_markup_that_scripts_would_show_is_read_where_a_page_has_nothing_else(
    page_task: Make, story: tuple[str, ...]
) -> None:
    markup = "<div>" + "".join(f"<p>{text}</p>" for text in story) + "</div>"
    packed = json.dumps(json.dumps({"props": {"body": markup}}))
    found = _article(page_task((), after=f"<script>self.push([1,{packed}])</script>"))
    assert (found.text, found.engine) == ("\n\n".join(story), "embedded")


def test_the_cheap_try_says_so(page_task: Make) -> None:
    task = page_task()
    cheap = ExtractTask(task.body, task.url, task.content_type, task.fetched_at, cheap=True)
    assert _article(cheap).engine == "blocks, second try"
    assert _article(cheap).text == _article(task).text
