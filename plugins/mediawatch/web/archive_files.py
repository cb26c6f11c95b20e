"""The archive as files: which ones are there, and taking one away."""

from __future__ import annotations

from datetime import datetime

from upath import UPath


def files_before(root: str, moment: datetime) -> list[str]:
    """Files last written before a moment, relative to the archive's root; half-written ones of dead workers too."""
    base = UPath(root)
    if not base.exists():
        return []
    files = (path for path in base.rglob("*") if path.is_file())
    return sorted(path.relative_to(base).as_posix() for path in files if path.stat().st_mtime < moment.timestamp())


def remove(root: str, file: str) -> None:
    """Take a file away; it is no error when it is gone already."""
    (UPath(root) / file).unlink(missing_ok=True)
