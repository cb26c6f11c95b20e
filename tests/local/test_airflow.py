"""What Airflow is started with; the start itself is tested by the run of the whole flow."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from mediawatch.errors import LocalServiceError
from mediawatch.local import airflow, stack
from mediawatch.local.airflow import METADATA_URL, Home, Secrets, environment, free_port
from mediawatch.settings import PROJECT, Settings

KEYS = Secrets(jwt="j", fernet="f", api="a", password="p")
URL = "postgresql://postgres@/airflow?host=%2Ftmp%2Frun&port=5432"


def env(settings: Settings | None = None, brisk: bool = False, **base: str) -> dict[str, str]:
    return environment(settings or Settings(), KEYS, metadata_url=URL, port=8123, brisk=brisk, base=base)


def test_the_metadata_lies_in_the_given_database_through_psycopg2() -> None:
    assert env()[METADATA_URL] == "postgresql+psycopg2://postgres@/airflow?host=%2Ftmp%2Frun&port=5432"


def test_a_metadata_url_of_the_user_wins() -> None:
    assert env(**{METADATA_URL: "postgresql+psycopg2://db/af"})[METADATA_URL] == "postgresql+psycopg2://db/af"


def test_the_users_variables_win_over_tuning_but_not_over_what_holds_the_parts_together() -> None:
    mine = env(AIRFLOW__CORE__PARALLELISM="3", AIRFLOW__CORE__EXECUTOR="CeleryExecutor", AIRFLOW_HOME="/elsewhere")
    assert mine["AIRFLOW__CORE__PARALLELISM"] == "3"
    assert mine["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert mine["AIRFLOW_HOME"] == str(Home.of(Settings()).folder)


def test_tasks_get_the_settings_and_the_package() -> None:
    mine = env(replace(Settings(), hosts="a.example=127.0.0.1:80", host_spacing_s=0.5), PYTHONPATH="/mine")
    assert mine["MEDIAWATCH_HOSTS"] == "a.example=127.0.0.1:80"
    assert Settings.from_env(mine) == replace(Settings(), hosts="a.example=127.0.0.1:80", host_spacing_s=0.5)
    assert mine["PYTHONPATH"].split(":") == [str(PROJECT / "plugins"), "/mine"]


def test_loopback_never_goes_through_a_proxy() -> None:
    assert env(no_proxy="corp.example")["NO_PROXY"] == "corp.example,127.0.0.1,localhost"


def test_components_may_write_bytecode_whatever_the_shell_says() -> None:
    assert "PYTHONDONTWRITEBYTECODE" not in env(PYTHONDONTWRITEBYTECODE="1")


def test_a_brisk_scheduler_looks_for_work_more_often() -> None:
    idle = "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME"
    assert float(env(brisk=True)[idle]) < float(env()[idle])


def test_the_plugin_loader_is_kept_out_of_the_package() -> None:
    # It would run every module below plugins/ under its bare name: this package's airflow.py would become `airflow`.
    assert (PROJECT / "plugins" / ".airflowignore").read_text().split() == ["mediawatch/"]


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = Secrets.keep(home)
    assert Secrets.keep(home) == first
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    assert json.loads(home.passwords.read_text()) == {"admin": first.password}
    assert Secrets.keep(Home(tmp_path)).password != Secrets.keep(Home(_made(tmp_path / "other"))).password


def test_a_taken_port_is_named_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = partial(stack.start, replace(Settings(), home=str(tmp_path)), brisk=False, progress=lambda _: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalServiceError, match=f"port {port} is in use"):
            start(port=port)
        assert list(tmp_path.iterdir()) == []
        monkeypatch.setattr(airflow, "running", lambda settings: settings)  # who starts it twice meets its own port
        with pytest.raises(LocalServiceError, match="up already"):
            start(port=port)
    assert free_port() > 0


def test_without_components_nothing_runs_and_a_stop_is_harmless(tmp_path: Path) -> None:
    settings = replace(Settings(), home=str(tmp_path))
    airflow.stop(settings)
    assert airflow.running(settings) is None


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
