"""Who wrote it: the agency's own article stands for a story, copies name their origin, furniture and verdicts are kept to."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

import pytest
from mediawatch import stages
from mediawatch.cli import app
from mediawatch.evaluate import database
from mediawatch.evaluate.labelled import Labelled
from mediawatch.settings import Settings
from mediawatch.stages.verdicts import say, unsay
from mediawatch.store.database import Database
from typer.testing import CliRunner

DAY = datetime(2024, 1, 31, tzinfo=timezone.utc)
LETTERS = "bdfgklmnprst"
Take = Callable[[Sequence[Labelled]], None]


def text(subject: str, words: int = 300) -> str:
    """Made-up words in paragraphs of fifty."""
    dice = random.Random(subject)
    made = ["".join(dice.choices(LETTERS, k=dice.randint(2, 8))) for _ in range(words)]
    return "\n\n".join(" ".join(made[at : at + 50]) for at in range(0, words, 50))


def article(name: str, body: str, source: str = "", days: int = 0) -> Labelled:
    at = DAY + timedelta(days=days)
    return Labelled(name, source or f"paper {name}", at, f"Title of {name}", body, "en", None, "", "")


@pytest.fixture
def take(db: Database, settings: Settings) -> Take:
    """Takes articles through everything from deduplication on, as one batch."""

    def through(rows: Sequence[Labelled]) -> None:
        batch = database.insert(db, rows)
        for stage in ("deduplicate", "tag", "load"):
            stages.run(stage, db, settings, batch, database.OWNER)

    return through


def ids(db: Database) -> dict[str, int]:
    return {
        row.title.removeprefix("Title of "): row.article_id
        for row in db.execute("select title, article_id from article")
    }


def stories(db: Database) -> set[frozenset[str]]:
    rows = db.execute("select array_agg(title) as titles from article group by story_id")
    return {frozenset(title.removeprefix("Title of ") for title in row.titles) for row in rows}


def facts(db: Database, name: str) -> tuple:
    (row,) = db.execute(
        "select is_canonical, agency, is_syndicated, origin_article_id from analyst.articles where title = %(t)s",
        {"t": f"Title of {name}"},
    )
    return tuple(row)


def test_the_agencys_own_article_stands_for_a_story_even_when_it_comes_last(db: Database, take: Take) -> None:
    take([article("early", text("ferry")), article("named", "GENEVA (AP) — " + text("ferry"), days=1)])
    early = ids(db)["early"]
    assert facts(db, "early") == (True, "AP", False, None)
    assert facts(db, "named") == (False, "AP", True, early)
    take([article("wire", text("ferry"), source="Associated Press", days=2)])
    wire = ids(db)["wire"]
    assert facts(db, "wire") == (True, "AP", False, None)
    assert facts(db, "early") == (False, "AP", True, wire)
    (story,) = db.execute("select agency, articles, title from analyst.stories")
    assert tuple(story) == ("AP", 3, "Title of wire")


def test_without_an_agency_the_earliest_article_stands_for_a_story(db: Database, take: Take) -> None:
    take([article("late", text("ferry"), days=1), article("early", text("ferry"))])
    assert facts(db, "early") == (True, None, False, None)
    assert facts(db, "late") == (False, None, True, ids(db)["early"])


def test_a_reprint_within_one_source_is_no_syndication(db: Database, take: Take) -> None:
    take([article("one", text("ferry"), source="paper"), article("two", text("ferry"), source="paper", days=1)])
    assert facts(db, "two")[2] is False


def test_the_evidence_is_in_sql(db: Database, take: Take) -> None:
    take([article("named", "GENEVA (AP) — " + text("ferry") + "\n\nSource: Reuters")])
    rows = db.execute("select agency, position, found_in, named, words from analyst.syndication order by position")
    assert [tuple(row) for row in rows] == [
        ("AP", 1, "dateline", "AP", "GENEVA (AP) —"),
        ("AP", 2, "credit", "Reuters", "Source: Reuters"),
    ]


BOX = "\n\n".join(
    f"Here the {word} lists its offices, its hours and its editors, as it does below each story it brings to readers"
    for word in ("harbour", "market", "garden", "station", "theatre", "library")
)


def test_a_line_becomes_furniture_once_three_stories_of_a_source_carry_it(db: Database, take: Take) -> None:
    take([article(f"first {n}", text(f"first {n}", 150) + "\n\n" + BOX, source="paper") for n in range(3)])
    assert len(stories(db)) == 3
    take([article(f"later {n}", text(f"later {n}", 100) + "\n\n" + BOX, source="paper") for n in range(2)])
    words = {
        row.title: row.words for row in db.execute("select title, words from article join sketch using (article_id)")
    }
    assert words["Title of later 0"] == 100
    later = ids(db)["later 0"], ids(db)["later 1"]
    assert (
        db.execute(
            "select * from story_link where article_a = %(a)s and article_b = %(b)s", {"a": later[0], "b": later[1]}
        )
        == []
    )


def test_copies_of_one_story_in_one_source_make_no_furniture(db: Database, take: Take) -> None:
    body = text("ferry")
    take([article(f"copy {n}", body, source="paper") for n in range(5)])
    take([article("last", body, source="paper")])
    assert {row.words for row in db.execute("select words from sketch")} == {300}
    assert len(stories(db)) == 1


def test_what_an_analyst_parts_stays_apart_in_later_runs(db: Database, take: Take) -> None:
    take([article("a", text("ferry")), article("b", text("ferry"))])
    known = ids(db)
    say(db, known["a"], known["b"], same=False, author="ada", note="another ferry")
    assert stories(db) == {frozenset("a"), frozenset("b")}
    take([article("c", text("ferry"))])
    assert len(stories(db)) == 2
    assert not any({"a", "b"} <= story for story in stories(db))
    assert [tuple(row) for row in db.execute("select same, author, note from analyst.verdicts")] == [
        (False, "ada", "another ferry")
    ]
    assert {row.verdict for row in db.execute("select verdict from analyst.copies")} == {"not a copy", None}


def test_what_an_analyst_joins_stays_together_until_it_is_taken_back(db: Database, take: Take) -> None:
    take([article("a", text("ferry")), article("b", text("budget"))])
    known = ids(db)
    say(db, known["b"], known["a"], same=True, author="ada")
    take([article("c", text("budget"))])
    assert stories(db) == {frozenset("abc")}
    assert unsay(db, known["a"], known["b"])
    assert stories(db) == {frozenset("a"), frozenset("bc")}
    assert not unsay(db, known["a"], known["b"])


def test_parting_leaves_a_story_with_its_counts_right(db: Database, take: Take) -> None:
    take([article(name, text("ferry")) for name in "abc"])
    known = ids(db)
    say(db, known["a"], known["c"], same=False, author="ada")
    rows = db.execute("select articles from analyst.stories order by 1")
    assert [row.articles for row in rows] == [1, 2]


def counted(db: Database) -> list[tuple[int, int]]:
    return [tuple(row) for row in db.execute("select stories, articles from analyst.events order by 1, 2")]


def test_events_follow_what_an_analyst_says(db: Database, take: Take) -> None:
    take([*(article(name, text("ferry")) for name in "ab"), article("c", text("budget"))])
    known = ids(db)
    assert counted(db) == [(1, 1), (1, 2)]
    say(db, known["a"], known["c"], same=True, author="ada")
    assert counted(db) == [(1, 3)]
    unsay(db, known["a"], known["c"])
    assert counted(db) == [(1, 1), (1, 2)]
    say(db, known["a"], known["b"], same=False, author="ada")
    assert counted(db) == [(1, 1), (2, 2)]  # two pieces of writing now, alike word for word: one happening
    assert db.execute("select * from analyst.stories where event_id is null") == []


@pytest.fixture
def run(database_url: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `mediawatch stories …`; its output on one line."""
    for name, value in {"DATABASE_URL": database_url, "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(f"MEDIAWATCH_{name}", value)

    def stories(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["stories", *arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return " ".join(result.stdout.split())

    return stories


def test_the_commands_show_part_join_and_take_back(db: Database, take: Take, run: Callable[..., str]) -> None:
    rows = [
        article("a", "GENEVA (AP) — " + text("ferry")),
        article("b", text("ferry", 200)),
        article("c", text("budget")),
    ]
    take(rows)
    url = {row.id: database.url_of(row) for row in rows}
    shown = run("show", url["b"])
    assert "2 articles; from AP" in shown
    assert "canonical Title of a" in shown
    assert "cut of article" in shown
    assert "dateline names AP: GENEVA (AP) —" in shown
    assert "Title of b" in run("diff", url["a"], url["b"])
    assert "two stories now" in run("undo", url["a"], url["b"], "--author", "ada", "--note", "no")
    assert "ada said" in run("show", url["a"])
    assert "one story now" in run("join", url["a"], str(ids(db)["c"]), "--author", "ada")
    assert run("retract", url["a"], url["c"]) == "taken back"
    assert run("retract", url["a"], url["c"]) == "nothing was said of them"
