"""The archive of what was fetched: WARC 1.1, one gzip member a record (https://iipc.github.io/warc-specifications/)."""

from __future__ import annotations

import os
import uuid
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from hashlib import sha1
from http import HTTPStatus
from io import BytesIO
from types import TracebackType
from typing import IO, Any

from isal import isal_zlib
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # it ships no types
from yarl import URL

from mediawatch.models import Hop, Location, Response, WithHeaders
from mediawatch.web.archive_files import place, reached

_ORIGINAL = "X-Archive-Orig-"
"""Prefix of headers that were true on the wire and are not of the decoded body; other archives use it too."""
_ON_THE_WIRE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_ORIGINAL_OFFSET = "WARC-Refers-To-File-Offset"
"""Where in the same file a revisit's original lies; Heritrix writes it under this name too."""
_LEVEL = 1
"""Of ISA-L, which packs as well as zlib's level 1 in a quarter of its time; with zlib, packing is most of the stage."""
_GZIP = 31
_NAMESPACE = uuid.UUID("6b1c2f7e-7d0b-5c43-9a55-0d8f6c0c7a11")


Fields = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class ArchivedPage(WithHeaders):
    """A response as it was archived; `url` is the one that answered, after redirects."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True)
class _Name:
    """What the records of one exchange share; the same response always has the same, so that archives compare."""

    record_id: str
    url: str
    stamp: str

    @classmethod
    def of(cls, response: Response) -> _Name:
        """A response's."""
        return cls.at(response.final_url, response.fetched_at)

    @classmethod
    def at(cls, url: str, fetched_at: datetime) -> _Name:
        """That of the answer which a URL gave at a time."""
        stamp = fetched_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return cls(_record_id(f"response {url} {stamp}"), url, stamp)


class WarcWriter:
    """Writes one WARC file below an archive's root (a folder or any URI that UPath reads); a context manager.

    The file appears whole, on `close`; until then its bytes are under a name that no reader looks for, and after
    `abort`, an exception in the block, or a file without records nothing is left. A `file` is written once: two
    attempts at one batch need two names, or the Locations of the first would point into the second
    (`close` raises FileExistsError).
    """

    def __init__(self, root: str, file: str) -> None:
        self.file = file
        self._root = root
        self._target = place(root) / file
        self._part = self._target.parent / f".{self._target.name}.{uuid.uuid4().hex}.part"
        self._out: IO[bytes] | None = None
        self._size = 0
        self._originals: dict[str, tuple[_Name, int]] = {}

    def write(self, response: Response) -> Location:
        """Adds a response, the request that it answers and the redirects before it; where the response now lies.

        A payload that the file holds already is not written again: a revisit record points to it.
        """
        digest, name = _digest(response.body), _Name.of(response)
        original = self._originals.get(digest) if response.body else None
        if original:
            location = self._append(_revisit_member(response, name, *original))
        else:
            location = self._append(_response_member(response, name, digest))
            self._originals[digest] = name, location.offset
        if response.sent:  # not by us, where others fetched it
            self._append(_request_member(response, name))
        if response.hops:
            self._append(_hops_member(response, name))
        return location

    def write_unchanged(self, response: Response, url: str, fetched_at: datetime) -> Location:
        """Adds a 304, or an answer with the body that `url` had at `fetched_at`, as a revisit of that answer.

        The record tells what was asked and said; its body is read where the earlier answer lies, in whichever file.
        """
        name, original = _Name.of(response), _Name.at(url, fetched_at)
        location = self._append(_revisit_member(response, name, original))
        self._append(_request_member(response, name))
        return location

    def close(self) -> None:
        """Publishes the file. Raises FileExistsError, and leaves nothing, if one of its name is there already."""
        if self._out is None:
            return
        try:
            with reached(self._root):
                _sync(self._out)
                self._out.close()
                if self._target.exists():
                    raise FileExistsError(f"{self._target} is already in the archive")
                self._part.rename(self._target)
        except BaseException:
            self.abort()
            raise
        self._out = None

    def abort(self) -> None:
        """Throws away what was written, also where the store takes no more."""
        out, self._out = self._out, None
        if out is not None:
            with reached(self._root):
                try:
                    out.close()
                finally:
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
        with reached(self._root):
            if self._out is None:
                self._part.parent.mkdir(parents=True, exist_ok=True)
                self._out = self._part.open("wb")
            self._out.write(member)
        location = Location(self.file, self._size, len(member))
        self._size += len(member)
        return location


def read(root: str, location: Location) -> ArchivedPage:
    """The archived response at a Location. FileNotFoundError without its file, ValueError if no response lies there;
    ArchiveError when the store is to blame."""
    path = place(root) / location.file
    with reached(root):
        member = path.fs.cat_file(path.path, start=location.offset, end=location.offset + location.length)
        record, page = _first(BytesIO(member), location)
        if record.rec_type == "revisit":
            offset = record.rec_headers.get_header(_ORIGINAL_OFFSET)
            if offset is None:
                raise ValueError(f"the record at {location} says that nothing had changed; the page is in another file")
            with path.open("rb") as file:
                file.seek(int(offset))
                page = replace(page, body=_first(file, location)[1].body)
    return page


