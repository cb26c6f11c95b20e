"""Back-up and restore: the database as pg_dump writes it, then the archive's files, which never change.

The database comes first. A row points only to files that were published before it was committed, so the files that
are copied after the dump hold everything that the dump speaks of; what is newer in them nobody points to. Nothing is
taken out of the archive meanwhile (removals.keep_archive).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from upath import UPath

from mediawatch.errors import BackupError
from mediawatch.local import postgres
from mediawatch.settings import Settings
from mediawatch.store.database import Database, without_password
from mediawatch.store.migrate import migrate

DUMP = "mediawatch.dump"
MANIFEST = "manifest.json"
ARCHIVE = "archive"
SCHEMAS = ("-n", "mediawatch", "-n", "analyst")


@dataclass(frozen=True)
class Copied:
    """What a back-up or a restore copied: archive files that it brought and that were there already."""

    files: int
    known: int
    size_bytes: int


def backup(settings: Settings, folder: Path) -> Copied:
    """Write a back-up into a folder; one that is there is brought up to date, and only new archive files are copied.

    BackupError when pg_dump fails. Until the manifest is written the folder holds no whole back-up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / MANIFEST).unlink(missing_ok=True)
    with Database(settings.database_url, application="mediawatch backup") as db:
        db.rows("removals.keep_archive")
        dump = ["--format=custom", "--no-owner", "--no-privileges", *SCHEMAS]
        _run("pg_dump", [*dump, f"--file={folder / DUMP}"], settings.database_url)
        files = sorted(_files(settings.archive_root))
        copied = _copy(settings.archive_root, str(folder / ARCHIVE), files)
        _drop_others(folder / ARCHIVE, {name for name, _ in files})
        migrations = [row.file for row in db.execute("select file from migration order by 1")]
    manifest = {"made_at": datetime.now(timezone.utc).isoformat(), "migrations": migrations, "files": dict(files)}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return copied


def restore(settings: Settings, folder: Path) -> Copied:
    """Bring a back-up into an empty database and an archive; then migrate, which makes roles and grants anew.

    BackupError when the back-up is not whole, or the database holds something already.
    """
    files = _manifest(folder)
    with Database(settings.database_url, application="mediawatch restore") as db:
        if db.execute("select 1 from pg_namespace where nspname = 'mediawatch'"):
            raise BackupError("the database is not empty: restore into a new one")
    copied = _copy(str(folder / ARCHIVE), settings.archive_root, sorted(files.items()))
    whole = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run("pg_restore", [*whole, str(folder / DUMP)], settings.database_url)
    with Database(settings.database_url) as db:
        migrate(db)
        db.execute("analyze")
    return copied


def _manifest(folder: Path) -> dict[str, int]:
    """The archive's files that a whole back-up holds: {name: bytes}."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        raise BackupError(f"{folder} holds no whole back-up: there is no {MANIFEST} in it") from None
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or not all(type(size) is int for size in files.values()):
        raise BackupError(f"{folder / MANIFEST} is none that a back-up has written: it names no files with their sizes")
    there = dict(_files(str(folder / ARCHIVE)))
    if lost := sorted(name for name, size in files.items() if there.get(name) != size):
        raise BackupError(f"{len(lost)} archive files of the back-up are missing or damaged, the first is {lost[0]}")
    return files


def _files(root: str) -> Iterator[tuple[str, int]]:
    """(name below the root, bytes) of the archive's whole files."""
    base = UPath(root)
    if not base.exists():
        return
    for path in base.rglob("*.warc.gz"):
        if not path.name.startswith("."):
            yield str(PurePosixPath(path.path).relative_to(PurePosixPath(base.path))), path.stat().st_size


def _copy(from_root: str, to_root: str, files: list[tuple[str, int]]) -> Copied:
    """Copy what is not there yet; a file appears whole."""
    brought = 0
    for name, size in files:
        target = UPath(to_root) / name
        if target.exists() and target.stat().st_size == size:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.parent / f".{target.name}.part"
        with (UPath(from_root) / name).open("rb") as source, part.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
        part.rename(target)
        brought += 1
    return Copied(brought, len(files) - brought, sum(size for _, size in files))


def _drop_others(folder: Path, names: set[str]) -> None:
    """What the archive has no more (a take-down, retention) must not live on in the back-up."""
    for name, _ in list(_files(str(folder))):
        if name not in names:
            (folder / name).unlink()


def _run(program: str, arguments: list[str], url: str) -> None:
    """Run one of the bundled PostgreSQL's programs; it is new enough for every server that mediawatch runs on."""
    path = postgres.psql_path().with_name(program)
    where, env = without_password(url)
    command = [str(path), *arguments, f"--dbname={where}"]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()}")
