"""Which articles of one link component are one story: anchors, what each explains, and round-ups that explain nothing.

Copies are not an equivalence: a page of three stories contains the cuts of all three, and a 15% cut shares nothing
with the second half of its own original. So links are not closed over blindly. A story is an *anchor*, a text that is
no part of another, with what can be reached from it by going sideways between versions (`exact`, `edited`) and
down from a text to its parts (`cut`), never up from a part to another whole. Trust, the product of the links'
scores, fades along a path and ends at a floor: versions of versions drift away. An article below several anchors
belongs to the one of which it makes up most. A *round-up* is a text whose parts fall into pieces that share no text
and no vocabulary; it explains none of them and stands alone with its own reprints.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import combinations
from math import exp

import numpy as np

from mediawatch.models import LinkKind
from mediawatch.stories.match import MERGING
from mediawatch.stories.sketch import TERM_TYPE

GROUP_VERSION = 2

_TRUST_FLOOR = 0.5
_KIN = (0.75, 0.85, 1.4)
"""Texts about one thing reach this kinship, by how many of the pieces look like articles of their own. Of pairs of
parts of one article 5, 8 and 45 in 100 do not; of pairs of two articles 12, 7 and 0.2 in 100 do."""
_COMMON_TERMS = 900
"""Size of the vocabulary that all news draws from: with it chance explains what unrelated texts of any size share."""

_SIDEWAYS: frozenset[LinkKind] = frozenset({"exact", "edited"})
_LAST = datetime.max.replace(tzinfo=timezone.utc)


@dataclass(frozen=True)
class Node:
    """An article as grouping sees it. `published` is None unless its time is trustworthy; `terms` as in Sketch.

    `rank` orders articles that are alike in all else, whenever each arrived.
    """

    article_id: int
    words: int
    published: datetime | None = None
    is_agency: bool = False
    rank: int = 0
    terms: bytes = b""


@dataclass(frozen=True, order=True)
class Link:
    """What matching said of two articles; the fields of a Match that decide."""

    a: int
    b: int
    kind: LinkKind
    score: float


@dataclass(frozen=True)
class Verdict:
    """An analyst's word on two articles; `same` is `also a copy`, otherwise `not a copy`. It outweighs every link."""

    a: int
    b: int
    same: bool


@dataclass(frozen=True)
class Member:
    """An article of a story: `path` are the links from the anchor to it, `trust` the product of their scores."""

    article_id: int
    trust: float
    path: tuple[Link, ...]


@dataclass(frozen=True)
class Group:
    """One story. `canonical` stands for it; `anchor` is the text that explains every member; members by id."""

    canonical: int
    anchor: int
    members: tuple[Member, ...]
    is_roundup: bool = False

    @property
    def article_ids(self) -> tuple[int, ...]:
        """The members' ids, ascending."""
        return tuple(member.article_id for member in self.members)


@dataclass(frozen=True)
class _Graph:
    """Links by article: those that lead to a version or a part of it, and every neighbour that shares a passage."""

    nodes: Mapping[int, Node]
    down: Mapping[int, list[tuple[int, Link]]]
    touching: Mapping[int, set[int]]
    apart: Mapping[int, set[int]]
    roundups: set[int] = field(default_factory=set)

    def size_order(self) -> list[int]:
        """Longest first; a tie must not hang on the order of arrival, so ids come last."""
        return sorted(self.nodes, key=lambda each: _size_key(self.nodes[each]))

    def parts(self, whole: int) -> list[int]:
        return [part for part, link in self.down[whole] if link.kind == "cut"]


