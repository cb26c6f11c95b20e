"""The sample corpus, asked for a second time: every record with a `later` ends as it says, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from corpus_truth import Record, records
from mediawatch.articles.identity import url_key
from mediawatch.feeds.opml import Subscription
from mediawatch.local import corpus
from mediawatch.settings import Settings
from mediawatch.stages.again import refetch_once
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database

LATER = [record for record in records() if "later" in record]


@pytest.fixture(scope="module")
def run(
    tmp_path_factory: pytest.TempPathFactory,
    server_url: Callable[[str], str],
    admin: Callable[[str], None],
    template: str,
) -> Iterator[Database]:
    """The feeds with such records, through the whole flow, and then each of their articles twice more."""
    name = "mw_corpus_later"
    admin(f"create database {name} template {template}")
    with corpus.Corpus(corpus.ROOT) as web, Database(server_url(name)) as db:
        settings = Settings(
            home=str(tmp_path_factory.mktemp("later")),
            database_url=server_url(name),
            hosts=web.hosts,
            host_spacing_s=0,
            extract_workers=2,
        )
        subscribe(db, [Subscription(url=url) for url in {record["feed"] for record in LATER}])
        run_once(db, settings, "test")
        # As on the day of their publication: the schedule does not watch articles of years ago.
        settings = replace(settings, refetch_days=36_500)
        for _ in range(2):
            db.execute("update refetch set due_at = now()")
            refetch_once(db, settings, "test", [row.url for row in db.execute("select url from analyst.articles")])
        yield db
    admin(f"drop database {name} with (force)")


@pytest.mark.parametrize("record", LATER, ids=lambda record: str(record["url"]).removeprefix("http://"))
def test_a_second_fetch_finds_what_the_record_says(run: Database, record: Record) -> None:
    key = {"key": url_key(record["url"])}
    later = record["later"]
    found = run.execute("select article_id from mediawatch.entry where identity = %(key)s", key)[0]
    article = {"a": found.article_id}
    history = run.execute("select what from analyst.article_changes where article_id = %(a)s", article)
    assert sorted(row.what for row in history) == sorted(later["what"])
    rows = run.execute("select * from analyst.revisions where article_id = %(a)s", article)
    assert [row.title for row in rows] == ([later["title"]] if "title" in later else [])
    for row in rows:
        assert later["says"] in row.diff
        if "added" in later:
            assert (row.words_added, row.words_removed) == (later["added"], later["removed"])


def test_nothing_else_has_changed(run: Database) -> None:
    keys = [url_key(record["url"]) for record in LATER]
    rows = run.execute(
        """
        select url from analyst.article_changes where article_id <> all (
            select article_id from mediawatch.entry where identity = any(%(keys)s))""",
        {"keys": keys},
    )
    assert rows == []
    checks = run.execute(
        """
        select distinct result from analyst.page_checks where article_id <> all (
            select article_id from mediawatch.entry where identity = any(%(keys)s)) order by 1""",
        {"keys": keys},
    )
    assert [row.result for row in checks] == ["first", "not_modified"]


def test_a_retracted_article_keeps_its_text_and_its_last_version_stands_beside_it(run: Database) -> None:
    (row,) = run.execute("""
        select a.text, r.text as since, r.text_was from mediawatch.revision r join mediawatch.article a using (article_id)
        where r.kind = 'retraction'""")
    assert row.text == row.text_was
    assert "estaminets" in row.text
    assert "Nous avons retiré cet article" in row.since
    assert "tampon rouge" in row.text_was
    assert "tampon rouge" not in row.since
