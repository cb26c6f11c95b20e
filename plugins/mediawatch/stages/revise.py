"""pages again → revisions: read the bytes that have changed, and where title or text did, write the new version."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any

from mediawatch.articles.diff import Change, compare
from mediawatch.articles.extract import ENGINE, EXTRACT_VERSION
from mediawatch.articles.notices import Notice, find_notice
from mediawatch.articles.worker import JOB
from mediawatch.errors import LeaseHeld, Reason
from mediawatch.models import Extracted, ExtractTask, Failure, Match
from mediawatch.settings import Settings
from mediawatch.stages import rewrite, tails
from mediawatch.stages.batch import Counts
from mediawatch.stages.deduplicate import find_links
from mediawatch.stages.extract import tasks
from mediawatch.stages.refetch import WORDS, due_again
from mediawatch.store import generations
from mediawatch.store.database import Database, Row
from mediawatch.store.ledger import clean
from mediawatch.workers.pool import Pool

CHUNK = 50
"""Pages that are read before the first of them is written."""
MOST_TRIES = 3
"""So often reading an article may end its process; then it is set aside."""
REPLACED_KEEPS = 0.2
REPLACED_TITLE_KEEPS = 0.34
"""A page that keeps less of an article's words, and of its title's, is another page under the same address."""
EMPTIED_KEEPS = 0.5
"""A retraction that keeps less of the text is stored beside it: the article stays readable."""

Result = Extracted | Failure


@dataclass(frozen=True)
class Verdict:
    """What has become of an article: a word of page_check.result; of a revision what makes it one."""

    result: str
    failure: Failure | None = None
    article: Extracted | None = None
    title_was: str = ""
    text_was: str = ""
    change: Change | None = None
    kind: str = "edit"
    notice: str | None = None

    @property
    def withheld(self) -> bool:
        """Whether the new text does not become the article's."""
        return self.kind == "retraction" and self.change is not None and self.change.kept < EMPTIED_KEEPS


def revise(db: Database, settings: Settings, shard: str) -> Counts:
    """Read a shard's changed pages; counts of pages by what was found."""
    generation = generations.ensure_live(db, "extract", f"{EXTRACT_VERSION}, {ENGINE}", b"")
    current = rewrite.Current.live(db)
    rows = db.rows("refetches.to_read", owner=shard, lease_s=settings.lease_s)
    counts: Counter[str] = Counter()
    broken: list[Exception] = []
    workers = min(settings.extract_workers or os.cpu_count() or 1, max(1, len(rows)))
    with Pool[ExtractTask, Extracted](JOB, workers, settings.extract_limit_s, settings.extract_memory_mb) as pool:
        for group in grouped(rows):
            begun = db.rows("refetches.begin_reading", article_ids=[row.article_id for row in group])
            tired = {row.article_id for row in begun if row.tries > MOST_TRIES}
            news, olds = read(db, settings, pool, generation, [row for row in group if row.article_id not in tired])
            for row in group:
                try:
                    verdict = judge(row, news.get(row.article_id, DEADLY), olds.get(row.article_id))
                    settle(db, settings, shard, current, generation, row, verdict)
                except LeaseHeld:
                    raise
                except Exception as error:  # a bug that one article brought to light: told when the others are done
                    broken.append(error)
                    verdict = Verdict("failed", Failure(Reason.INTERNAL, repr(error)))
                    settle(db, settings, shard, current, generation, row, verdict)
                counts[verdict.result] += 1
    if broken:
        raise broken[0]
    return {"articles": len(rows), **dict(sorted(counts.items()))}


DEADLY = Failure(Reason.INTERNAL, "reading it ended the process")


