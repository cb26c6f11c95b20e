"""OPML, the lists of feeds that every reader exports (http://opml.org/spec2.opml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from mediawatch.errors import OpmlError
from mediawatch.feeds.links import is_web_url
from mediawatch.feeds.text import one_line

MAX_BYTES = 20_000_000
_READER_SCHEME = re.compile(r"^feed:(?://)?(?:(https?://)|(?=[^/]))", re.IGNORECASE)
_PUBLISHER = "publisher"
"""Type of the folders that `write` makes."""


@dataclass(frozen=True)
class Subscription:
    """One feed of a list: `source` is its publisher, '' for none named; `tags` are its folders and categories."""

    url: str
    title: str = ""
    source: str = ""
    homepage: str = ""
    tags: tuple[str, ...] = ()


def read(text: bytes) -> tuple[Subscription, ...]:
    """The subscriptions in an OPML file, in its order. OpmlError says what is wrong and on which line.

    Attribute names match in any case, as exporters write them; document types with entities are refused.
    """
    root = _root(text)
    body = next((element for element in root if _name(element) == "body"), None)
    if _name(root) != "opml" or body is None:
        raise OpmlError(
            f"this is not OPML: its root is <{_name(root)}>" if _name(root) != "opml" else "it has no <body>"
        )
    return tuple(_outlines(body))


def write(subscriptions: Iterable[Subscription]) -> bytes:
    """An OPML 2.0 file, UTF-8, sources and feeds in order of name; `read` gives the same subscriptions back."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "mediawatch subscriptions"
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {"": body}
    for item in sorted(subscriptions, key=lambda each: (each.source, each.title, each.url)):
        if item.source not in folders:
            name = one_line(item.source)
            folders[item.source] = etree.SubElement(body, "outline", text=name, title=name, type=_PUBLISHER)
        etree.SubElement(folders[item.source], "outline", _attributes(item))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _root(text: bytes) -> etree._Element:
    if len(text) > MAX_BYTES:
        raise OpmlError(f"the file is over {MAX_BYTES} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise OpmlError(f"line {error.lineno}: {one_line(error.msg or 'not XML')}") from None
    subset: Any = root.getroottree().docinfo.internalDTD
    if subset is not None and any(True for _ in subset.iterentities()):
        raise OpmlError("it declares entities, which no list of feeds needs")
    return root


def _outlines(element: etree._Element) -> Iterator[Subscription]:
    """Walks with a stack, since nothing bounds how deep folders nest."""
    stack = [(child, _Place()) for child in reversed(element)]
    while stack:
        outline, place = stack.pop()
        if _name(outline) != "outline":
            continue
        values = {str(key).lower(): one_line(str(value)) for key, value in outline.attrib.items()}
        if values.get("xmlurl"):
            yield _subscription(values, place, outline.sourceline)
        else:
            place = place.within(values)
        stack.extend((child, place) for child in reversed(outline))


@dataclass(frozen=True)
class _Place:
    """The folders around a feed: the innermost that is a publisher, and the names of the others."""

    source: str = ""
    tags: tuple[str, ...] = ()

    def within(self, folder: dict[str, str]) -> _Place:
        """A folder with a homepage is a publisher; readers' own folders have none, and are their readers' tags."""
        name = folder.get("title") or folder.get("text") or ""
        if folder.get("htmlurl") or folder.get("type", "").lower() == _PUBLISHER:
            return replace(self, source=name or self.source)
        tag = name.replace(",", " ").strip().lstrip("/")
        return replace(self, tags=(*self.tags, tag)) if tag else self


def _subscription(values: dict[str, str], place: _Place, line: object) -> Subscription:
    url = _READER_SCHEME.sub(lambda match: match[1] or "http://", values["xmlurl"])
    if not is_web_url(url):
        raise OpmlError(f"line {line}: {url[:200]!r} is not an http(s) URL")
    categories = (tag.strip().lstrip("/") for tag in values.get("category", "").split(","))
    return Subscription(
        url=url,
        title=values.get("title") or (values["text"] if values.get("text", url) != url else ""),
        source=place.source,
        homepage=values.get("htmlurl", ""),
        tags=tuple(dict.fromkeys((*place.tags, *filter(None, categories)))),
    )


def _attributes(item: Subscription) -> dict[str, str]:
    values = {
        "type": "rss",
        "text": item.title or item.url,
        "title": item.title,
        "xmlUrl": item.url,
        "htmlUrl": item.homepage,
        "category": ",".join(item.tags),
    }
    return {name: one_line(value) for name, value in values.items() if value}


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