def _first(stream: Any, location: Location) -> tuple[Any, ArchivedPage]:
    """The record at the stream's place, and the page in it."""
    try:
        record = next(iter(ArchiveIterator(stream)), None)
        if record is not None and record.rec_type in ("response", "revisit"):
            return record, _page(record)
    except Exception as error:  # warcio raises its own, zlib's and plain errors on bytes that are no record
        raise ValueError(f"not a WARC record: {error}") from error
    raise ValueError(f"no response record at {location}")


def _page(record: Any) -> ArchivedPage:
    stamp = record.rec_headers.get_header("WARC-Date")
    return ArchivedPage(
        url=record.rec_headers.get_header("WARC-Target-URI"),
        status=int(record.http_headers.get_statuscode()),
        headers=tuple(record.http_headers.headers),
        body=record.content_stream().read(),
        fetched_at=datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc),
    )


def _response_member(response: Response, name: _Name, digest: str) -> bytes:
    fields = [("Content-Type", "application/http; msgtype=response"), ("WARC-Payload-Digest", digest)]
    return _member("response", name, name.record_id, fields, _http_head(response), response.body)


def _revisit_member(response: Response, name: _Name, original: _Name, offset: int | None = None) -> bytes:
    """`offset`: where the original lies in the same file."""
    told = response.status != 304
    fields = [
        ("Content-Type", "application/http; msgtype=response"),
        *([("WARC-Payload-Digest", _digest(response.body))] if told else []),
        ("WARC-Profile", _SAME_PAYLOAD if told else _NOT_MODIFIED),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.url),
        ("WARC-Refers-To-Date", original.stamp),
        *([] if offset is None else [(_ORIGINAL_OFFSET, str(offset))]),
    ]
    return _member("revisit", name, name.record_id, fields, _http_head(response))


def _request_member(response: Response, name: _Name) -> bytes:
    fields = [("Content-Type", "application/http; msgtype=request"), ("WARC-Concurrent-To", name.record_id)]
    head = _head(f"GET {URL(name.url).raw_path_qs} HTTP/1.1", response.sent)
    return _member("request", name, _record_id(f"request {name.record_id}"), fields, head)


def _hops_member(response: Response, name: _Name) -> bytes:
    """Redirects as application/warc-fields: one line `redirect: status url location` each."""
    hops = response.hops
    lines = [f"requested: {hops[0].url}", *map(_hop_line, hops), f"fetchTimeMs: {response.elapsed_ms}"]
    fields = [("Content-Type", "application/warc-fields"), ("WARC-Concurrent-To", name.record_id)]
    body = "".join(map(_line, lines)).encode()
    return _member("metadata", name, _record_id(f"metadata {name.record_id}"), fields, body)


def _hop_line(hop: Hop) -> str:
    return f"redirect: {hop.status} {hop.url} {hop.location}"


def _member(kind: str, name: _Name, record_id: str, fields: Fields, *block: bytes) -> bytes:
    """A record as a gzip member of its own. Built by hand: a general writer takes longer than the packing."""
    named = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id),
        ("WARC-Target-URI", name.url),
        ("WARC-Date", name.stamp),
        *fields,
        ("Content-Length", str(sum(map(len, block)))),
    ]
    record = b"".join([_head("WARC/1.1", named), *block, b"\r\n\r\n"])
    return isal_zlib.compress(record, _LEVEL, wbits=_GZIP)


def _http_head(response: Response) -> bytes:
    """The headers as they came; those that spoke of the encoded body are renamed and Content-Length is the body's."""
    headers = [(_ORIGINAL + key if key.lower() in _ON_THE_WIRE else key, value) for key, value in response.headers]
    headers.append(("Content-Length", str(len(response.body))))
    return _head(f"HTTP/1.1 {response.status} {_phrase(response.status)}", headers)


def _head(first: str, fields: Fields) -> bytes:
    """A first line and fields, as HTTP and WARC write them, with the empty line behind."""
    return (_line(first) + "".join(_line(f"{name}: {value}") for name, value in fields) + "\r\n").encode()


def _line(text: str) -> str:
    """One line, whatever line ends are in the text."""
    return " ".join(text.splitlines()) + "\r\n"


def _digest(payload: bytes) -> str:
    """As archives label payloads: SHA-1 in base 32."""
    return "sha1:" + b32encode(sha1(payload, usedforsecurity=False).digest()).decode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _record_id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, name)}>"


def _sync(out: IO[bytes]) -> None:
    """To the disk before the rename, where the store has one: a published file must survive a power cut."""
    out.flush()
    try:
        os.fsync(out.fileno())
    except (OSError, AttributeError):  # no file behind it: an object store publishes whole objects anyway
        return
