"""The embedded server: locale, access, and coming back from every kind of stop."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from mediawatch.errors import LocalServiceError
from mediawatch.local import postgres
from mediawatch.local.postgres import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "xx_YY.UTF-8")
        patch.setenv("PGPORT", "1")
        running = postgres.start(tmp_path_factory.mktemp("pg") / "a b", durable=False)
    yield running
    running.stop()


def pid(server: Server) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def test_letters_of_every_language_fold_whatever_the_locale_of_the_user(server: Server) -> None:
    postgres.ensure_database(server, "letters")
    assert server.psql("SELECT lower('ПРИВЕТ ÄÖÜ')", "letters") == "привет äöü"
    assert server.psql("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'letters'") == "b|C.UTF-8"


def test_a_database_is_made_once(server: Server) -> None:
    for _ in range(2):
        postgres.ensure_database(server, 'it\'s "odd"')
    assert server.psql("SELECT 1", 'it\'s "odd"') == "1"


def test_the_owner_may_take_any_role(server: Server) -> None:
    server.psql("CREATE ROLE reader LOGIN")
    assert postgres.query(server.url("postgres", user="reader"), "SELECT current_user") == "reader"


def test_nobody_else_gets_in(server: Server) -> None:
    assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    assert server.psql("SHOW listen_addresses") == ""
    assert server.psql("SELECT type, auth_method, options FROM pg_hba_file_rules") == "local|peer|{map=owner}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as somebody else")
def test_another_account_is_refused_even_when_it_reaches_the_socket(server: Server) -> None:
    mode = server.socket_dir.stat().st_mode
    parents = [path for path in server.socket_dir.parents if not path.stat().st_mode & 0o001]
    opened = {
        path: path.stat().st_mode for path in (server.socket_dir, *parents, *server.socket_dir.glob(".s.PGSQL*2"))
    }
    try:
        for path in opened:
            path.chmod(opened[path] | 0o007)
        command = [postgres.psql_path(), "-d", server.url("postgres"), "-c", "SELECT 1"]
        refused = subprocess.run(command, user=1, capture_output=True, text=True, check=False)
    finally:
        for path in opened:
            path.chmod(opened[path])
    assert "Peer authentication failed" in refused.stderr
    assert server.socket_dir.stat().st_mode == mode


def test_an_error_carries_the_words_of_the_server(server: Server) -> None:
    with pytest.raises(LocalServiceError, match='relation "nowhere" does not exist'):
        server.psql("SELECT * FROM nowhere")


def test_starting_again_finds_the_running_server(server: Server) -> None:
    before = pid(server)
    assert postgres.start(server.folder) == postgres.running(server.folder) == Server(server.folder)
    assert pid(server) == before


def test_a_killed_server_comes_back_with_its_data(tmp_path: Path) -> None:
    server = postgres.start(tmp_path / "pg")
    server.psql("CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(pid(server), signal.SIGKILL)
    assert postgres.start(tmp_path / "pg").psql("SELECT n FROM kept") == "7"
    server.stop()


def test_a_pid_that_now_belongs_to_somebody_else_does_not_keep_the_server_down(tmp_path: Path) -> None:
    server = postgres.start(tmp_path / "pg", durable=False)
    server.stop()
    stale = f"{os.getppid()}\n{server.folder}/data\n1\n5432\n{server.socket_dir}\n\n0 0\nready\n"
    (server.folder / "data" / "postmaster.pid").write_text(stale)
    assert postgres.running(server.folder) is None
    assert postgres.start(tmp_path / "pg", durable=False).psql("SELECT 1") == "1"
    server.stop()


def test_a_path_too_long_for_a_socket_gets_a_short_one_until_the_stop(tmp_path: Path) -> None:
    server = postgres.start(tmp_path / ("x" * 90), durable=False)
    assert server.folder not in server.socket_dir.parents
    assert server.psql("SELECT 1") == "1"
    server.stop()
    assert not server.socket_dir.exists()


def test_an_initdb_that_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "postgresql.conf").touch()
    server = postgres.start(tmp_path / "pg", durable=False)
    assert server.psql("SELECT 1") == "1"
    server.stop()


def test_data_of_another_release_is_left_alone_and_named(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(LocalServiceError, match="was made by PostgreSQL 9"):
        postgres.start(tmp_path / "pg")


def test_a_stop_leaves_no_process_and_may_be_repeated(tmp_path: Path) -> None:
    server = postgres.start(tmp_path / "pg", durable=False)
    process = psutil.Process(pid(server))
    server.stop()
    server.stop()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert postgres.running(tmp_path / "pg") is None
