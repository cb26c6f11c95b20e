"""Where on a page its article stands: the region under its heading, and in it the container that holds the prose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from mediawatch.articles.blocks import ASIDE, HEADINGS, Block, Blocks, Box, Node
from mediawatch.articles.boilerplate import is_body, is_comment
from mediawatch.articles.paragraphs import fold

BOX_SHARE = 0.35
ASIDE_SHARE = 0.8
"""An element with more of the prose than this is no box, whatever its name (or, the second, its tag) says."""
ALIKE_SHARE = 0.6
"""Elements of one name that hold more than this together are the article's paragraphs; unless they are comments."""
CAPTION_CHARS = 600
"""A longer text beside a picture is no caption."""
DESCENT = 0.7
"""The container is the deepest one with this share of the prose of the one around it…"""
KIN_SHARE = 0.05
"""…unless more than this share stands beside it, in containers of its kind or straight in the one around both."""
NAMED_SHARE = 0.4
"""A container that says it is an article's body is believed if it holds this share of the prose."""
LEAST_CHARS = 200
"""A region with less running text than this is none."""
PARTS = frozenset(("blockquote", "ul", "ol", "dl", "table", "tbody", "tr", "td"))
"""What an article may have within it, and is never the whole of."""


@dataclass(frozen=True)
class Place:
    """Blocks `begin` to before `end` are the region, `first` to before `last` the body; `boxes` are no part of it."""

    begin: int
    end: int
    first: int
    last: int
    headed: bool
    boxes: frozenset[object]

    def is_boxed(self, block: Block) -> bool:
        """Whether a box is around the block."""
        box = block.box
        while box is not None:
            if _key(box) in self.boxes:
                return True
            box = box.outer
        return False


def locate(page: Blocks, titles: Set[str]) -> Place | None:
    """Where the article stands whose heading is one of `titles` (folded); None where a page has no prose."""
    begin, end, headed = _region(page, titles)
    blocks = page.blocks[begin:end]
    boxes = _boxes(blocks)
    place = Place(begin, end, begin, end, headed, boxes)
    weights = _weights(blocks, place)
    if not weights[page.root]:
        return None
    body = _descend(_named(page.root, weights) or page.root, weights)
    return Place(begin, end, max(begin, body.first), min(end, body.last), headed, boxes)


def prose_chars(blocks: Iterable[Block]) -> int:
    """Characters of running text."""
    return sum(len(block.text) for block in blocks if block.is_prose)


def _region(page: Blocks, titles: Set[str]) -> tuple[int, int, bool]:
    """From the article's heading to the end of its <article>, if other articles follow; the whole page without one.

    A heading with little prose after it and much before is a link to the page in a list at its end.
    """
    end = len(page.blocks)
    begin = next((at for at, b in enumerate(page.blocks) if b.tag in HEADINGS and fold(b.text) in titles), None)
    if begin is None:
        return 0, end, False
    after, before = prose_chars(page.blocks[begin:]), prose_chars(page.blocks[:begin])
    if after < LEAST_CHARS or after < before / 3:
        return 0, end, False
    home, others = _home(page, begin)
    if home is not None:
        ours = prose_chars(page.blocks[begin : home.last])
        rest = prose_chars(page.blocks[home.last :])
        loose = rest - sum(prose_chars(page.blocks[other.first : other.last]) for other in others)
        if ours >= LEAST_CHARS and ours > loose:
            end = home.last
    return begin, end, True


def _home(page: Blocks, heading: int) -> tuple[Node | None, list[Node]]:
    """The container of one article around its heading, and those of other articles after it: <article> elements, or
    containers beside each other, of one kind or with a <h1> each, that have a heading of one rank and running text.
    """
    node = page.blocks[heading].node
    if (home := _article(node)) is not None:
        outside = {_article(block.node): None for block in page.blocks[home.last :]}
        return home, [each for each in outside if each is not None]
    while node.parent is not None:
        if others := [each for each in node.parent.children if _is_like(page, each, node, page.blocks[heading].tag)]:
            return node, others
        node = node.parent
    return None, []


