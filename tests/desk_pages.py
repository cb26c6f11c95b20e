"""Addresses of every page, with things to show, what stands on one, and a Chromium that reads the app without a server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from lxml import html
from mediawatch.store.database import Database
from starlette.testclient import TestClient

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
HOST = "http://airflow.example"
ANY = """
select (select min(feed_id) from feed) as feed, (select min(batch_id) from batch) as batch,
       (select story_id from story order by articles desc, story_id limit 1) as story,
       (select canonical_article_id from story order by articles desc, story_id limit 1) as article,
       (select event_id from event order by stories desc, event_id limit 1) as event,
       (select topic_id from topic order by topic_id limit 1) as topic, (select min(url) from entry where reason = 'refused') as failed
"""


def addresses(db: Database) -> dict[str, str]:
    """name → address below the host, for a database that holds the sample corpus."""
    (it,) = db.execute(ANY)
    paths = {
        "overview": "",
        "overview by day": "?span=14d",
        "feeds": "feeds",
        "feed": f"feeds/{it.feed}",
        "outcomes": "outcomes",
        "outcomes of a reason": "outcomes?reason=refused",
        "outcomes that wait": "outcomes?reason=pending",
        "article": f"articles/{it.article}",
        "url without an article": f"url?url={quote(it.failed or 'x', safe='')}",
        "url": "url",
        "batches": "batches",
        "batch": f"batches/{it.batch}",
        "story": f"stories/{it.story}",
        "event": f"events/{it.event}",
        "topics": "topics",
        "topic": f"topics/{quote(it.topic, safe='')}",
        "draft": f"topics/{quote(it.topic, safe='')}/draft",
        "search": "search?q=china",
    }
    return {name: f"/mediawatch/{path}" for name, path in paths.items()}


def shown(reader: TestClient, address: str) -> html.HtmlElement:
    """The page at an address, which has to answer."""
    answer = reader.get(address)
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def text(element: html.HtmlElement) -> str:
    """What an element says, in one line."""
    return " ".join(element.text_content().split())


@contextmanager
def chromium(**options: Any) -> Iterator[Any]:
    """A page of Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(**options)
        browser.close()


def answered_by(page: Any, client: TestClient) -> None:
    """Let the app answer what the page asks of its host, with the headers that it sends; nothing else is answered."""

    def answer(route: Any) -> None:
        request = route.request
        if not request.url.startswith(HOST + "/"):
            route.abort()
            return
        path = request.url.removeprefix(HOST)
        got = client.request(request.method, path, content=request.post_data_buffer, headers=request.headers)
        headers = {name: value for name, value in got.headers.items() if name != "content-encoding"}
        route.fulfill(status=got.status_code, headers=headers, body=got.content)

    page.route("**/*", answer)
