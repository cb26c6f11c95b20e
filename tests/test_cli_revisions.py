"""`mediawatch diff` and `mediawatch refetch` as a person uses them."""

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
from small_site import HOME, SmallSite, serving
from village_pages import MILL, feed, page


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as served:
        served.pages = {
            "/feed": feed("mill"),
            "/mill": page("Mill burns at Tarn", MILL),
            "/robots.txt": b"User-agent: *\nAllow: /\n",
        }
        yield served


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    return replace(settings, hosts=site.hosts, extract_workers=1)


@pytest.fixture
def loaded(db: Database, settings: Settings, site: SmallSite) -> SmallSite:
    subscribe(db, [Subscription(url=f"{HOME}/feed")])
    run_once(db, settings, "test")
    return site


def mediawatch(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given = {
        name: getattr(settings, name) for name in ("home", "database_url", "hosts", "host_spacing_s", "extract_workers")
    }
    env |= {PREFIX + name.upper(): str(value) for name, value in given.items()} | {"COLUMNS": "200"}
    program = Path(sys.executable).with_name("mediawatch")
    command = [str(program), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_refetch_looks_at_the_named_article_and_diff_shows_what_changed(settings: Settings, loaded: SmallSite) -> None:
    assert "no change of its title or text was found" in mediawatch(settings, "diff", f"{HOME}/mill").stdout
    loaded.pages["/mill"] = page("Mill burns down at Tarn", [MILL[0], MILL[1].replace("900", "940"), *MILL[2:]])
    assert mediawatch(settings, "refetch").stdout.strip() == "nothing is due"
    ended = mediawatch(settings, "refetch", f"{HOME}/mill")
    assert ended.stdout.strip() == "1 articles, 1 revised", ended.stderr
    told = mediawatch(settings, "diff", f"{HOME}/mill").stdout
    assert "version 2 edit" in told
    assert "title Mill burns {+down+} at Tarn" in told
    assert "[-900-] {+940+} sacks" in told
    (facts,) = [json.loads(mediawatch(settings, "diff", f"{HOME}/mill", "--json").stdout)]
    assert (facts["revisions"], facts["versions"][0]["title_was"]) == (1, "Mill burns at Tarn")


def test_what_is_no_article_is_told_plainly(settings: Settings, loaded: SmallSite) -> None:
    ended = mediawatch(settings, "diff", f"{HOME}/nothing")
    assert ended.returncode == 1
    assert ended.stderr.strip().startswith("mediawatch: no article is loaded from")
    assert (
        "1 of the URLs not asked for: no article is loaded there"
        in mediawatch(settings, "refetch", f"{HOME}/nothing").stdout
    )
