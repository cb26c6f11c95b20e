"""The body that a feed gives beside the page's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from mediawatch.articles.extract import extract
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure

Make = Callable[..., ExtractTask]
SHELL = "<title>A second bridge</title><script src=/app.js></script>"


def _html(story: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>\n" for text in story)


def _article(task: ExtractTask) -> Extracted:
    result = extract(task)
    assert isinstance(result, Extracted), result
    return result


def test_a_page_that_is_a_script_shell_takes_it(page_task: Make, story: tuple[str, ...]) -> None:
    task = replace(page_task((), head=SHELL), feed_body=_html(story))
    found = _article(task)
    assert (found.text, found.engine, found.title) == ("\n\n".join(story), "feed", "A second bridge")
    assert _article(replace(task, cheap=True)).engine == "feed, second try"


def test_a_stub_before_a_paywall_takes_it(page_task: Make, story: tuple[str, ...]) -> None:
    stub = page_task((story[0], "Subscribe now to read the rest of this story."), head=SHELL)
    refused = extract(stub)
    assert isinstance(refused, Failure)
    assert refused.reason is Reason.PAYWALL
    whole = (*story, *(f"The member number {n} said that the bridge had been asked for too often." for n in range(4)))
    assert _article(replace(stub, feed_body=_html(whole))).text == "\n\n".join(whole)


def test_a_page_that_has_a_part_of_it_takes_it(page_task: Make, story: tuple[str, ...]) -> None:
    task = page_task(story[:3], before="<h1>A second bridge</h1>")
    assert _article(replace(task, feed_body=_html(story))).text == "\n\n".join(story)


@pytest.mark.parametrize("end", ["", " […]", "</p><p><a href=/news/bridge>Continue reading</a>"])
def test_a_summary_replaces_no_page(end: str, page_task: Make, story: tuple[str, ...]) -> None:
    found = _article(replace(page_task(story), feed_body=f"<p>{story[0]}{end}</p>"))
    assert (found.text, found.engine) == ("\n\n".join(story), "blocks")


@pytest.mark.parametrize("end", [" [&#8230;]", "... Read more", "</p><p><a href=/news/bridge>Continue reading</a>"])
def test_a_teaser_is_no_article_even_where_the_page_has_none(end: str, page_task: Make, story: tuple[str, ...]) -> None:
    teaser = _html(story[:-1]) + f"<p>{story[-1]}{end}</p>"
    refused = extract(replace(page_task((), head=SHELL), feed_body=teaser))
    assert isinstance(refused, Failure)
    assert refused.reason is Reason.NO_TEXT


def test_a_long_text_of_something_else_replaces_no_page(page_task: Make, story: tuple[str, ...]) -> None:
    other = tuple(f"Station number {n} sold more tickets this year than it did in the year before." for n in range(30))
    assert _article(replace(page_task(story), feed_body=_html(other))).text == "\n\n".join(story)


def test_the_line_that_says_where_it_appeared_first_is_not_the_articles(
    page_task: Make, story: tuple[str, ...]
) -> None:
    signed = "<p>The post <a href=/news/bridge>A second bridge</a> appeared first on <a href=/>The Bank</a>.</p>"
    found = _article(replace(page_task((), head=SHELL), feed_body=_html(story) + signed))
    assert found.text == "\n\n".join(story)


def test_an_error_page_stays_one(page_task: Make, story: tuple[str, ...]) -> None:
    refused = extract(replace(page_task((), head="<title>Page not found</title>"), feed_body=_html(story)))
    assert isinstance(refused, Failure)
    assert refused.reason is Reason.ERROR_PAGE


def test_lines_without_markup_are_read_as_they_stand(page_task: Make, story: tuple[str, ...]) -> None:
    text = "\n\n".join((*story, "Read more: x < y is all that he wrote of it."))
    assert _article(replace(page_task((), head=SHELL), feed_body=text)).text == text
