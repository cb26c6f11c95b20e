"""The archive of what was fetched: WARC 1.1, one gzip member a record (https://iipc.github.io/warc-specifications/)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from http import HTTPStatus
from io import BytesIO
from types import TracebackType
from typing import IO, Any

from upath import UPath
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # it ships no types
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from mediawatch.models import Hop, Location, Response

_ORIGINAL = "X-Archive-Orig-"
"""Prefix of headers that were true on the wire and are not of the decoded body; other archives use it too."""
_ON_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_NAMESPACE = uuid.UUID("6b1c2f7e-7d0b-5c43-9a55-0d8f6c0c7a11")


@dataclass(frozen=True)
class ArchivedPage:
    """A response as it was archived; `url` is the one that answered, after redirects."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime

    def header(self, name: str) -> str | None:
        """First value of a header, by case-insensitive name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class WarcWriter:
    """Writes one WARC file below an archive's root (a folder or any URI that UPath reads); a context manager.

    The file appears whole, on `close`; until then its bytes are under a name that no reader looks for, and after
    `abort`, an exception in the block, or a file without records nothing is left. A `file` is written once: two
    attempts at one batch need two names, or the Locations of the first would point into the second
    (`close` raises FileExistsError).
    """

    def __init__(self, root: str, file: str) -> None:
        self.file = file
        self._target = UPath(root) / file
        self._part = self._target.parent / f".{self._target.name}.{uuid.uuid4().hex}.part"
        self._out: IO[bytes] | None = None
        self._size = 0

    def write(self, response: Response) -> Location:
        """Adds a response and, if there were redirects, a metadata record of them; where the response now lies."""
        location = self._append(_response_member(response))
        if response.hops:
            self._append(_hops_member(response))
        return location

    def close(self) -> None:
        """Publishes the file. Raises FileExistsError, and leaves nothing, if one of its name is there already."""
        if self._out is None:
            return
        _sync(self._out)
        self._out.close()
        if self._target.exists():
            self.abort()
            raise FileExistsError(f"{self._target} is already in the archive")
        self._part.rename(self._target)
        self._out = None

    def abort(self) -> None:
        """Throws away what was written."""
        if self._out is not None:
            self._out.close()
            self._out = None
            self._part.unlink(missing_ok=True)

    def __enter__(self) -> WarcWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _append(self, member: bytes) -> Location:
        if self._out is None:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._out = self._part.open("wb")
        self._out.write(member)
        location = Location(self.file, self._size, len(member))
        self._size += len(member)
        return location


def read(root: str, location: Location) -> ArchivedPage:
    """The archived response at a Location. FileNotFoundError without its file, ValueError if no response lies there."""
    with (UPath(root) / location.file).open("rb") as file:
        file.seek(location.offset)
        member = file.read(location.length)
    page = next(_pages(member), None)
    if page is None:
        raise ValueError(f"no response record at {location}")
    return page


def _pages(member: bytes) -> Iterator[ArchivedPage]:
    try:
        for record in ArchiveIterator(BytesIO(member)):
            if record.rec_type == "response":
                yield _page(record)
    except Exception as error:  # warcio raises its own, zlib's and plain errors on bytes that are no record
        raise ValueError(f"not a WARC record: {error}") from error


def _page(record: Any) -> ArchivedPage:
    stamp = record.rec_headers.get_header("WARC-Date")
    return ArchivedPage(
        url=record.rec_headers.get_header("WARC-Target-URI"),
        status=int(record.http_headers.get_statuscode()),
        headers=tuple(record.http_headers.headers),
        body=record.content_stream().read(),
        fetched_at=datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc),
    )


def _response_member(response: Response) -> bytes:
    return _member("response", response, response.body, _http_headers(response), _record_id(response, "response"))


def _hops_member(response: Response) -> bytes:
    """Redirects as application/warc-fields: one line `redirect: status url location` each."""
    lines = [f"requested: {response.url}", *map(_hop_line, response.hops), f"fetchTimeMs: {response.elapsed_ms}"]
    body = "".join(line.replace("\r", "").replace("\n", "") + "\r\n" for line in lines).encode()
    extra = {"WARC-Concurrent-To": _record_id(response, "response")}
    return _member("metadata", response, body, None, _record_id(response, "metadata"), **extra)


def _hop_line(hop: Hop) -> str:
    return f"redirect: {hop.status} {hop.url} {hop.location}"


def _member(
    kind: str, response: Response, body: bytes, http_headers: StatusAndHeaders | None, record_id: str, **extra: str
) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    named = {"WARC-Record-ID": record_id, "WARC-Date": _stamp(response.fetched_at), **extra}
    record = writer.create_warc_record(
        response.final_url,
        kind,
        payload=BytesIO(body),
        length=len(body),
        warc_headers_dict=named,
        http_headers=http_headers,
    )
    writer.write_record(record)
    return out.getvalue()


def _http_headers(response: Response) -> StatusAndHeaders:
    """The headers as they came; those that spoke of the encoded body are renamed and Content-Length is the body's."""
    headers = [
        (_ORIGINAL + key if key.lower() in _ON_THE_WIRE else key, " ".join(value.splitlines()))
        for key, value in response.headers
    ]
    headers.append(("Content-Length", str(len(response.body))))
    return StatusAndHeaders(f"{response.status} {_phrase(response.status)}", headers, protocol="HTTP/1.1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _record_id(response: Response, kind: str) -> str:
    """The same response always has the same id, so that an archive can be compared byte by byte."""
    name = f"{kind} {response.final_url} {_stamp(response.fetched_at)}"
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, name)}>"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _sync(out: IO[bytes]) -> None:
    """To the disk before the rename, where the store has one: a published file must survive a power cut."""
    out.flush()
    try:
        os.fsync(out.fileno())
    except (OSError, AttributeError):  # no file behind it: an object store publishes whole objects anyway
        return