def group(nodes: Iterable[Node], links: Iterable[Link], verdicts: Iterable[Verdict] = ()) -> list[Group]:
    """Stories of one link component, every article in exactly one; the same for any order of the input.

    Links to unknown articles are ignored. Groups come in order of their canonical article's id.
    """
    graph = _graph({node.article_id: node for node in nodes}, links, verdicts)
    for article in reversed(graph.size_order()):
        if _is_roundup(graph, article):
            graph.roundups.add(article)
    reached = _reached_by_anchor(graph)
    members = _assigned(graph, reached)
    groups = [_group(graph, anchor, each) for anchor, each in members.items()]
    return sorted(groups, key=lambda each: each.canonical)


def kinship(vocabularies: Iterable[bytes]) -> float:
    """Terms that the texts share two by two, in multiples of what chance gives unrelated texts of their sizes.

    `vocabularies` are Sketch.terms. A news text of n terms holds a common one with probability 1 - exp(-n / 900).
    """
    shared, expected = 0, 0.0
    for a, b in combinations([np.frombuffer(each, TERM_TYPE) for each in vocabularies], 2):
        shared += len(np.intersect1d(a, b, assume_unique=True))
        expected += 1 + min(len(a), len(b)) * (1 - exp(-max(len(a), len(b)) / _COMMON_TERMS))
    return shared / expected if expected else 0.0


def _graph(nodes: Mapping[int, Node], links: Iterable[Link], verdicts: Iterable[Verdict]) -> _Graph:
    verdicts = list(verdicts)
    apart: dict[int, set[int]] = {article: set() for article in nodes}
    for verdict in verdicts:
        if not verdict.same:
            apart.setdefault(verdict.a, set()).add(verdict.b)
            apart.setdefault(verdict.b, set()).add(verdict.a)
    said = [Link(verdict.a, verdict.b, "exact", 1.0) for verdict in verdicts if verdict.same]
    down: dict[int, list[tuple[int, Link]]] = {article: [] for article in nodes}
    touching: dict[int, set[int]] = {article: set() for article in nodes}
    for link in [*links, *said]:
        if link.a not in nodes or link.b not in nodes or link.b in apart[link.a]:
            continue
        long, short = sorted((link.a, link.b), key=lambda each: _size_key(nodes[each]))
        if link.kind in MERGING:
            down[long].append((short, link))
        if link.kind in _SIDEWAYS:
            down[short].append((long, link))
        if link.kind != "shares_text":
            touching[long].add(short)
            touching[short].add(long)
    return _Graph(nodes, down, touching, apart)


def _size_key(node: Node) -> tuple[int, datetime, int, int]:
    return (-node.words, node.published or _LAST, node.rank, node.article_id)


def _is_roundup(graph: _Graph, article: int) -> bool:
    """Do the article's parts fall into pieces that are strangers to each other? Smaller round-ups are known by now.

    Parts are of one piece where they overlap, or where a smaller text holds both: then that text is a version of this
    one. A piece looks like an article of its own when several texts are cut from it (an article is seldom cut twice
    from its middle), or when one goes on outside of this article.
    """
    parts = set(graph.parts(article)) - graph.roundups
    if len(parts) < 2:
        return False
    near = graph.touching[article] - graph.roundups
    key = _size_key(graph.nodes[article])
    pieces = _pieces(graph, parts, {each for each in near if _size_key(graph.nodes[each]) > key})
    if len(pieces) < 2:
        return False
    outside = near - {each for each, _ in graph.down[article]}
    own = sum(len(piece) > 1 or any(graph.touching[each] & outside for each in piece) for piece in pieces)
    largest = [min(piece, key=lambda each: _size_key(graph.nodes[each])) for piece in pieces]
    return kinship(graph.nodes[each].terms for each in largest) < _KIN[min(own, 2)]


def _pieces(graph: _Graph, parts: set[int], bridges: set[int]) -> list[set[int]]:
    """The parts, joined where they share a passage with each other or with one of the bridges."""
    pieces: list[set[int]] = []
    around = parts | bridges
    while parts:
        piece: set[int] = set()
        edge = {min(parts)}
        while edge:
            piece |= edge
            edge = {near for each in edge for near in graph.touching[each]} & around - piece
        pieces.append(piece & parts)
        parts = parts - piece
    return pieces


