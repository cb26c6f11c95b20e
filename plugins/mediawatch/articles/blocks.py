"""A page's visible text as blocks in reading order, each with what its markup says of it; the tree is only read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml.html import HtmlElement

from mediawatch.articles.boilerplate import is_box, is_caption, names

SILENT = frozenset(
    (
        *(
            "head",
            "title",
            "script",
            "style",
            "noscript",
            "template",
            "svg",
            "math",
            "iframe",
            "object",
            "embed",
            "audio",
            "video",
        ),
        *("canvas", "select", "option", "button", "input", "textarea", "label", "map", "dialog", "noframes", "menu"),
    )
)
"""Elements whose text is not for reading, or for machines and forms."""
ASIDE = frozenset(("nav", "aside", "footer", "form"))
CAPTION = frozenset(("figure", "figcaption", "caption"))
QUOTING = frozenset(("blockquote", "table", "pre"))
"""What may stand in a <figure> and is no caption."""
INLINE = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong"),
        *("sub", "sup", "time", "tt", "u", "var", "wbr", "img", "picture", "source"),
    )
)
BOLD = frozenset(("b", "strong"))
BREAKS = frozenset(("br", "hr"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(("td", "th"))
CELL_END = " | "
LEAVES = HEADINGS | {"p", "li", "dt", "dd", "th", "figcaption", "caption", "pre", "summary", "address"}
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
HIDDEN_NAMES = re.compile(r"(?:^|\s)(?:is-)?(?:hidden|hide|d-none)(?:\s|$)")
PROSE_CHARS = 40
PROSE_SIGNS = 20
"""A line this long is running text; scripts that need no spaces say as much in half."""
SIGNS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
MAX_LINKED = 0.4
MAX_DEPTH = 100
MAX_BOXES = 10
"""Containers and boxes within more of their kind are taken for a part of the outer one: time stays in proportion."""


@dataclass(eq=False)
class Node:
    """A container of blocks: those from `first` to before `last`. `is_body`: it says it is an article's body."""

    tag: str
    parent: Node | None
    names: str
    is_body: bool = False
    depth: int = 0
    first: int = 0
    last: int = 0
    children: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Block:
    """One line of text: a paragraph, heading, item, cell. `linked` and `strong` count its characters in links and bold.

    `box` is the innermost box around it, or None; `names` are its own element's.
    """

    text: str
    tag: str
    node: Node
    names: str
    linked: int
    strong: int
    box: Box | None
    caption: bool
    is_prose: bool


@dataclass(eq=False)
class Box:
    """An element that by its name or tag (`kind`) is no part of an article; `outer` is the one around it."""

    kind: str
    names: str
    outer: Box | None
    depth: int


class _Around(NamedTuple):
    """What holds for the text that comes next."""

    node: Node
    tag: str
    names: str
    box: Box | None
    caption: bool
    linked: bool
    strong: bool
    inline: bool


@dataclass(frozen=True)
class Blocks:
    """The page's blocks in reading order; `root` is the body's container, `elements` how many were read."""

    blocks: list[Block]
    root: Node
    elements: int


def read(body: HtmlElement) -> Blocks:
    """All visible text of a page's <body>, in one pass and without recursion: markup may nest deeper than the stack."""
    walk = _Walk(body)
    stack: list[tuple[HtmlElement, _Around | None]] = [(body, None)]
    elements = 0
    while stack:
        element, before = stack.pop()
        if before is not None:
            walk.leave(before)
            walk.text(element.tail)
            continue
        elements += 1
        outside = walk.around
        if not walk.enter(element):
            walk.text(element.tail)
            continue
        walk.text(element.text)
        stack.append((element, outside))
        stack.extend((child, None) for child in reversed(element))
    walk.flush()
    root = walk.root
    root.last = len(walk.blocks)
    return Blocks(walk.blocks, root, elements)


