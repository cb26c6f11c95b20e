"""A WARC file without some of its records; what pointed to the bytes of one that goes gets them."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO
from uuid import uuid4

from isal import isal_zlib
from upath import UPath

BLOCK = 1 << 16
_GZIP = 31
_LEVEL = 1
_ORIGINAL_OFFSET = b"WARC-Refers-To-File-Offset"
_REFERS = b"WARC-Refers-To"
_OF_REVISITS = (b"WARC-Profile", _REFERS, _REFERS + b"-Target-URI", _REFERS + b"-Date", _ORIGINAL_OFFSET)
_ANSWERS = (b"response", b"revisit")


@dataclass(frozen=True)
class Place:
    """Where a record lies in the new file."""

    offset: int
    length: int


@dataclass(frozen=True)
class _Record:
    """A record's header fields (the first one is the version) and its block."""

    fields: tuple[tuple[bytes, bytes], ...]
    block: bytes

    @classmethod
    def of(cls, member: bytes) -> _Record:
        head, _, block = zlib.decompress(member, _GZIP).partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        pairs = [line.partition(b": ") for line in lines]
        return cls(((first, b""), *((name, value) for name, _, value in pairs)), block[:-4])

    def get(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.fields if key == name), None)

    def replaced(self, without: Collection[bytes], block: bytes, **values: bytes) -> bytes:
        """A gzip member of this record with other fields (`WARC_Type` for WARC-Type) and another block."""
        new = {name.replace("_", "-").encode(): value for name, value in values.items()}
        new[b"Content-Length"] = str(len(block)).encode()
        (version, _), *fields = self.fields
        lines = [name + b": " + new.get(name, value) for name, value in fields if name not in without]
        return isal_zlib.compress(b"\r\n".join([version, *lines, b"", block + b"\r\n\r\n"]), _LEVEL, wbits=_GZIP)


@dataclass
class _Copy:
    """The new file as it grows: where old answers lie in it, and where the bytes of originals that are gone do."""

    source: IO[bytes]
    target: IO[bytes]
    gone: Collection[int]
    size: int = 0
    places: dict[int, Place] = field(default_factory=dict)
    heirs: dict[int, int] = field(default_factory=dict)

    def take(self, offset: int, member: bytes) -> None:
        place = Place(self.size, len(member))
        self.target.write(member)
        self.size += len(member)
        self.places[offset] = place

    def revisit(self, record: _Record, member: bytes) -> bytes:
        """A revisit whose original lies elsewhere now; the first one of an original that goes takes its bytes over."""
        told = record.get(_ORIGINAL_OFFSET)
        if told is None:
            return member
        original = int(told)
        if original not in self.gone:
            at = self.places[original].offset
        elif original in self.heirs:
            at = self.heirs[original]
        else:
            self.heirs[original] = self.size
            self.source.seek(original)
            body = _Record.of(_member(self.source, original)).block.partition(b"\r\n\r\n")[2]
            return record.replaced(_OF_REVISITS, record.block + body, WARC_Type=b"response")
        return record.replaced((), record.block, WARC_Refers_To_File_Offset=str(at).encode())


def rewrite(root: str, file: str, gone: Collection[int], new: str) -> Mapping[int, Place]:
    """Write `new`, the file without the answers at the offsets `gone` and the records that go with each.

    {old offset: place} of the answers that stay. The file itself is left as it is; `new` appears whole or not at all.
    FileNotFoundError without the file.
    """
    target = UPath(root) / new
    part = target.parent / f".{target.name}.{uuid4().hex}.part"
    try:
        with (UPath(root) / file).open("rb") as source, part.open("wb") as out:
            copy = _Copy(source, out, frozenset(gone))
            _copy_all(copy)
        part.rename(target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return copy.places


def _copy_all(copy: _Copy) -> None:
    staying, offset = True, 0
    while member := _member(copy.source, offset):
        record = _Record.of(member)
        kind = record.get(b"WARC-Type")
        if kind in _ANSWERS:
            staying = offset not in copy.gone
        if staying:
            copy.take(offset, copy.revisit(record, member) if kind == b"revisit" else member)
        offset += len(member)


def _member(source: IO[bytes], offset: int) -> bytes:
    """The gzip member at an offset; nothing at the end of the file. ValueError when it is cut off."""
    source.seek(offset)
    unpacker, member = zlib.decompressobj(_GZIP), bytearray()
    while not unpacker.eof and (data := source.read(BLOCK)):
        unpacker.decompress(data)
        member += data[: len(data) - len(unpacker.unused_data)]
    if member and not unpacker.eof:
        raise ValueError("the last record of the file is cut off")
    return bytes(member)
