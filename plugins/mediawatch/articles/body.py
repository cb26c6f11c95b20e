"""An article's body out of a page's blocks: what of its container reads as the article."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from mediawatch.articles.blocks import HEADINGS, LEAVES, Block, Blocks, Node
from mediawatch.articles.boilerplate import is_lead, is_meta, said
from mediawatch.articles.container import PARTS, Place, locate, prose_chars
from mediawatch.articles.paragraphs import fold

ITEMS = frozenset(("li", "tr", "td", "th", "dd", "dt"))
MAX_LINKED = 0.8
"""A line of which more is links leads elsewhere."""
MAX_LIST_LINKED = 0.5
META_CHARS = 200
TITLE_CHARS = 400
REPEAT_CHARS = 20
ENDINGS = frozenset(("label", "notice"))
"""What is left out after the last paragraph for these reasons ends the article."""
STRUCTURE = HEADINGS | ITEMS | {"blockquote", "pre"}
MAIN_SHARE = 0.7
"""Paragraphs with this share of the prose at one depth of the markup say where the article's paragraphs are…"""
STRANGE_SHARE = 0.15
"""…and lines at another depth with less prose than this share of theirs are of something else."""
LEAD_DEPTH = 4
"""How many containers around a line may say that it opens the article."""
SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]」』]*$")
SAID = re.compile(r"[.!?…:。！？：][\"'”’»)\]」』]*$")


Spot = tuple[str, int]
"""(tag, depth of the container) of a line."""


@dataclass(frozen=True)
class Body:
    """The article's blocks; `coverage` is their share of the running text outside of boxes where the
    article may stand, in 0..1.

    `headed`: the page has the article's title as a heading, and the body stands under it. The article's region is the
    page's blocks from `begin` to before `end`.
    """

    blocks: tuple[Block, ...]
    coverage: float
    headed: bool
    begin: int = 0
    end: int = 0

    @property
    def lines(self) -> str:
        """A line a block."""
        return "\n".join(block.text for block in self.blocks)


NOTHING = Body((), 0.0, False)


def find(page: Blocks, titles: Iterable[str]) -> Body:
    """The body of the article that has one of these titles; empty where there is no prose."""
    headings = frozenset(map(fold, titles)) - {""}
    place = locate(page, headings)
    if place is None:
        return NOTHING
    lead = [block for block in page.blocks[place.begin : place.first] if block.is_prose and _is_lead(block)]
    inside = [*lead, *page.blocks[place.first : place.last]]
    groups = _groups(inside)
    judged = [(block, _why_not(block, place, groups[block.node], headings)) for block in inside]
    blocks = tuple(_framed(_without_strangers(judged)))
    loose = prose_chars(block for block in page.blocks[place.begin : place.end] if not place.is_boxed(block))
    return Body(blocks, min(1.0, prose_chars(blocks) / (loose or 1)), place.headed, place.begin, place.end)


def _is_lead(block: Block) -> bool:
    if is_lead(block.names):
        return True
    node: Node | None = block.node
    for _ in range(LEAD_DEPTH):
        if node is None:
            return False
        if is_lead(node.names):
            return True
        node = node.parent
    return False


@dataclass
class _Group:
    """What stands straight in one container: blocks, their characters, those in links, and lines of prose."""

    blocks: int = 0
    chars: int = 0
    linked: int = 0
    prose: int = 0


def _groups(blocks: Iterable[Block]) -> dict[Node, _Group]:
    groups: dict[Node, _Group] = defaultdict(_Group)
    for block in blocks:
        group = groups[block.node]
        group.blocks += 1
        group.chars += len(block.text)
        group.linked += block.linked
        group.prose += block.is_prose
    return groups


