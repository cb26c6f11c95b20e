"""Extraction in its own process, as the pipeline runs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from mediawatch.articles.worker import JOB
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure
from mediawatch.workers.pool import Pool

NOW = datetime(2024, 2, 1, tzinfo=timezone.utc)
Extractors = Pool[ExtractTask, Extracted]


def task(body: bytes) -> ExtractTask:
    return ExtractTask(body=body, url="https://example.com/a", content_type="text/html", fetched_at=NOW)


def page(name: object) -> ExtractTask:
    story = f"Council number {name} met on Tuesday evening to vote on the new bridge over the river. " * 4
    return task(f"<html><head><title>{name}</title></head><body><p>{story}</p></body></html>".encode())


@pytest.fixture(scope="module")
def pool() -> Iterator[Extractors]:
    with Extractors(JOB, workers=1, limit_s=30, memory_mb=600) as pool:
        yield pool


def test_each_page_gives_its_own_article(pool: Extractors) -> None:
    found = dict(pool.map((number, page(number)) for number in range(5)))
    titles = {key: result.title for key, result in found.items() if isinstance(result, Extracted)}
    assert titles == {number: str(number) for number in range(5)}


def test_a_page_without_text_is_an_outcome(pool: Extractors) -> None:
    result = pool.run(task(b"print"))
    assert isinstance(result, Failure)
    assert result.reason is Reason.NO_TEXT


def test_a_page_over_the_memory_limit_is_read_in_part_and_its_neighbours_are_not() -> None:
    story = "".join(f"<p>Council number {n} met on Tuesday to vote on the bridge over the river.</p>" for n in range(9))
    huge = task(f"<html><body><article>{story}</article>".encode() + b"<p>word</p>" * 900_000)
    with Extractors(JOB, workers=1, limit_s=60, memory_mb=250) as pool:
        found = dict(pool.map([("huge", huge), ("small", page("small"))]))
    assert isinstance(found["huge"], Extracted)
    assert found["huge"].engine == "blocks, second try"
    assert isinstance(found["small"], Extracted)
    assert found["small"].engine == "blocks"


STORY = b"".join(b"<p>Council number %d met on Tuesday to vote on the bridge over the river.</p>" % n for n in range(9))
HOSTILE = {
    "nothing": b"",
    "bytes": bytes(range(256)) * 4_000,
    "deep nesting": b"<div>" * 100_000 + STORY,
    "deep boxes": b"".join(b"<div class=related>text number %d" % n for n in range(30_000)),
    "links": STORY + b"".join(b"<p><a href=/%d>This is link number %d</a></p>" % (n, n) for n in range(100_000)),
    "cells": STORY + b"<table>" + b"<tr><td>1</td><td>2</td></tr>" * 50_000 + b"</table>",
    "a row": STORY + b"<table><tr>" + b"<td>cell</td>" * 100_000 + b"</tr></table>",
    "a long line": b"<p>" + b"word and more words here. " * 420_000 + b"</p>",
    "a long word": STORY + b"<p>" + b"x" * 11_000_000 + b"</p>",
    "colspan": b"<table><tr><td colspan=999999999 rowspan=99999999>x</td></tr></table>" + STORY,
    "short paragraphs": STORY + b"<p>word</p>" * 50_000,
    "entities": b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><p>&b;&b;</p>' + STORY,
    "a long title": b"<title>" + b"a - b | " * 200_000 + b"</title>" + STORY,
    "deep json": b"<script type=application/ld+json>" + b"[" * 1_000_000 + b"</script>" + STORY,
    "authors": b"<a rel=author>By x and y</a>" * 50_000 + STORY,
    "unclosed": b"<" * 1_000_000 + STORY,
    "headings": STORY + b"<ul><li><h1>Heading</h1><h2>Other</h2>" * 30_000,
    "articles": b"".join(b"<div><h1>Part %d</h1>%b</div>" % (n, STORY) for n in range(2_000)),
    "paid parts": b'<script type=application/ld+json>{"@type":"Article","isAccessibleForFree":false,"hasPart":['
    + b'{"isAccessibleForFree":false,"cssSelector":".paid"},' * 20_000
    + b"{}]}</script>"
    + b"<div class=paid>" * 20_000
    + STORY,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_within_its_limit_and_kills_no_worker(pool: Extractors, name: str) -> None:
    result = pool.run(task(b"<html><body>" + HOSTILE[name] if HOSTILE[name] else b""))
    assert isinstance(result, (Extracted, Failure))
    assert getattr(result, "reason", None) not in (Reason.EXTRACT_LIMIT, Reason.EXTRACT_CRASH)
    if HOSTILE[name].count(STORY) and isinstance(result, Extracted):
        assert "Council number 3 met on Tuesday" in result.text
