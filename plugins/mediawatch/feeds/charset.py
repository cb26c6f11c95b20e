"""Bytes to text: what the bytes themselves show wins over what the header or the XML declaration claims."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SILENT_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"), (b"{\x00", "utf-16-le"), (b"\x00{", "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# What browsers read under these names: https://encoding.spec.whatwg.org/#names-and-labels
_LABELS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Encodings that write everything in 7 bits would pass for UTF-8.
_SEVEN_BITS = frozenset({"iso2022_jp", "iso2022_kr", "hz", "utf-7"})
_NOT_CHARSETS = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined"})


def decode(body: bytes, content_type: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Text of an XML, JSON or HTML body, and notes on what was odd. Never fails: the last resort replaces bad bytes.

    Order: byte order mark, UTF-16 without one, strict UTF-8, charset of the header, of the document, windows-1252.
    """
    marked = next((name for mark, name in _BOMS if body.startswith(mark)), None)
    marked = marked or next((name for mark, name in _SILENT_UTF16 if body.startswith(mark)), None)
    if marked:
        return body.decode(marked, "replace"), ()
    claims = _claims(body, content_type)
    if not _SEVEN_BITS.intersection(claims):
        claims = ["utf-8", *claims]
    return _decode_claimed(body, claims)


def _decode_claimed(body: bytes, claims: list[str]) -> tuple[str, tuple[str, ...]]:
    text = next((text for text in (_strictly(body, name) for name in claims) if text is not None), None)
    if text is not None:
        return text, ()
    name = next((name for name in claims if name != "utf-8"), "utf-8" if _mostly_utf8(body) else "cp1252")
    return body.decode(name, "replace"), (f"bytes that are not {name} were replaced",)


def _mostly_utf8(body: bytes) -> bool:
    """Whether less than half of the bytes beyond ASCII break UTF-8: a slip in UTF-8, not another encoding."""
    beyond_ascii = len(body) - len(body.decode("ascii", "ignore"))
    return body.decode("utf-8", "replace").count("\ufffd") * 2 < beyond_ascii


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeError:
        return None


def _claims(body: bytes, content_type: str | None) -> list[str]:
    head = body[:2048]
    inside = _DECLARED.search(head) or _META.search(head)
    labels = _HEADER.findall(content_type or "")[:1] + ([inside.group(1).decode("ascii")] if inside else [])
    return list(dict.fromkeys(name for name in map(_codec, labels) if name))


def _codec(label: str) -> str | None:
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    is_text = getattr(info, "_is_text_encoding", True)
    return _LABELS.get(info.name, info.name) if is_text and info.name not in _NOT_CHARSETS else None
