"""pages → articles: read the bytes back from the archive, extract in worker processes, store invisibly."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any

from mediawatch.articles.extract import ENGINE, EXTRACT_VERSION
from mediawatch.articles.identity import url_key
from mediawatch.articles.pool import Pool
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure, Location, Moment
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts, tally
from mediawatch.stages.zones import in_zone, zone_min
from mediawatch.store import generations, ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database, Row, json
from mediawatch.web.archive import read

CHUNK = 250
"""Pages in one transaction: what a killed task has to do again at the most."""


EPIDEMIC = 5
"""Crashes in a chunk that are taken for single bad pages, or a quarter of the chunk if that is more."""


def extract(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Extract a batch's pages; counts of entries, articles and reasons."""
    generation = generations.ensure_live(db, "extract", f"{EXTRACT_VERSION}, {ENGINE}", b"")
    rows = iter(db.rows("entries.to_extract", batch_id=batch.batch_id))
    verdicts: list[ledger.Verdict] = []
    with Pool(
        settings.extract_workers or os.cpu_count() or 1, settings.extract_limit_s, settings.extract_memory_mb
    ) as pool:
        while chunk := list(islice(rows, CHUNK)):
            results = dict(pool.map(tasks(settings.archive_root, chunk)))
            refuse_epidemic(results)
            with db.transaction():
                settled = store(db, generation, [(row, results[row.entry_id]) for row in chunk])
                ledger.settle(db, batch.batch_id, "extract", settled)
            verdicts += settled
    return tally(verdicts)


def refuse_epidemic(results: Mapping[int, Extracted | Failure]) -> None:
    """RuntimeError when the extractor dies on many pages at once: that is our fault and not the pages'."""
    crashes = [r.detail for r in results.values() if isinstance(r, Failure) and r.reason is Reason.EXTRACT_CRASH]
    if len(crashes) > max(EPIDEMIC, len(results) // 4):
        raise RuntimeError(f"the extractor died on {len(crashes)} of {len(results)} pages: {crashes[0]}")


def tasks(root: str, rows: Sequence[Row]) -> Iterator[tuple[int, ExtractTask]]:
    """(entry id, its page as extraction wants it), read from the archive one at a time."""
    for row in rows:
        page = read(root, Location(row.warc_file, row.warc_offset, row.warc_length))
        claimed = row.claimed_at and in_zone(row.claimed_at, row.claimed_zone_min)
        title = row.feed_title or None
        yield row.entry_id, ExtractTask(page.body, row.url, row.content_type, row.fetched_at, claimed, title)


def store(db: Database, generation: int, results: Sequence[tuple[Row, Extracted | Failure]]) -> list[ledger.Verdict]:
    """Insert the articles; a page that is an article already ends as same_page, pointing to it."""
    verdicts = [
        ledger.Verdict(row.entry_id, "done", result.reason, result.detail)
        for row, result in results
        if isinstance(result, Failure)
    ]
    articles: dict[int, tuple[Any, ...]] = {}
    for row, result in results:
        if isinstance(result, Extracted):
            articles[row.entry_id] = article_row(row, result, generation)
    # Sorted by key, so that two workers which meet the same pages wait for each other instead of locking crosswise.
    db.many("articles.insert", sorted(articles.values(), key=lambda values: (values[URL_KEY], values[0])))
    keys = [values[URL_KEY] for values in articles.values()]
    owners = {bytes(row.url_key): row for row in db.rows("articles.by_url_keys", keys=keys)}
    for entry_id, values in articles.items():
        owner = owners[values[URL_KEY]]
        own = owner.entry_id == entry_id
        verdicts.append(
            ledger.Verdict(entry_id, "deduplicate", article_id=owner.article_id)
            if own
            else ledger.Verdict(
                entry_id, "done", Reason.SAME_PAGE, f"as entry {owner.entry_id}", article_id=owner.article_id
            )
        )
    return verdicts


def published_zone(moment: Moment | None) -> int | None:
    """Minutes east of UTC of a publication; None for a day, which is the same day everywhere."""
    return None if moment is None or moment.precision == "day" else zone_min(moment.at)


URL_KEY = 5
"""Place of the URL's key in an article's row."""


def article_row(row: Row, article: Extracted, generation: int) -> tuple[Any, ...]:
    """An article's values in the order of articles.insert."""
    url = article.canonical_url or row.url
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
        sha256(article.text.encode()).digest(),
        article.language,
        article.language_confidence,
        article.word_count,
        list(article.authors),
        article.site_name,
        published and published.at,
        published and published.precision,
        published and published.origin,
        published_zone(published),
        modified and modified.at,
        row.claimed_at,
        row.first_seen_at,
        row.fetched_at,
        article.engine,
        json(dict(article.origins)),
    )
