"""`mediawatch alerts …` and `digest`, as a person types them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from mail_server import serving_hook, serving_mail
from mediawatch.cli import app
from mediawatch.errors import AlertError, MediawatchError
from mediawatch.settings import Settings
from mediawatch.store.database import Database
from published import DAY, NOON, publish
from typer.testing import CliRunner

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `mediawatch …` against this test's database."""
    monkeypatch.setenv("MEDIAWATCH_DATABASE_URL", database_url)
    monkeypatch.setenv("MEDIAWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_rule_is_written_tried_asked_sent_and_acknowledged(
    run: Run, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("- {rule: quick, kind: failure_share_above, threshold: 0.1, least: 1, channels: [hook]}")
    assert "quick: failure_share_above" in run("alerts", "add", str(file)).stdout
    fail = """insert into entry (identity, source_id, first_seen_at, stage, status, reason, ready_at, settled_at)
              select '\\x01', source_id, now(), 'done', 'failed', 'dns', now(), now() from source"""
    publish(db, NOON, 1)
    db.execute(fail)
    assert "100.0% of the entries failed" in run("alerts", "test", "quick").stdout
    assert told(run("alerts", "list", "--json"))["alerts"] == []  # a test writes nothing
    assert told(run("alerts", "evaluate", "--json"))["new"] == 1
    missing = run("alerts", "deliver")
    assert (missing.exit_code, "1 failed" in missing.stdout) == (1, True)
    listing = run("alerts", "list").stdout
    assert "hook: waiting, 1 tries" in listing
    assert "last error: there is no credential 'hook': set MEDIAWATCH_CREDENTIAL_HOOK" in " ".join(listing.split())
    with serving_hook() as hook:
        monkeypatch.setenv("MEDIAWATCH_CREDENTIAL_HOOK", f"json://127.0.0.1:{hook.port}")
        db.execute("update alert_delivery set next_at = now()")
        assert run("alerts", "deliver").exit_code == 0
        assert len(hook.bodies) == 1
    (alert,) = told(run("alerts", "list", "--json", "--firing"))["alerts"]
    assert "1 known" in run("alerts", "ack", str(alert["alert_id"]), "--by", "ann").stdout
    assert told(run("alerts", "list", "--json"))["alerts"][0]["acked_by"] == "ann"
    with pytest.raises(AlertError, match="there is no alert 99"):
        run("alerts", "ack", "99")


def test_rules_are_listed_and_paused(run: Run) -> None:
    run("alerts", "pause", "coverage")
    listing = run("alerts", "rules").stdout
    assert "coverage (paused)" in listing
    assert "late-run" in listing
    run("alerts", "pause", "coverage", "--resume")
    assert {row["rule"]: row["enabled"] for row in told(run("alerts", "rules", "--json"))}["coverage"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["alerts", "test"], "name a rule, or give --channel"),
        (["alerts", "test", "nonsense"], "there is no alert rule 'nonsense'"),
        (["alerts", "test", "--channel", "nowhere"], "set MEDIAWATCH_CREDENTIAL_NOWHERE"),
        (["digest", "--topic", "weather"], "there is no topic 'weather'"),
        (["digest", "--to", "out.pdf"], "a file ends in .txt, .html"),
    ],
)
def test_what_is_asked_wrongly_is_told(run: Run, arguments: list[str], said: str) -> None:
    with pytest.raises(MediawatchError, match=said):
        run(*arguments)


def test_a_digest_goes_to_the_terminal_a_file_and_a_channel(
    run: Run, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(db, NOON, 2, "sanctions", title="Banks listed")
    day = ["digest", "--date", str(DAY), "--topic", "sanctions"]
    assert "* Banks listed" in run(*day).stdout
    run(*day, "--to", str(tmp_path / "day.html"))
    assert "<!doctype html>" in (tmp_path / "day.html").read_text("utf-8")
    with serving_mail() as server:
        address = f"mailto://127.0.0.1:{server.port}/?from=a@x.example&to=b@x.example"
        monkeypatch.setenv("MEDIAWATCH_CREDENTIAL_DESK", address)
        assert "sent to desk" in run(*day, "--to", "desk").stdout
        assert server.mails[0]["Subject"].startswith("mediawatch 2024-01-30: Sanctions 2")
        assert "desk: sent" in run("alerts", "test", "--channel", "desk").stdout


def test_a_time_zone_that_is_not_there_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MediawatchError, match="MEDIAWATCH_DIGEST_ZONE: 'Mars/North' is no time zone"):
        Settings.from_env({"MEDIAWATCH_DIGEST_ZONE": "Mars/North"})
