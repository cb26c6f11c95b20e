"""Rows as an Atom feed (RFC 4287), so that any feed reader can follow a topic or a query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

from lxml import etree

NAMESPACE = "http://www.w3.org/2005/Atom"
NEEDED = ("url", "title")
"""Columns that every row must have; published_at, loaded_at, source, summary, topics and words are used if there."""


def feed(title: str, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The feed, in the order of the rows; ids hang on the URL alone, so a reader knows an entry again."""
    root = etree.Element(_name("feed"), nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # lxml means the default by None
    entries = [_entry(row) for row in rows]
    updated = max((entry.findtext(_name("updated"), "") for entry in entries), default="") or _stamp(None)
    _add(root, "id", f"urn:mediawatch:feed:{sha256(title.encode()).hexdigest()[:32]}")
    _add(root, "title", title)
    _add(root, "updated", updated)
    _add(etree.SubElement(root, _name("author")), "name", "mediawatch")
    root.extend(entries)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _entry(row: Mapping[str, Any]) -> etree._Element:
    entry = etree.Element(_name("entry"))
    published = row.get("published_at")
    _add(entry, "id", f"urn:mediawatch:article:{sha256(str(row['url']).encode()).hexdigest()[:32]}")
    _add(entry, "title", str(row["title"] or row["url"]))
    etree.SubElement(entry, _name("link"), rel="alternate", href=_clean(str(row["url"])))
    _add(entry, "updated", _stamp(row.get("loaded_at") or published))
    if published:
        _add(entry, "published", _stamp(published))
    if row.get("source"):
        _add(etree.SubElement(entry, _name("author")), "name", str(row["source"]))
    for topic in row.get("topics") or ():
        etree.SubElement(entry, _name("category"), term=_clean(str(topic)))
    summary = row.get("summary") or ", ".join(map(str, row.get("words") or ()))
    if summary:
        _add(entry, "summary", str(summary))
    return entry


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, _name(name)).text = _clean(text)


def _name(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"


def _clean(text: str) -> str:
    """Without the characters that XML does not have."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))


def _stamp(moment: datetime | None) -> str:
    at = moment or datetime(1970, 1, 1, tzinfo=timezone.utc)
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