def _is_like(page: Blocks, other: Node, home: Node, rank: str) -> bool:
    """Whether a container is another article's, after the one at hand."""
    if other.first < home.last or (rank != "h1" and _kind(other) != _kind(home)):
        return False
    blocks = page.blocks[other.first : other.last]
    return any(block.tag == rank for block in blocks) and prose_chars(blocks) >= LEAST_CHARS


def _article(node: Node | None) -> Node | None:
    """The outermost <article> around a container."""
    found = None
    while node is not None:
        found = node if node.tag == "article" else found
        node = node.parent
    return found


def _key(box: Box) -> object:
    """Hidden elements of one name are weighed together: a script shows all of them or none."""
    return ("hidden", box.names) if box.kind == "hidden" else box


def _boxes(blocks: Sequence[Block]) -> frozenset[object]:
    chars: Counter[object] = Counter()
    alike: Counter[str] = Counter()
    boxes: dict[object, Box] = {}
    for block in blocks:
        box, size = block.box, len(block.text) if block.is_prose else 0
        while box is not None:
            key = _key(box)
            boxes[key] = box
            chars[key] += size
            alike[box.names] += size
            box = box.outer
    total = prose_chars(blocks)
    return frozenset(key for key, box in boxes.items() if _is_one(box, chars[key], alike[box.names], total))


def _is_one(box: Box, chars: int, alike: int, total: int) -> bool:
    """Whether what looks like a box is one: by the prose in it, and in all that have its names."""
    if box.kind in ASIDE:
        return chars <= total * ASIDE_SHARE
    if box.kind == "caption" and chars > CAPTION_CHARS:
        return False
    return chars <= total * BOX_SHARE and (alike <= total * ALIKE_SHARE or is_comment(box.names))


def _weights(blocks: Iterable[Block], place: Place) -> Counter[Node]:
    """Characters of running text in each container, boxes left out."""
    direct: Counter[Node] = Counter()
    for block in blocks:
        if block.is_prose and not place.is_boxed(block):
            direct[block.node] += len(block.text)
    weights: Counter[Node] = Counter()
    for start, chars in direct.items():
        node: Node | None = start
        while node is not None:
            weights[node] += chars
            node = node.parent
    return weights


def _descend(node: Node, weights: Counter[Node]) -> Node:
    while True:
        inner = [child for child in node.children if weights[child] and child.tag not in PARTS]
        best = max(inner, key=weights.__getitem__, default=None)
        if best is None or weights[best] < DESCENT * weights[node] or _has_more(node, best, weights):
            return node
        node = best


def _has_more(node: Node, best: Node, weights: Counter[Node]) -> bool:
    kin = sum(weights[child] for child in node.children if child is not best and _kind(child) == _kind(best))
    direct = weights[node] - sum(weights[child] for child in node.children)
    return max(kin, direct) > KIN_SHARE * weights[node]


def _kind(node: Node) -> tuple[str, str]:
    """What containers of one kind have in common: the tag and the first of their names."""
    return node.tag, node.names.partition(" ")[0]


def _named(root: Node, weights: Counter[Node]) -> Node | None:
    """The container, or what is around several of one kind, that says it is the body and holds enough of the prose."""
    found: list[Node] = []
    queue = [root]
    while queue:
        node = queue.pop()
        if node.is_body or is_body(node.names):
            found.append(node)
        else:
            queue.extend(child for child in node.children if weights[child])
    best = max(found, key=weights.__getitem__, default=None)
    if best is None or not weights[best]:
        return None
    node = _around([each for each in found if _kind(each) == _kind(best)])
    return node if weights[node] >= NAMED_SHARE * weights[root] else None


def _around(nodes: Sequence[Node]) -> Node:
    """The deepest container around all of them."""
    node, first, last = nodes[0], min(each.first for each in nodes), max(each.last for each in nodes)
    while node.parent is not None and not (node.first <= first and last <= node.last):
        node = node.parent
    return node
