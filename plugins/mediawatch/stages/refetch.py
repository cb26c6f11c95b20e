"""articles → pages again: ask for what is due, cheaply, note what became of it; other bytes go on to be read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import uuid4

from mediawatch.articles.notices import find_notice
from mediawatch.articles.refetch import Next, Result, Watched, next_check
from mediawatch.errors import LeaseHeld, Reason, Status
from mediawatch.models import Failure, Location, Response
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.stages.fetch import Haul, fetch_all, page_row
from mediawatch.stages.visit import Visit
from mediawatch.store.database import Database, Row
from mediawatch.store.ledger import clean
from mediawatch.web.archive import WarcWriter
from mediawatch.web.archive_files import check_room

MOST_SHARDS = 8
ADOPTED = 1_000
"""Articles that are taken up in one transaction."""
WHOLE_EVERY = 3
"""Each so many checks ask for the whole page: some servers go on saying 304 while it changes."""
MISSES = 2
"""So many answers 404 in a row are a removal; one 410 is, for it is meant."""
MISSING = frozenset({Reason.NOT_FOUND, Reason.GONE})


@dataclass(frozen=True)
class Found:
    """What a check brought: `page` is the row of other bytes; `response` is empty of its body by now."""

    result: str
    at: datetime
    failure: Failure | None = None
    http_status: int | None = None
    size_bytes: int | None = None
    sha256: bytes | None = None
    location: Location | None = None
    page: tuple[object, ...] | None = None


def adopt(db: Database, settings: Settings) -> int:
    """Take loaded articles into the schedule, with what they say of themselves already; how many."""
    adopted = 0
    while rows := db.rows("refetches.adoptable", limit=ADOPTED):
        now = db.now()
        notices = {row.article_id: find_notice(row.title, row.text) for row in rows}
        schedule, changes = [], []
        for row in rows:
            due, notice = due_again(settings, row, "first", now), notices[row.article_id]
            marks = [
                row.fetched_at if notice and notice.kind == kind else None for kind in ("correction", "retraction")
            ]
            schedule.append((row.article_id, row.host, due.due_at, due.why, row.loaded_at, *marks))
            if notice:
                changes.append((row.article_id, row.fetched_at, WORDS[notice.kind], None, notice.words, 1))
        with db.transaction():
            taken = [row.article_id for row in db.many("refetches.adopt", schedule)]
            db.rows("refetches.note_first", article_ids=taken)
            db.many("revisions.note_changes", changes)
        adopted += len(taken)
        if not taken:  # another worker is at it
            break
    return adopted


WORDS = {"correction": "corrected", "retraction": "retracted"}


def claim(db: Database, settings: Settings, run: str) -> list[str]:
    """Adopt what was loaded, heed what feeds changed, and lease what is due in shards; the name of each shard."""
    db.rows("refetches.free_run", run=run)
    if not settings.refetch_days:
        return []
    check_room(settings.archive_root, settings.archive_free_mb)
    adopt(db, settings)
    db.rows("refetches.hasten", first_s=settings.refetch_first_s)
    spacing = settings.host_spacing_s
    per_host = max(1, int(settings.fetch_budget_s / spacing)) if spacing else settings.refetch_shard
    shards: list[str] = []
    while len(shards) < MOST_SHARDS:
        shard = f"{run}/{len(shards)}"
        bounds = {"limit": settings.refetch_shard, "per_host": per_host, "exclusive": spacing > 0}
        with db.transaction():
            db.rows("refetches.serialise_claims")
            if not db.rows("refetches.claim_due", owner=shard, lease_s=settings.lease_s, **bounds):
                break
        shards.append(shard)
    return shards


def refetch(db: Database, settings: Settings, shard: str) -> Counts:
    """Ask for a shard's articles; counts of articles by what was found, and of those that were not reached."""
    rows = db.rows("refetches.of_owner", owner=shard, lease_s=settings.lease_s)
    if not rows:
        return {"articles": 0}
    now = db.now()
    file = f"{now:%Y/%m/%d}/refetch-{uuid4().hex[:12]}.warc.gz"
    db.rows("pages.begin_file", file=file, batch_id=0)
    with WarcWriter(settings.archive_root, file) as archive:
        haul, visit = asyncio.run(fetch_all(db, settings, rows, lambda row, page: keep(archive, row, page), validators))
    found = judge(rows, haul, db.now())
    store(db, settings, shard, rows, found, visit)
    if haul.broken:
        raise next(iter(haul.broken.values()))
    counts = Counter(each.result for each in found.values())
    return {"articles": len(rows), **dict(sorted(counts.items())), "released": len(rows) - len(found)}


def validators(row: Row) -> Mapping[str, str]:
    """Headers that let a server say 304; none when the whole page is wanted."""
    if row.checks % WHOLE_EVERY == WHOLE_EVERY - 1:
        return {}
    sent = {"If-None-Match": row.etag, "If-Modified-Since": row.last_modified}
    return {name: value for name, value in sent.items() if value and value.isprintable()}


