"""What deduplication keeps of an article: its sketch without its source's furniture, and the agency that it names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from urllib.parse import urlsplit

from mediawatch import data
from mediawatch.models import Sketch
from mediawatch.store.database import Database, Row, json
from mediawatch.stories.furniture import STORIES, edge_lines, without
from mediawatch.stories.sketch import sketch
from mediawatch.stories.syndication import Agencies, Agency, Article, Syndication

AGENCY_TAGS = ("agency", "wire")
"""A source that its subscription files under one of these is an agency."""


@dataclass(frozen=True)
class Reading:
    """What is kept of an article: its sketch, the agency that it names, and its lines that could be furniture."""

    sketch: Sketch
    agency: Syndication
    lines: Collection[int]


def reader(db: Database, rows: Sequence[Row]) -> Callable[[Row], Reading]:
    """What reads each of these articles, knowing what is furniture of their sources."""
    edges = {row.article_id: edge_lines(row.text) for row in rows}
    lines = sorted({line for edge in edges.values() for line in edge.values()})
    sources = sorted({row.source_id for row in rows})
    found = db.rows("stories.furniture", source_ids=sources, lines=lines, least=STORIES)
    furniture = {(row.source_id, row.line) for row in found}
    named = known_agencies(db)
    return lambda row: _read(row, edges[row.article_id], furniture, named)


def _read(row: Row, edge: Mapping[str, int], furniture: Collection[tuple[int, int]], named: Agencies) -> Reading:
    known = {line for line in edge.values() if (row.source_id, line) in furniture}
    publisher = [name for name in (row.site_name, row.source) if name]
    said = Article(row.text, row.authors, publisher, _host(row.page_url), _host(row.url))
    made = sketch(without(row.text, edge, known, named.is_boilerplate))
    return Reading(made, named.read(said), edge.values())


def known_agencies(db: Database) -> Agencies:
    """The agencies that ship, and the sources that subscriptions call an agency or a wire."""
    rows = db.rows("stories.agencies", tags=list(AGENCY_TAGS))
    return agencies(tuple((row.name, (row.name,), tuple(filter(None, [_host(row.homepage or "")]))) for row in rows))


@cache
def agencies(more: tuple[Agency, ...] = ()) -> Agencies:
    """The agencies that ship, and more."""
    shipped = data.agencies()
    known = ((each["agency"], tuple(each["names"]), tuple(each["hosts"])) for each in shipped["agencies"])
    return Agencies((*known, *more), tuple(shipped["lines"]))


def _host(url: str) -> str:
    """The host of a URL; empty when it has none."""
    return urlsplit(url).hostname or ""


def note_lines(db: Database, carried: Sequence[tuple[int, int, Collection[int]]]) -> None:
    """Learn which lines (of articles: source, story, lines) a source's stories have in common."""
    rows = [(source, line, story) for source, story, lines in carried for line in lines]
    if rows:
        sources, lines, stories = map(list, zip(*rows, strict=True))
        db.rows("stories.note_lines", source_ids=sources, lines=lines, story_ids=stories, least=STORIES)


def agency_row(row: Row, made: Reading, generation: int) -> tuple[object, ...]:
    """What an article says of an agency, in the order of stories.note_agencies."""
    evidence = [asdict(each) for each in made.agency.evidence]
    return (row.article_id, generation, made.agency.agency, made.agency.is_agency, json(evidence))
