"""Extraction of a batch: a page that cannot be read or stored keeps no other back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from mediawatch import stages
from mediawatch.articles.identity import url_key
from mediawatch.models import Response
from mediawatch.reports.explain import fields
from mediawatch.settings import Settings
from mediawatch.stages import tails
from mediawatch.stages.fetch import page_row
from mediawatch.store.database import Database, storable
from mediawatch.store.explain import explain
from mediawatch.web.archive import WarcWriter

FEED = "http://northwire.example/rss/world.rss"


def test_a_page_whose_bytes_are_damaged_is_set_aside_and_the_rest_go_on(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)
    stages.run("fetch", db, settings, batch_id, "test")
    page = db.execute("""
        update page set warc_offset = warc_offset + 1 where page_id = (select min(page_id) from page) returning entry_id""")[
        0
    ]
    with pytest.raises(ValueError, match="not a WARC record"):
        stages.run("extract", db, settings, batch_id, "test")
    assert db.execute("select entry_id from entry where stage = 'extract'") == [page]
    stages.run("extract", db, settings, batch_id, "test")
    (entry,) = db.execute("select status, reason from entry where entry_id = %(e)s", {"e": page.entry_id})
    assert (entry.status, entry.reason) == ("failed", "internal")


def test_an_archive_that_is_away_is_no_pages_fault(db: Database, settings: Settings, batch: Callable[..., int]) -> None:
    batch_id = batch(FEED)
    stages.run("fetch", db, settings, batch_id, "test")
    db.execute("update page set warc_file = 'away/' || warc_file")
    for _ in range(3):
        with pytest.raises(RuntimeError, match="extraction broke on"):
            stages.run("extract", db, settings, batch_id, "test")
    assert db.execute("select count(*) from entry where breaks > 0 or status = 'failed'")[0][0] == 0


def test_halves_of_characters_and_nul_never_reach_postgres(db: Database) -> None:
    assert storable("a\0b\ud83dc😀") == "abc😀"
    assert storable(["\ud800", 1]) == ["", 1]
    (row,) = db.execute("select %(text)s as text, %(list)s as list", {"text": "x\0y", "list": ["\udfff", "z"]})
    assert (row.text, row.list) == ("xy", ["", "z"])


PAGE = """<html><head><title>{title}</title><link rel="canonical" href="{canonical}">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{title}", "datePublished": "{date}"}}</script></head>
<body><article><h1>{title}</h1>{text}</article></body></html>"""


def page_of(number: int, title: str, canonical: str = "", date: str = "2024-02-01T10:00:00Z") -> bytes:
    words = f"The harbour council of town {number} met on Tuesday and heard report number {number} about its piers. "
    text = "".join(
        f"<p>{words} Point {point} took {point * number} minutes and ended in a vote.</p>" for point in range(9)
    )
    return PAGE.format(title=title, canonical=canonical, date=date, text=text).encode()


@pytest.fixture
def archived(db: Database, settings: Settings) -> Callable[[dict[str, bytes]], int]:
    """Puts pages into the archive as if they had been fetched, as entries of one batch; its id."""

    def put(pages: dict[str, bytes]) -> int:
        source = (
            db.execute("select source_id from source where name = 'Test'")
            or db.execute("insert into source (name) values ('Test') returning source_id")
        )[0].source_id
        batch = db.execute("""insert into batch (entries, lease_owner, lease_until) values (0, 'test', now() + interval '1 hour')
            returning batch_id""")[0].batch_id
        with WarcWriter(settings.archive_root, f"pages{batch}.warc.gz") as writer:
            for url, body in pages.items():
                now = db.now()
                answer = Response(url, url, 200, (("Content-Type", "text/html; charset=utf-8"),), body, now, 1)
                entry = db.execute(
                    """insert into entry (identity, source_id, url, first_seen_at, stage, ready_at, batch_id, attempts)
                    values (%(i)s, %(s)s, %(u)s, now(), 'extract', now(), %(b)s, 1) returning entry_id""",
                    {"i": url_key(url), "s": source, "u": url, "b": batch},
                )[0].entry_id
                db.many("pages.insert", [page_row(entry, answer, writer.write(answer))])
        return int(batch)

    return put


def test_a_page_that_claims_another_articles_address_does_not_take_its_place(
    db: Database, settings: Settings, archived: Callable[[dict[str, bytes]], int]
) -> None:
    two, three = "http://a.example/2", "http://a.example/3"
    batch = archived({two: page_of(2, "Two", canonical=three), three: page_of(3, "Three", canonical=three)})
    stages.run("extract", db, settings, batch, "test")
    rows = db.execute("select url, title from article order by url")
    assert [tuple(row) for row in rows] == [(two, "Two"), (three, "Three")]


def test_a_twin_that_names_the_article_ends_as_the_same_page(
    db: Database, settings: Settings, archived: Callable[[dict[str, bytes]], int]
) -> None:
    main, twin = "http://a.example/story", "http://a.example/print/story"
    batch = archived({twin: page_of(1, "One", canonical=main), main: page_of(1, "One", canonical=main)})
    stages.run("extract", db, settings, batch, "test")
    assert [row.url for row in db.execute("select url from article")] == [main]
    assert [row.reason for row in db.execute("select reason from entry where status = 'dropped'")] == ["same_page"]


@pytest.mark.parametrize(
    "harm",
    [
        {"title": "Bad \\u0000 title"},
        {"title": "Bad \\ud83d title"},
        {"title": "x", "date": "2024-02-01T10:00:00+20:00"},
    ],
)
def test_what_postgres_cannot_hold_stops_no_batch(
    harm: dict[str, str], db: Database, settings: Settings, archived: Callable[[dict[str, bytes]], int]
) -> None:
    batch = archived({"http://a.example/1": page_of(1, "Good"), "http://a.example/2": page_of(2, **harm)})
    assert stages.run("extract", db, settings, batch, "test")["ok"] == 2


def test_every_field_has_its_source_and_confidence_and_dates_that_are_not_believed_their_reason(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)
    stages.run("fetch", db, settings, batch_id, "test")
    stages.run("extract", db, settings, batch_id, "test")
    db.execute("update article set loaded_at = now(), asides = %(a)s", {"a": ASIDES})
    fields = db.execute("select * from analyst.article_fields")
    assert {row.field for row in fields} >= {"title", "text", "published"}
    assert all(row.source and 0 < row.confidence <= 1 for row in fields)
    assert {row.source for row in fields if row.field == "text"} == {"blocks"}
    aside = db.execute("select * from analyst.dates_set_aside")[0]
    assert (aside.field, aside.source, aside.reason) == ("published", "meta", "year 1")
    assert {row.kind for row in db.execute("select kind from article")} == {"article"}


def test_explain_tells_where_fields_come_from_and_which_dates_are_not_believed(
    db: Database, settings: Settings, batch: Callable[..., int]
) -> None:
    batch_id = batch(FEED)
    stages.run("fetch", db, settings, batch_id, "test")
    stages.run("extract", db, settings, batch_id, "test")
    (article,) = db.execute("update article set asides = %(a)s where article_id = 1 returning url", {"a": ASIDES})
    (facts,) = explain(db, article.url, url_key(article.url))
    first, second = fields(facts["article"])
    assert first.startswith("article; how sure each field is, and where from: ")
    assert "title 0." in first
    assert second == "not believed: published 0001-01-01T00:00:00+00:00 (meta), year 1"


ASIDES = '[{"field": "published", "value": "0001-01-01T00:00:00+00:00", "origin": "meta", "reason": "year 1"}]'


def test_what_five_titles_of_a_source_end_with_is_taken_off_those_that_are_seen_later(
    db: Database, settings: Settings, archived: Callable[[dict[str, bytes]], int]
) -> None:
    def titles(*numbers: int) -> list[str]:
        pages = {f"http://a.example/{n}": page_of(n, f"Pier {n} is closed - Harbour Desk") for n in numbers}
        stages.run("extract", db, settings, archived(pages), "test")
        return [row.title for row in db.execute("select title from article order by entry_id desc limit 1")]

    assert titles(1, 2, 3, 4, 5) == ["Pier 5 is closed - Harbour Desk"]
    assert titles(6) == ["Pier 6 is closed - Harbour Desk"], "an hour has not gone by"
    db.execute("update title_tail set known_at = known_at - interval '2 hours'")
    assert titles(7) == ["Pier 7 is closed"]
    db.execute("update entry set stage = 'extract'")  # whenever it is read again, it knows what was known then
    (row,) = db.rows("entries.to_extract", batch_id=db.execute("select max(batch_id) from batch")[0][0])
    known = tails.known(db, [row])
    assert tails.of(known, row) == ("harbour desk",)
    assert tails.of(known, row._replace(first_seen_at=row.first_seen_at - timedelta(hours=3))) == ()


def test_four_titles_that_end_alike_and_one_that_is_read_twice_say_nothing(
    db: Database, settings: Settings, archived: Callable[[dict[str, bytes]], int]
) -> None:
    pages = {f"http://a.example/{n}": page_of(n, f"Pier {min(n, 4)} is closed - Harbour Desk") for n in range(1, 7)}
    stages.run("extract", db, settings, archived(pages), "test")
    (row,) = db.execute("select tail, cardinality(titles) as titles, known_at from title_tail")
    assert tuple(row) == ("harbour desk", 4, None)