def grouped(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in chunks; those that were tried before each by itself, so that the one which ends the process is known."""
    fresh = iter([row for row in rows if not row.tries])
    groups = []
    while group := list(islice(fresh, CHUNK)):
        groups.append(group)
    return groups + [[row] for row in rows if row.tries]


def read(
    db: Database, settings: Settings, pool: Pool[ExtractTask, Extracted], generation: int, rows: Sequence[Row]
) -> tuple[dict[int, Result], dict[int, Result]]:
    """What the new bytes say; and what the old ones say under the current method, where another had read them.

    Without the second, each new method would be taken for an edit of every page.
    """
    old = [before(row) for row in rows if row.generation_id != generation and row.before_file and not row.withheld_text]
    unread: dict[int, Exception] = {}
    known = tails.known(db, rows)
    news: dict[int, Result] = dict(pool.map(tasks(settings.archive_root, rows, known, unread)))
    for error in unread.values():  # the archive's fault or ours, and not the page's
        raise error
    # the old bytes, if they are there still
    olds: dict[int, Result] = dict(pool.map(tasks(settings.archive_root, old, known, unread)))
    articles = {row.entry_id: row.article_id for row in rows}
    return {articles[e]: result for e, result in news.items()}, {articles[e]: result for e, result in olds.items()}


def before(row: Row) -> Any:
    """The row of the bytes that were there before."""
    return SimpleNamespace(
        **row._asdict()
        | {"warc_file": row.before_file, "warc_offset": row.before_offset, "warc_length": row.before_length}
        | {"fetched_at": row.before_at}
    )


def judge(row: Row, new: Result, old: Result | None) -> Verdict:
    """What the new bytes make of an article; `old` is what the bytes before say under the same method, if need be."""
    if isinstance(new, Failure):
        return Verdict("failed" if new.reason is Reason.INTERNAL else "unreadable", new)
    title, text = row.title, row.text
    if row.withheld_text is not None:
        title, text = row.withheld_title, row.withheld_text
    elif isinstance(old, Extracted):
        title, text = old.title, old.text
    change = compare(title, text, new.title, new.text)
    if change is None:
        return Verdict("same_text")
    kind, notice = kind_of(find_notice(title, text), find_notice(new.title, new.text))
    if kind != "retraction" and change.kept < REPLACED_KEEPS and change.title_kept < REPLACED_TITLE_KEEPS:
        return Verdict("replaced", article=new)
    return Verdict("revised", None, new, title, text, change, kind, notice)


def kind_of(was: Notice | None, now: Notice | None) -> tuple[str, str | None]:
    """What a new version says of itself that the one before did not."""
    if now is None or now == was:
        return "edit", None
    if was and was.kind == now.kind == "retraction":
        return "edit", None
    return now.kind, now.words


def settle(
    db: Database,
    settings: Settings,
    shard: str,
    current: rewrite.Current,
    generation: int,
    row: Row,
    verdict: Verdict,
) -> None:
    """Write what became of one article; LeaseHeld, which undoes it, when another worker has it."""
    texts: dict[int, rewrite.Values] = {}
    links: dict[tuple[int, int], Match] = {}
    article, change = verdict.article, verdict.change
    if article and change and not verdict.withheld:
        values = rewrite.values_of(row, article, generation)
        if row.published_at is not None:  # an edit does not move the first publication
            values = {name: value for name, value in values.items() if not name.startswith("published_")}
        texts = {row.article_id: values}
        if change.text:
            read = rewrite.read_texts(db, {row.article_id: article.text})
            with db.transaction():
                sketches = rewrite.index(db, current, read)
            links = find_links(db, sketches)
    with db.transaction():
        version = row.revisions + 2 if verdict.result == "revised" else None
        end(db, settings, shard, row, verdict, version)
        if version and change and article:
            db.rows("revisions.insert", **revision(db, row, verdict, article, change, version, generation))
        if article and texts:
            db.rows("stories.serialise_grouping")
            rewrite.write_texts(db, texts)
            if change and change.text:
                rewrite.restory(db, current, [row.article_id], links)
            else:
                db.rows("stories.refresh", story_ids=[row.story_id])
            rewrite.retag(db, current, [row.article_id])
        db.many("revisions.note_changes", changes(row, verdict, version))


def end(db: Database, settings: Settings, shard: str, row: Row, verdict: Verdict, version: int | None) -> None:
    """The check is over: its log says what was found, and the article is due again."""
    revised = verdict.result == "revised"
    due = due_again(settings, row, "revised" if revised else "unchanged", row.fetched_at)
    held = db.rows(
        "refetches.end_reading",
        article_id=row.article_id,
        owner=shard,
        due_at=due.due_at,
        why=due.why,
        revised=revised,
        version=version,
        kind=verdict.kind,
        at=row.fetched_at,
    )
    if not held:
        raise LeaseHeld(f"article {row.article_id} was leased again while this worker was at it")
    failure = verdict.failure
    db.rows(
        "refetches.note_read",
        article_id=row.article_id,
        number=row.checks,
        result=verdict.result,
        reason=failure and failure.reason.value,
        detail=clean(failure.detail if failure else verdict.notice or ""),
    )


def revision(
    db: Database, row: Row, verdict: Verdict, article: Extracted, change: Change, version: int, generation: int
) -> dict[str, object]:
    """A revision's values."""
    seen: datetime = db.value("revisions.seen_before", article_id=row.article_id, number=row.checks)
    return {
        "article_id": row.article_id,
        "version": version,
        "check_number": row.checks,
        "generation_id": generation,
        "found_at": row.fetched_at,
        "seen_before_at": seen,
        "modified_at": article.modified and article.modified.at,
        "kind": verdict.kind,
        "notice": verdict.notice,
        "title_was": verdict.title_was,
        "title": article.title,
        "text_was": verdict.text_was,
        "text": article.text if verdict.withheld else None,
        "share_changed": change.share,
        "words_added": change.added,
        "words_removed": change.removed,
        "diff": change.diff,
    }


def changes(row: Row, verdict: Verdict, version: int | None) -> list[tuple[object, ...]]:
    """What it adds to an article's history, in the order of revisions.note_changes."""
    if verdict.result == "replaced" and verdict.article:
        return [(row.article_id, row.fetched_at, "replaced", None, clean(verdict.article.title), None)]
    if verdict.result != "revised" or verdict.change is None:
        return []
    told = f"{verdict.change.share:.0%} of the words"
    noted = [(row.article_id, row.fetched_at, "revised", None, told, version)]
    if verdict.kind in WORDS:
        noted.append((row.article_id, row.fetched_at, WORDS[verdict.kind], None, verdict.notice or "", version))
    return list(noted)
