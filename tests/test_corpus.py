"""Every record of the sample corpus, through the real pipeline: polled and fetched over HTTP, stored in Postgres."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from conftest import CorpusRun
from corpus_truth import Record, outcome_of, records
from mediawatch.local import corpus
from mediawatch.stages.maintain import check_balance

RECORDS = [record for record in records() if "same_entry_as" not in record]
TWINS = [record for record in records() if "same_entry_as" in record]
LOADED = [record for record in RECORDS if record["outcome"] == "loaded"]


def named(record: Record) -> str:
    return str(record["url"] or record["title"]).removeprefix("http://")


@pytest.fixture
def run(corpus_run: CorpusRun) -> CorpusRun:
    """The one run of the whole flow."""
    return corpus_run


@pytest.mark.parametrize("record", RECORDS, ids=named)
def test_an_entry_ends_as_its_record_says(run: CorpusRun, record: Record) -> None:
    assert outcome_of(run.db, record).outcome == record["outcome"]


@pytest.mark.parametrize("record", LOADED, ids=named)
def test_an_article_reads_as_its_record_says(run: CorpusRun, record: Record) -> None:
    found = outcome_of(run.db, record)
    day = record["day"] and str(record["day"])
    assert (found.title, found.day, found.language) == (record["title"], day, record["language"])


@pytest.mark.parametrize("record", LOADED, ids=named)
def test_an_article_is_on_the_topics_of_its_record(run: CorpusRun, record: Record) -> None:
    found = outcome_of(run.db, record)
    assert found.topics is not None
    assert set(found.topics) == set(record["topics"])


def test_main_subjects_are_told_from_side_subjects(run: CorpusRun) -> None:
    """Levels are a matter of degree where membership is not: four in five must agree with the reader."""
    pairs = [
        (record["topics"].get(topic), level)
        for record in LOADED
        for topic, level in (outcome_of(run.db, record).topics or {}).items()
    ]
    agreed = sum(expected == found for expected, found in pairs)
    assert agreed >= 0.8 * len(pairs), f"{agreed} of {len(pairs)}"


@pytest.mark.parametrize("record", TWINS, ids=named)
def test_two_spellings_of_a_url_are_one_entry(run: CorpusRun, record: Record) -> None:
    by_url = "select entry_id from mediawatch.entry_announcement where url = any(%(urls)s)"
    rows = run.db.execute(by_url, {"urls": [record["url"], record["same_entry_as"]]})
    assert len({row.entry_id for row in rows}) == 1


def test_articles_are_one_story_exactly_when_their_records_say_so(run: CorpusRun) -> None:
    expected: defaultdict[str, set[str]] = defaultdict(set)
    found: defaultdict[Any, set[str]] = defaultdict(set)
    for record in LOADED:
        expected[record["story"]].add(record["url"])
        found[outcome_of(run.db, record).story].add(record["url"])
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, expected.values()))


def test_every_entry_has_a_record(run: CorpusRun) -> None:
    (row,) = run.db.execute("select count(*) as entries from mediawatch.entry")
    assert row.entries == len(RECORDS)


def test_the_ledger_balances(run: CorpusRun) -> None:
    check_balance(run.db)


def test_evidence_cuts_out_the_words_that_it_names(run: CorpusRun) -> None:
    rows = run.db.execute("""
        select e.matched, substr(case e.zone when 'title' then a.title else a.text end, e.start_at + 1, e.end_at - e.start_at)
               as cut from analyst.evidence e join analyst.articles a using (article_id)""")
    assert len(rows) > 100
    assert [row for row in rows if row.matched != row.cut] == []


SEEDS = {
    "http://harborledger.example/world/joint-working-group.html": {"fentanyl", "us-china"},
    "http://meridianpost.example/world/countries-concerned-over-fentanyl-trafficking/": {
        "fentanyl",
        "us-china",
        "sanctions",
    },
}


def test_the_seeds_are_two_stories_on_their_topics(run: CorpusRun) -> None:
    found = {url: outcome_of(run.db, {"url": url}) for url in SEEDS}
    assert {url: set(each.topics or ()) for url, each in found.items()} == SEEDS
    assert len({each.story for each in found.values()}) == 2


def test_the_seeds_tell_of_one_event_and_nothing_else_does(run: CorpusRun) -> None:
    rows = run.db.execute(
        "select url from analyst.articles where event_id = (select event_id from analyst.articles where url = %(url)s)",
        {"url": next(iter(SEEDS))},
    )
    assert {row.url for row in rows} == set(SEEDS)


def test_reprints_of_the_wire_are_known_and_nothing_else_is_taken_for_one(run: CorpusRun) -> None:
    of_story: dict[str, list[Record]] = defaultdict(list)
    for record in LOADED:
        of_story[record["story"]].append(record)
    wire = {name: r["url"] for name, each in of_story.items() for r in each if "//northwire." in r["url"]}
    expected = {r["url"]: wire[name] for name, each in of_story.items() if name in wire for r in each}
    rows = run.db.execute("""select e.url, o.url as origin from analyst.articles a join mediawatch.entry e on e.article_id = a.article_id
        join mediawatch.entry o on o.article_id = a.origin_article_id
        where a.is_syndicated and e.status = 'loaded' and o.status = 'loaded' and a.agency = 'Northwire'""")
    assert {row.url: row.origin for row in rows} == {u: origin for u, origin in expected.items() if u != origin}


def test_the_seeds_are_stored_word_for_word(run: CorpusRun) -> None:
    for url, file in zip(SEEDS, sorted((corpus.ROOT / "seeds").glob("*.txt")), strict=True):
        found = outcome_of(run.db, {"url": url})
        wanted = [" ".join(line.split()) for line in file.read_text("utf-8").splitlines() if line.strip()]
        stored = {" ".join(line.split()) for line in [found.title or "", *found.text.split("\n\n")]}
        assert [line for line in wanted if line not in stored and not any(line in each for each in stored)] == []


def test_the_first_seed_is_dated_by_its_own_first_line(run: CorpusRun) -> None:
    (row,) = run.db.execute(
        "select published_on, published_origin, published_precision from analyst.articles where url = %(url)s",
        {"url": next(iter(SEEDS))},
    )
    assert (row.published_on.isoformat(), row.published_origin, row.published_precision) == (
        "2024-01-31",
        "text",
        "day",
    )
