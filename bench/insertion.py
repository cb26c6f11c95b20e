"""Inserting articles with their stories, topics and events, beside COPY of the same rows into the same tables.

    python bench/insertion.py [ARTICLES] [--sentences FILE]

Ours: extracted articles lie in memory, their entries and pages in Postgres; the stages extract (its storing alone),
deduplicate, tag and load take them batch by batch to the end, in two processes. *Insertion* is what that takes less the
pure computing (`PURE`: sketches, matching, grouping, terms), each clocked where it is called: round trips, the server,
waits for locks, and the client's making of rows and statements. What of it are statements that write, and commits, is
told by itself: the others look up copies, neighbours of events, and the batch. Full-text search's words are made by the
server, and so are part of it; what they cost is also measured by itself.

The limit: all rows of the tables that those stages write are dumped to files and copied into a second, empty database
of the same server with the same schema, table after table, half a table in each of two processes; indexes, foreign keys
and triggers are in place, and the triggers keep the same counts. COPY cannot satisfy two foreign keys that run in a
circle (an entry's article, a story's canonical article): they are left out there. At the end both hold the same rows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from math import log
from pathlib import Path
from pkgutil import resolve_name
from tempfile import TemporaryDirectory
from typing import Any

import machine
import million_texts as texts
import store
from mediawatch.articles.identity import url_key
from mediawatch.articles.sentences import count_words
from mediawatch.models import Extracted, Moment
from mediawatch.settings import Settings
from mediawatch.stages import STAGES, batch
from mediawatch.stages.extract import CHUNK
from mediawatch.stages.extract import store as store_articles
from mediawatch.stages.sync_topics import sync_topics
from mediawatch.store import generations, ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate
from mediawatch.store.queries import statements

WAITING = Path(__file__).with_suffix(".sql")
PROCESSES = 2
STATEMENTS = 20
"""The dearest ones, which are told."""
SOURCES = 500
SENTENCES = 26
"""Of an article, by the median: some 4 kB."""
A_DAY = 10_000
"""Articles that are published in a day."""
COPIES_ONE_IN, TOPIC_ONE_IN, AGENCY_ONE_IN, STORIES_OF_EVENT = 5, 12, 10, 2
LANGUAGES = {"en": 0.70, "es": 0.08, "zh": 0.07, "de": 0.05, "fr": 0.05, "ru": 0.05}
PURE = {
    "mediawatch.stages.extract:": ("url_key", "digest"),
    "mediawatch.stages.reading:": ("_read", "edge_lines"),
    "mediawatch.stages.deduplicate:": ("match", "group"),
    "mediawatch.stages.tagging:": ("compiled",),
    "mediawatch.stages.tagging:Tagger": ("tags",),
    "mediawatch.stages.events:": ("terms", "telling", "worth_comparing", "group", "label"),
}
LOCK, COMMIT = "stories.serialise_grouping", "commit"
WRITES = re.compile(r"\b(insert into|(?<!for )update \w+|delete from)\b")
"""Statements that write; all others look something up, or read a batch."""
GIVEN = ("generation", "source", "batch", "topic", "topic_version", "topic_retag", "topic_tagging")
"""Tables that neither side writes while it is measured; and `page`, between entries and articles."""
WRITTEN = (
    *("entry", "event", "story", "article", "sketch", "story_key", "story_link", "syndication", "furniture"),
    *("title_tail", "story_redirect", "story_terms", "story_term", "term_count", "event_redirect", "event_change"),
    *("article_topic", "topic_evidence", "article_search", "outcome"),
)
COUNTED = ("volume", "arrival")
"""Tables that triggers write."""
CIRCULAR = """
alter table entry drop constraint entry_article_id_fkey;
alter table story drop constraint story_canonical_article_id_fkey;
"""


@dataclass(frozen=True)
class Page:
    """A page that was read; `source` is a number."""

    source: int
    url: str
    article: Extracted


Seconds = defaultdict[str, float]
"""By name."""


@dataclass
class Clock:
    """Seconds by stage, of which `pure` by function and `asked` by statement; when all began and ended."""

    began: float
    ended: float
    stages: Seconds
    pure: Seconds
    asked: Seconds


PAGES: dict[str, Page] = {}
"""By URL; the processes inherit them."""


def main(count: int, sentences: Path | None) -> None:
    """Print the tables."""
    with store.fresh() as (db, settings), TemporaryDirectory() as folder:
        sync_topics(db)
        PAGES.update(pages(db, count, sentences))
        said("pages are made")
        numbers = announce(db, settings)
        db.execute("vacuum (analyze)")
        db.execute("checkpoint")
        said("entries wait")
        shares = [(settings, numbers[process::PROCESSES]) for process in range(PROCESSES)]
        with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
            clocks = pool.map(insert, shares, 1)
            said("inserted")
            search_s = timed(partial(pool.map, make_words, [(settings, n) for n in range(PROCESSES)], 1))
        db.execute("vacuum (analyze)")
        copied = copying(db, settings, Path(folder))
    report(count, clocks, search_s, copied)


def report(count: int, clocks: Sequence[Clock], search_s: float, copied: dict[str, tuple[int, float]]) -> None:
    """Print the tables of what was measured; seconds of ours are means of the processes."""
    whole_s = max(c.ended for c in clocks) - min(c.began for c in clocks)
    pure = {name: mean([c.pure[name] for c in clocks]) for c in clocks for name in c.pure}
    tags = copied["article_topic"][0] / count
    copy_s = sum(took_s for _, took_s in copied.values())
    insertion_s = whole_s - sum(pure.values())
    asked = {name: mean([c.asked[name] for c in clocks]) for c in clocks for name in c.asked}
    statements_s = sum(asked.values()) - asked[LOCK]
    writing_s = sum(took_s for name, took_s in asked.items() if name == COMMIT or WRITES.search(statements()[name]))

    def line(what: str, took_s: float, target: str = "") -> Sequence[str]:
        return (what, f"{took_s:.1f}", f"{count / took_s:,.0f}", f"{copy_s / took_s:.2f}", target)

    parts = {f"the stage {name}": mean([c.stages[name] for c in clocks]) for name in clocks[0].stages}
    parts |= {f"pure: `{name}`": took_s for name, took_s in sorted(pure.items(), key=lambda item: -item[1])}
    parts["words of full-text search, made by themselves"] = search_s
    parts["waits for the grouping lock, which the other process holds"] = asked.pop(LOCK)
    parts |= {f"`{name}`": asked[name] for name in sorted(asked, key=asked.__getitem__, reverse=True)[:STATEMENTS]}
    machine.print_table(
        f"Inserting {count:,} articles",
        ("what", "s", "articles/s", "× COPY", "target"),
        [
            line("COPY of all rows into the same tables", copy_s),
            line("insertion: the stages without pure computing", insertion_s, "≥ 0.5"),
            line("the same without making the words of full-text search", insertion_s - search_s),
            line("our statements alone, without waits for the grouping lock", statements_s),
            line("of these the ones that write", writing_s),
            line("insertion and pure computing", whole_s),
            *((what, f"{took_s:.1f}", "", "", "") for what, took_s in parts.items()),
        ],
        f"{PROCESSES} processes on both sides; batches of {Settings.batch_entries:,}, one article in {COPIES_ONE_IN} a "
        f"copy, {tags:.2f} tags each. One durable server, both databases empty at first.",
    )
    machine.print_table(
        "COPY by table",
        ("table", "rows", "s", "articles/s"),
        [
            (name, f"{rows:,}", f"{took_s:.1f}", f"{count / took_s:,.0f}")
            for name, (rows, took_s) in sorted(copied.items(), key=lambda item: -item[1][1])
        ],
        "Triggers and the checks of foreign keys are in the time of the table that they stand at.",
    )


def mean(values: Sequence[float]) -> float:
    """Their mean."""
    return sum(values) / len(values)


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


STARTED = time.perf_counter()


def said(what: str) -> None:
    """Say where we are."""
    print(f"{time.perf_counter() - STARTED:6.0f} s  {what}", file=sys.stderr, flush=True)


# ---- what is inserted ------------------------------------------------------------------------------------------------


def pages(db: Database, count: int, sentences: Path | None) -> dict[str, Page]:
    """{URL: page} of so many invented articles, in the order of their coming."""
    found = texts.material(db, sentences)
    end = datetime.now(timezone.utc).replace(microsecond=0)
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        share = -(-count // PROCESSES)
        spans = [range(at, min(count, at + share)) for at in range(0, count, share)]
        made = [page for each in pool.map(partial(invented, found, end, count), spans, 1) for page in each]
    return {page.url: page for page in made}


def invented(found: dict[str, texts.Material], end: datetime, count: int, numbers: Sequence[int]) -> list[Page]:
    """The articles of these numbers; every fifth tells the story before it again."""
    weights = [1 / (rank + 4) ** 0.95 for rank in range(SOURCES)]
    made = []
    for number in numbers:
        copy = number % COPIES_ONE_IN == COPIES_ONE_IN - 1
        story = number - copy
        event = story // STORIES_OF_EVENT
        language = random.Random(event).choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        title, paragraphs = composed(found[language], story, event, copy)
        dice = random.Random(-number)
        source = dice.choices(range(SOURCES), weights)[0]
        at = end - timedelta(days=(count - number) / A_DAY, minutes=dice.randrange(600))
        wire = random.Random(-story).random() < 1 / AGENCY_ONE_IN
        text = ("WASHINGTON (Reuters) - " if wire else "") + "\n\n".join(paragraphs)
        article = Extracted(
            title=title,
            text=text,
            language=language,
            language_confidence=0.98,
            canonical_url=None,
            published=Moment(at, "minute", "json-ld", zoned=True),
            modified=None,
            authors=(texts.byline(source, number),),
            site_name=f"Source {source}",
            engine="bench",
            word_count=count_words(text),
            origins={"title": "json-ld", "published": "json-ld"},
            confidences={"title": 0.9},
            tail=f"source {source}" if source % 2 else None,
        )
        made.append(Page(source, f"https://source{source}.example/{at:%Y/%m/%d}/{number}.html", article))
    return made


def composed(found: texts.Material, story: int, event: int, copy: bool) -> tuple[str, list[str]]:
    """Headline and paragraphs. Real sentences with their words in another order, so that stories share no passage by
    chance; those of one event are mostly of the same sentences. What a topic is told by stays as it was written."""
    dice = random.Random(event)
    home = [dice.choice(dice.choice(found.documents)).text for _ in range(SENTENCES)]
    topic = dice.choice(sorted(found.on_topic)) if found.on_topic and dice.random() < 1 / TOPIC_ONE_IN else None
    named = dice.choice(found.witnesses).text
    dice = random.Random(story)
    size = min(150, max(5, int(dice.lognormvariate(log(SENTENCES), 0.5))))
    body = [
        shuffled(dice, dice.choice(home) if dice.random() < 0.6 else dice.choice(dice.choice(found.documents)).text)
        for _ in range(size)
    ]
    title = dice.choice(found.headlines).text
    if topic:
        title = dice.choice(found.topic_headlines[topic]).text
        body[2:2] = [each.text for each in dice.choice(found.on_topic[topic])[:4]]
    body.insert(1, named)
    if copy:
        body = body[: max(4, int(size * dice.choice((1.0, 1.0, 0.6))))]
    return title, [" ".join(body[at : at + 3]) for at in range(0, len(body), 3)]


def shuffled(dice: random.Random, sentence: str) -> str:
    """Its words in another order; where there are no spaces, its characters."""
    spaced = " " in sentence
    parts = sentence.split() if spaced else list(sentence)
    dice.shuffle(parts)
    return (" " if spaced else "").join(parts)


def announce(db: Database, settings: Settings) -> list[int]:
    """Batches whose entries wait for extraction, their pages fetched."""
    db.execute("insert into source (name) select 'Source ' || n from generate_series(0, %(n)s) n", {"n": SOURCES - 1})
    known = list(PAGES.values())
    return [
        _claimed(db, known[at : at + settings.batch_entries]) for at in range(0, len(known), settings.batch_entries)
    ]


def _claimed(db: Database, waiting: Sequence[Page]) -> int:
    values = {
        "entries": len(waiting),
        "urls": [page.url for page in waiting],
        "keys": [url_key(page.url) for page in waiting],
        "titles": [page.article.title for page in waiting],
        "sources": [f"Source {page.source}" for page in waiting],
        "seen": [page.article.published.at + timedelta(minutes=20) for page in waiting if page.article.published],
    }
    return int(db.execute(WAITING.read_text(encoding="utf-8"), values)[0].batch_id)


# ---- ours ------------------------------------------------------------------------------------------------------------


def insert(share: tuple[Settings, Sequence[int]]) -> Clock:
    """Take these batches from extracted pages to loaded articles."""
    settings, numbers = share
    clock = Clock(time.time(), 0.0, defaultdict(float), defaultdict(float), defaultdict(float))
    for place, names in PURE.items():
        owner = resolve_name(place)
        for name in names:
            label = f"{place.rpartition('.')[2].partition(':')[0]}.{name}"
            setattr(owner, name, clocked(getattr(owner, name), clock.pure, label))
    Database.rows = watched(Database.rows, clock.asked)  # type: ignore[method-assign]
    Database.many = watched(Database.many, clock.asked)  # type: ignore[method-assign]
    Database.transaction = committing(Database.transaction, clock.asked)  # type: ignore[method-assign]
    stages: dict[str, batch.Stage] = {"extract": store_extracted}
    stages |= {name: STAGES[name] for name in ("deduplicate", "tag", "load")}
    with Database(settings.database_url) as db:
        for batch_id in numbers:
            for name, work in stages.items():
                clock.stages[name] += timed(partial(batch.run, name, work, db, settings, batch_id, "bench"))
    clock.ended = time.time()
    return clock


def watched(ask: Callable[..., Any], clock: Seconds) -> Callable[..., Any]:
    """A way to run a named statement, with the seconds of each added up."""

    def run(db: Database, name: str, /, *values: Any, **named: Any) -> Any:
        return clocked(partial(ask, db, name, *values, **named), clock, name)()

    return run


def committing(transaction: Callable[..., Any], clock: Seconds) -> Callable[..., Any]:
    """A transaction, with the seconds of its commit added up."""

    @contextmanager
    def run(db: Database) -> Iterator[None]:
        with transaction(db):
            yield
            began = time.perf_counter()
        clock[COMMIT] += time.perf_counter() - began

    return run


def clocked(work: Callable[..., Any], clock: Seconds, name: str) -> Callable[..., Any]:
    """The same, with its seconds added up."""

    def run(*values: Any) -> Any:
        started = time.perf_counter()
        try:
            return work(*values)
        finally:
            clock[name] += time.perf_counter() - started

    return run


def store_extracted(db: Database, settings: Settings, held: Batch) -> batch.Counts:
    """What the stage extract does once a chunk of pages is read."""
    generation = generations.ensure_live(db, "extract", "bench", b"")
    rows = db.rows("entries.to_extract", batch_id=held.batch_id)
    for at in range(0, len(rows), CHUNK):
        results = [(row, PAGES[row.url].article) for row in rows[at : at + CHUNK]]
        with db.transaction():
            ledger.settle(db, held, "extract", store_articles(db, generation, results))
    return {}


def make_words(share: tuple[Settings, int]) -> None:
    """What full-text search makes of a process's share of the texts, thrown away."""
    settings, number = share
    with Database(settings.database_url) as db:
        db.execute(
            "select sum(length(search_vector(language, title, text))) from article where article_id %% %(of)s = %(n)s",
            {"of": PROCESSES, "n": number},
        )


