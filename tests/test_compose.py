"""docker-compose.yml without a container engine: its schema, everything that it names, and its commands as processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import psycopg2
import pytest
import yaml
from mediawatch import glue
from mediawatch.cli import app
from mediawatch.local import airflow, postgres, tidy
from mediawatch.settings import PREFIX, PROJECT, Settings
from mediawatch.stages import claim
from mediawatch.stages.extract import CHUNK
from mediawatch.store.database import Database
from mediawatch.store.export import batches, reading
from mediawatch.store.migrate import migrate
from psycopg2.extensions import parse_dsn
from typer.main import get_command

COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (PROJECT / "Dockerfile").read_text("utf-8")
PAGE = (PROJECT / "docs" / "cluster.md").read_text("utf-8")
ENTRYPOINT = PROJECT / "docker" / "entrypoint"
SLOTS_FOR_DEFAULT = 2
"""Tasks of the queue default that a cpu worker has room for beside those of the pool cpu."""

# Run where CeleryExecutor is set: the parser then knows Celery's commands. Says what Airflow does not know.
ASK_AIRFLOW = """
import json, sys
import airflow.providers.celery.executors.celery_executor  # what every service of ours loads
from airflow.cli.cli_parser import get_parser
from airflow.configuration import conf, retrieve_configuration_description
asked = json.load(sys.stdin)
known = retrieve_configuration_description(include_providers=True)
wrong = []
for name in asked["options"]:
    section, _, option = name.removeprefix("AIRFLOW__").lower().partition("__")
    if option not in {key.lower() for key in known.get(section, {}).get("options", {})} and section != "celery_broker_transport_options":
        wrong.append(name)
for command in asked["commands"]:
    try:
        get_parser().parse_args(command[1:])
    except SystemExit as error:
        if error.code:
            wrong.append(command)
print(json.dumps(wrong))
"""


@pytest.fixture(scope="module")
def secrets(open_folder: Path) -> Path:
    folder = open_folder / "secrets"
    subprocess.run([PROJECT / "docker" / "make-secrets", folder], check=True)
    return folder


def begin(secrets: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The entrypoint with a command, as a container runs it."""
    given = {
        "PATH": os.environ["PATH"],
        "SECRETS_FOLDER": str(secrets),
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        **env,
    }
    return subprocess.run([ENTRYPOINT, *command], env=given, capture_output=True, text=True, check=False)


def environment() -> dict[str, str]:
    return {name: value for service in OURS.values() for name, value in service["environment"].items()}


def commands() -> list[list[str]]:
    """Every airflow command line of the file, in health checks and the init job too, with the defaults filled in."""
    lines = [line.split() for line in SERVICES["init"]["command"][-1].splitlines()]
    lists = [each["command"] for each in OURS.values() if each["command"][0] == "airflow"]
    lists += [
        each["healthcheck"]["test"][2:] for each in OURS.values() if "jobs" in each["healthcheck"].get("test", ())
    ]
    plain = [
        re.sub(r"\$\{\w+:-(\w+)\}", r"\1", "\0".join(words)).split("\0") for words in lines if words[0] == "airflow"
    ]
    return lists + [[*words[:5], "what it is for"] if "pools" in words else words for words in plain]


def test_it_keeps_to_the_schema_of_the_compose_specification() -> None:
    schema = files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text("utf-8")
    jsonschema.Draft7Validator(json.loads(schema)).validate(COMPOSE)


def test_every_airflow_option_and_command_is_one_that_airflow_knows(tmp_path: Path) -> None:
    told = re.findall(r"AIRFLOW__\w+", ENTRYPOINT.read_text() + DOCKERFILE)
    asked = {
        "options": sorted({name for name in (*environment(), *told) if name.startswith("AIRFLOW__")}),
        "commands": commands(),
    }
    assert len(asked["commands"]) == 11
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"}
    run = subprocess.run(
        [sys.executable, "-c", ASK_AIRFLOW],
        input=json.dumps(asked),
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout.splitlines()[-1]) == []


def test_every_setting_of_mediawatch_exists() -> None:
    told = {*environment(), *re.findall(r"MEDIAWATCH_\w+", ENTRYPOINT.read_text() + DOCKERFILE)}
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    assert {name for name in told if name.startswith(PREFIX)} <= known


def test_every_pool_and_queue_has_workers() -> None:
    served = {queue for each in OURS.values() if "worker" in each["command"] for queue in each["command"][4].split(",")}
    assert served == {*airflow.POOLS, "default"}


def test_every_path_of_the_image_is_made_by_the_dockerfile() -> None:
    for service in OURS.values():
        for volume in service["volumes"]:
            assert f" {volume.partition(':')[2]}" in DOCKERFILE
    copied = re.findall(r"^COPY (\S+)", DOCKERFILE, re.MULTILINE)
    ignored = (PROJECT / ".dockerignore").read_text("utf-8").split()
    for name in copied:
        assert (PROJECT / name).exists()
        assert name not in ignored
    assert 'ENTRYPOINT ["/opt/mediawatch/docker/entrypoint"]' in DOCKERFILE
    assert os.access(ENTRYPOINT, os.X_OK)


