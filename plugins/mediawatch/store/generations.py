"""Generations: which version of a stage's method made a derived row."""

from __future__ import annotations

from mediawatch.store.database import Database


def ensure_live(db: Database, stage: str, version: str, config: bytes) -> int:
    """The id of the live generation of a stage, after making this version and configuration (a digest) the live one."""
    with db.transaction():
        live = db.row("generations.live", stage=stage)
        if live and live.version == version and bytes(live.config_hash) == config:
            return int(live.generation_id)
        return enliven(db, stage, version, config)


def enliven(db: Database, stage: str, version: str, config: bytes) -> int:
    """Make this version the live one of its stage, in the caller's transaction; its id."""
    db.execute("select pg_advisory_xact_lock(28005)")
    db.rows("generations.retire", stage=stage)
    return int(db.value("generations.enliven", stage=stage, version=version, config_hash=config))


def building(db: Database, stage: str, version: str, config: bytes) -> int:
    """The id of a version that rows are made under beside the live ones; what is live stays so."""
    return int(db.value("generations.build", stage=stage, version=version, config_hash=config))
