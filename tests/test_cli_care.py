"""`mediawatch forget`, `retention`, `backup` and `restore` as a person uses them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from click.testing import Result
from mediawatch.cli import app
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import PREFIX, Settings
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, serving
from typer.testing import CliRunner
from village_pages import MILL, POND, feed, page


def mediawatch(settings: Settings, *arguments: str, answer: str = "") -> Result:
    env = {PREFIX + name.upper(): getattr(settings, name) for name in ("home", "database_url", "archive")}
    return CliRunner().invoke(app, list(arguments), input=answer, env=env | {"COLUMNS": "200"})


def test_an_article_is_taken_down_by_hand_and_the_rest_is_kept_safe(
    db: Database, settings: Settings, server_url: Callable[[str], str], admin: Callable[[str], None], tmp_path: Path
) -> None:
    with serving() as site:
        site.pages = {
            "/feed": feed("mill", "pond", "copy"),
            "/mill": page("Mill burns at Tarn", MILL),
            "/pond": page("Ducks are back on the pond", POND),
            "/copy": page("The ducks of the pond are back", POND),
        }
        subscribe(db, [Subscription(url=f"{HOME}/feed", source="Small")])
        run_once(db, replace(settings, hosts=site.hosts, extract_workers=1), "test")
    told = mediawatch(settings, "forget", f"{HOME}/pond", "--dry-run").stdout
    assert "entries 1, articles 1, " in told
    assert f"stays: Small, {HOME}/copy, which tells the same" in told
    asked = mediawatch(settings, "forget", f"{HOME}/pond", answer="n\n")
    assert (asked.exit_code, db.execute("select count(*) from article")[0][0]) == (1, 3)
    done = json.loads(mediawatch(settings, "forget", f"{HOME}/pond", "--yes", "--json").stdout)
    assert (done["removed"]["articles"], done["records_waiting"]) == (1, 0)
    assert "mediawatch.article.text: 1 rows" in done["left"]  # the copy

    refused = mediawatch(settings, "retention", "--articles", "30")
    assert (refused.exit_code, str(refused.exception).startswith("name the publisher with --source")) == (1, True)
    assert "all: articles for ever" in mediawatch(settings, "retention").stdout
    told = mediawatch(settings, "retention", "--source", "Small", "--articles", "30", "--archive", "0").stdout
    assert "all others: articles for ever" in told
    assert "Small: articles 30 days, pages as all others, archive for ever" in told

    name = f"mw_{uuid.uuid4().hex[:12]}"
    admin(f"create database {name}")
    try:
        assert "archive files: 1 new" in mediawatch(settings, "backup", str(tmp_path / "safe")).stdout
        other = replace(settings, database_url=server_url(name), archive=str(tmp_path / "other"))
        assert "archive files: 1;" in mediawatch(other, "restore", str(tmp_path / "safe")).stdout
        with Database(other.database_url) as restored:
            assert restored.execute("select count(*) from analyst.articles")[0][0] == 2
    finally:
        admin(f"drop database {name} with (force)")
