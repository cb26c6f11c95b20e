"""Values over a pipe between a pool and its workers: four bytes of length, then a pickle.

Pickle is right here and only here: both ends are this package under one interpreter, the pipe is private to parent and
child, and what comes from the web is a bytes field of the value, never the pickle itself.
"""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

LENGTH = struct.Struct(">I")


def write(stream: IO[bytes], value: object) -> None:
    """Sends one value. OSError (BrokenPipeError) if nobody reads."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def read(stream: IO[bytes]) -> Any:
    """The next value; EOFError if the other end is gone, between values or within one."""
    (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    return pickle.loads(_exactly(stream, length))  # noqa: S301  our own child's or parent's pipe


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
