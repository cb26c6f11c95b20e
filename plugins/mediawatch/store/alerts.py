"""Alerts as plain values, for whoever shows them."""

from __future__ import annotations

from typing import Any

from mediawatch.store.database import Database, plain


def firing(db: Database, limit: int = 100) -> list[dict[str, Any]]:
    """What holds now: what nobody has acknowledged first, the newest first.

    Keys: alert_id, rule, kind, title, why, path (of the desk's page, e.g. events/12; may be empty), facts (the
    numbers), first_at, last_at, acked_at, acked_by, note (what to do).
    """
    return [plain(row) for row in db.rows("alerts.firing", limit=limit)]
