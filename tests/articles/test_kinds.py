"""What kind of page it is, and what becomes of pages that are no articles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mediawatch.articles.extract import extract
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure, Rejected

Make = Callable[..., ExtractTask]
LINKS = "".join(f"<li><a href=/{n}>Council hears report number {n} on its piers</a></li>" for n in range(30))


def _ld(kind: str) -> str:
    return f'<title>A second bridge</title><script type="application/ld+json">{{"@type": "{kind}"}}</script>'


def _kind(task: ExtractTask) -> str:
    result = extract(task)
    return result.reason.value if isinstance(result, Failure) else result.kind


def test_a_live_blog_is_one_by_its_type_or_by_its_address_and_its_times(
    page_task: Make, story: tuple[str, ...]
) -> None:
    entries = [line for n, text in enumerate(story * 2) for line in (f"{10 + n}:30", f"{text} Entry {n}.")]
    assert _kind(page_task(head=_ld("LiveBlogPosting"))) == "live_blog"
    assert _kind(page_task(tuple(entries), url="https://example.com/live/bridge")) == "live_blog"
    assert _kind(page_task(tuple(entries))) == "article"
    assert _kind(page_task(url="https://example.com/live/bridge")) == "article"


def test_a_gallery_is_mostly_captions(page_task: Make, story: tuple[str, ...]) -> None:
    pictures = "".join(f"<figure><figcaption>Arch number {n} in the fog.</figcaption></figure>" for n in range(8))
    task = page_task(story[:2], after=pictures, url="https://example.com/gallery/arches")
    assert _kind(task) == "gallery"
    assert _kind(page_task(after=pictures)) == "article"


def test_a_video_page_with_a_short_text_is_a_video_and_an_article_with_a_video_is_not(page_task: Make) -> None:
    assert _kind(page_task(head=_ld("VideoObject"))) == "video"
    both = _ld("VideoObject") + _ld("NewsArticle")
    assert _kind(page_task(head=both)) == "article"


@pytest.mark.parametrize("url", ["https://example.com/", "https://example.com/tag/bridges"])
def test_a_page_of_headlines_is_a_list(page_task: Make, url: str) -> None:
    assert _kind(page_task((), before=f"<ul>{LINKS}</ul>", url=url)) == "list_page"


def test_an_article_among_many_headlines_is_an_article(page_task: Make) -> None:
    assert _kind(page_task(after=f"<ul>{LINKS}</ul>")) == "article"


@pytest.mark.parametrize(
    "title", ["404 Not Found", "Page not found | The Example", "Just a moment...", "Seite nicht gefunden", "页面不存在"]
)
def test_an_error_that_answers_200_is_a_failure(page_task: Make, story: tuple[str, ...], title: str) -> None:
    assert _kind(page_task(story[:2], head=f"<title>{title}</title>")) == "error_page"


def test_an_article_on_errors_is_an_article(page_task: Make, story: tuple[str, ...]) -> None:
    long = (*story, *(f"{text} So it was said." for text in story))
    assert _kind(page_task(long, head="<title>404 days without a bridge</title>")) == "article"


def test_what_stands_on_a_rejected_page_is_told(page_task: Make, story: tuple[str, ...]) -> None:
    closed = '<title>A bridge</title><script type="application/ld+json">{"@type": "Article", "isAccessibleForFree": false}</script>'
    result = extract(page_task(story[:2], head=closed))
    assert isinstance(result, Rejected)
    assert result.reason is Reason.PAYWALL
    assert isinstance(result.article, Extracted)
    assert (result.article.title, result.article.free) == ("A bridge", False)
    assert result.article.text.startswith(story[0])
