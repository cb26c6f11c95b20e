"""All stories anew, under the method of this version: built beside the live ones, compared, and switched to at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mediawatch.stages import events
from mediawatch.stages.deduplicate import (
    VERSION,
    find_links,
    groups_around,
    link_row,
    read_sketch,
    regroup,
    sketch_row,
    store_groups,
)
from mediawatch.stages.reading import agency_row, reader
from mediawatch.store import generations
from mediawatch.store.database import Database

TABLES = ("sketch", "story_key", "story_link", "syndication")
CHUNK = 1_000


@dataclass(frozen=True)
class Change:
    """A new story that is no old one: the old stories that its articles come from, and the articles' titles."""

    articles: tuple[int, ...]
    stories: tuple[int, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Every story as it would be (article ids), how many stay as they are, and the others."""

    groups: tuple[tuple[int, ...], ...]
    same: int
    changes: tuple[Change, ...]

    def plain(self) -> dict[str, Any]:
        """{stories, same, joined, split, changes}: joined and split count the new stories of several old ones, or of
        a part of one."""
        joined = sum(len(each.stories) > 1 for each in self.changes)
        changes = [{"stories": each.stories, "articles": each.articles, "titles": each.titles} for each in self.changes]
        counts = {"stories": len(self.groups), "same": self.same, "joined": joined}
        return {**counts, "split": len(self.changes) - joined, "changes": changes}


def behind(db: Database) -> int:
    """How many articles another version of the method has sketched: those of this one do not find them."""
    return int(db.value("regroup.behind", version=VERSION))


def build(db: Database) -> Plan:
    """Read and compare every article that has a story, in a schema of its own; the live stories stay as they are."""
    db.execute("drop schema if exists mediawatch_next cascade")
    db.execute("create schema mediawatch_next")
    for table in TABLES:
        db.execute(f"create table mediawatch_next.{table} (like mediawatch.{table} including all)")
    with _beside(db):
        _read(db)
        for articles in _sketched(db):
            _link(db, articles)
        return _compared(db, _groups(db))


def publish(db: Database, plan: Plan) -> None:
    """Make the plan's stories the live ones, in one transaction; articles that came since are put to them."""
    with db.transaction():
        db.rows("stories.serialise_grouping")
        with _beside(db):
            late = _read(db)
            _link(db, late)
        db.rows("regroup.switch")
        generations.enliven(db, "deduplicate", VERSION, b"")
        articles = [article for each in plan.groups for article in each]
        store_groups(db, plan.groups, _known(db, articles))
        if late:
            regroup(db, late)
        generation = generations.enliven(db, "group", events.VERSION, b"")
        events.follow_stories(db, sorted({*articles, *late}), generation)
        db.execute("drop schema mediawatch_next cascade")


@contextmanager
def _beside(db: Database) -> Iterator[None]:
    """Statements find the tables that are being built before the live ones."""
    db.execute("set search_path = mediawatch_next, mediawatch")
    yield
    db.execute("set search_path = mediawatch")


def _read(db: Database) -> list[int]:
    """Sketch what was not sketched yet; the articles."""
    generation = generations.building(db, "deduplicate", VERSION, b"")
    done = [0]
    while rows := db.rows("regroup.articles", after=done[-1], limit=CHUNK):
        read = reader(db, rows)
        made = [(row, read(row)) for row in rows]
        db.many("stories.insert_sketches", [sketch_row(row, each.sketch, generation) for row, each in made])
        db.rows("stories.insert_keys", article_ids=[row.article_id for row in rows])
        named = [agency_row(row, each, generation) for row, each in made if each.agency.evidence]
        db.many("stories.note_agencies", named)
        done += [row.article_id for row in rows]
    return done[1:]


def _sketched(db: Database) -> Iterator[list[int]]:
    after = 0
    while rows := db.rows("regroup.sketched", after=after, limit=CHUNK):
        yield [row.article_id for row in rows]
        after = rows[-1].article_id


def _link(db: Database, articles: Sequence[int]) -> None:
    generation = generations.building(db, "deduplicate", VERSION, b"")
    for at in range(0, len(articles), CHUNK):
        rows = db.rows("stories.sketches", article_ids=list(articles[at : at + CHUNK]))
        links = find_links(db, {row.article_id: read_sketch(row) for row in rows})
        db.many("stories.insert_links", [link_row(a, b, m, generation) for (a, b), m in sorted(links.items())])


def _groups(db: Database) -> list[tuple[int, ...]]:
    seen: set[int] = set()
    groups: list[tuple[int, ...]] = []
    for articles in _sketched(db):
        found, _ = groups_around(db, [each for each in articles if each not in seen])
        seen.update(each for group in found for each in group)
        groups += found
    return groups


def _known(db: Database, articles: Sequence[int]) -> dict[int, int]:
    return {row.article_id: row.story_id for row in db.rows("regroup.stories", article_ids=list(articles))}


def _compared(db: Database, groups: Sequence[tuple[int, ...]]) -> Plan:
    rows = db.rows("regroup.stories", article_ids=[article for group in groups for article in group])
    known = {row.article_id: row.story_id for row in rows}
    titles = {row.article_id: row.title for row in rows}
    sizes = Counter(known.values())
    changes = [_change(group, known, titles) for group in groups if not _is_old(group, known, sizes)]
    changes.sort(key=lambda each: (-len(each.articles), each.articles))
    return Plan(tuple(groups), len(groups) - len(changes), tuple(changes))


def _is_old(group: Sequence[int], known: Mapping[int, int], sizes: Mapping[int, int]) -> bool:
    stories = {known[article] for article in group}
    return len(stories) == 1 and sizes[next(iter(stories))] == len(group)


def _change(group: Sequence[int], known: Mapping[int, int], titles: Mapping[int, str]) -> Change:
    stories: dict[int, list[int]] = defaultdict(list)
    for article in group:
        stories[known[article]].append(article)
    return Change(tuple(group), tuple(sorted(stories)), tuple(titles[each] for each in group))
