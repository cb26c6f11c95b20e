"""pages → articles: read the bytes back from the archive, extract in worker processes, store invisibly."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from itertools import islice
from typing import Any

from mediawatch.articles.extract import AMP, ENGINE, EXTRACT_VERSION
from mediawatch.articles.identity import url_key
from mediawatch.articles.worker import JOB
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure, Location, Moment, Twin
from mediawatch.settings import Settings
from mediawatch.stages import tails as title_tails
from mediawatch.stages import twins
from mediawatch.stages.batch import Counts, blame, tally
from mediawatch.stages.zones import in_zone, zone_min
from mediawatch.store import generations, ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database, Row, json, storable
from mediawatch.web.archive import read
from mediawatch.workers.pool import Pool

CHUNK = 100
"""Pages in one transaction: what a killed task has to do again at the most."""


EPIDEMIC = 5
"""Crashes in a chunk that are taken for single bad pages, or a quarter of the chunk if that is more."""


def extract(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Extract a batch's pages; counts of entries, articles and reasons."""
    generation = generations.ensure_live(db, "extract", f"{EXTRACT_VERSION}, {ENGINE}", b"")
    rows = iter(db.rows("entries.to_extract", batch_id=batch.batch_id))
    moves: list[ledger.Move] = []
    left: list[Exception] = []
    workers = settings.extract_workers or os.cpu_count() or 1
    with Pool[ExtractTask, Extracted](JOB, workers, settings.extract_limit_s, settings.extract_memory_mb) as pool:
        while chunk := list(islice(rows, CHUNK)):
            unread: dict[int, Exception] = {}
            known = title_tails.known(db, chunk)
            results = dict(pool.map(tasks(settings.archive_root, chunk, known, unread)))
            refuse_epidemic(results, unread)
            found = twins.fetch(db, settings, batch.batch_id, chunk, results)
            again = [found.of(row) for row in chunk if row.entry_id in found.rows]
            results |= dict(pool.map(tasks(settings.archive_root, again, known, unread)))
            with db.transaction():
                found.store(db, settings)
                settled = store(
                    db, generation, [(row, results[row.entry_id]) for row in chunk if row.entry_id in results]
                )
                ledger.settle(db, batch, "extract", settled)
            moves += settled
            left += [error for entry, error in unread.items() if not blame(db, batch, "extract", entry, repr(error))]
    if left:
        raise left[0]
    return tally(moves)


