"""Whether bytes are an HTML page: the declared type is asked first, the bytes decide."""

from __future__ import annotations

import re

HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
OPEN_TYPES = frozenset(
    (
        "",
        "text/plain",
        "application/octet-stream",
        "application/xml",
        "text/xml",
        "binary/octet-stream",
        "unknown/unknown",
    )
)
"""Declared types under which servers are known to send HTML."""
SNIFF_BYTES = 2_048

MAGIC = re.compile(
    rb"%PDF-|\x89PNG|GIF8|\xff\xd8\xff|PK\x03\x04|RIFF|OggS|ID3|\x1f\x8b|BZh|\x00\x00\x00.ftyp|\xd0\xcf\x11\xe0|\x7fELF",
    re.DOTALL,
)
TAG = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|title|article|main|div|p|h1)\b", re.IGNORECASE)
FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex|svg)\b")


def is_html(body: bytes, content_type: str | None) -> bool:
    """Whether `body`, sent under the HTTP header `content_type` (or none), is HTML or XHTML."""
    declared = (content_type or "").partition(";")[0].strip().lower()
    if MAGIC.match(body) or not body.strip():
        return False
    if declared in HTML_TYPES:
        return not _mostly_binary(body[:SNIFF_BYTES])
    return declared in OPEN_TYPES and _looks_like_html(body[:SNIFF_BYTES].replace(b"\x00", b""))


def _looks_like_html(head: bytes) -> bool:
    tag, feed = TAG.search(head), FEED.search(head)
    return tag is not None and (feed is None or tag.start() < feed.start())


def _mostly_binary(head: bytes) -> bool:
    """Control bytes other than NUL (UTF-16 has those), tab, line ends and escape (ISO-2022 has it)."""
    control = sum(head.count(byte) for byte in (*range(1, 9), *range(14, 27), *range(28, 32)))
    return control > len(head) // 20