class _Walk:
    def __init__(self, body: HtmlElement) -> None:
        self.root = Node("body", None, names(body))
        self.around = _Around(self.root, "body", "", None, False, False, False, False)
        self.blocks: list[Block] = []
        self.parts: list[str] = []
        self.linked = 0
        self.strong = 0

    def enter(self, element: HtmlElement) -> bool:
        """False when the element's text is not to be read."""
        tag = element.tag
        if tag in BREAKS or tag in SILENT or not isinstance(tag, str):
            if tag in BREAKS:
                self.flush()
            return False
        around = self.around
        if tag in CELLS and around.tag == "tr":
            self.parts.append(CELL_END if self.parts else "")
            self.around = around._replace(inline=True)
            return True
        if tag in INLINE:
            linked, strong = around.linked or tag == "a", around.strong or tag in BOLD
            if not around.inline or linked is not around.linked or strong is not around.strong:
                self.around = around._replace(linked=linked, strong=strong, inline=True)
            return True
        if tag == "body":
            return True
        self.flush()
        named = names(element)
        kind = "hidden" if _is_hidden(element, named) else _kind(tag, named)
        box = _box(kind, named, around.box) if kind else around.box
        node = around.node
        if tag not in LEAVES and node.depth < MAX_DEPTH and not (tag == "tr" and _is_data(element)):
            says_so = element.get("itemprop") == "articleBody"
            node = Node(tag, node, named, says_so, node.depth + 1, len(self.blocks))
            around.node.children.append(node)
        self.around = _Around(
            node,
            tag,
            named,
            box,
            (around.caption and tag not in QUOTING) or tag in CAPTION,
            around.linked,
            around.strong,
            False,
        )
        return True

    def leave(self, before: _Around) -> None:
        if not self.around.inline:
            self.flush()
            if self.around.node is not before.node:
                self.around.node.last = len(self.blocks)
        self.around = before

    def text(self, text: str | None) -> None:
        if not text:
            return
        self.parts.append(text)
        if self.around.linked:
            self.linked += len(text.strip())
        if self.around.strong:
            self.strong += len(text.strip())

    def flush(self) -> None:
        """The text since the last boundary becomes a block."""
        if not self.parts:
            return
        text = " ".join("".join(self.parts).split())
        self.parts.clear()
        if text:
            self._add(text)
        self.linked = self.strong = 0

    def _add(self, text: str) -> None:
        around = self.around
        prose = _is_prose(text, self.linked, around)
        self.blocks.append(
            Block(
                text, around.tag, around.node, around.names, self.linked, self.strong, around.box, around.caption, prose
            )
        )


def _is_prose(text: str, linked: int, around: _Around) -> bool:
    if around.caption or around.tag in HEADINGS or around.tag == "tr" or linked > MAX_LINKED * len(text):
        return False
    return len(text) >= PROSE_CHARS or (len(text) >= PROSE_SIGNS and SIGNS.search(text) is not None)


def _box(kind: str, named: str, outer: Box | None) -> Box:
    depth = outer.depth + 1 if outer else 0
    return outer if outer and depth > MAX_BOXES else Box(kind, named, outer, depth)


def _kind(tag: str, named: str) -> str:
    if tag in ASIDE:
        return tag
    if not named or tag == "body":
        return ""
    return "box" if is_box(named) else "caption" if is_caption(named) else ""


def _is_data(row: HtmlElement) -> bool:
    """Whether a table's row holds values, and not a page's columns."""
    return len(row) > 1 and all(cell.tag in CELLS and not any(each.tag not in INLINE for each in cell) for cell in row)


def _is_hidden(element: HtmlElement, named: str) -> bool:
    if HIDDEN_NAMES.search(named) or element.get("hidden") is not None:
        return True
    if element.get("aria-hidden") == "true" and element.tag != "p":
        return True  # metered articles mark paragraphs so, and show them
    style = element.get("style")
    return bool(style) and HIDDEN.search(style or "") is not None
