"""`mediawatch feeds …` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from mediawatch.cli import app
from mediawatch.errors import MediawatchError
from mediawatch.store.database import Database
from small_site import HOME, SmallSite, rss, serving
from typer.testing import CliRunner

Run = Callable[..., Result]
A, B = f"{HOME}/a", f"{HOME}/b"


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as site:
        site.pages |= {"/a": rss("1", "2"), "/": b'<html><a href="/news/rss">Feed</a></html>', "/news/rss": rss("3")}
        yield site


@pytest.fixture
def run(database_url: str, site: SmallSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `mediawatch feeds …` against this test's database and site."""
    env = {"DATABASE_URL": database_url, "HOSTS": site.hosts, "HOME": str(tmp_path), "HOST_SPACING_S": "0"}
    for name, value in env.items():
        monkeypatch.setenv(f"MEDIAWATCH_{name}", value)

    def feeds(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(app, ["feeds", *arguments], input=stdin, catch_exceptions=False)

    return feeds


def states(db: Database) -> dict[str, Any]:
    return {row.url: row.state for row in db.execute("select url, state from feed")}


def test_several_feeds_are_added_from_arguments_and_from_stdin(run: Run, db: Database) -> None:
    out = run("add", A, "-", "--source", "Small", stdin=f"# a list\n\n{B}\n  {A}\n").stdout
    assert "2 added, 0 known already" in out
    assert states(db) == {A: "active", B: "active"}
    assert [row.name for row in db.execute("select name from source")] == ["Small"]


def test_a_bad_url_among_them_adds_none(run: Run, db: Database) -> None:
    with pytest.raises(MediawatchError, match=r"not an http\(s\) URL: ftp://x"):
        run("add", A, "ftp://x")
    assert states(db) == {}


def test_feeds_are_paused_resumed_and_retired_by_url(run: Run, db: Database) -> None:
    run("add", A, B)
    assert "1 paused" in run("pause", A).stdout
    assert states(db) == {A: "paused", B: "active"}
    assert "2 retired" in run("retire", A, B).stdout
    assert states(db) == {A: "retired", B: "retired"}
    (later,) = db.execute("select distinct next_poll_at > now() + interval '6 days' as weekly from feed")
    assert later.weekly
    db.execute("update feed set failures = 7")
    assert "1 active" in run("resume", B).stdout
    (row,) = db.execute("select failures, next_poll_at <= clock_timestamp() as due from feed where url like '%/b'")
    assert (row.failures, row.due) == (0, True)


def test_an_unknown_url_is_named_and_nothing_is_changed(run: Run, db: Database) -> None:
    run("add", A)
    with pytest.raises(MediawatchError, match=f"not subscribed, so nothing was changed: {B}"):
        run("pause", A, B)
    assert states(db) == {A: "active"}


def test_a_check_is_told_to_people_and_to_programs(run: Run, db: Database) -> None:
    out = run("check", A).stdout
    assert "2, 2 not known yet, the newest of 2024-01-30 09:15" in out
    assert "every 30 min (first answer)" in out
    facts = json.loads(run("check", A, "--json").stdout)
    assert (facts["result"], facts["entries_new"], facts["interval_s"]) == ("new", 2, 1800)
    assert states(db) == {}


def test_discovered_feeds_are_listed_and_added_on_demand(run: Run, db: Database) -> None:
    assert json.loads(run("discover", HOME, "--json").stdout)[0]["url"] == f"{HOME}/news/rss"
    assert states(db) == {}
    assert "1 added" in run("discover", HOME, "--add").stdout
    assert states(db) == {f"{HOME}/news/rss": "active"}
    assert [row.name for row in db.execute("select name from source")] == ["small.example"]


def test_a_site_without_feeds_is_told(run: Run, site: SmallSite) -> None:
    site.pages["/"] = b"<html></html>"
    assert f"no feed found at {HOME}" in run("discover", HOME).stdout


def test_the_shipped_list_is_imported_and_exported_again(run: Run, db: Database) -> None:
    run("import", "--shipped")
    known = states(db)
    assert len(known) >= 60
    assert set(known.values()) == {"active"}
    assert "0 added" in run("import", "--shipped").stdout
    assert run("export").stdout.count("xmlUrl") == len(known)


def test_an_import_needs_one_list(run: Run) -> None:
    with pytest.raises(MediawatchError, match="name an OPML file, or give --shipped"):
        run("import")


def test_a_secret_is_named_and_taken_away_and_both_are_in_the_history(run: Run, db: Database) -> None:
    run("add", A)
    assert "1 asked with desk" in run("credential", A, "--name", "desk").stdout
    run("credential", A, "--none")
    rows = db.execute("select what, was, becomes, why from feed_change order by change_id")
    assert [tuple(row) for row in rows] == [
        ("credential", "none", "desk", "by hand"),
        ("credential", "desk", "none", "by hand"),
    ]
    assert db.execute("select credential from feed")[0].credential is None


@pytest.mark.parametrize("arguments", [[A], [A, "--name", "x", "--none"], [A, "--name", "no name"], [B, "--name", "x"]])
def test_a_secret_that_cannot_be_named_is_refused(arguments: list[str], run: Run, db: Database) -> None:
    run("add", A)
    with pytest.raises(MediawatchError):
        run("credential", *arguments)
    assert db.execute("select credential from feed")[0].credential is None
