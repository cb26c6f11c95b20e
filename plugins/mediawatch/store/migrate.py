"""Brings a database to this version: migrations in order, each once, then the analyst's views and roles."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from mediawatch.errors import MigrationError
from mediawatch.store.database import Database
from mediawatch.store.queries import SQL

LOCK = 0x6D77  # any number, the same in every worker: two migrations at once wait for each other
LEDGER = """
do $$ begin  -- `if not exists` would ask for the right to create schemas even where they are there
    if to_regnamespace('mediawatch') is null then create schema mediawatch; end if;
    if to_regnamespace('analyst') is null then create schema analyst; end if;
end $$;
create table if not exists mediawatch.migration (
    file text primary key, sha256 text not null, applied_at timestamptz not null default now());
comment on table mediawatch.migration is 'Migrations that were applied, with the checksum of each file.';
comment on column mediawatch.migration.file is 'File name in sql/migrations.';
comment on column mediawatch.migration.sha256 is 'Checksum of the file when it was applied.';
comment on column mediawatch.migration.applied_at is 'When.';
"""


def migrate(db: Database, folder: Path = SQL / "migrations") -> list[str]:
    """Apply what is missing, all in one transaction; returns the names of the files applied now.

    MigrationError when an applied file was edited, or is not there any more (a newer version migrated this database).
    """
    with db.transaction():
        db.execute(f"select pg_advisory_xact_lock({LOCK})")
        db.execute(LEDGER)
        applied = {row.file: row.sha256 for row in db.execute("select file, sha256 from mediawatch.migration")}
        files = {path.name: path for path in sorted(folder.glob("*.sql"))}
        if missing := sorted(applied.keys() - files.keys()):
            raise MigrationError(f"the database is newer than this code: it has {', '.join(missing)}")
        new = [name for name in files if name not in applied]
        for name, path in files.items():
            body = path.read_text(encoding="utf-8")
            digest = sha256(body.encode()).hexdigest()
            if name in new:
                db.execute(body)
                db.execute("insert into mediawatch.migration values (%(f)s, %(s)s)", {"f": name, "s": digest})
            elif applied[name] != digest:
                raise MigrationError(
                    f"{name} was edited after it was applied: write a new migration, or begin with a new database"
                )
        for part in ("views", "search", "roles"):
            db.execute((SQL / "analyst" / f"{part}.sql").read_text(encoding="utf-8"))
    return new
