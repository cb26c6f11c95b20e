"""What the titles of a source have in common at their ends, learned from its articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from mediawatch.models import Extracted
from mediawatch.store.database import Database, Row, storable

TITLES = 5
"""So many different titles that end alike make the end the source's."""
DELAY_S = 3_600
"""It counts for what is first seen later than this: by then all transactions that could not know it are over."""

Tails = Mapping[int, Sequence[tuple[str, datetime]]]
"""By source: (tail, from when on it counts)."""


def known(db: Database, rows: Sequence[Row]) -> Tails:
    """The tails of these entries' sources."""
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for row in db.rows("titles.tails", source_ids=sorted({row.source_id for row in rows})):
        found[row.source_id].append((row.tail, row.known_at))
    return found


def of(tails: Tails, row: Row) -> tuple[str, ...]:
    """The tails that count for an entry: what was known when it was first seen, whenever its page is read."""
    return tuple(tail for tail, at in tails.get(row.source_id, ()) if at <= row.first_seen_at)


def note(db: Database, articles: Iterable[tuple[Row, Extracted]]) -> None:
    """Learn from articles; to be called in the transaction that stores them."""
    titles: dict[tuple[int, str], set[bytes]] = defaultdict(set)
    for row, article in articles:
        if article.tail:
            titles[row.source_id, storable(article.tail)].add(sha256(article.title.encode()).digest()[:8])
    now = db.now()
    rows = [(*key, sorted(each)[:TITLES], now) for key, each in sorted(titles.items())]
    db.many("titles.note_tails", rows, least=TITLES, delay_s=DELAY_S)
