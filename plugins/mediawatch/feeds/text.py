"""Text as feeds give it, made safe to store: no control characters or lone surrogates, no markup where none belongs."""

from __future__ import annotations

import html
import re

from lxml import etree

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"</?[A-Za-z!]")
_INVISIBLE = ("script", "style", "template")
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "samp", "small"}
    | {"span", "strong", "sub", "sup", "u", "var", "wbr"}
)


def clean(text: str) -> str:
    """The text without NUL, other control characters (tab and line ends stay) and lone surrogates."""
    return _CONTROLS.sub("", text)


def one_line(text: str) -> str:
    """The text, clean, with each run of white space as one space."""
    return " ".join(clean(text).split())


def plain_text(markup: str) -> str:
    """What a reader would see of an HTML fragment, in one line; a text without markup only loses its references."""
    if not _MARKUP.search(markup):
        return one_line(html.unescape(markup))
    root = _fragment(clean(markup))
    return "" if root is None else one_line(_visible(root))


def _fragment(markup: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(markup.encode(), parser)
    except etree.XMLSyntaxError:
        return None


def _visible(root: etree._Element) -> str:
    # The tails of what is stripped stay: they are the text that goes on after a script.
    etree.strip_elements(root, *_INVISIBLE, with_tail=False)
    for element in root.iter():
        if element.tag not in _INLINE:
            element.text = " " + clean(element.text or "")
            element.tail = " " + clean(element.tail or "")
    return text_of(root)


def text_of(element: etree._Element) -> str:
    """All text in an element, as it stands."""
    return "".join(str(part) for part in element.itertext())
