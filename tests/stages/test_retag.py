"""Topics change: what analysts see before, while and after the stored articles are read again."""

from __future__ import annotations

import pytest
from mediawatch.errors import StoreError, TopicError
from mediawatch.stages import retag, tagging, topic_versions
from mediawatch.store.database import Database
from mediawatch.topics.definition import parse_topic
from stored_articles import store_articles, tag

TEA = """
id: tea
title: Tea
definition: Articles on tea, its fields and its trade.
lists: {tea: {en: [tea, teas]}}
signals: [{name: tea named, terms: tea, weight: 1, zones: {title: 3}}]
thresholds: {tagged: 1, primary: 3}
tests: [{text: Tea is sold., level: secondary}, {text: It rains., level: none}]
"""
TEA_AND_COFFEE = TEA.replace("[tea, teas]", "[tea, teas, coffee]").replace("title: Tea\n", "title: Tea and coffee\n")
NO_TEA = TEA.replace("[tea, teas]", "[mate]").replace("Tea is sold.", "Mate is sold.")
ARTICLES = [("Tea rises", "The price of tea rose."), ("Rain", "It rained."), ("Harvest", "Coffee is picked by hand.")]


def put(db: Database, body: str, author: str = "ann") -> int:
    return topic_versions.put(db, parse_topic(body, "tea.yaml"), body, author)


def activate(db: Database, body: str) -> int:
    return retag.activate(db, [("tea", put(db, body))], "ann")


def seen(db: Database) -> dict[str, str]:
    """Title → level of what analysts see on tea."""
    rows = db.execute(
        "select title, level from analyst.article_topics join article using (article_id) where topic = 'tea'"
    )
    return {row.title: row.level for row in rows}


def noted(db: Database) -> set[str]:
    """Titles of the articles that say of themselves that they are on tea."""
    return {row.title for row in db.execute("select title from article where 'tea' = any(topics)")}


def test_a_topic_tags_at_once_where_nothing_is_stored(db: Database) -> None:
    activate(db, TEA)
    assert retag.open_runs(db) == []
    store_articles(db, ARTICLES)
    assert seen(db) == {"Tea rises": "primary"}
    assert noted(db) == {"Tea rises"}


def test_the_views_switch_when_all_is_read_and_not_before(db: Database) -> None:
    activate(db, TEA)
    store_articles(db, ARTICLES)
    run = activate(db, TEA_AND_COFFEE)
    with pytest.raises(StoreError, match="1 batches to do"):
        retag.switch(db, run)
    for batch in retag.unfinished(db, run):
        assert retag.do_batch(db, run, batch) == {"articles": 3, "tags": 2}
    assert seen(db) == {"Tea rises": "primary"}
    assert noted(db) == {"Tea rises"}
    assert db.execute("select title, version from analyst.topics where topic = 'tea'") == [("Tea", 1)]
    assert retag.switch(db, run) == 1
    assert seen(db) == {"Tea rises": "primary", "Harvest": "secondary"}
    assert noted(db) == {"Tea rises", "Harvest"}
    assert db.execute("select title, version from analyst.topics where topic = 'tea'") == [("Tea and coffee", 2)]
    assert retag.switch(db, run) == 0


def test_the_state_of_any_moment_can_be_asked_for(db: Database) -> None:
    activate(db, TEA)
    store_articles(db, ARTICLES)
    moments = [db.now()]
    for body in (TEA_AND_COFFEE, NO_TEA, TEA):
        retag.run(db, activate(db, body))
        moments.append(db.now())
    at = """select a.title from analyst.article_topic_history h join article a using (article_id)
        where topic = 'tea' and valid_from <= %(t)s and (valid_to is null or valid_to > %(t)s) order by 1"""
    found = [[row.title for row in db.execute(at, {"t": moment})] for moment in moments]
    assert found == [["Tea rises"], ["Harvest", "Tea rises"], [], ["Tea rises"]]
    states = db.execute("select version, state from analyst.topic_versions where topic = 'tea' order by version")
    assert states == [(1, "retired"), (2, "retired"), (3, "retired"), (4, "live")]


def test_an_article_that_changes_its_text_keeps_the_tags_that_analysts_saw(db: Database) -> None:
    activate(db, TEA)
    ids = store_articles(db, ARTICLES)
    db.execute(
        "update article set text = 'It rained.', title = 'Rain again', text_sha256 = 'x' where article_id = %(i)s",
        {"i": ids[0]},
    )
    tag(db, ids[:1])
    assert seen(db) == {}
    (past,) = db.execute(
        "select level, valid_to is not null as ended from analyst.article_topic_history where topic = 'tea'"
    )
    assert past == ("primary", True)
    assert db.execute("select sentence, is_current from analyst.evidence where topic = 'tea'") == [(None, False)] * 2