# ---- the limit -------------------------------------------------------------------------------------------------------


def copying(db: Database, settings: Settings, folder: Path) -> dict[str, tuple[int, float]]:
    """{table: (rows, seconds)} of COPY into a second database; SystemExit when it does not hold the same at the end."""
    unknown = {name for name in filled(db) if name not in (*GIVEN, *WRITTEN, *COUNTED, "page", "migration")}
    if unknown:
        raise SystemExit(f"the stages write tables that are not copied: {', '.join(sorted(unknown))}")
    for name in (*GIVEN, *WRITTEN, "page"):
        dump(db, name, folder)
    said("dumped")
    db.execute("create database copied")
    url = settings.database_url.replace("/postgres?", "/copied?")
    copied = {}
    with Database(url) as limit, multiprocessing.get_context("fork").Pool(PROCESSES, connect, (url, folder)) as pool:
        migrate(limit)
        limit.execute(CIRCULAR)
        for name in GIVEN:
            pool.map(copy, [(name, share) for share in range(PROCESSES)], 1)
        limit.execute("vacuum (analyze)")
        limit.execute("checkpoint")
        for name in WRITTEN:
            work = partial(pool.map, copy, [(name, share) for share in range(PROCESSES)], 1)
            took_s = timed(work)
            copied[name] = (limit.execute(f"select count(*) as n from {name}")[0].n, took_s)
            if name == "entry":
                pool.map(copy, [("page", share) for share in range(PROCESSES)], 1)
                limit.execute("vacuum (analyze) entry, page")
        said("copied")
        for name in (*WRITTEN, "volume"):
            if contents(db, name) != contents(limit, name):
                raise SystemExit(f"{name} differs: {contents(db, name)} and {contents(limit, name)}")
    return copied


