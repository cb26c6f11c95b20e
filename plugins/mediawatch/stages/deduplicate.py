"""articles → stories: find texts that share words with these, judge each pair, regroup what they touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mediawatch.models import Match, Sketch
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts, attempt_each, tally
from mediawatch.stages.reading import agency_row, note_lines, reader
from mediawatch.store import generations, ledger
from mediawatch.store.batches import Batch
from mediawatch.store.database import Database, Row
from mediawatch.stories.fold import FOLD_VERSION
from mediawatch.stories.furniture import FURNITURE_VERSION
from mediawatch.stories.group import GROUP_VERSION, Link, Node, Verdict, group
from mediawatch.stories.match import MATCH_VERSION, MERGING, match
from mediawatch.stories.naming import keep_ids, redirects
from mediawatch.stories.sketch import SKETCH_VERSION
from mediawatch.stories.syndication import SYNDICATION_VERSION

VERSION = (
    f"fold {FOLD_VERSION}, furniture {FURNITURE_VERSION}, sketch {SKETCH_VERSION}, match {MATCH_VERSION}, "
    f"group {GROUP_VERSION}, syndication {SYNDICATION_VERSION}"
)
ARTICLES_PER_KEY = 50
"""Articles looked at for one key: a key that more share is boilerplate."""
MOST_CANDIDATES = 20
LEAST_KEYS = 2
"""Keys that a candidate shares: one alone is chance nearly always, and halves the work to leave out."""
PAIRS_AT_ONCE = 1_000
"""Pairs whose sketches are in memory at once; in the order of the older article, which is read about once so."""


def deduplicate(db: Database, settings: Settings, batch: Batch) -> Counts:
    """Put a batch's articles into stories; counts of entries, of pairs that share text, and of copies found."""
    generation = generations.ensure_live(db, "deduplicate", VERSION, b"")
    rows = db.rows("entries.to_deduplicate", batch_id=batch.batch_id)
    done, error = attempt_each(db, batch, "deduplicate", rows, reader(db, rows))
    articles = [row.article_id for row, _ in done]
    with db.transaction():
        db.many("stories.insert_sketches", [sketch_row(row, made.sketch, generation) for row, made in done])
        db.rows("stories.insert_keys", article_ids=articles)
    # The keys are committed: of two workers with copies in hand at this moment, at least one finds the other's.
    links = find_links(db, {row.article_id: made.sketch for row, made in done})
    db.many("stories.insert_links", [link_row(a, b, m, generation) for (a, b), m in sorted(links.items())])
    moves = [ledger.Move(row.entry_id, "tag") for row, _ in done]
    with db.transaction():
        db.rows("stories.serialise_grouping")
        db.many(
            "stories.note_agencies", [agency_row(row, made, generation) for row, made in done if made.agency.evidence]
        )
        stories = regroup(db, articles)
        note_lines(db, [(row.source_id, stories[row.article_id], made.lines) for row, made in done])
        ledger.settle(db, batch, "deduplicate", moves)
    if error:
        raise error
    return {**tally(moves), "pairs": len(links), "copies": sum(m.kind in MERGING for m in links.values())}


def find_links(db: Database, sketches: dict[int, Sketch]) -> dict[tuple[int, int], Match]:
    """{(smaller id, larger id): match} of every pair with one of these articles that shares text."""
    bounds = {"per_key": ARTICLES_PER_KEY, "most": MOST_CANDIDATES, "least": LEAST_KEYS}
    found = db.rows("stories.candidates", article_ids=list(sketches), **bounds)
    pairs = sorted({(min(p), max(p)) for row in found for p in [(row.article_id, row.candidate_id)]})
    links: dict[tuple[int, int], Match] = {}
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        part = pairs[start : start + PAIRS_AT_ONCE]
        others = sorted({article for pair in part for article in pair} - sketches.keys())
        known = {row.article_id: read_sketch(row) for row in db.rows("stories.sketches", article_ids=others)} | sketches
        judged = {(a, b): match(known[a], known[b]) for a, b in part if a in known and b in known}
        links |= {pair: m for pair, m in judged.items() if m is not None}
    return links


def regroup(db: Database, articles: Sequence[int]) -> dict[int, int]:
    """Decide anew the stories of all that these articles are linked with, and store what changed; {article: story}.

    To be called inside a transaction that holds the grouping lock.
    """
    return store_groups(db, *groups_around(db, articles))


def groups_around(db: Database, articles: Sequence[int]) -> tuple[list[tuple[int, ...]], dict[int, int]]:
    """All that these articles are linked with, by the story that it should be; and the stories that it is in now."""
    nodes = db.rows("stories.component", article_ids=list(articles))
    ids = [row.article_id for row in nodes]
    links = [Link(r.article_a, r.article_b, r.kind, r.score) for r in db.rows("stories.links", article_ids=ids)]
    verdicts = [Verdict(r.article_a, r.article_b, r.same) for r in db.rows("stories.verdicts", article_ids=ids)]
    groups = [each.article_ids for each in group(map(node, nodes), links, verdicts)]
    return groups, {row.article_id: row.story_id for row in nodes if row.story_id is not None}


def store_groups(db: Database, groups: Sequence[tuple[int, ...]], known: Mapping[int, int]) -> dict[int, int]:
    """Make these groups of articles the stories, where `known` says which story each is in so far; {article: story}."""
    kept = keep_ids(groups, known)
    fresh = iter(db.rows("stories.create", count=kept.count(None)))
    stories = [next(fresh).story_id if story is None else story for story in kept]
    assigned = {article: story for story, each in zip(stories, groups, strict=True) for article in each}
    moved = [(article, story) for article, story in assigned.items() if known.get(article) != story]
    db.many("stories.assign", moved)
    db.many("stories.redirect", list(redirects(assigned, known).items()))
    counted = [(article, story) for article, story in moved if article in known]  # what is new is not loaded either
    touched = {story for _, story in counted} | {known[article] for article, _ in counted}
    db.rows("stories.refresh", story_ids=sorted(touched))
    return assigned


def node(row: Row) -> Node:
    """An article as grouping sees it; a date that only the feed claims is not trusted."""
    trusted = row.published_at if row.published_origin != "feed" else None
    return Node(row.article_id, row.words, trusted, row.is_agency, row.rank, bytes(row.terms))


def read_sketch(row: Row) -> Sketch:
    """A stored sketch."""
    return Sketch(
        keys=tuple(row.keys),
        shingles=bytes(row.shingles),
        positions=bytes(row.positions),
        terms=bytes(row.terms),
        words=row.words,
        exact=bytes(row.exact),
    )


def sketch_row(article: Row, made: Sketch, generation: int) -> tuple[object, ...]:
    """A sketch's values in the order of stories.insert_sketches."""
    rank = int.from_bytes(article.url_key[:4], "little", signed=True)
    keys = list(made.keys)
    return (
        article.article_id,
        generation,
        rank,
        keys,
        made.shingles,
        made.positions,
        made.terms,
        made.words,
        made.exact,
    )


def link_row(a: int, b: int, m: Match, generation: int) -> tuple[object, ...]:
    """A link's values in the order of stories.insert_links."""
    return (a, b, generation, m.kind, m.score, m.shared, m.covered_a, m.covered_b, m.part)
