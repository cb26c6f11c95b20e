"""What becomes of a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mediawatch.articles.extract import extract
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure

Make = Callable[..., ExtractTask]
CORPUS = Path(__file__).resolve().parents[2] / "sample_corpus"


def _article(task: ExtractTask) -> Extracted:
    result = extract(task)
    assert isinstance(result, Extracted), result
    return result


def _reason(task: ExtractTask) -> Reason | None:
    result = extract(task)
    return result.reason if isinstance(result, Failure) else None


def test_paragraphs_are_separated_by_a_blank_line(page_task: Make, story: tuple[str, ...]) -> None:
    assert _article(page_task()).text == "\n\n".join(story)


def test_text_is_nfc_without_nul_soft_hyphens_or_double_spaces(page_task: Make) -> None:
    words = "Der Bürger\u00admeister  von\u00a0Köln sagte\x00 am Dienstag, die Brücke komme. " * 4
    text = _article(page_task((unicodedata.normalize("NFD", words),) * 2)).text
    assert unicodedata.is_normalized("NFC", text)
    assert text.startswith("Der Bürgermeister von Köln sagte am Dienstag")


def test_a_wire_of_two_sentences_is_kept(page_task: Make) -> None:
    wire = "The ferry Marguerite was refloated on Friday. Nobody was hurt, the harbour office said."
    assert _article(page_task((wire,))).text == wire


def test_a_page_of_links_is_a_list(page_task: Make) -> None:
    links = "".join(
        f"<p><a href=/{n}>The council met about item {n} of its long agenda today.</a></p>" for n in range(30)
    )
    assert _reason(page_task((), before=links)) is Reason.LIST_PAGE


def test_an_empty_page_has_no_text(page_task: Make) -> None:
    assert _reason(page_task(())) is Reason.NO_TEXT


def test_a_stub_is_a_paywall_and_a_whole_text_is_not(page_task: Make, story: tuple[str, ...]) -> None:
    closed = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>'
    gate = "<div><h2>Subscribe to continue reading</h2></div>"
    assert _reason(page_task(story[:1], head=closed)) is Reason.PAYWALL
    assert _reason(page_task(story[:1], after=gate)) is Reason.PAYWALL
    longer = (*story, *(paragraph.replace("bridge", "tunnel") + " So it goes." for paragraph in story))
    assert _reason(page_task(longer, head=closed)) is None
    assert _reason(page_task(longer, after=gate)) is None


def test_bytes_that_are_no_html_are_of_an_unsupported_type() -> None:
    now = datetime(2024, 3, 1, tzinfo=timezone.utc)
    assert _reason(ExtractTask(b"%PDF-1.7", "https://example.com/a", "text/html", now)) is Reason.UNSUPPORTED_TYPE
    assert _reason(ExtractTask(b"<p>x</p>", "https://example.com/a", "image/png", now)) is Reason.UNSUPPORTED_TYPE


@pytest.mark.parametrize(
    "box",
    [
        "<div class='related-stories'><h3>Read more</h3><p>Fentanyl seized in the harbour again on Friday.</p></div>",
        "<section id=newsletter-signup><p>Get the fentanyl briefing in your inbox every morning.</p></section>",
        "<div class='cookie-banner'><p>We use cookies like fentanyl to improve your experience.</p></div>",
        "<aside><p>Most read: fentanyl in the harbour.</p></aside>",
    ],
)
def test_boxes_around_the_story_are_not_in_its_text(page_task: Make, story: tuple[str, ...], box: str) -> None:
    inside = (*story[:2], f"{story[2]}</p>{box}<p>", story[3])
    for task in (page_task(before=box), page_task(after=box), page_task(inside)):
        text = _article(task).text
        assert "entanyl" not in text
        assert story[3] in text


def test_an_article_that_is_only_in_json_ld_is_found(page_task: Make, story: tuple[str, ...]) -> None:
    body = "\\n".join(story)
    head = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{body}"}}</script>'
    assert _article(page_task((), head=head)).text == "\n\n".join(story)


def test_the_first_line_dates_a_page_without_metadata(page_task: Make, story: tuple[str, ...]) -> None:
    first = " date 2024-01-31 Representatives from both countries met on Tuesday (January 30) and launched a group"
    found = _article(page_task((first, *story))).published
    assert found is not None
    assert (found.at, found.precision, found.origin) == (datetime(2024, 1, 31, tzinfo=timezone.utc), "day", "text")


def test_where_each_field_came_from_is_told(page_task: Make) -> None:
    head = (
        '<title>x</title><meta property="og:title" content="A second bridge | The Example">'
        '<meta property="og:site_name" content="The Example"><link rel=canonical href="/news/bridge-2024">'
        '<meta name=author content="By Ada Lindqvist and Bo Ek"><meta property="article:published_time" '
        'content="2024-02-27T19:30:00+01:00">'
    )
    article = _article(page_task(head=head))
    assert (article.title, article.site_name, article.language) == ("A second bridge", "The Example", "en")
    assert article.authors == ("Ada Lindqvist", "Bo Ek")
    assert article.canonical_url == "https://www.example.com/news/bridge-2024"
    assert article.published is not None
    assert article.published.at.isoformat() == "2024-02-27T19:30:00+01:00"
    names = ("title", "published", "authors", "canonical_url", "site_name")
    assert [article.origins[field] for field in names] == ["meta", "meta", "meta", "link", "meta"]
    assert article.confidences["published"] == 0.9


def test_a_page_without_a_title_takes_the_feeds(page_task: Make) -> None:
    article = _article(page_task(head="", feed_title="A second bridge"))
    assert (article.title, article.origins["title"]) == ("A second bridge", "feed")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200), st.binary(max_size=200))
def test_no_page_raises(page_task: Make, head: str, body: bytes) -> None:
    task = page_task(head=head.encode(errors="replace").decode())
    for each in (task, ExtractTask(b"<html>" + body, task.url, None, task.fetched_at)):
        assert isinstance(extract(each), (Extracted, Failure))


def _plain_records() -> list[tuple[str, Path, dict[str, object]]]:
    """Records of the sample corpus whose page is just the file at the URL's path."""
    return [
        (record["url"], file, record)
        for expected in sorted(CORPUS.glob("*/expected.yaml"))
        for record in yaml.safe_load(expected.read_text(encoding="utf-8"))
        if record.get("outcome") in ("loaded", "dropped: no_text", "dropped: paywall")
        and (file := expected.parent / "site" / record["url"].split("/", 3)[3]).suffix == ".html"
        and file.is_file()
    ]


@pytest.mark.parametrize(
    ("url", "file", "record"), _plain_records(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_sample_corpus_comes_out_as_expected(url: str, file: Path, record: dict[str, object]) -> None:
    result = extract(ExtractTask(file.read_bytes(), url, "text/html", datetime(2024, 3, 12, tzinfo=timezone.utc)))
    if isinstance(result, Failure):
        assert f"dropped: {result.reason.value}" == record["outcome"]
        return
    assert (result.title, result.language) == (record["title"], record["language"])
    if result.published:
        assert str(result.published.at.date()) == str(record["day"])
