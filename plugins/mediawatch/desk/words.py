"""Words that a reader types into a filter."""

from __future__ import annotations


def pattern(words: str) -> str | None:
    """An ILIKE pattern that holds the words anywhere, as they stand; None for none."""
    escaped = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if escaped else None
