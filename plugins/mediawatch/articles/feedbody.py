"""The body that a feed gives with an entry, as text: whole, or not at all."""

from __future__ import annotations

import re

from mediawatch.articles import blocks, body, paragraphs
from mediawatch.articles.blocks import Block
from mediawatch.articles.sentences import count_words
from mediawatch.articles.tree import parse

MARKUP = re.compile(r"</?(?:p|br|div|span|a|h\d|ul|ol|li|img|b|i|em|strong|figure|blockquote|table)\b", re.IGNORECASE)
CUT = re.compile(r"(?:…|\.\.\.)\W*(?:[\w']+\W*){0,4}$")
"""How a text ends that goes on elsewhere; "Continue reading" may follow."""
LINK_WORDS = 4
LINKED = 0.8


def read(content: str, title: str) -> str:
    """Its text; "" if there is none, or it ends as a teaser does. Lines without markup stay as they are."""
    if not MARKUP.search(content):
        return "" if CUT.search(content.rstrip()) else paragraphs.join(content, title)
    tree = parse(f"<html><body><article>{content}</article></body></html>")
    root = tree.find(".//body") if tree is not None else None
    if root is None:
        return ""
    page = blocks.read(root)
    lines = [block for block in page.blocks if not _signs(block, title)]
    if not lines or CUT.search(lines[-1].text) or _leads_on(lines[-1]):
        return ""
    kept = (block.text for block in body.find(page, (title,)).blocks if not _signs(block, title))
    return paragraphs.join("\n".join(kept), title)


def _signs(block: Block, title: str) -> bool:
    """Whether a line says where the entry appeared first: it names the title and links it."""
    heading = paragraphs.fold(title)
    return bool(heading) and 0 < len(title) <= block.linked < len(block.text) and heading in paragraphs.fold(block.text)


def _leads_on(block: Block) -> bool:
    """Whether a line is but a link of a few words, as to the rest of the text."""
    return block.linked > LINKED * len(block.text) and count_words(block.text) <= LINK_WORDS