def _why_not(block: Block, place: Place, group: _Group, headings: Set[str]) -> str:
    """Why a block is no part of the article; empty if it may be."""
    size = len(block.text)
    if place.is_boxed(block):
        return "box"
    if block.caption:
        return "caption"
    if block.linked > MAX_LINKED * size:
        return "link"
    if block.tag == "li" and group.blocks > 1 and group.linked > MAX_LIST_LINKED * group.chars:
        return "link"
    if why := said(block.text):
        return why
    if size < META_CHARS and block.tag != "p" and is_meta(block.names):
        return "meta"
    if block.tag not in LEAVES and block.tag not in PARTS and not group.prose and not SAID.search(block.text):
        return "debris"
    return "title" if size < TITLE_CHARS and fold(block.text) in headings else ""


def _without_strangers(judged: list[tuple[Block, str]]) -> list[tuple[Block, str]]:
    """Where nearly all paragraphs stand in containers of one depth, those far deeper are of something else."""
    chars: Counter[Spot] = Counter()
    for block, why in judged:
        if block.is_prose and not why and block.tag not in STRUCTURE and block.node.tag not in PARTS:
            chars[_spot(block)] += len(block.text)
    if not chars:
        return judged
    main, most = max(chars.items(), key=lambda each: each[1])
    if most < MAIN_SHARE * sum(chars.values()):
        return judged
    paragraphs = [at for at, (block, why) in enumerate(judged) if not why and _spot(block) == main]
    few = {place for place, size in chars.items() if size < STRANGE_SHARE * most}
    tail = next((at for at, (_, why) in enumerate(judged) if at > paragraphs[-1] and why in ENDINGS), len(judged))
    return [
        (block, why or ("stranger" if at > tail or _is_strange(block, at, main, paragraphs, few) else ""))
        for at, (block, why) in enumerate(judged)
    ]


def _spot(block: Block) -> Spot:
    return block.tag, block.node.depth


def _is_strange(block: Block, at: int, main: Spot, paragraphs: Sequence[int], few: Set[Spot]) -> bool:
    """Whether a line is far from the article's paragraphs: deeper; above them after the last; before the first, where
    it is none and does not say that it opens the article."""
    if block.tag in STRUCTURE or block.node.tag in PARTS:
        return False
    if at < paragraphs[0] and main[0] == "p" != block.tag and not _is_lead(block):
        return True
    depth = block.node.depth
    return _spot(block) in few and (depth > main[1] or (at > paragraphs[-1] and depth < main[1]))


def _framed(judged: Sequence[tuple[Block, str]]) -> Iterator[Block]:
    """From the first running text to the last; without headings that head only what is left out, and repeats."""
    prose = [at for at, (block, why) in enumerate(judged) if block.is_prose and not why]
    if not prose:
        return
    end = prose[-1] + 1
    home = judged[end - 1][0].node
    while end < len(judged) and _goes_on(*judged[end], home):
        end += 1
    inside = judged[prose[0] : end]
    seen: set[str] = set()
    for at, (block, why) in enumerate(inside):
        if why or (block.tag in HEADINGS and _heads_nothing(inside, at)):
            continue
        if len(block.text) > REPEAT_CHARS:
            if block.text in seen:
                continue
            seen.add(block.text)
        yield block


def _goes_on(block: Block, why: str, home: Node) -> bool:
    """Whether a short line after the last prose is still the article's: an item, a row, a paragraph beside it."""
    return not why and (block.tag in ITEMS or (block.tag == "p" and block.node is home))


def _heads_nothing(judged: Sequence[tuple[Block, str]], at: int) -> bool:
    """Whether all that a heading headed was left out: the next line that stays is a heading of its rank or above.

    A heading that is a sentence says something itself, and one straight above another heads that one's part.
    """
    heading = judged[at][0]
    if SENTENCE_END.search(heading.text):
        return False
    dropped = False
    for block, why in judged[at + 1 :]:
        if not why:
            return dropped and block.tag in HEADINGS and block.tag <= heading.tag
        dropped = dropped or why in ("box", "link", "label")
    return True
