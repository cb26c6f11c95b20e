"""A take-down: a URL or a whole publisher goes, a tombstone stays, and a search says whether anything is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mediawatch.articles.identity import url_key
from mediawatch.errors import MediawatchError
from mediawatch.settings import Settings
from mediawatch.stages import removal
from mediawatch.stages.batch import Counts
from mediawatch.store import scan
from mediawatch.store.database import Database, plain
from mediawatch.web import archive_files

SAMPLES = 20
"""Articles whose titles and texts are looked for afterwards."""
PROBE_CHARS = 60
LEAST_TITLE = 25
"""A shorter title may be anybody's."""


@dataclass(frozen=True)
class Plan:
    """What a take-down of `what` removes: counts, the entries, words to look for afterwards, and copies that stay."""

    what: str
    counts: Counts
    entries: tuple[int, ...]
    copies: tuple[dict[str, str], ...]
    probes: tuple[str, ...]

    def plain(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {key: value for key, value in asdict(self).items() if key not in ("entries", "probes")}


def plan(db: Database, what: str) -> Plan:
    """What is known under a URL (as announced, or as the page calls itself) or a publisher's name; writes nothing."""
    entries = [row.entry_id for row in db.rows("removals.find", what=what, key=url_key(what))]
    if not entries:
        raise MediawatchError(f"nothing is known of {what}: it is neither a URL that a feed announced nor a publisher")
    copies = tuple(plain(row) for row in db.rows("removals.copies", entry_ids=entries))
    samples = db.rows("removals.samples", entry_ids=entries, limit=SAMPLES)
    probes = tuple(probe for row in samples for probe in probes_of(row.title, row.text))
    return Plan(what, plain(db.row("removals.sum_up", entry_ids=entries)), tuple(entries), copies, probes)


def probes_of(title: str, text: str) -> list[str]:
    """A title and a stretch of its text that stand the same in plain text and in JSON."""
    stretches = [part.strip() for line in text.splitlines() for part in line.replace("\\", '"').split('"')]
    longest = max(stretches, key=len, default="")[:PROBE_CHARS]
    return [each for each in (title if '"' not in title else "", longest) if len(each) >= LEAST_TITLE]


def forget(db: Database, settings: Settings, found: Plan, by: str) -> Counts:
    """Do what the plan says, and what an earlier one left; counts of entries, articles and archive records."""
    with db.transaction():
        db.rows("removals.ask", entry_ids=list(found.entries), why="forgotten", by=by)
        db.rows("removals.pause_feeds", name=found.what)
        db.rows("removals.forget_furniture", name=found.what)
    return removal.finish(db, settings)


def left_over(db: Database, settings: Settings, probes: Sequence[str]) -> list[str]:
    """Where one of these words still stands: `table.column: rows` in the database, file names in the archive."""
    if not probes:
        return []
    files = archive_files.holding(settings.archive_root, [probe.encode() for probe in probes])
    return [*(f"{place}: {rows:,} rows" for place, rows in scan.find(db, probes)), *files]