def keep(archive: WarcWriter, row: Row, response: Response) -> Found:
    """Archive an answer: whole if its bytes are others, else as a revisit of the earlier one."""
    if response.status != 304 and _leads_to_front(row, response):
        return Found("missing", response.fetched_at, Failure(Reason.REDIRECTS, f"leads to {response.final_url}"))
    digest = sha256(response.body).digest()
    same = response.status == 304 or digest == bytes(row.sha256)
    location = archive.write_unchanged(response, row.page_url, row.page_at) if same else archive.write(response)
    return Found(
        "not_modified" if response.status == 304 else "same_body" if same else "changed",
        response.fetched_at,
        http_status=response.status,
        size_bytes=None if response.status == 304 else len(response.body),
        sha256=bytes(row.sha256) if response.status == 304 else digest,
        location=location,
        page=None if same else page_row(row.entry_id, response, location),
    )


def _leads_to_front(row: Row, response: Response) -> bool:
    """A site that takes an article away and answers with its front page says so in no other way."""
    return urlsplit(response.final_url).path in ("", "/") and urlsplit(row.page_url).path not in ("", "/")


def judge(rows: Sequence[Row], haul: Haul, now: datetime) -> dict[int, Found]:
    """What each article's check brought, by article id; articles that were not reached are in none."""
    found: dict[int, Found] = {}
    for row in rows:
        if row.entry_id in haul.pages:
            found[row.article_id] = haul.pages[row.entry_id]
        elif failure := haul.failures.get(row.entry_id):
            result = "missing" if failure.reason in MISSING else "failed"
            found[row.article_id] = Found(result, now, failure, failure.status)
        elif error := haul.broken.get(row.entry_id):
            found[row.article_id] = Found("failed", now, Failure(Reason.INTERNAL, repr(error)))
    return found


def store(
    db: Database, settings: Settings, shard: str, rows: Sequence[Row], found: Mapping[int, Found], visit: Visit
) -> None:
    """Log the checks, keep the new pages, and say when each article is due again, all at once.

    LeaseHeld, which undoes it, when another worker has taken an article meanwhile.
    """
    known = {row.article_id: row for row in rows}
    standings = [standing(settings, known[article], each) for article, each in found.items()]
    with db.transaction():
        settled = db.many("refetches.settle", standings, owner=shard)
        if len(settled) != len(found):
            raise LeaseHeld(f"articles of {shard} were leased again while this worker was at them")
        db.many("refetches.log", [logged(known[article], each) for article, each in found.items()])
        db.many("pages.insert", [each.page for each in found.values() if each.page])
        db.many("revisions.note_changes", [c for article, each in found.items() for c in changes(known[article], each)])
        visit.store(db, settings.retry_base_s)
        db.rows("refetches.release", owner=shard)


def logged(row: Row, found: Found) -> tuple[object, ...]:
    """A check's values in the order of refetches.log."""
    failure, at = found.failure, found.location
    place = (at.file, at.offset, at.length) if at else (None, None, None)
    told = (failure.reason.value, clean(failure.detail)) if failure else (None, "")
    sizes = (found.http_status, found.size_bytes, found.sha256)
    return (row.article_id, row.checks + 1, found.at, found.result, *told, *sizes, *place)


def standing(settings: Settings, row: Row, found: Found) -> tuple[object, ...]:
    """An article's values in the order of refetches.settle."""
    waits = found.result == "changed"
    misses = row.misses + 1 if found.result == "missing" else row.misses if found.result == "failed" else 0
    failures = row.failures + 1 if found.result == "failed" else 0
    unchanged = row.unchanged + 1 if found.result in ("not_modified", "same_body") else row.unchanged
    vain = row.vain + 1 if row.asked and not waits else row.vain
    due = due_again(settings, row, outcome(found), found.at, misses, failures, found.failure)
    due_at = row.due_at if waits else due.due_at
    removed_at = (row.removed_at or found.at) if removed(row, found) else None
    if found.result == "failed":  # which says nothing about the page
        removed_at = row.removed_at
    return (
        row.article_id,
        row.checks + 1,
        "extract" if waits else "fetch",
        due_at,
        "other bytes, to be read" if waits else due.why,
        found.at,
        unchanged,
        misses,
        failures,
        vain,
        removed_at,
        waits,
    )


def removed(row: Row, found: Found) -> bool:
    """Whether a check finds, or confirms, that the page was taken away."""
    gone = found.failure is not None and found.failure.reason is Reason.GONE
    return found.result == "missing" and (gone or row.misses + 1 >= MISSES)


def changes(row: Row, found: Found) -> list[tuple[object, ...]]:
    """What a check adds to an article's history, in the order of revisions.note_changes."""
    if removed(row, found) and row.removed_at is None and found.failure:
        return [(row.article_id, found.at, "removed", found.failure.reason.value, found.failure.detail, None)]
    if row.removed_at is not None and found.result in ("not_modified", "same_body", "changed"):
        return [(row.article_id, found.at, "returned", None, "", None)]
    return []


def outcome(found: Found) -> Result:
    """A check as the schedule sees it."""
    if found.result == "missing":
        return "missing"
    if found.failure is None:
        return "unchanged"
    passing = found.failure.reason.retried and found.failure.reason.status is Status.FAILED
    return "failed" if passing else "refused"


def due_again(
    settings: Settings,
    row: Row,
    last: Result,
    now: datetime,
    misses: int = 0,
    failures: int = 0,
    failure: Failure | None = None,
) -> Next:
    """When an article is due after a check at `now`."""
    article = Watched(row.article_id, row.began_at, last, misses, failures, failure.retry_at if failure else None)
    first, watch = timedelta(seconds=settings.refetch_first_s), timedelta(days=settings.refetch_days)
    return next_check(article, now, first=first, watch=watch)
