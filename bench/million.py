"""A database of a million invented articles, with the skew of real news, for measuring queries and pages.

    python bench/million.py --folder /path/to/keep [--articles 1000000] [--sentences background.jsonl.gz]

Everything that analysts' views read is there as the stages write it: feeds with their polls and gaps, entries with
their ledger, pages, articles, stories, events, tags with evidence, agencies, links, revisions, search. What only
stages read is not: sketches, candidate keys, the terms of events; and the pages' bytes lie in no archive. All text is
in languages that the sample corpus has; English sentences come from a file of articles (JSON Lines, gzip) where one
is given.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import million_texts as texts
import numpy as np
from mediawatch.articles.extract import ENGINE, EXTRACT_VERSION
from mediawatch.articles.identity import url_key as real_key
from mediawatch.local import postgres
from mediawatch.local.database import MAKE_OWNER, NAME, OWNER
from mediawatch.stages import events, tagging
from mediawatch.stages.deduplicate import VERSION
from mediawatch.stages.sync_topics import sync_topics
from mediawatch.store import generations
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate
from million_plan import DAY, DAYS, OUTAGE, Plan, plan
from million_rows import Writer, at, url_key

HERE = Path(__file__).parent
FINISH = HERE / "million.sql"


def main() -> None:
    """Fill the database and print what it holds and what that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="an embedded server's folder, kept and left running")
    parser.add_argument("--url", default="", help="instead: an empty database, as a superuser")
    parser.add_argument("--sentences", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    began = time.perf_counter()
    superuser, owner = database(options.folder) if options.folder else (options.url, options.url)
    with Database(owner) as db:
        migrate(db)
        sync_topics(db)
        ids = versions(db)
    with Database(superuser, application="bench million") as db:
        if db.execute("select 1 from mediawatch.article limit 1"):
            sys.exit("the database has articles already")
        fill(db, superuser, options.articles, options.sentences, ids, options.workers)
        sizes = db.execute(
            "select pg_size_pretty(pg_database_size(current_database())) as size, "
            "(select count(*) from article) as articles"
        )[0]
    print(f"{sizes.articles:,} articles, {sizes.size}, {time.perf_counter() - began:,.0f} s\n{owner}")


def database(folder: Path) -> tuple[str, str]:
    """URLs of the folder's database, as a superuser and as its owner."""
    server = postgres.start(folder, durable=False)
    postgres.ensure_database(server, NAME)
    server.psql(MAKE_OWNER)
    return server.url(NAME), server.url(NAME, OWNER)


def versions(db: Database) -> dict[str, Any]:
    """The live generations and taggings, as the stages would make them."""
    made: dict[str, Any] = {
        "extract": generations.ensure_live(db, "extract", f"{EXTRACT_VERSION}, {ENGINE}", b""),
        "deduplicate": generations.ensure_live(db, "deduplicate", VERSION, b""),
        "group": generations.ensure_live(db, "group", events.VERSION, b""),
        "tag": tagging.current_generation(db),
    }
    made["taggings"] = {
        row.topic_id: (row.tagging_id, row.version) for row in db.rows("topics.taggings") if row.state == "live"
    }
    return made


def fill(db: Database, url: str, count: int, sentences: Path | None, ids: dict[str, Any], workers: int) -> None:
    """All tables; secondary indexes are taken away before and made again after."""
    assert url_key("https://a.example/2026-01-01/1.html")[3:] == real_key("https://a.example/2026-01-01/1.html").hex()
    step("material")
    found = texts.material(db, sentences)
    step("plan")
    made = plan(count, int(time.time()) // 60 * 60)
    db.execute("set session_replication_role = replica; set maintenance_work_mem = '1GB'; set timezone = 'UTC'")
    indexes = db.execute(
        """select indexname as name, indexdef as definition from pg_indexes where schemaname = 'mediawatch'
           and not exists (select from pg_constraint c where c.conname = indexname)
           and indexdef not like '%% UNIQUE %%'"""
    )
    subscriptions(db, made)
    for index in indexes:
        db.execute(f"drop index mediawatch.{index.name}")
    step("rows")
    db.execute(SEARCH_ROWS)
    share = len(made.entry["seen"]) // (workers * 8) + 1
    with multiprocessing.get_context("fork").Pool(workers, prepare, (url, made, found, ids)) as pool:
        pool.map(
            work, [(at, min(at + share, len(made.entry["seen"]))) for at in range(0, len(made.entry["seen"]), share)], 1
        )
    step("search marks")
    db.execute(SEARCH_MARKS)
    for index in indexes:
        step(index.name)
        db.execute(index.definition)
    events_of_stories(db, made)
    for statement in FINISH.read_text(encoding="utf-8").split("-- step: ")[1:]:
        title, _, body = statement.partition("\n")
        step(title)
        values = {
            "end": at(made.end),
            "begin": at(made.end - DAYS * DAY),
            "out_from": at(made.end - OUTAGE[0]),
            "out_to": at(made.end - OUTAGE[1]),
        }
        db.execute(body, values)
    step("vacuum")
    db.execute("vacuum (analyze)")
    step("done")


SEARCH_ROWS = """
create unlogged table article_search_rows (article_id int, config regconfig, published_at timestamptz, words tsvector)
"""
SEARCH_MARKS = """
insert into article_search (article_id, config, published_at, words, marks)
select s.article_id, s.config, s.published_at, s.words,
       mediawatch.search_marks(s.config, s.published_at, a.language, a.source_id)
from article_search_rows s join article a using (article_id) order by 1;
drop table article_search_rows;
"""
WRITER: list[Writer] = []


def prepare(*args: Any) -> None:
    """Begin a worker."""
    WRITER.append(Writer(*args))


def work(span: tuple[int, int]) -> None:
    """Write a span of entries."""
    WRITER[0].write(*span)


def subscriptions(db: Database, made: Plan) -> None:
    """Sources and feeds."""
    for source in made.sources:
        tags = [source.country, *(["wire"] if source.wire else [])]
        db.execute(
            "insert into source (name, homepage, tags, created_at) values (%(n)s, %(h)s, %(t)s, %(at)s)",
            {"n": source.name, "h": f"https://{source.host}/", "t": tags, "at": at(made.end - DAYS * DAY)},
        )
    for number, (source_id, interval, quiet) in enumerate(
        zip(made.feed_source, made.feed_interval, made.feed_quiet, strict=True), 1
    ):
        source = made.sources[int(source_id) - 1]
        url = f"https://{source.host}/feed-{number}.xml"
        db.execute(
            "insert into feed (source_id, url, url_key, title, format, interval_s, why, created_at, changed_at) "
            "values (%(s)s, %(u)s, %(k)s, %(t)s, 'rss', %(i)s, 'its rhythm', %(at)s, %(q)s)",
            {
                "s": int(source_id),
                "u": url,
                "k": real_key(url),
                "t": source.name,
                "i": int(interval),
                "at": at(made.end - DAYS * DAY),
                "q": at(quiet) if quiet < made.end else None,
            },
        )


def events_of_stories(db: Database, made: Plan) -> None:
    """A temporary table of which story is in which event."""
    story, first = np.unique(made.article["story"], return_index=True)
    lines = "".join(f"{s}\t{e}\n" for s, e in zip(story, made.article["event"][first], strict=True))
    db.execute("create temp table story_event (story_id int primary key, event_id int)")
    with db.cursor() as cursor:
        cursor.copy_expert("copy story_event from stdin", io.StringIO(lines))
    db.execute("analyze story_event")


STARTED = time.perf_counter()


def step(what: str) -> None:
    """Say where we are."""
    print(f"{time.perf_counter() - STARTED:6.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
