"""Reads files as feed bodies, each within limits, and tells what each one announces."""

from __future__ import annotations

import os
import tarfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from mediawatch.errors import MediawatchError
from mediawatch.feeds.worker import JOB
from mediawatch.models import EntryData, Failure, FeedData, ParseTask
from mediawatch.settings import Settings
from mediawatch.workers.pool import Pool

NOT_FEEDS = ("html", "unknown")
NOWHERE = "http://feed.invalid"
"""Where a body is taken to have come from, since a file does not say; links within it lose it again."""


class Unreadable(str):
    """Why a file has no body to parse."""

    __slots__ = ()


@dataclass(frozen=True)
class FileFigures:
    """One file in numbers. `entries` counts every item announced, before any merging; `error` is None for a feed."""

    file: str
    format: str
    entries: int = 0
    dated: int = 0
    with_url: int = 0
    notes: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True)
class Evaluation:
    """All files in order of name; `announced` has a dict for each entry: file, guid, url, title, published."""

    feeds: tuple[FileFigures, ...]
    announced: tuple[dict[str, str | None], ...]
    feeds_per_s: float

    def plain(self) -> dict[str, Any]:
        """{feeds: a dict for each file, feeds_per_s}: what `--json` prints, a stable interface."""
        return {"feeds": [asdict(each) for each in self.feeds], "feeds_per_s": round(self.feeds_per_s, 1)}


def evaluate(source: Path, settings: Settings) -> Evaluation:
    """Every file of a folder, or of a tar archive, read as a feed within the limits that polling keeps.

    A file over a limit, or that cannot be read, has an `error`; it stops none of the others.
    """
    workers = settings.extract_workers or os.cpu_count() or 1
    unread: list[FileFigures] = []
    with Pool[ParseTask, FeedData](JOB, workers, settings.parse_limit_s, settings.parse_memory_mb) as pool:
        pool.start()  # not part of the speed: processes start once, and feeds keep coming
        started = time.perf_counter()
        # Reduced one by one: the text of thousands of feeds is more than memory should hold.
        found = [
            (figures(file, result), announced(file, result))
            for file, result in pool.map(_tasks(bodies(source, settings.max_feed_bytes), unread))
        ]
        elapsed_s = time.perf_counter() - started
    found = sorted([*found, *((each, []) for each in unread)], key=lambda pair: pair[0].file)
    return Evaluation(
        feeds=tuple(each for each, _ in found),
        announced=tuple(entry for _, entries in found for entry in entries),
        feeds_per_s=len(found) / elapsed_s,
    )


def figures(file: str, result: FeedData | Failure) -> FileFigures:
    """What parsing a file came to."""
    if isinstance(result, Failure):
        return FileFigures(file, "unknown", error=f"{result.reason.value}: {result.detail}")
    return FileFigures(
        file,
        result.format,
        entries=len(result.entries),
        dated=sum(entry.published is not None for entry in result.entries),
        with_url=sum(entry.url is not None for entry in result.entries),
        notes=result.notes,
        error=result.notes[-1] if result.format in NOT_FEEDS and result.notes else None,
    )


def announced(file: str, result: FeedData | Failure) -> list[dict[str, str | None]]:
    """Each entry of a file: its date in ISO 8601 with the zone that the feed states, a relative link as a path."""
    return [] if isinstance(result, Failure) else [_entry(file, entry) for entry in result.entries]


def _entry(file: str, entry: EntryData) -> dict[str, str | None]:
    published = entry.published.isoformat() if entry.published else None
    url = entry.url.removeprefix(NOWHERE) if entry.url else None
    return {"file": file, "guid": entry.guid, "url": url, "title": entry.title, "published": published}


def bodies(source: Path, max_bytes: int) -> Iterator[tuple[str, bytes | Unreadable]]:
    """(name in the folder, body) of each file of a folder or tar archive."""
    return _in_folder(source, max_bytes) if source.is_dir() else _in_archive(source, max_bytes)


def _in_folder(folder: Path, max_bytes: int) -> Iterator[tuple[str, bytes | Unreadable]]:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        name = path.relative_to(folder).as_posix()
        if path.exists() and not path.is_file():
            yield name, Unreadable("not a regular file")
            continue
        try:
            with path.open("rb") as file:
                yield name, _whole(file, max_bytes)
        except OSError as error:
            yield name, Unreadable(error.strerror or str(error))


def _in_archive(file: Path, max_bytes: int) -> Iterator[tuple[str, bytes | Unreadable]]:
    """Members are read where they lie, so that no name leads out of a folder; a single top folder is the folder."""
    try:
        with tarfile.open(file) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            paths = [PurePosixPath(member.name).parts for member in members]
            skip = int(len({parts[0] for parts in paths}) == 1 and all(len(parts) > 1 for parts in paths))
            for member, parts in zip(members, paths, strict=True):
                content = archive.extractfile(member)
                assert content  # it is a file
                yield "/".join(parts[skip:]), _whole(content, max_bytes)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise MediawatchError(f"{file} cannot be read as a folder or a tar archive: {error}") from None


def _whole(file: IO[bytes], max_bytes: int) -> bytes | Unreadable:
    body = file.read(max_bytes + 1)
    return body if len(body) <= max_bytes else Unreadable(f"too_large: more than {max_bytes} bytes")


def _tasks(
    found: Iterator[tuple[str, bytes | Unreadable]], unread: list[FileFigures]
) -> Iterator[tuple[str, ParseTask]]:
    """What is to be parsed; what cannot be read is put into `unread`."""
    for name, body in found:
        if isinstance(body, Unreadable):
            unread.append(FileFigures(name, "unknown", error=str(body)))
        else:
            yield name, ParseTask(body, NOWHERE + "/")
