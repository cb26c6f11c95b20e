"""The archive as files: taking them away, and looking for words in all of them."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

from upath import UPath


def remove(root: str, file: str) -> int:
    """Take away a file, and what a dead writer had begun of it; how many files that were."""
    target = UPath(root) / file
    parts = list(target.parent.glob(f".{target.name}.*.part")) if target.parent.exists() else []
    found = [path for path in (target, *parts) if path.exists()]
    for path in found:
        path.unlink()
    return len(found)


def holding(root: str, words: Sequence[bytes]) -> list[str]:
    """The archive's files in which one of the words stands, unpacked; reads everything."""
    return [str(path) for path in sorted(UPath(root).rglob("*.warc.gz*")) if _holds(path, words)]


def _holds(path: UPath, words: Sequence[bytes]) -> bool:
    """Block by block, each with the end of the one before."""
    overlap = max(map(len, words))
    tail = b""
    with path.open("rb") as file, gzip.open(file) as unpacked:
        try:
            while block := unpacked.read(1 << 20):
                if any(word in tail + block for word in words):
                    return True
                tail = block[-overlap:]
        except (EOFError, OSError):  # what a dead writer left, cut off
            return False
    return False
