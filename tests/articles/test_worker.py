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


def test_a_page_over_the_memory_limit_is_a_failure_and_its_neighbours_are_not() -> None:
    huge = task(b"<html><body>" + b"<p>word</p>" * 900_000)
    with Extractors(JOB, workers=1, limit_s=60, memory_mb=250) as pool:
        found = dict(pool.map([("huge", huge), ("small", page("small"))]))
    assert isinstance(found["huge"], Failure)
    assert found["huge"].reason in (Reason.EXTRACT_LIMIT, Reason.EXTRACT_CRASH)
    assert isinstance(found["small"], Extracted)