def test_the_arithmetic_of_sizes_is_that_of_the_settings_and_holds() -> None:
    settings = Settings(extract_workers=int(environment()["MEDIAWATCH_EXTRACT_WORKERS"]))
    slots = {name: int(service["command"][6]) for name, service in OURS.items() if "worker" in service["command"]}
    pools = dict(re.findall(r"pools set (\w+) \$\{\w+:-(\d+)\}", SERVICES["init"]["command"][-1]))
    figures = {
        "entries in hand": claim.RUNS * claim.most_batches(settings) * settings.batch_entries,
        "entries of a host in a batch": int(settings.fetch_budget_s / settings.host_spacing_s),
        "longest fetch": settings.fetch_budget_s + settings.total_timeout_s,
        "longest chunk of an extraction": CHUNK * settings.extract_limit_s / settings.extract_workers,
        "lease": settings.lease_s,
        "web pool": 2 * slots["worker-web"],
        "cpu pool": slots["worker-cpu"] - SLOTS_FOR_DEFAULT,
        "memory of a cpu worker": slots["worker-cpu"] * 300
        + int(pools["cpu"]) // glue.EXTRACT["pool_slots"] * settings.extract_workers * settings.extract_memory_mb,
        "connections": int(environment()["AIRFLOW__CORE__PARALLELISM"]) + 4 * 15,
    }
    told = dict(re.findall(r"^\| ([a-z ]+) \| .+ \| ([\d,]+) ?\w* \|$", PAGE, re.MULTILINE))
    assert told == {name: f"{value:,.0f}" for name, value in figures.items()}
    assert figures["entries in hand"] == settings.backlog_entries
    assert max(figures["longest fetch"], figures["longest chunk of an extraction"]) < settings.lease_s
    assert {name: int(size) for name, size in pools.items()} == {"web": figures["web pool"], "cpu": figures["cpu pool"]}
    assert figures["memory of a cpu worker"] < 1_000 * int(
        SERVICES["worker-cpu"]["deploy"]["resources"]["limits"]["memory"][:-1]
    )
    assert figures["connections"] < int(re.findall(r"max_connections=(\d+)", str(SERVICES["postgres"]["command"]))[0])