def test_articles_that_come_in_while_a_topic_is_built_are_tagged_for_both(db: Database) -> None:
    activate(db, TEA)
    store_articles(db, ARTICLES[:1])
    before = tagging.Tagger(db.rows("topics.taggings"))
    run = activate(db, TEA_AND_COFFEE)
    (late,) = store_articles(db, ARTICLES[2:], tagged=False)
    rows = db.execute("select * from article where article_id = %(i)s", {"i": late})
    generation = tagging.current_generation(db)
    with db.transaction():  # a stage that read the topics before the run began
        tagging.store(db, generation, before, [(row, before.tags(row)) for row in rows])
    assert noted(db) == {"Tea rises"}
    retag.run(db, run)
    assert noted(db) == {"Tea rises", "Harvest"}


def test_a_run_that_was_killed_goes_on_and_ends_the_same(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retag, "CHUNK_ARTICLES", 2)
    activate(db, TEA)
    store_articles(db, ARTICLES * 3)
    run = activate(db, TEA_AND_COFFEE)

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retag.run(db, run, die)
    assert db.row("retag.progress", retag_id=run).articles == 2  # type: ignore[union-attr]
    assert retag.run(db, run) == {"articles": 7, "tags": 5, "changed": 3}
    assert len(db.execute("select * from analyst.article_topics where topic = 'tea'")) == 6


def test_a_newer_run_takes_the_place_of_one_that_has_not_switched(db: Database) -> None:
    activate(db, TEA)
    store_articles(db, ARTICLES)
    old = activate(db, TEA_AND_COFFEE)
    retag.do_batch(db, old, 0)
    new = activate(db, NO_TEA)
    assert retag.open_runs(db) == [new]
    assert retag.run(db, old) == {"articles": 0, "tags": 0, "changed": 0}
    retag.run(db, new)
    assert seen(db) == {}
    assert (
        db.execute(
            "select count(*) as n from article_topic t join topic_tagging g using (tagging_id) where state = 'abandoned'"
        )[0].n
        == 0
    )


def test_the_tags_of_other_topics_stay_as_they_are(db: Database) -> None:
    activate(db, TEA)
    store_articles(db, [("Fentanyl seized", "Officers seized fentanyl pills under the tea.")])
    before = db.execute("select tag_id, topic_id, tagged_at from article_topic where topic_id <> 'tea'")
    retag.run(db, activate(db, NO_TEA))
    assert before
    assert db.execute("select tag_id, topic_id, tagged_at from article_topic where topic_id <> 'tea'") == before
    assert db.execute("select topics from article")[0].topics == ["fentanyl"]


def test_a_version_is_stored_once_and_knows_its_author(db: Database) -> None:
    assert [put(db, TEA), put(db, TEA + "# a remark\n"), put(db, NO_TEA, "bob")] == [1, 1, 2]
    rows = db.execute("select version, author, state from analyst.topic_versions where topic = 'tea' order by 1")
    assert rows == [(1, "ann", "draft"), (2, "bob", "draft")]
    assert db.execute("select * from analyst.topics where topic = 'tea'") == []


def test_a_topic_that_fails_its_own_tests_is_refused() -> None:
    with pytest.raises(TopicError, match=r"fails its own tests:\n  line 8"):
        topic_versions.parse_checked(TEA.replace("It rains.", "Tea rains."), "tea.yaml")


def test_a_shipped_topic_is_read_into_the_past_and_never_over_an_analyst(db: Database) -> None:
    assert topic_versions.sync(db, [("tea.yaml", TEA)]) == ["tea"]
    store_articles(db, ARTICLES)
    assert topic_versions.sync(db, [("tea.yaml", TEA)]) == []
    assert topic_versions.sync(db, [("tea.yaml", TEA_AND_COFFEE)]) == ["tea"]
    assert seen(db) == {"Tea rises": "primary"}
    (run,) = retag.open_runs(db)
    retag.run(db, run)
    assert set(seen(db)) == {"Tea rises", "Harvest"}
    retag.run(db, activate(db, NO_TEA))
    assert topic_versions.sync(db, [("tea.yaml", TEA)]) == []
    assert seen(db) == {}


def test_tags_of_another_engine_are_made_anew(db: Database) -> None:
    activate(db, TEA)
    store_articles(db, ARTICLES)
    db.execute("update topic_tagging set engine = '0' where topic_id = 'tea'")
    assert topic_versions.sync(db, []) == []
    (run,) = retag.open_runs(db)
    assert topic_versions.sync(db, []) == []
    assert retag.open_runs(db) == [run]
    retag.run(db, run)
    rows = db.execute("select engine, state from topic_tagging where topic_id = 'tea' order by tagging_id")
    assert rows == [("0", "retired"), (tagging.ENGINE_VERSION, "live")]
