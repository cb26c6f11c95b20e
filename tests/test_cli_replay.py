"""`mediawatch replay …` as a person uses it: build, look, publish, drop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import PREFIX, Settings
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, serving
from village_pages import MILL, feed, page


@pytest.fixture
def settings(settings: Settings) -> Iterator[Settings]:
    with serving() as site:
        site.pages = {
            "/feed": feed("mill"),
            "/mill": page("Mill burns at Tarn", MILL),
            "/robots.txt": b"User-agent: *\n",
        }
        yield replace(settings, hosts=site.hosts, extract_workers=1)


def mediawatch(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {name: getattr(settings, name) for name in ("home", "database_url", "extract_workers")}
    env |= {PREFIX + name.upper(): str(value) for name, value in given.items()} | {"COLUMNS": "200"}
    command = [str(Path(sys.executable).with_name("mediawatch")), "replay", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_a_replay_is_built_looked_at_published_and_dropped(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=f"{HOME}/feed")])
    run_once(db, settings, "test")
    assert "no replay was begun yet" in mediawatch(settings, "list").stdout
    db.execute(
        "update article set title = 'Mill burns at Tarn - Small Gazette', published_at = published_at - interval '2 days'"
    )
    told = mediawatch(settings, "build")
    assert "replay 1 from extract, draft: 1 pages" in told.stdout, told.stderr
    assert "dates: 1 moved, 1 of them by a day or more" in told.stdout
    assert "article 1: changed, overlap 1.000, title, date" in told.stdout
    assert mediawatch(settings, "report", "1").stdout == told.stdout
    (listed,) = json.loads(mediawatch(settings, "list", "--json").stdout)
    assert (listed["state"], listed["pages"], listed["waiting"]) == ("draft", 1, 0)
    assert "replay 1 is live: 1 articles" in mediawatch(settings, "publish", "1").stdout
    assert db.execute("select title from analyst.articles")[0].title == "Mill burns at Tarn"
    again = json.loads(mediawatch(settings, "build", "--from", "tag", "--json").stdout)
    assert (again["replay"], again["outcomes"]) == (2, {"same": 1})
    assert mediawatch(settings, "drop", "2").stdout.strip() == "replay 2 is dropped"
    ended = mediawatch(settings, "publish", "2")
    assert (ended.returncode, ended.stderr.strip()) == (1, "mediawatch: replay 2 is retired, not draft")
    assert mediawatch(settings, "report", "7").stderr.strip() == "mediawatch: there is no replay 7"
    assert "no archived page of Nobody" in mediawatch(settings, "build", "--source", "Nobody").stderr
