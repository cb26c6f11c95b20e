"""Events as they are stored: the two seeds among hundreds on their subjects, merges, splits, and a second look that changes nothing."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

import pytest
from mediawatch import stages
from mediawatch.evaluate import database
from mediawatch.evaluate.labelled import Labelled
from mediawatch.local import corpus
from mediawatch.settings import Settings
from mediawatch.stages import events
from mediawatch.store.database import Database

DAY = datetime(2024, 1, 31, tzinfo=timezone.utc)
SUBJECTS = (
    (
        "China",
        "trade tariff export port Beijing Washington ministry commerce talks agreement ships factories officials",
    ),
    ("fentanyl", "drugs overdose precursor chemicals cartel border seizure police pills trafficking officers court"),
    (
        "sanctions",
        "Treasury assets blacklist banks tankers oil firms compliance designated measures Russia Iran evasion",
    ),
)
FILLER = (
    "said",
    "on",
    "that",
    "the",
    "of",
    "and",
    "to",
    "in",
    "for",
    "with",
    "after",
    "over",
    "new",
    "more",
    "had",
    "would",
)
SYLLABLES = ("ka", "ro", "mi", "ten", "sul", "bar", "ve", "gon", "pe", "lu", "dra", "sho")


def happening(number: int, tellings: int) -> list[Labelled]:
    """One invented happening on China, drugs or sanctions, told by several sources in words of their own."""
    dice = random.Random(number)
    subject, words = SUBJECTS[number % 3]
    names = ["".join(dice.choices(SYLLABLES, k=4)).title() for _ in range(7)]
    own = ["".join(dice.choices(SYLLABLES, k=3)) for _ in range(20)]
    told = []
    for telling in range(tellings):
        sentences = []
        for _ in range(18):
            part = [
                dice.choice(names),
                *dice.choices(own, k=6),
                *dice.choices(words.split(), k=2),
                *dice.choices(FILLER, k=9),
                subject,
                dice.choice(names),
            ]
            dice.shuffle(part)
            sentences.append(" ".join(part) + ".")
        title = f"{names[0]} {words.split()[number % 12]} {names[1]}"
        at = DAY + timedelta(days=number % 4 - 2)
        text = "\n\n".join(sentences)
        told.append(Labelled(f"{number}-{telling}", f"source {telling}", at, title, text, "en", str(number), "", ""))
    return told


def seeds() -> list[Labelled]:
    texts = [file.read_text("utf-8") for file in sorted((corpus.ROOT / "seeds").glob("*.txt"))]
    return [
        Labelled(f"seed {n}", f"seed source {n}", DAY, text.strip().split("\n")[0], text, "en", "seeds", "", "")
        for n, text in enumerate(texts)
    ]


@pytest.fixture
def take(db: Database, settings: Settings) -> Callable[[Sequence[Labelled]], None]:
    """Takes articles through everything from deduplication on, as one batch."""

    def through(rows: Sequence[Labelled]) -> None:
        batch = database.insert(db, rows)
        for stage in ("deduplicate", "tag", "load"):
            stages.run(stage, db, settings, batch, database.OWNER)

    return through


def groups(db: Database) -> set[frozenset[str]]:
    rows = db.execute(
        "select array_agg(a.url) as urls from article a join story s using (story_id) group by s.event_id"
    )
    return {frozenset(row.urls) for row in rows}


def urls(rows: Sequence[Labelled]) -> frozenset[str]:
    return frozenset(map(database.url_of, rows))


def test_the_seeds_are_two_stories_of_one_event_among_hundreds_on_their_subjects(db: Database, take) -> None:
    others = [row for number in range(120) for row in happening(number, 1 + number % 4)]
    assert len(others) == 300
    both = seeds()
    take([*others[:150], both[0], *others[150:200]])
    take([*others[200:], both[1]])
    found = groups(db)
    assert urls(both) in found
    stories = db.execute("select story_id, title from analyst.articles where source like 'seed source%%'", {})
    assert len({row.story_id for row in stories}) == 2
    (event,) = db.execute(
        """select e.stories, e.articles, e.sources, e.terms from analyst.events e
        where event_id = (select distinct event_id from analyst.articles where source like 'seed source%%')""",
        {},
    )
    assert (event.stories, event.articles, event.sources) == (2, 2, 2)
    assert {"Fentanyl", "Trafficking"} & set(event.terms)


def test_invented_happenings_come_together_and_stay_apart(db: Database, take) -> None:
    told = [happening(number, 3) for number in range(40)]
    take([row for rows in told for row in rows[:2]])
    take([rows[2] for rows in told])
    assert groups(db) == {urls(rows) for rows in told}


def test_an_event_keeps_its_id_and_a_merge_leaves_a_redirect_and_a_row(db: Database, take) -> None:
    rows = happening(7, 6)
    take(rows[:1])
    (first,) = db.execute("select event_id from event")
    db.execute("insert into event (title) values ('other')")
    take(rows[1:3])
    assert {row.event_id for row in db.execute("select event_id from story")} == {first.event_id}
    # As if the third had been taken for another happening: the next look brings them together again.
    db.execute(
        "update story set event_id = (select max(event_id) from event) where story_id = (select max(story_id) from story)"
    )
    (apart,) = db.execute("select max(event_id) as event_id from event")
    take(rows[3:])
    assert {row.event_id for row in db.execute("select event_id from story")} == {first.event_id}
    (change,) = db.execute(
        "select event_id, into_event_id, what, cardinality(stories) as stories, leads_to from analyst.event_changes"
    )
    assert tuple(change) == (apart.event_id, first.event_id, "merge", 1, first.event_id)


def test_an_event_that_was_two_is_split_and_the_larger_part_keeps_the_id(db: Database, take) -> None:
    one, other = happening(1, 4), happening(2, 3)
    take([*one[:3], *other[:2]])
    (kept,) = db.execute("select min(event_id) as event_id from story")
    db.execute("update story set event_id = %(id)s", {"id": kept.event_id})  # as if they had been taken for one
    take([one[3], other[2]])
    assert groups(db) == {urls(one), urls(other)}
    assert db.execute("select count(*) as n from story where event_id = %(id)s", {"id": kept.event_id})[0].n == 4
    assert [row.what for row in db.execute("select what from analyst.event_changes")] == ["split"]


def test_looking_again_changes_nothing(db: Database, take) -> None:
    rows = [row for number in range(6) for row in happening(number, 3)]
    take(rows)
    before = groups(db)
    articles = [row.article_id for row in db.execute("select article_id from article")]
    assert events.read_stories(db, articles) == []
    db.execute("delete from story_terms")
    with db.transaction():
        events.group_stories(
            db, events.read_stories(db, articles), db.execute("select generation_id from generation")[0][0]
        )
    assert groups(db) == before
    assert db.execute("select * from event_change") == []


def test_a_reprint_is_in_the_event_of_its_story(db: Database, take) -> None:
    rows = happening(3, 2)
    take(rows)
    take([Labelled("reprint", "copier", DAY, rows[0].title, rows[0].text, "en", "3", "", "")])
    (event,) = db.execute("select stories, articles from analyst.events")
    assert tuple(event) == (2, 3)


def test_a_story_that_becomes_another_leaves_its_event(db: Database, take) -> None:
    whole, others = happening(3, 1)[0], happening(4, 1)
    words = whole.text.split()
    lead, end = " ".join(words[:120]), " ".join(words[200:])
    parts = [
        Labelled(n, n, DAY + timedelta(days=d), "", t, "en", "3", "", "")
        for n, t, d in (("a", lead, 0), ("b", end, 60))
    ]
    take([*parts, *others])
    assert len(groups(db)) == 3
    take([whole])
    assert groups(db) == {urls([*parts, whole]), urls(others)}
    rows = db.execute("select articles from analyst.events order by 1")
    assert [row.articles for row in rows] == [1, 3]
    assert db.execute("select count(*) as n from story where articles = 0 and event_id is not null")[0].n == 0


def test_two_workers_at_once_end_in_one_event(
    db: Database, settings: Settings, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    rows = [row for number in range(10) for row in happening(number, 4)]
    batches = [database.insert(db, rows[at::2]) for at in (0, 1)]
    db.execute("update batch set lease_owner = 'test'")
    for batch in batches:
        for stage in ("deduplicate", "tag"):
            stages.run(stage, db, settings, batch, "test")
    for each in [worker("load", batch) for batch in batches]:
        each.communicate(timeout=120)
        assert each.returncode == 0
    assert groups(db) == {urls(rows[at : at + 4]) for at in range(0, 40, 4)}
