"""The archive as files: taking away what a killed writer left."""

from __future__ import annotations

from upath import UPath


def remove(root: str, file: str) -> int:
    """Take away a file, and what a dead writer had begun of it; how many files that were."""
    target = UPath(root) / file
    parts = list(target.parent.glob(f".{target.name}.*.part")) if target.parent.exists() else []
    found = [path for path in (target, *parts) if path.exists()]
    for path in found:
        path.unlink()
    return len(found)
