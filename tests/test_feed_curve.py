"""The picture in docs/feeds.md shows what the scheduler does."""

from __future__ import annotations

import runpy

from mediawatch.settings import PROJECT


def test_the_curve_in_the_docs_is_the_schedulers() -> None:
    picture = runpy.run_path(str(PROJECT / "bench" / "feed_curve.py"))["picture"]
    assert (PROJECT / "docs" / "feeds.svg").read_text("utf-8") == picture(), "run python bench/feed_curve.py"