def _reached_by_anchor(graph: _Graph) -> dict[int, dict[int, Member]]:
    """Each anchor with all that it explains. Longest first: what an earlier anchor explains is none."""
    reached: dict[int, dict[int, Member]] = {}
    explained: set[int] = set()
    for article in graph.size_order():
        if article not in explained:
            reached[article] = _reach(graph, article)
            explained |= reached[article].keys()
    return reached


def _reach(graph: _Graph, anchor: int) -> dict[int, Member]:
    """The most trusted way from the anchor to every article that it explains; of equal ways the shortest."""
    found: dict[int, Member] = {}
    heap: list[tuple[float, int, tuple[int, ...], tuple[Link, ...]]] = [(-1.0, 0, (anchor,), ())]
    while heap:
        trust, hops, way, path = heapq.heappop(heap)
        if way[-1] in found:
            continue
        found[way[-1]] = Member(way[-1], -trust, path)
        for near, link in graph.down[way[-1]]:
            fades_to = trust * link.score
            if near not in found and -fades_to >= _TRUST_FLOOR and _may_step(graph, way[-1], near, link):
                heapq.heappush(heap, (fades_to, hops + 1, (*way, near), (*path, link)))
    return found


def _may_step(graph: _Graph, here: int, there: int, link: Link) -> bool:
    """A round-up leads only to its own reprints, which are round-ups too, and only from them is it reached."""
    if (here in graph.roundups) != (there in graph.roundups):
        return link.kind == "exact"
    return here not in graph.roundups or link.kind in _SIDEWAYS


def _assigned(graph: _Graph, reached: Mapping[int, Mapping[int, Member]]) -> dict[int, dict[int, Member]]:
    """Members by anchor: each article under the anchor of which it makes up most, unless a verdict keeps it out."""
    wider = _wider(graph, reached)
    members: dict[int, dict[int, Member]] = {anchor: {anchor: each[anchor]} for anchor, each in reached.items()}
    claims = sorted(
        (-member.trust / max(1, graph.nodes[anchor].words), _size_key(graph.nodes[anchor]), article, anchor)
        for anchor, each in reached.items()
        for article, member in each.items()
        if article not in reached and article not in reached.get(wider.get(anchor, -1), ())
    )
    placed: set[int] = set(reached)
    for _, _, article, anchor in claims:
        if article not in placed and not any(other in members[anchor] for other in graph.apart[article]):
            members[anchor][article] = reached[anchor][article]
            placed.add(article)
    for article in graph.nodes.keys() - placed:
        members[article] = {article: Member(article, 1.0, ())}
    return members


def _wider(graph: _Graph, reached: Mapping[int, Mapping[int, Member]]) -> dict[int, int]:
    """Anchors that explain nothing but what one that they share a passage with explains too, and more: a text wrapped
    in words of its own, or a page that holds it, takes no copies from the original."""
    wider: dict[int, int] = {}
    for anchor, each in reached.items():
        own = each.keys() - {anchor}
        above = [near for near in graph.touching[anchor] & reached.keys() if own < reached[near].keys() - {near}]
        if own and above:
            wider[anchor] = min(above, key=lambda near: (-len(reached[near]), _size_key(graph.nodes[near])))
    return wider


def _group(graph: _Graph, anchor: int, members: Mapping[int, Member]) -> Group:
    canonical = min(members, key=lambda each: _canonical_key(graph.nodes[each]))
    ordered = tuple(members[each] for each in sorted(members))
    return Group(canonical, anchor, ordered, is_roundup=anchor in graph.roundups)


def _canonical_key(node: Node) -> tuple[bool, datetime, int, int, int]:
    """An agency before those who reprint it, then the earliest, the longest, the lowest rank."""
    return (not node.is_agency, node.published or _LAST, -node.words, node.rank, node.article_id)
