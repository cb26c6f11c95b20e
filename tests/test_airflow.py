"""The demo as a user runs it: real Airflow, real Postgres, real HTTP; then the UI in a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
import pytest
from mediawatch.local import database, demo, postgres, stack
from mediawatch.settings import Settings
from rich.console import Console

XCOM_LIMIT_BYTES = 2_000
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@dataclass(frozen=True)
class Demo:
    """Two demos in one folder, one after the other, and what each printed."""

    settings: Settings
    first: str
    second: str


@pytest.fixture(scope="module")
def ran(open_folder: Path) -> Iterator[Demo]:
    settings = Settings(home=str(open_folder / "demo"))
    printed = []
    for _ in range(2):
        console = Console(file=StringIO(), width=160)
        demo.run(settings, console)
        printed.append(console.file.getvalue())  # type: ignore[attr-defined]
        assert_nothing_runs(settings)
    yield Demo(settings, *printed)
    stack.stop(settings)


def assert_nothing_runs(settings: Settings) -> None:
    left = [
        p for p in psutil.process_iter(["cmdline", "environ"]) if settings.home in " ".join(p.info["cmdline"] or [])
    ]
    ours = [
        p for p in psutil.process_iter(["environ"]) if (p.info["environ"] or {}).get("MEDIAWATCH_HOME") == settings.home
    ]
    assert [p.pid for p in (*left, *ours) if p.pid != psutil.Process().pid] == []


def test_the_demo_loads_the_corpus_and_prints_what_it_found(ran: Demo) -> None:
    for words in (
        "18 feeds → 126 entries → 118 pages → 114 articles",
        "added: 126 entries",
        "second poll: 17 feeds: 16 304, 1 not a feed; 0 items read, 0 new entries",
        "Countries Concerned Over Fentanyl Trafficking",
        "2024-01-31 (from text)",
        "make psql SQL=",
    ):
        assert words in ran.first
    seeds = ran.first.partition("the two seed articles")[2]
    assert re.search(r"sanctions \(secondary, version \d+\): .*“sanctions”", seeds)


def test_a_second_demo_polls_again_adds_nothing_and_says_so(ran: Demo) -> None:
    assert "first poll:  17 feeds: 16 304, 1 not a feed; 0 items read, 0 new entries" in ran.second
    assert "nothing new:" in ran.second
    assert "18 feeds → 126 entries → 118 pages → 114 articles" in ran.second


@pytest.fixture
def metadata(ran: Demo) -> Iterator[psycopg2.extensions.connection]:
    """Airflow's own database after the demos."""
    folder = database.folder(ran.settings)
    server = postgres.start(folder)
    connection = psycopg2.connect(server.url(database.METADATA))
    yield connection
    connection.close()
    postgres.stop(folder)


def test_no_xcom_value_is_above_two_kilobytes(metadata: psycopg2.extensions.connection) -> None:
    with metadata.cursor() as cursor:
        cursor.execute("select count(*), max(octet_length(value::text)) from xcom")
        count, largest = cursor.fetchone() or (0, 0)
    assert count > 10
    assert largest <= XCOM_LIMIT_BYTES


def test_every_task_of_the_demo_succeeded_or_had_nothing_to_do(metadata: psycopg2.extensions.connection) -> None:
    with metadata.cursor() as cursor:
        cursor.execute("select dag_id, task_id, state from task_instance where state not in ('success', 'skipped')")
        assert cursor.fetchall() == []


def test_mapped_tasks_say_what_they_did(metadata: psycopg2.extensions.connection) -> None:
    with metadata.cursor() as cursor:
        cursor.execute(
            "select rendered_map_index from task_instance where task_id = 'batch.load' and state = 'success'"
        )
        names = [name for (name,) in cursor.fetchall()]
    assert any(re.fullmatch(r"batch \d+: 113 entries, 113 ok", name) for name in names), names


def test_the_assets_carry_counts(metadata: psycopg2.extensions.connection) -> None:
    with metadata.cursor() as cursor:
        cursor.execute("select a.name, e.extra from asset_event e join asset a on a.id = e.asset_id")
        events = cursor.fetchall()
    assert sum(extra["entries_new"] for name, extra in events if name == "mediawatch_entries") == 126
    assert sum(extra["ok"] for name, extra in events if name == "mediawatch_articles") == 114


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium (apt install chromium)")
def test_an_operator_sees_the_runs_in_the_grid(ran: Demo, tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    settings, airflow = stack.start(ran.settings, port=0, brisk=True, progress=lambda _: None)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto(airflow.url)
            page.fill("input[name=username]", airflow.user)
            page.fill("input[name=password]", airflow.password)
            page.click("button[type=submit]")
            (run, *_) = [run for run in airflow.client.runs("ingest_articles") if run["run_type"] == "asset_triggered"]
            assert run["state"] == "success"
            page.goto(f"{airflow.url}/dags/ingest_articles/runs/{quote(run['dag_run_id'])}")
            expect(page.get_by_text("batch").first).to_be_visible(timeout=30_000)
            expect(page.get_by_text("Success").first).to_be_visible(timeout=30_000)
            page.screenshot(path=str(tmp_path / "grid.png"))
            page.goto(f"{airflow.url}/dags")
            for dag in stack.DAGS:
                expect(page.get_by_text(dag).first).to_be_visible(timeout=30_000)
            page.screenshot(path=str(tmp_path / "dags.png"))
            browser.close()
    finally:
        stack.stop(settings)
    assert_nothing_runs(settings)
