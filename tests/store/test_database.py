"""A connection's own settings."""

from __future__ import annotations

from mediawatch.store.database import Database


def test_statements_are_not_compiled(db: Database) -> None:
    """Debian's server compiles what looks dear, which took longer than all our statements together."""
    assert db.execute("show jit")[0][0] == "off"
    assert db.execute("select 'jit=off' = any(rolconfig) as off from pg_roles where rolname = 'analyst'")[0].off