def filled(db: Database) -> list[str]:
    """Tables that hold rows."""
    names = db.execute("select tablename as name from pg_tables where schemaname = 'mediawatch'")
    return [row.name for row in names if db.execute(f"select 1 from {row.name} limit 1")]


def contents(db: Database, name: str) -> tuple[int, int]:
    """How many rows a table holds, and a number that is the same for the same ones."""
    return tuple(db.execute(f"select count(*), sum(hashtextextended(t::text, 0)) from {name} t")[0])


def dump(db: Database, name: str, folder: Path) -> None:
    """A table's rows as they lie, a file for each process."""
    blocks = db.execute("select pg_relation_size(%(name)s::regclass) / 8192 as n", {"name": name})[0].n
    bounds = [blocks * share // PROCESSES for share in range(PROCESSES)] + [blocks + 1]
    for share in range(PROCESSES):
        part = f"select * from {name} where ctid >= '({bounds[share]},0)' and ctid < '({bounds[share + 1]},0)'"
        with (folder / f"{name}.{share}").open("wb") as file, db.cursor() as cursor:
            cursor.copy_expert(f"copy ({part}) to stdout", file)


CONNECTED: list[tuple[Database, Path]] = []


def connect(url: str, folder: Path) -> None:
    """Begin a process that copies."""
    CONNECTED.append((Database(url), folder))


def copy(what: tuple[str, int]) -> None:
    """Copy a share of a table."""
    (db, folder), (name, share) = CONNECTED[0], what
    with (folder / f"{name}.{share}").open("rb") as file, db.cursor() as cursor:
        cursor.copy_expert(f"copy {name} from stdin", file, 1 << 16)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=int, nargs="?", default=10_000)
    parser.add_argument("--sentences", type=Path, help="articles to take English sentences of (JSON Lines, gzip)")
    options = parser.parse_args()
    main(options.articles, options.sentences)
