"""The archive as a store of files: whether it takes any, files taken away, words looked for in all of them."""

from __future__ import annotations

import gzip
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from upath import UPath

from mediawatch.errors import ArchiveError

PATIENCE: dict[str, Any] = {
    "retry_config": {"max_retries": 4, "retry_timeout": timedelta(seconds=60)},
    "client_options": {"connect_timeout": timedelta(seconds=10), "timeout": timedelta(seconds=60), "allow_http": True},
}
"""How long an object store is waited for before a task gives up and is tried again."""


def place(root: str) -> UPath:
    """The archive's folder; S3 is spoken by obstore, with the credentials and the endpoint of the AWS_… variables."""
    options: dict[str, Any] = {}
    if root.startswith("s3://"):
        from obstore.fsspec import register

        register("s3")
        options = PATIENCE
    folder: UPath = UPath(root, **options)
    return folder


@contextmanager
def reached(root: str) -> Iterator[None]:
    """What the store refuses is an ArchiveError, which no page is to blame for; a file that is missing stays one."""
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        if root.startswith("s3://") or UPath(root).exists():
            raise
        raise ArchiveError(f"the archive {root} is not there") from None
    except Exception as error:
        if _missing(error):
            raise FileNotFoundError(str(error)) from None
        if isinstance(error, OSError) or type(error).__module__.startswith("obstore"):
            raise ArchiveError(f"the archive {root} does not do as it is told: {error}") from error
        raise


def _missing(error: Exception) -> bool:
    return type(error).__module__.startswith("obstore") and type(error).__name__ == "NotFoundError"


def check_room(root: str, free_mb: int) -> None:
    """ArchiveError when the archive takes no file, or its disk has less than `free_mb` left. Cheap: to be asked before
    the web is, so that nobody is asked for pages that could not be kept."""
    folder = place(root)
    probe = folder / f".probe-{uuid.uuid4().hex}"
    with reached(root):
        folder.mkdir(parents=True, exist_ok=True)
        left = shutil.disk_usage(root).free // 1_000_000 if "://" not in root else free_mb
        if left < free_mb:
            raise ArchiveError(f"the disk of the archive {root} has {left:,} MB left, less than {free_mb:,} MB")
        probe.write_bytes(b"room")
        probe.unlink()


def remove(root: str, file: str) -> int:
    """Take away a file, and what a dead writer had begun of it; how many files that were."""
    target = place(root) / file
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
