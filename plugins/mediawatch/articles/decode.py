"""Bytes to text, by what the bytes say of themselves, what was declared, and last what they look like."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

HEAD_BYTES = 4_096
"""How far into a page a <meta charset> is looked for."""
SAMPLE_BYTES = 20_000
"""How much of a page detection reads: it costs about 1 ms a kilobyte."""
MAX_BROKEN = 0.002
"""Share of characters that may be broken before a declared charset is not believed."""

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

WIDER = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "hz"), "gb18030"),
    **dict.fromkeys(("iso8859-1", "ascii", "cp1252"), "cp1252"),
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    **dict.fromkeys(("big5", "big5hkscs"), "big5hkscs"),
    **dict.fromkeys(("iso8859-9", "cp1254"), "cp1254"),
    **dict.fromkeys(("iso8859-11", "tis-620", "cp874"), "cp874"),
}
"""Python's name of a declared charset → the superset that browsers read it as (https://encoding.spec.whatwg.org)."""

NO_CHARSETS = ("utf-16", "utf-32", "utf-7", "idna", "punycode", "undefined", "unicode", "raw")
"""What Python's codecs begin with that no page may declare: without a BOM such a label is wrong."""

ONE_BYTE = re.compile(r"cp125\d|cp874|iso8859|koi8|mac")
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
META_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def decode(body: bytes, content_type: str | None) -> str:
    """A page's text without NUL. `content_type` is the HTTP header; broken bytes become U+FFFD; nothing is raised."""
    return (_by_bom(body) or _as_declared(body, content_type) or _detected(body)).replace("\x00", "")


def _by_bom(body: bytes) -> str | None:
    found = next(((bom, codec) for bom, codec in BOMS if body.startswith(bom)), None)
    return body[len(found[0]) :].decode(found[1], "replace") if found else None


def _as_declared(body: bytes, content_type: str | None) -> str | None:
    for codec in _declared(body, content_type):
        if ONE_BYTE.match(codec) and (text := _strict(body, "utf-8")) is not None:
            return text  # any bytes are valid in such a charset, but nothing else looks like UTF-8
        text = body.decode(codec, "replace")
        broken = text.count("\ufffd") - body.count("\ufffd".encode())
        if broken <= 1 + MAX_BROKEN * len(text):
            return text
    return None


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    header = HEADER_CHARSET.search(content_type or "")
    meta = META_CHARSET.search(body[:HEAD_BYTES])
    labels = (header[1] if header else "", meta[1].decode("ascii", "replace") if meta else "")
    for label in labels:
        if label and (codec := _codec(label)):
            yield codec


def _codec(label: str) -> str | None:
    label = re.sub(r"^(?:x-sjis|ms_kanji)$", "cp932", label.lower()).removeprefix("x-")
    try:
        codec = codecs.lookup(label.replace("ks_c_5601-1987", "cp949").replace("windows-874", "cp874")).name
        b"a".decode(codec)  # codecs of bytes to bytes (hex, zlib) have names too
    except (LookupError, ValueError):
        return None
    return None if codec.startswith(NO_CHARSETS) else WIDER.get(codec, codec)


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _detected(body: bytes) -> str:
    text = _strict(body, "utf-8")
    if text is not None:
        return text
    best = from_bytes(_sample(body)).best()
    codec = (_codec(best.encoding) if best else None) or "cp1252"
    return body.decode(codec, "replace")


def _sample(body: bytes) -> bytes:
    """The part of a page that tells most: around its first bytes outside ASCII."""
    first = re.search(rb"[\x80-\xff]", body)
    start = max(0, (first.start() if first else 0) - SAMPLE_BYTES // 4)
    return body[start : start + SAMPLE_BYTES]