def refuse_epidemic(results: Mapping[int, Extracted | Failure], unread: Mapping[int, Exception]) -> None:
    """RuntimeError when many pages at once can't be read or kill the extractor: that is our fault, not the pages'."""
    crashes = [r.detail for r in results.values() if isinstance(r, Failure) and r.reason is Reason.EXTRACT_CRASH]
    crashes += map(repr, unread.values())
    pages = len(results) + len(unread)
    if len(crashes) > max(EPIDEMIC, pages // 4):
        raise RuntimeError(f"extraction broke on {len(crashes)} of {pages} pages: {crashes[0]}")


def tasks(
    root: str, rows: Sequence[Row], tails: title_tails.Tails, unread: dict[int, Exception]
) -> Iterator[tuple[int, ExtractTask]]:
    """(entry id, its page as extraction wants it), read from the archive one at a time; `unread` gets the errors."""
    for row in rows:
        try:
            page = read(root, Location(row.warc_file, row.warc_offset, row.warc_length))
            twin = twin_of(root, row)
        except (FileNotFoundError, ValueError) as error:  # the page's own; a store that fails ends the stage
            unread[row.entry_id] = error
            continue
        claimed = row.claimed_at and in_zone(row.claimed_at, row.claimed_zone_min)
        title = row.feed_title or None
        task = ExtractTask(page.body, row.url, row.content_type, row.fetched_at, claimed, title, row.content)
        yield row.entry_id, replace(task, tails=title_tails.of(tails, row), twin=twin)


def twin_of(root: str, row: Row) -> Twin | None:
    """The AMP twin that is archived with a page."""
    if row.twin_file is None:
        return None
    body = read(root, Location(row.twin_file, row.twin_offset, row.twin_length)).body
    return Twin(body, row.twin_url, row.twin_type)


def store(db: Database, generation: int, results: Sequence[tuple[Row, Extracted | Failure]]) -> list[ledger.Move]:
    """Insert the articles; a page that is an article already ends as same_page, pointing to it.

    Pages that stand at their own address come first: one that only claims an address (rel=canonical) must not take it.
    """
    moves = [ledger.Move(row.entry_id, "done", r.reason, r.detail) for row, r in results if isinstance(r, Failure)]
    articles = [(row, r) for row, r in results if isinstance(r, Extracted)]
    gone = taken_away(db, articles)
    moves += [ledger.Move(entry_id, "done", reason) for entry_id, reason in gone.items()]
    articles = [(row, article) for row, article in articles if row.entry_id not in gone]
    at_home = [(row, a, a.canonical_url or row.url) for row, a in articles if is_at_home(row, a)]
    moves += insert(db, generation, at_home)
    moves += insert(db, generation, believed(db, [(row, a) for row, a in articles if not is_at_home(row, a)]))
    title_tails.note(db, articles)
    return moves


def taken_away(db: Database, articles: Sequence[tuple[Row, Extracted]]) -> dict[int, Reason]:
    """{entry: why} of pages that were taken away under this address or the one that they claim; they go again."""
    keys = {row.entry_id: (url_key(row.url), url_key(a.canonical_url or row.url)) for row, a in articles}
    asked = sorted({key for both in keys.values() for key in both})
    known = {bytes(row.url_key): row for row in db.rows("removals.tombstones", keys=asked)}
    found = {entry_id: known[key] for entry_id, both in keys.items() for key in both if key in known}
    for entry_id, tombstone in found.items():
        db.rows("removals.ask", entry_ids=[entry_id], why=tombstone.why, by=tombstone.asked_by)
    return {entry_id: Reason(tombstone.why) for entry_id, tombstone in found.items()}


Placed = tuple[Row, Extracted, str]
"""A page's row, its article, and the URL that the article is to stand under."""


def is_at_home(row: Row, article: Extracted) -> bool:
    """Whether a page claims no other address than its own."""
    return not article.canonical_url or url_key(article.canonical_url) == url_key(row.url)


def believed(db: Database, claims: Sequence[tuple[Row, Extracted]]) -> list[Placed]:
    """Articles under the address that their page claims, if it is free or holds the same article; else under their own.

    An address that another entry was announced with is not free: that page will speak for itself.
    """
    keys = [url_key(article.canonical_url or "") for _, article in claims]
    taken = {bytes(row.url_key): row for row in db.rows("articles.by_url_keys", keys=keys)}
    announced = {bytes(row.identity) for row in db.rows("entries.announced", identities=keys)}
    placed: list[Placed] = []
    for (row, article), key in zip(claims, keys, strict=True):
        owner = taken.get(key)
        same = owner and (owner.title == article.title or bytes(owner.text_sha256) == digest(article))
        believe = same or (owner is None and key not in announced)
        placed.append((row, article, (article.canonical_url if believe else None) or row.url))
    return placed


def insert(db: Database, generation: int, placed: Sequence[Placed]) -> list[ledger.Move]:
    """Insert articles by their URLs' keys; where the entries go."""
    articles = {row.entry_id: article_row(row, article, url, generation) for row, article, url in placed}
    # Sorted by key, so that two workers which meet the same pages wait for each other instead of locking crosswise.
    db.many("articles.insert", sorted(articles.values(), key=lambda values: (values[URL_KEY], values[0])))
    keys = [values[URL_KEY] for values in articles.values()]
    owners = {bytes(row.url_key): row for row in db.rows("articles.by_url_keys", keys=keys)}
    told = {row.entry_id: f"text of {a.twin_url}" if a.engine.startswith(AMP) else "" for row, a, _ in placed}
    moves = []
    for entry_id, values in articles.items():
        owner = owners[values[URL_KEY]]
        if owner.entry_id == entry_id:
            moves.append(ledger.Move(entry_id, "deduplicate", detail=told[entry_id], article_id=owner.article_id))
        else:
            twin = f"as entry {owner.entry_id}"
            moves.append(ledger.Move(entry_id, "done", Reason.SAME_PAGE, twin, article_id=owner.article_id))
    return moves


def digest(article: Extracted) -> bytes:
    """sha256 of the text as it is stored."""
    return sha256(storable(article.text).encode()).digest()


def stated_zone(moment: Moment | None) -> int | None:
    """Minutes east of UTC that a moment states; None for a day, which is the same day everywhere."""
    return zone_min(moment.at) if moment is not None and moment.zoned and moment.precision != "day" else None


URL_KEY = 5
"""Place of the URL's key in an article's row."""


def article_row(row: Row, article: Extracted, url: str, generation: int) -> tuple[Any, ...]:
    """An article's values in the order of articles.insert."""
    published, modified = article.published, article.modified
    return (
        row.entry_id,
        row.page_id,
        row.source_id,
        generation,
        url,
        url_key(url),
        article.title,
        article.text,
        digest(article),
        article.language,
        article.language_confidence,
        article.word_count,
        list(article.authors),
        article.site_name,
        published and published.at,
        published and published.precision,
        published and published.origin,
        stated_zone(published),
        modified and modified.at,
        row.claimed_at,
        row.first_seen_at,
        row.fetched_at,
        article.engine,
        json(dict(article.origins)),
        article.kind,
        article.script,
        article.section,
        list(article.tags),
        article.image_url,
        article.free,
        article.syndicated_from,
        modified and modified.precision,
        stated_zone(modified),
        json(dict(article.confidences)),
        json([asdict(aside) for aside in article.asides]),
    )
