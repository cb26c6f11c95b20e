"""Queries that people keep: run before they are kept, run again, followed as a feed."""

from __future__ import annotations

import feedparser
import pytest
from conftest import CorpusRun
from mediawatch.cli import app
from mediawatch.errors import QueryError
from mediawatch.store import saved
from mediawatch.store.database import Database
from mediawatch.store.export import batches, reading
from typer.testing import CliRunner


def test_the_last_word_counts_and_what_is_dropped_is_gone(db: Database) -> None:
    saved.save(db, "mine", "articles", "ann")
    saved.save(db, " mine ", "select title from stories", "bob", "for the desk")
    found = saved.load(db, "mine")
    assert (found.query, found.owner, found.note) == ("select title from stories", "bob", "for the desk")
    assert [row.name for row in saved.every(db)] == ["mine"]
    assert (saved.forget(db, "mine"), saved.forget(db, "mine")) == (True, False)
    with pytest.raises(QueryError, match="there is no saved query 'mine'; there are: none"):
        saved.load(db, "mine")


@pytest.mark.parametrize(
    "query",
    ["select nothing from articles", "select * from mediawatch.entry", "drop table x", "", "select 1; reset role"],
)
def test_what_the_analyst_could_not_run_is_not_kept(db: Database, query: str) -> None:
    with pytest.raises(QueryError):
        saved.save(db, "bad", query, "ann")
    assert saved.every(db) == []


def test_a_search_is_kept_whatever_signs_it_has(db: Database) -> None:
    saved.save_search(db, "quoted", "ann", query='"trade\' talks" \\ 100%', topic="us-china", since="")
    query = saved.load(db, "quoted").query
    assert "since" not in query
    with reading(db):
        assert [rows for _, rows in batches(db, query)] == [[]]
    with pytest.raises(QueryError, match="a search has no sources"):
        saved.save_search(db, "x", "ann", query="a", sources="b")


def test_a_saved_search_is_a_feed_that_readers_read(corpus_run: CorpusRun, monkeypatch: pytest.MonkeyPatch) -> None:
    saved.save_search(corpus_run.db, "precursors", "ann", query="fentanyl NEAR/8 precursors")
    monkeypatch.setenv("MEDIAWATCH_DATABASE_URL", corpus_run.url)
    done = CliRunner().invoke(app, ["export", "--saved", "precursors", "--as", "atom"], catch_exceptions=False)
    saved.forget(corpus_run.db, "precursors")
    feed = feedparser.parse(done.stdout_bytes)
    assert not feed.bozo
    assert feed.feed.title == "mediawatch: precursors"
    assert len(feed.entries) >= 5
    assert all("«" in entry.summary for entry in feed.entries)


def test_ask_lists_the_questions_and_answers_one(corpus_run: CorpusRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIAWATCH_DATABASE_URL", corpus_run.url)
    listed = CliRunner().invoke(app, ["ask"], catch_exceptions=False).stdout
    assert "topics_together" in listed
    asked = ["ask", "topics_together", "--param", "on=2024-02-09", "--param", "days=40"]
    assert "us-china" in CliRunner().invoke(app, asked, catch_exceptions=False).stdout
