"""The desk where it lives: in Airflow's UI, behind its login and its roles, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from demo_stack import VIEWER, password
from desk_pages import CHROMIUM
from mediawatch.local.airflow import Airflow
from mediawatch.settings import Settings
from mediawatch.store.database import Database

Up = tuple[Settings, Airflow]
FORM = {"do": "undo", "other": "1", "article": "2"}
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium (apt install chromium)")


def client(airflow: Airflow, user: str | None = None) -> httpx.Client:
    """An HTTP client that is logged in as somebody, by the cookie that the UI has."""
    made = httpx.Client(base_url=airflow.url)
    if user:
        secret = airflow.password if user == airflow.user else password(airflow, user)
        answer = httpx.post(f"{airflow.url}/auth/token", json={"username": user, "password": secret})
        made.cookies.set("_token", answer.json()["access_token"])
    return made


def test_nobody_reads_without_a_login(up: Up) -> None:
    with client(up[1]) as nobody:
        for path in ("", "feeds", "articles/1", "static/desk.css", "batches?dag_id=ingest_articles&run_id=x"):
            assert nobody.get(f"/mediawatch/{path}").status_code == 401, path
        assert nobody.post("/mediawatch/stories/1/verdicts", data=FORM, headers=SAME_ORIGIN).status_code == 401


def test_a_viewer_reads_and_may_not_write(up: Up) -> None:
    with client(up[1], VIEWER) as viewer:
        answer = viewer.get("/mediawatch/")
        assert answer.status_code == 200
        assert f"as {VIEWER}" in answer.text
        assert viewer.post("/mediawatch/stories/1/verdicts", data=FORM, headers=SAME_ORIGIN).status_code == 403


def test_an_admin_writes_and_only_with_forms_of_our_own(up: Up) -> None:
    with client(up[1], up[1].user) as admin:
        there = {"origin": "http://elsewhere.example"}
        assert admin.post("/mediawatch/stories/1/verdicts", data=FORM, headers=there).status_code == 403
        answer = admin.post("/mediawatch/stories/1/verdicts", data=FORM, headers=SAME_ORIGIN)
        assert answer.status_code not in (401, 403)


@pytest.fixture
def page(up: Up) -> Iterator[Any]:
    """Chromium, logged in as the admin."""
    from playwright.sync_api import expect, sync_playwright

    airflow = up[1]
    expect.set_options(timeout=30_000)  # a machine at its limit takes its time
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(airflow.url)
        page.fill("input[name=username]", airflow.user)
        page.fill("input[name=password]", airflow.password)
        page.click("button[type=submit]")
        page.wait_for_selector("[data-testid=nav-sidebar]")
        yield page
        browser.close()


@needs_chromium
def test_from_the_navigation_to_a_feed_to_an_article_to_its_story_to_its_event(up: Up, page: Any) -> None:
    from playwright.sync_api import expect

    page.get_by_role("link", name="Desk", exact=True).click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Overview")).to_be_visible(timeout=30_000)
    frame.get_by_role("link", name="Feeds", exact=True).click()
    frame.get_by_role("link", name="Meridian Post").click()
    frame.get_by_role("link", name="Countries Concerned Over Fentanyl Trafficking").click()
    expect(frame.locator("mark", has_text="fentanyl").first).to_be_visible()
    frame.get_by_role("link", name="Story ").first.click()
    expect(page).to_have_url(re.compile("/plugin/mediawatch/mediawatch/stories/"))  # Airflow keeps it in step
    frame.locator("a[href*='/mediawatch/events/']").first.click()
    expect(page).to_have_url(re.compile("/plugin/mediawatch/mediawatch/events/"))
    page.reload()
    expect(page.frame_locator("iframe").locator("a[href*='/mediawatch/stories/']").first).to_be_visible(timeout=30_000)


@needs_chromium
def test_the_frame_follows_airflows_theme(up: Up, page: Any) -> None:
    page.goto(f"{up[1].url}/plugin/mediawatch")
    frame = page.frame_locator("iframe")
    frame.get_by_role("heading", name="Overview").wait_for()
    for theme in ("dark", "light"):
        page.evaluate("theme => { document.documentElement.className = theme }", theme)
        frame.locator(f"html[data-theme={theme}]").wait_for()


@needs_chromium
def test_a_mapped_task_of_the_grid_leads_to_its_batch_and_the_batch_back_to_its_run(up: Up, page: Any) -> None:
    from playwright.sync_api import expect

    settings, airflow = up
    with Database(settings.database_url) as db:
        (task,) = db.execute(
            "select * from batch_task where dag_id = 'ingest_articles' and stage = 'load' order by entries desc nulls last limit 1"
        )
    run = f"/dags/ingest_articles/runs/{quote(task.run_id, safe='')}"
    page.goto(f"{airflow.url}{run}/tasks/batch.load/mapped/{task.map_index}")
    page.get_by_role("link", name="Batch", exact=True).click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name=f"Batch {task.batch_id}")).to_be_visible(timeout=30_000)
    frame.get_by_role("link", name="Open the DAG run").click()
    page.wait_for_url(lambda url: url.startswith(f"{airflow.url}/dags/ingest_articles/runs/"))
    expect(page.locator("iframe")).to_have_count(0)  # out of the frame, not Airflow within itself
    page.goto(f"{airflow.url}{run}/plugin/batches")
    expect(page.frame_locator("iframe").get_by_role("link", name=f"Batch {task.batch_id}")).to_be_visible(
        timeout=30_000
    )


HARBOURS = """id: harbours
title: Harbours
definition: Articles on harbours, their cranes and their ships.
lists: {harbour: {en: [harbour*, quay]}}
signals: [{name: harbour named, terms: harbour, weight: 1, zones: {title: 3}}]
thresholds: {tagged: 1, primary: 3}
tests: [{text: The harbour is full., level: tagged}, {text: The field is empty., level: none}]
"""


@needs_chromium
def test_a_topic_is_drafted_mended_previewed_and_saved(up: Up, page: Any) -> None:
    from playwright.sync_api import expect

    settings, airflow = up
    page.goto(f"{airflow.url}/plugin/mediawatch/mediawatch/topics")
    frame = page.frame_locator("iframe")
    frame.get_by_label("Id of a new topic").fill("harbours")
    frame.get_by_role("button", name="New topic").click()
    text = frame.get_by_label("The topic file")
    text.fill(HARBOURS.replace("weight: 1", "weight: heavy"))
    frame.get_by_role("button", name="Preview").click()
    expect(frame.get_by_role("alert")).to_contain_text("line 5")
    text.fill(HARBOURS)
    frame.get_by_role("button", name="Preview").click()
    expect(frame.get_by_role("heading", name="Would be added")).to_be_visible()
    frame.get_by_label("Why it changes").fill("the port desk asked")
    frame.get_by_role("button", name="Save as a version").click()
    expect(frame.get_by_role("status")).to_contain_text("Saved as version 1")
    with Database(settings.database_url) as db:
        (version,) = db.rows("topics.versions", topic_id="harbours")
    assert (version.state, version.author, version.note) == ("draft", airflow.user, "the port desk asked")


@needs_chromium
def test_not_a_copy_and_undo_and_back_by_a_search(up: Up, page: Any) -> None:
    from playwright.sync_api import expect

    page.goto(f"{up[1].url}/plugin/mediawatch/mediawatch/search")
    frame = page.frame_locator("iframe")
    frame.get_by_label("Words").fill('"chip-tool makers"')
    frame.get_by_role("button", name="Search").click()
    expect(frame.locator("mark", has_text="chip").first).to_be_visible()
    frame.get_by_role("link", name="story of 5 copies").first.click()
    row = frame.get_by_role("row", name="City Courier").filter(has=frame.get_by_role("button", name="Not a copy"))
    row.get_by_role("button").click()
    expect(frame.get_by_role("status")).to_contain_text("Recorded: not a copy")
    expect(row).to_have_count(0)
    frame.get_by_role("button", name="Undo").click()
    expect(frame.get_by_role("status")).to_contain_text("Taken back")
    expect(row).to_have_count(1)