def test_the_helm_values_of_the_docs_name_what_exists_and_the_entrypoint_runs_with_them(
    secrets: Path, tmp_path: Path
) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    values = yaml.safe_load(text)
    given = {item["name"] for item in values["env"]}
    assert {name for name in given if name.startswith(PREFIX)} <= {
        PREFIX + field.name.upper() for field in fields(Settings)
    }
    assert values["executor"] == "KubernetesExecutor"
    assert values["images"]["airflow"]["repository"].endswith("mediawatch")
    env = {item["name"]: item["value"].replace("/tmp", str(tmp_path)) for item in values["env"]}
    env |= {"SECRETS_FOLDER": str(secrets), "AIRFLOW__CORE__EXECUTOR": values["executor"]}
    assert begin(secrets, "echo", "started", **env).stdout == "started\n"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_bounded_restarted_checked_and_has_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"].startswith(("unless-stopped", "on-failure"))
    assert service["healthcheck"] == {"disable": True} if name == "init" else service["healthcheck"]["test"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["user"] not in ("root", "0", "0:0")
    assert re.fullmatch(r"[a-z]+:\d[\w.-]*", service["image"])


def test_every_secret_is_a_file_that_make_secrets_makes_and_no_other_is_read(secrets: Path) -> None:
    made = {file.name for file in secrets.iterdir()}
    assert {each["file"] for each in COMPOSE["secrets"].values()} == {f"./secrets/{name}" for name in made}
    assert {name for service in SERVICES.values() for name in service["secrets"]} == made
    read = set(re.findall(r"\$\(secret (\w+)\)|\$folder/(\w+)", ENTRYPOINT.read_text()))
    assert {one or other for one, other in read} | {"postgres_password"} == made
    assert (secrets.stat().st_mode & 0o777, {file.stat().st_mode & 0o777 for file in secrets.iterdir()}) == (
        0o700,
        {0o644},
    )


def test_airflows_rows_and_logs_are_kept_from_growing(secrets: Path, tmp_path: Path) -> None:
    service = SERVICES["tidy"]
    program, name, *options = service["command"]
    given = get_command(app).commands[name].make_context(name, options).params
    assert (program, given["every_h"]) == ("mediawatch", 24)
    given_env = {**service["environment"], "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(tmp_path / "p")}
    ran = begin(secrets, "env", **given_env)
    told = dict(line.split("=", 1) for line in ran.stdout.splitlines())
    assert told[airflow.METADATA_URL].endswith("@postgres/airflow")  # else it would clean a database of its own
    assert f"logs:{told[tidy.LOGS]}" in service["volumes"]
    logs = tmp_path / "logs"
    logs.mkdir()
    check = service["healthcheck"]["test"][1].replace(told[tidy.LOGS], str(logs))
    for days, healthy in ((0, True), (given["days"] + 1, True), (given["days"] + 4, False)):
        then = time.time() - days * 86_400
        (logs / "task.log").touch()
        os.utime(logs / "task.log", (then, then))
        assert (subprocess.run(["sh", "-c", check], check=False).returncode == 0) is healthy


def test_secrets_that_are_there_stay(secrets: Path) -> None:
    before = {file.name: file.read_text() for file in secrets.iterdir()}
    subprocess.run([PROJECT / "docker" / "make-secrets", secrets], check=True)
    assert {file.name: file.read_text() for file in secrets.iterdir()} == before
    assert len({before[name] for name in before if not name.startswith("archive")}) == 8


def test_the_entrypoint_turns_secrets_into_settings(secrets: Path, tmp_path: Path) -> None:
    passwords = tmp_path / "passwords.json"
    ran = begin(secrets, "env", POSTGRES_HOST="db", AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=str(passwords))
    told = dict(line.split("=", 1) for line in ran.stdout.splitlines())
    secret = {file.name: file.read_text() for file in secrets.iterdir()}
    assert told["MEDIAWATCH_DATABASE_URL"] == f"postgresql://mediawatch:{secret['mediawatch_password']}@db/mediawatch"
    assert told["AIRFLOW__CELERY__BROKER_URL"] == f"redis://:{secret['redis_password']}@redis:6379/0"
    assert told["AIRFLOW__CORE__FERNET_KEY"] == secret["fernet_key"]
    assert "AWS_ACCESS_KEY_ID" not in told
    assert json.loads(passwords.read_text()) == {"admin": secret["admin_password"]}
    assert passwords.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("value", [None, "", "airflow", "change me to something", "x" * 15])
def test_nothing_starts_without_a_secret_or_with_a_weak_one(secrets: Path, tmp_path: Path, value: str | None) -> None:
    poor = Path(shutil.copytree(secrets, tmp_path / "secrets"))
    (poor / "jwt_secret").unlink()
    if value is not None:
        (poor / "jwt_secret").write_text(value)
    ran = begin(poor, "echo", "started", AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE=str(tmp_path / "p"))
    assert (ran.returncode, ran.stdout) == (78, "")
    assert "jwt_secret" in ran.stderr
    assert not value or value not in ran.stderr


@pytest.fixture
def redis(secrets: Path, tmp_path: Path) -> Iterator[int]:
    """The redis service's own command as a process; its port."""
    if not shutil.which("redis-server"):
        pytest.skip("there is no redis-server")
    port = airflow.free_port()
    command = (
        SERVICES["redis"]["command"][2]
        .replace("$$", "$")
        .replace("/run/secrets", str(secrets))
        .replace("/data", str(tmp_path))
    )
    line = ["sh", "-c", f"{command} --port {port}"]
    server = subprocess.Popen(line, stdout=subprocess.DEVNULL, start_new_session=True)
    yield port
    os.killpg(server.pid, signal.SIGTERM)  # the shell and, behind its pipe, the server
    server.wait()


def test_redis_is_closed_without_its_password_and_its_health_check_knows_it(redis: int, secrets: Path) -> None:
    check = SERVICES["redis"]["healthcheck"]["test"][1].replace("$$", "$").replace("redis-cli", f"redis-cli -p {redis}")

    def healthy(folder: str) -> bool:
        command = ["sh", "-c", check.replace("/run/secrets", folder)]
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0

    deadline = time.monotonic() + 20
    while not healthy(str(secrets)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not healthy("/nowhere")


def test_the_databases_are_made_for_owners_who_are_no_superusers(secrets: Path, open_folder: Path) -> None:
    server = postgres.start(open_folder / "compose", durable=False)
    try:
        host = parse_dsn(server.url("postgres"))["host"]
        env = {
            "PATH": f"{postgres.psql_path().parent}:{os.environ['PATH']}",
            "PGHOST": host,
            "POSTGRES_USER": "postgres",
        }
        subprocess.run([PROJECT / "docker" / "make-databases"], env={**env, "SECRETS_FOLDER": str(secrets)}, check=True)
        with Database(server.url("mediawatch", "mediawatch")) as db:
            migrate(db)
            assert db.execute("select rolsuper from pg_roles where rolname = current_user") == [(False,)]
            with reading(db):
                assert [rows for _, rows in batches(db, "select current_user")] == [[("mediawatch_query",)]]
        with pytest.raises(psycopg2.OperationalError, match="permission denied"):
            psycopg2.connect(server.url("airflow", "mediawatch"))
    finally:
        server.stop()
