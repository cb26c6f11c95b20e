"""mediawatch's database on this machine: the embedded server's, unless the settings name another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mediawatch.local import postgres
from mediawatch.settings import Settings

NAME = "mediawatch"
METADATA = "airflow"
OWNER = "mediawatch"

# The owner of the data is no superuser: what runs here must also run on a server where nobody gives us one.
MAKE_OWNER = """
do $$ begin
    if not exists (select from pg_roles where rolname = 'mediawatch') then
        create role mediawatch login createrole;
    end if;
end $$;
alter database mediawatch owner to mediawatch;
"""


def folder(settings: Settings) -> Path:
    """Where the embedded server lives."""
    return Path(settings.home).resolve() / "postgres"


def start(settings: Settings) -> Settings:
    """Settings with a database to connect to, the embedded one started and made if the settings name none."""
    if settings.database_url:
        return settings
    server = postgres.start(folder(settings))
    postgres.ensure_database(server, NAME)
    server.psql(MAKE_OWNER)
    return replace(settings, database_url=server.url(NAME, OWNER))


def metadata_url(settings: Settings) -> str:
    """libpq URL of Airflow's own database on the embedded server, made if need be."""
    server = postgres.start(folder(settings))
    postgres.ensure_database(server, METADATA)
    return server.url(METADATA)


@contextmanager
def at_hand(settings: Settings) -> Iterator[Settings]:
    """Settings with a database for one command; the embedded server is stopped again if this started it."""
    ours = not settings.database_url and postgres.running(folder(settings)) is None
    try:
        yield start(settings)
    finally:
        if ours:
            postgres.stop(folder(settings))
