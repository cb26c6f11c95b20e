"""The lists in the docs say what the code says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from mediawatch import cli_alerts, cli_feeds, cli_topics
from mediawatch.alerts.rule import KINDS
from mediawatch.cli import app
from mediawatch.errors import Reason
from mediawatch.settings import PROJECT

DOCS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]


def test_every_outcome_reason_is_explained() -> None:
    text = (PROJECT / "docs" / "outcomes.md").read_text("utf-8")
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in text.splitlines() if "|" in line][2:]
    assert rows == [(r.value, r.status.value, "yes" if r.retried else "no", r.meaning) for r in Reason]


def test_every_dag_is_in_the_operators_table() -> None:
    text = (PROJECT / "docs" / "operate.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) >= {p.stem for p in (PROJECT / "dags").glob("*.py")}


def test_every_link_between_the_docs_leads_somewhere() -> None:
    for doc in DOCS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", doc.read_text("utf-8")):
            assert (doc.parent / target).exists(), f"{doc.name}: {target}"


def test_every_picture_is_linked_and_small() -> None:
    linked = {Path(name).name for doc in DOCS for name in re.findall(r"\]\(([^)]+\.png)\)", doc.read_text("utf-8"))}
    pictures = {path.name: path.stat().st_size for path in (PROJECT / "docs" / "screens").iterdir()}
    assert set(pictures) == linked
    assert max(pictures.values()) <= 120_000


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for doc in DOCS:
        for name in re.findall(r"`make ([a-z-]+)", doc.read_text("utf-8")):
            assert name in targets, f"{doc.name}: make {name}"


def test_every_command_in_the_docs_exists() -> None:
    commands = {command.callback.__name__ for command in app.registered_commands if command.callback}
    groups = {group.name for group in app.registered_groups}
    for doc in DOCS:
        for name in re.findall(r"mediawatch ([a-z]+)[ `]", "\n".join(re.findall(r"`[^`]*`", doc.read_text("utf-8")))):
            assert name in commands | groups, f"{doc.name}: mediawatch {name}"


def test_make_help_lists_every_target() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    out = subprocess.run(["make", "-s", "-C", str(PROJECT), "help"], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make ([\w-]+)", out, re.MULTILINE) == phony.group(1).split()


def test_every_feeds_command_is_in_the_operators_table_and_none_else() -> None:
    text = (PROJECT / "docs" / "operate.md").read_text("utf-8")
    commands = {command.name for command in cli_feeds.app.registered_commands}
    assert set(re.findall(r"`(?:mediawatch )?feeds (\w+)", text)) == commands


def test_every_topics_command_is_in_the_analysts_page_and_none_else() -> None:
    text = (PROJECT / "docs" / "topics.md").read_text("utf-8")
    commands = {
        command.name or command.callback.__name__ for command in cli_topics.app.registered_commands if command.callback
    }
    assert set(re.findall(r"`(?:mediawatch )?topics (\w+)", text)) == commands


def test_every_view_is_in_the_analysts_table_with_its_comment() -> None:
    views = (PROJECT / "sql" / "analyst" / "views.sql").read_text("utf-8")
    comments = re.findall(r"comment on view analyst\.(\w+) is\s+'((?:[^']|'')*)'", views)
    text = (PROJECT / "docs" / "analyst.md").read_text("utf-8").partition("## Views")[2]
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", text, re.MULTILINE) == [
        (name, comment.replace("''", "'")) for name, comment in comments
    ]
    assert {name for name, _ in comments} == set(re.findall(r"create or replace view analyst\.(\w+)", views))


MONITORING = PROJECT / "docs" / "monitoring.md"


def test_every_alerts_command_is_in_the_monitoring_page_and_none_else() -> None:
    commands = {
        command.name or command.callback.__name__ for command in cli_alerts.app.registered_commands if command.callback
    }
    assert set(re.findall(r"`(?:mediawatch )?alerts (\w+)", MONITORING.read_text("utf-8"))) == commands


def test_every_kind_of_rule_is_explained_with_its_defaults() -> None:
    text = MONITORING.read_text("utf-8").partition("## Alert rules")[2].partition("Rules are YAML")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    assert [(row[0].strip("`"), row[1], row[5]) for row in rows] == [
        (name, kind.meaning, kind.scope) for name, kind in KINDS.items()
    ]
    for (name, kind), row in zip(KINDS.items(), rows, strict=True):
        assert row[2].partition(":")[0].split(" ")[0] == (f"{kind.threshold:g}" if kind.threshold else ""), name
        for said, default in ((row[3], kind.least), (row[4], kind.window_h)):
            assert not said or int(re.split(r"\W", said)[0]) == default, name


def test_every_query_for_grafana_is_listed_with_what_it_shows() -> None:
    files = sorted((PROJECT / "sql" / "analyst" / "grafana").glob("*.sql"))
    shown = [(path.name, path.read_text("utf-8").splitlines()[0].removeprefix("-- ")) for path in files]
    assert re.findall(r"^\| `(\w+\.sql)` \| (.+) \|$", MONITORING.read_text("utf-8"), re.MULTILINE) == shown


def test_every_gauge_is_listed() -> None:
    statement = (PROJECT / "sql" / "queries" / "alerts.sql").read_text("utf-8").partition("-- name: pulse")[2]
    gauges = set(re.findall(r"\) as (\w+_\w+)|lag\.\w+ as (\w+)", statement))
    listed = set(re.findall(r"mediawatch\.(\w+)`", MONITORING.read_text("utf-8")))
    assert len(gauges) == 9
    assert {one or other for one, other in gauges} <= listed
