"""Pages to extract from, written for the tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest
from mediawatch.models import ExtractTask

STORY = (
    "The council voted on Tuesday evening to build a second bridge over the river, eleven years after it was asked.",
    "Work will begin in May and last until the autumn of next year, said Ada Lindqvist, who leads the committee.",
    "The old bridge stays open to bicycles. Its arches are from 1911 and carry nothing heavier than a milk cart.",
    "Nobody spoke against the plan, but two members asked what the toll would be, and heard that there is none.",
)


@pytest.fixture
def story() -> tuple[str, ...]:
    """Four paragraphs."""
    return STORY


@pytest.fixture
def page_task() -> Callable[..., ExtractTask]:
    """A task for a page with these paragraphs in its <article>, fetched on 1 March 2024."""

    def make(
        paragraphs: tuple[str, ...] = STORY,
        head: str = "<title>A second bridge</title>",
        before: str = "",
        after: str = "",
        url: str = "https://www.example.com/news/bridge",
        claimed: datetime | None = None,
        feed_title: str | None = None,
    ) -> ExtractTask:
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        body = (
            f"<!DOCTYPE html><html><head><meta charset=utf-8>{head}</head><body><nav><a href=/>Home</a> "
            f"<a href=/w>World</a></nav>{before}<article>{text}</article>{after}"
            "<footer><a href=/about>About us</a></footer></body></html>"
        )
        fetched_at = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
        return ExtractTask(body.encode(), url, "text/html", fetched_at, claimed, feed_title)

    return make
