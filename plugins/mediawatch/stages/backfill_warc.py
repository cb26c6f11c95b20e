"""WARC files → entries with pages: what others archived goes into our archive and waits, in batches, for extraction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from uuid import uuid4

from mediawatch.articles.identity import url_key
from mediawatch.articles.url import normalise
from mediawatch.errors import LeaseHeld
from mediawatch.models import without_credentials
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.stages.fetch import page_row
from mediawatch.stages.publishers import Publishers
from mediawatch.stages.visit import host_of
from mediawatch.store.database import Database, json
from mediawatch.web.archive import WarcWriter
from mediawatch.web.warc_input import Record, name_of, records, size_of

MOST_RECORDS = 25_000
"""Of one group: so much is read again at the most after a kill, even where nothing in it is new."""


@dataclass(frozen=True)
class Standing:
    """How far a file is read, and what became of its records.

    Counts: `pages` (new entries), `rescued` (entries that had failed), `known`, and other reasons.
    """

    file: str
    size_bytes: int
    read_bytes: int
    counts: Counts
    batch_id: int | None = None


@dataclass
class Group:
    """Records that are stored together: (URL, page row without its entry) by identity, and counts of all."""

    offset: int
    pages: dict[bytes, tuple[str, tuple[object, ...]]] = field(default_factory=dict)
    rescued: set[bytes] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)


def read_file(
    db: Database, settings: Settings, file: str, owner: str, tick: Callable[[int], None] = lambda _: None
) -> Iterator[Standing]:
    """Read a WARC file from where the last run stopped; each group of its pages is one transaction and one open batch.

    Yields after each group, at least once. LeaseHeld when another worker reads this file; MediawatchError when it
    cannot be read. `tick` is told the offset after each record.
    """
    name = name_of(file)
    db.rows("backfill.take_up", file=name)
    size = size_of(name)
    row = db.row("backfill.begin", file=name, size=size)
    assert row is not None
    standing = Standing(name, size, row.read_bytes, row.counts)
    if standing.read_bytes == size:
        yield standing
    found = records(name, standing.read_bytes, max_bytes=settings.max_page_bytes)
    publishers = Publishers(db)
    while standing.read_bytes < size:
        batch_id = db.value("backfill.next_batch")
        target = f"{db.now():%Y/%m/%d}/backfill-{batch_id}-{uuid4().hex[:8]}.warc.gz"
        db.rows("pages.begin_file", file=target, batch_id=batch_id)
        with WarcWriter(settings.archive_root, target) as archive:
            group = gather(db, settings, found, archive, standing.read_bytes, tick)
        # The file is complete and in its place; only now may rows point into it.
        with db.transaction():
            made = store(db, settings, publishers, group, batch_id, owner, name)
            counts = dict(Counter(standing.counts) + group.counts)
            read_on(db, standing, group.offset, counts)
        standing = Standing(name, size, group.offset, counts, batch_id if made else None)
        yield standing


def read_while_room(db: Database, settings: Settings, file: str, owner: str) -> Iterator[Standing]:
    """As :func:`read_file`, but no group is begun while open batches hold `backlog_entries`: then the file waits.

    Whoever makes batches that others work on reads thus, for what cannot be finished must not be begun. Readers that
    begin at one moment may be over the limit by a batch each.
    """
    groups = read_file(db, settings, file, owner)
    while db.value("batches.in_hand") < settings.backlog_entries:
        standing = next(groups, None)
        if standing is None:
            return
        yield standing
        if standing.read_bytes == standing.size_bytes:
            return
    db.rows("backfill.wait", file=name_of(file), size=size_of(name_of(file)))


def to_read(db: Database, named: Iterable[str] = ()) -> list[str]:
    """The WARC files that are named and those that wait for room, each once."""
    return list(dict.fromkeys([*map(name_of, named), *(row.file for row in db.rows("backfill.waiting"))]))


def gather(
    db: Database,
    settings: Settings,
    found: Iterator[Record],
    archive: WarcWriter,
    offset: int,
    tick: Callable[[int], None],
) -> Group:
    """The next records, until a batch is full of new pages; their bytes are in the archive and not in memory."""
    group = Group(offset)
    for record in islice(found, MOST_RECORDS):
        group.counts[take(db, archive, group, record)] += 1
        group.offset = record.end
        tick(record.end)
        if len(group.pages) >= settings.batch_entries:
            break
    return group


def take(db: Database, archive: WarcWriter, group: Group, record: Record) -> str:
    """Archive a record's page if its URL is no entry yet; what became of the record, in a word."""
    if record.page is None:
        return record.reason
    if normalise(record.page.url) is None:
        return "bad_url"
    identity = url_key(record.page.url)
    entry = db.row("backfill.known", identities=[identity])
    if identity in group.pages or (entry and not entry.failed):
        return "known"
    url = without_credentials(record.page.url)
    page = replace(record.page, url=url, final_url=url)
    try:
        group.pages[identity] = (url, page_row(0, page, archive.write(page)))
    except ValueError:  # a header or an address that our archive cannot hold
        return "broken"
    if entry:
        group.rescued.add(identity)
    return "rescued" if entry else "pages"


def store(
    db: Database, settings: Settings, publishers: Publishers, group: Group, batch_id: int, owner: str, file: str
) -> int:
    """Insert a group's entries and pages as a batch that waits for extraction; how many entries it has."""
    db.rows("entries.serialise_announcing")  # from here on nobody else inserts entries
    known = {bytes(row.identity): row for row in db.rows("backfill.known", identities=list(group.pages))}
    for identity in known.keys() - group.rescued | {key for key in group.rescued if not known[key].failed}:
        del group.pages[identity]
        group.counts.update({"rescued" if identity in group.rescued else "pages": -1, "known": 1})
    if not group.pages:
        return 0
    now = db.now()
    db.rows("backfill.make_batch", batch_id=batch_id, owner=owner, lease_s=settings.lease_s, entries=len(group.pages))
    rows = [
        (identity, publishers.source_of(url), url, host_of(url), "", None, None, now, now, "extract", batch_id)
        for identity, (url, _) in group.pages.items()
        if identity not in known
    ]
    entries = {bytes(row.identity): row.entry_id for row in db.many("backfill.announce", rows)}
    entries |= {identity: row.entry_id for identity, row in known.items() if identity in group.pages}
    db.rows(
        "backfill.rescue", entry_ids=[known[key].entry_id for key in known if key in group.pages], batch_id=batch_id
    )
    db.many("pages.insert", [(entries[identity], *row[1:]) for identity, (_, row) in group.pages.items()])
    origin = f"from {file}"
    db.many("backfill.note_origins", [(entry, "fetch", 0, "ok", origin, now, batch_id) for entry in entries.values()])
    return len(entries)


def read_on(db: Database, standing: Standing, to: int, counts: Counts) -> None:
    """Note how far the file is; LeaseHeld, which undoes the transaction, when another worker has read on since."""
    values = {"from": standing.read_bytes, "to": to, "counts": json(counts)}
    if not db.rows("backfill.advance", file=standing.file, **values):
        raise LeaseHeld(f"another worker reads {standing.file}")
