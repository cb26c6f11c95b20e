"""WARC files that others wrote (CC-NEWS and the like), record after record, in bounded memory and from any offset."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from upath import UPath
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # it ships no types

from mediawatch.errors import MediawatchError
from mediawatch.feeds.dates import read_date
from mediawatch.models import Response

HTML = frozenset({"", "text/html", "application/xhtml+xml"})
ENCODINGS = frozenset({"", "identity", "gzip", "deflate", "br"})
"""Content encodings that warcio takes off."""
BLOCK = 65_536
START = re.compile(rb"\x1f\x8b\x08|\r\n\r\n(?=WARC/[01]\.)")
_GZIP_MEMBER = 31
ONE_MEMBER = "it is gzipped as a whole, not record by record; `warcio recompress OLD NEW` mends that"


@dataclass(frozen=True)
class Record:
    """One record: the page in it, or why there is none to take; `end` is the offset at which the next one begins."""

    end: int
    page: Response | None = None
    reason: str = ""


def size_of(file: str) -> int:
    """Bytes of a file (a path, or a URI that UPath reads). MediawatchError when it cannot be read."""
    try:
        with UPath(file).open("rb") as source:
            return source.seek(0, 2)
    except (OSError, ValueError, ImportError) as error:
        raise MediawatchError(f"cannot read {file}: {error}") from None


def name_of(file: str) -> str:
    """One name for a file, however its path is spelled."""
    return file if "://" in file else str(Path(file).resolve())


def records(file: str, offset: int, *, max_bytes: int) -> Iterator[Record]:
    """The records from an offset on. A damaged one is passed over, with all bytes up to the next record that begins.
    MediawatchError for a file that is gzipped as a whole, in which no place can be found again.

    Reasons: `broken`, the type of a record that is no response (request, warcinfo, …), `http_STATUS`, `robots_txt`,
    `not_html`, `too_large` (body over max_bytes), `no_url`, `no_http`, `encoding` (a content encoding not known).
    """
    size = size_of(file)
    with UPath(file).open("rb") as source:
        while offset < size:
            try:
                source.seek(offset)
                for record in _intact(source, max_bytes):
                    if record.end <= offset:  # where warcio finds more than one record in a gzip member
                        raise MediawatchError(f"cannot read {file}: {ONE_MEMBER}") if not offset else ValueError
                    offset = record.end
                    yield record
                broken = offset < size
            except MediawatchError:
                raise
            except Exception:  # warcio raises its own, zlib's and plain errors on bytes that are no record
                broken = True
            if broken:
                offset = _next_start(source, offset + 1, size)
                yield Record(offset, reason="broken")


def _intact(source: IO[bytes], max_bytes: int) -> Iterator[Record]:
    """Records until the first damaged one: ValueError there, or the iteration ends."""
    found = ArchiveIterator(source)
    for record in found:
        page = _page(record, max_bytes)
        found.read_to_end()
        if getattr(record.raw_stream, "limit", 0) > 0:
            raise ValueError("the record is cut off")
        yield Record(found.offset, page) if isinstance(page, Response) else Record(found.offset, reason=page)


def _page(record: Any, max_bytes: int) -> Response | str:
    """The page that a record holds, or the reason why it holds none."""
    if record.rec_type != "response":
        return str(record.rec_type)
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if not url.startswith(("http://", "https://")):
        return "no_url"
    head = record.http_headers
    if head is None or not head.get_statuscode().isdigit():
        return "no_http"
    if reason := _refusal(url, head):
        return reason
    body = _body(record.content_stream(), max_bytes)
    at = read_date(record.rec_headers.get_header("WARC-Date"))
    if at is None:
        raise ValueError("the record has no date")
    return "too_large" if body is None else Response(url, url, 200, tuple(head.headers), body, at, elapsed_ms=0)


def _refusal(url: str, head: Any) -> str:
    """What the headers alone rule out; '' when nothing does."""
    if head.get_statuscode() != "200":
        return f"http_{head.get_statuscode()[:3]}"
    if urlsplit(url).path == "/robots.txt":
        return "robots_txt"
    if (head.get_header("Content-Type") or "").partition(";")[0].strip().lower() not in HTML:
        return "not_html"
    return "" if (head.get_header("Content-Encoding") or "").strip().lower() in ENCODINGS else "encoding"


def _body(stream: Any, max_bytes: int) -> bytes | None:
    """The decoded body; None when it is larger."""
    body = bytearray()
    while block := stream.read(BLOCK):
        body += block
        if len(body) > max_bytes:
            return None
    return bytes(body)


def _next_start(source: IO[bytes], offset: int, size: int) -> int:
    """Where the next record begins, at `offset` or after it; the size of the file when none does."""
    while offset < size:
        source.seek(offset)
        block = source.read(2 * BLOCK)
        for match in START.finditer(block):
            if match[0].startswith(b"\r"):
                return offset + match.end()
            if _begins_record(block[match.start() : match.start() + BLOCK]):
                return offset + match.start()
        offset += BLOCK
    return size


def _begins_record(member: bytes) -> bool:
    try:
        return zlib.decompressobj(_GZIP_MEMBER).decompress(member, 5) == b"WARC/"
    except zlib.error:
        return False
