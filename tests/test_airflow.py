"""The demo as a user runs it: real Airflow, real Postgres, real HTTP; then the UI in a real browser."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from demo_stack import CANARY, Demo, Metadata
from desk_pages import CHROMIUM
from mail_server import MailServer
from mediawatch.local import database, postgres, stack, tidy
from mediawatch.local.airflow import Airflow
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import set_credential
from mediawatch.store import scan
from mediawatch.store.database import Database
from metrics_server import Metrics
from sample_warc import Answer, write

XCOM_LIMIT_BYTES = 2_000
SITEMAP = "http://northwire.example/news-sitemap.xml"
ARTICLE = (
    b"<!doctype html><html><head><title>A bridge from long ago</title></head><body><article><h1>A bridge from long ago</h1>"
    + b"".join(
        b"<p>The town council opened its %s bridge over the river on Monday, and the mayor thanked everyone who had built it.</p>"
        % word
        for word in (b"first", b"second", b"third", b"fourth", b"fifth", b"sixth")
    )
    + b"</article></body></html>"
)
WIRE = "http://northwire.example/rss/world.rss"


def test_the_demo_loads_the_corpus_and_prints_what_it_found(ran: Demo) -> None:
    for words in (
        "18 feeds → 126 entries → 118 pages → 114 articles",
        "added: 126 entries",
        "second poll: 17 feeds: 16 304, 1 not a feed; 0 items read, 0 new entries",
        "the two seed articles: 2 stories, 1 event",
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


def test_no_xcom_value_is_above_two_kilobytes(metadata: Metadata) -> None:
    count, largest = metadata.xcoms
    assert count > 10
    assert largest <= XCOM_LIMIT_BYTES


def test_every_task_of_the_demo_succeeded_or_had_nothing_to_do(metadata: Metadata) -> None:
    assert metadata.unfinished == []


def test_mapped_tasks_say_what_they_did(metadata: Metadata) -> None:
    assert any(re.fullmatch(r"batch \d+: 113 entries, 113 ok", name) for name in metadata.names), metadata.names


def test_the_assets_carry_counts(metadata: Metadata) -> None:
    assert sum(extra["entries_new"] for name, extra in metadata.events if name == "mediawatch_entries") == 126
    assert sum(extra["ok"] for name, extra in metadata.events if name == "mediawatch_articles") == 114


def test_airflows_own_metrics_carry_ours(ran: Demo, metrics: Metrics) -> None:
    counted = {name.removeprefix("airflow.mediawatch."): n for name, n in metrics.counters.items()}
    told = {name: counted.get(name) for name in ("poll.entries_new", "load.ok", "fetch.not_found", "fetch.gone")}
    assert told == {"poll.entries_new": 126, "load.ok": 114, "fetch.not_found": 1, "fetch.gone": 1}
    gauges = {name.removeprefix("airflow.mediawatch."): value for name, value in metrics.others.items()}
    assert float(gauges["active_feeds"].removesuffix("|g")) == 17  # one of the 18 is gone for good
    assert gauges["fetch.seconds"].endswith("|ms")


def test_the_demo_asks_the_alert_rules(ran: Demo) -> None:
    folder = database.folder(ran.settings)
    server = postgres.start(folder)
    try:
        with Database(server.url(database.NAME)) as db:
            assert len(db.rows("alerts.rules")) == 6
    finally:
        postgres.stop(folder)


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium (apt install chromium)")
def test_an_operator_sees_the_runs_in_the_grid(up: tuple[Settings, Airflow], tmp_path: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    _, airflow = up
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


def test_the_digest_of_a_day_arrives_by_mail_with_links_to_this_airflow(
    up: tuple[Settings, Airflow], mailbox: MailServer
) -> None:
    _, airflow = up
    run = airflow.client.trigger("send_digest", {"day": "2024-02-01"})
    assert ended(airflow, "send_digest", run) == "success"
    (mail,) = (mail for mail in mailbox.mails if "2024-02-01" in mail["Subject"])
    page = mail.get_body(("html",))
    assert page is not None
    assert "Countries Concerned Over Fentanyl Trafficking" in page.get_content()
    assert f'href="{airflow.url}/mediawatch/stories/' in page.get_content()


def ended(airflow: Airflow, dag: str, run: str) -> str:
    """How a DAG run ended."""
    deadline = time.monotonic() + 180
    while (state := airflow.client.run_state(dag, run)) in ("queued", "running"):
        assert time.monotonic() < deadline, state
        time.sleep(0.5)
    return state


def test_a_backfill_takes_warc_files_and_sitemaps_through_the_stages(
    up: tuple[Settings, Airflow], open_folder: Path
) -> None:
    settings, airflow = up
    page = Answer("http://archive.example/2020/one.html", ARTICLE)
    file = write(open_folder / "crawl.warc.gz", [page])
    conf = {"files": [str(file)], "sitemap": SITEMAP, "since": "2000-01-01", "until": "2030-01-01"}
    run = airflow.client.trigger("backfill_archive", conf)
    assert ended(airflow, "backfill_archive", run) == "success"
    with Database(settings.database_url) as db:
        (entry,) = db.execute("select status from entry where url = 'http://archive.example/2020/one.html'")
        assert entry.status == "loaded"
    task = f"/dags/backfill_archive/dagRuns/{quote(run, safe='')}/taskInstances/read_sitemap"
    told = airflow.client._call("GET", f"{task}/xcomEntries/return_value")["value"]
    counts = json.loads(told) if isinstance(told, str) else told
    assert (counts["sitemaps"], counts["urls"], counts["known"]) == (1, 9, 9)  # the feeds announced them all before


def finished(airflow: Airflow, dag_id: str, run: str) -> str:
    """The state in which a run ends."""
    deadline = time.monotonic() + 240
    while (state := airflow.client.run_state(dag_id, run)) in ("queued", "running"):
        assert time.monotonic() < deadline, state
        time.sleep(0.5)
    return state


def loaded(settings: Settings) -> list[tuple[Any, ...]]:
    """What there is, told so that a second time would show."""
    query = "select entry_id, status, reason, attempts, (select count(*) from outcome o where o.entry_id = e.entry_id) from entry e order by 1"
    with Database(settings.database_url) as db:
        rows = [tuple(row) for row in db.execute(query)]
        return [*rows, *map(tuple, db.execute("select article_id, story_id, loaded_at from article order by 1"))]


def test_a_run_that_is_cleared_and_run_again_changes_nothing(up: tuple[Settings, Airflow]) -> None:
    settings, airflow = up
    run = next(run for run in airflow.client.runs("ingest_articles") if run["run_type"] == "asset_triggered")
    before = loaded(settings)
    body = {"dry_run": False, "only_failed": False, "reset_dag_runs": True, "dag_run_id": run["dag_run_id"]}
    cleared = airflow.client._call("POST", "/dags/ingest_articles/clearTaskInstances", body)
    assert cleared["total_entries"] >= 7
    assert finished(airflow, "ingest_articles", run["dag_run_id"]) == "success"
    assert loaded(settings) == before


def test_a_secret_is_in_no_log_no_row_of_airflows_and_no_answer_of_its_ui(up: tuple[Settings, Airflow]) -> None:
    settings, airflow = up
    with Database(settings.database_url) as db:
        set_credential(db, [WIRE], "canary")
        db.execute("update feed set next_poll_at = now()")
    run = airflow.client.trigger("poll_feeds")
    assert finished(airflow, "poll_feeds", run) == "success"
    with Database(settings.database_url) as db:
        (poll,) = db.execute(
            "select p.result from feed_poll p join feed f using (feed_id) where url = %(u)s order by p.polled_at desc limit 1",
            {"u": WIRE},
        )
        assert poll.result == "not_modified"
        assert scan.find(db, [CANARY]) == []
    with Database(database.metadata_url(replace(settings, database_url=""))) as metadata:
        assert scan.find(metadata, [CANARY]) == []
    files = [path for path in (airflow.home.folder / "logs").rglob("*") if path.is_file()]
    files += list(Path(settings.home).rglob("*.log"))
    assert len(files) > 10
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []
    base = f"/dags/poll_feeds/dagRuns/{quote(run, safe='')}/taskInstances"
    tasks = airflow.client._all(base, "task_instances")
    told = [tasks]
    for task in tasks:
        index = f"?map_index={task['map_index']}"
        told += [airflow.client._call("GET", f"{base}/{task['task_id']}/logs/1{index}")]
        told += [airflow.client._call("GET", f"{base}/{task['task_id']}/xcomEntries{index}")]
        told += [
            airflow.client._call("GET", f"{base}/{task['task_id']}/{task['map_index']}")
        ]  # with its rendered fields
    assert len(told) >= 7
    assert CANARY not in json.dumps(told)


def test_airflows_own_rows_and_logs_are_cleaned_while_it_runs(up: tuple[Settings, Airflow]) -> None:
    settings, airflow = up
    with Database(database.metadata_url(replace(settings, database_url=""))) as metadata:

        def count(table: str) -> int:
            return int(metadata.execute(f"select count(*) from public.{table}")[0][0])

        metadata.execute(
            "update public.dag_run set run_after = run_after - interval '40 days', start_date = start_date - interval '40 days', logical_date = logical_date - interval '40 days' where state = 'success'"
        )
        metadata.execute("update public.log set dttm = dttm - interval '40 days'")
        runs, events = count("dag_run"), count("log")
        old = airflow.home.folder / "logs" / "old.log"
        old.write_text("x")
        os.utime(old, (1_000_000_000, 1_000_000_000))
        (files,) = tidy.repeatedly(replace(settings, database_url=""), 30)
        assert files == 1
        assert count("dag_run") < runs
        assert count("log") < events
    run = airflow.client.trigger("poll_feeds")
    assert finished(airflow, "poll_feeds", run) == "success"
