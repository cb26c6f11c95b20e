"""A page's markup, parsed once."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

INVALID = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold: lxml refuses it when text is written back."""
NO_MEMORY = etree.ErrorTypes.ERR_NO_MEMORY


def parse(markup: str) -> HtmlElement | None:
    """The root of a page's tree, without comments; None if there is no element in it.

    Raises MemoryError where libxml2 cannot go on: half a tree must not pass for a page.
    """
    # bytes, and not text: lxml refuses text that declares an encoding; a parser of its own: errors are kept in it
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        root: object = etree.fromstring(INVALID.sub("", markup).encode(errors="replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if any(entry.type == NO_MEMORY for entry in parser.error_log):
        raise MemoryError
    return root if isinstance(root, HtmlElement) and len(root) else None
