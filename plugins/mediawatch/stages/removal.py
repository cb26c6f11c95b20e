"""Entries that are to be taken away → tombstones: text, bytes and all that was made of them go.

Asked for once, it goes on after a kill where it stopped: what waits stands in the tables removal and removal_record.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from uuid import uuid4

from mediawatch.articles.identity import url_key
from mediawatch.settings import Settings
from mediawatch.stages import events, rewrite
from mediawatch.stages.batch import Counts, undeterred
from mediawatch.stages.deduplicate import regroup
from mediawatch.store import generations
from mediawatch.store.database import Database, Row
from mediawatch.web import archive_files, archive_rewrite

CHUNK = 200
"""Entries in one transaction."""


def finish(db: Database, settings: Settings) -> Counts:
    """Take away all that waits; counts of entries, articles and archive records."""
    counts = {"entries": 0, "articles": 0}
    while rows := remove_some(db):
        counts["entries"] += len(rows)
        counts["articles"] += sum(row.article_id is not None for row in rows)
    return {**counts, "records": clear_archive(db, settings)}


def remove_some(db: Database) -> list[Row]:
    """Take the next entries that wait out of the database, in one transaction; which they were.

    Done again when a batch with one of them in hand, which makes it findable before it takes this lock, is in the way.
    """
    generation = generations.ensure_live(db, "group", events.VERSION, b"")
    return undeterred(lambda: _remove_some(db, generation))


def _remove_some(db: Database, generation: int) -> list[Row]:
    with db.transaction():
        db.rows("stories.serialise_grouping")  # before any other lock
        rows = db.rows("removals.next", limit=CHUNK)
        if rows:
            remove(db, rows, generation)
    return rows


def remove(db: Database, rows: Sequence[Row], generation: int) -> None:
    """Take entries out of the database; to be called in a transaction that holds the grouping lock."""
    entries = [row.entry_id for row in rows]
    articles = [row.article_id for row in rows if row.article_id is not None]
    db.rows("removals.interrupt", entry_ids=entries)
    db.rows("removals.note_records", entry_ids=entries)
    take_out(db, articles, sorted({row.story_id for row in rows if row.story_id is not None}), generation)
    db.rows("removals.delete_traces", entry_ids=entries)
    db.rows("removals.empty_outcomes", entry_ids=entries)
    for why, group in groupby(sorted(rows, key=attrgetter("why")), attrgetter("why")):
        db.rows("removals.bury", entry_ids=[row.entry_id for row in group], why=why)
    now = db.now()
    db.many("removals.note_burial", [(row.entry_id, "load", 0, "dropped", row.why, now) for row in rows])
    db.many("removals.remember", tombstones(rows))
    db.rows("removals.done", entry_ids=entries)


def tombstones(rows: Sequence[Row]) -> list[tuple[bytes, str, str]]:
    """(key, why, by whom) of every address by which one of these could come back."""
    found: dict[bytes, tuple[str, str]] = {}
    for row in sorted(rows, key=attrgetter("why")):  # forgotten comes after expired, and stays
        pages = [url_key(row.page_url)] if row.page_url else []
        for key in (row.identity, row.url_key, *pages):
            if key is not None:
                found[bytes(key)] = (row.why, row.asked_by)
    return [(key, *said) for key, said in sorted(found.items())]


def take_out(db: Database, articles: Sequence[int], stories: Sequence[int], generation: int) -> None:
    """Delete articles; what they held together is decided anew, and all counts follow. Under the grouping lock."""
    if not articles:
        return
    linked = rewrite.unlink(db, articles)
    db.rows("removals.hush", article_ids=list(articles))
    db.rows("rewrites.forget_keys", article_ids=list(articles))
    db.rows("removals.let_go", article_ids=list(articles))
    db.rows("removals.delete_articles", article_ids=list(articles))
    left = {row.article_id for row in db.rows("removals.members", story_ids=list(stories))}
    left |= linked - set(articles)
    changed = [row.event_id for row in db.rows("removals.leave_events", story_ids=list(stories))]
    regroup(db, sorted(left))
    events.follow_stories(db, sorted(left), generation)
    db.rows("stories.refresh", story_ids=list(stories))
    events.name_anew(db, changed)
    db.rows("events.refresh", story_ids=list(stories), event_ids=changed)


def clear_archive(db: Database, settings: Settings) -> int:
    """Take the records that wait out of their files; how many. None while a back-up copies the archive."""
    return sum(clear_file(db, settings.archive_root, row.warc_file) for row in db.rows("removals.files"))


def clear_file(db: Database, root: str, file: str) -> int:
    """Write a file anew without the records that wait, point to it, and remove the old one; how many records went.

    Killed before the new file is pointed to, that is an orphan; killed after, the old one is found needless next time.
    """
    with db.transaction():
        if not db.value("removals.hold_archive"):
            return 0
        gone = [row.warc_offset for row in db.rows("removals.records", file=file)]
        needed = {row.warc_offset for row in db.rows("removals.needed", file=file)}
    if needed:
        move(db, root, file, gone, needed)
    with db.transaction():
        if not db.value("removals.hold_archive") or db.rows("removals.needed", file=file):
            return 0
        archive_files.remove(root, file)
        db.rows("maintenance.forget_files", files=[file])
        db.rows("removals.forget_records", file=file)
    return len(gone)


def move(db: Database, root: str, file: str, gone: Sequence[int], needed: set[int]) -> None:
    """Copy what is needed of a file into a new one, and point to that."""
    new = f"{file.removesuffix('.warc.gz').partition('~')[0]}~{uuid4().hex[:8]}.warc.gz"
    db.rows("pages.begin_file", file=new, batch_id=0)
    places = archive_rewrite.rewrite(root, file, gone, new)
    rows = [(was, places[was].offset, places[was].length) for was in sorted(needed)]
    with db.transaction():
        if db.value("removals.hold_archive"):
            db.many("removals.move_pages", rows, file=new, old=file)
            db.many("removals.move_checks", rows, file=new, old=file)
            db.many("removals.move_twins", rows, file=new, old=file)
