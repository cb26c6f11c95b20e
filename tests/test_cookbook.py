"""Every question of the cookbook, asked of the sample corpus, with what it must answer there."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from datetime import date, timedelta

import pytest
from conftest import CorpusRun
from corpus_truth import records
from mediawatch.errors import QueryError
from mediawatch.local import postgres
from mediawatch.reports import cookbook as report
from mediawatch.settings import PROJECT
from mediawatch.store import cookbook
from mediawatch.store.cookbook import FOLDER, Question, questions

PAGE = PROJECT / "docs" / "cookbook.md"
ALL = list(questions().values())


def answer(run: CorpusRun, question: str, **given: str) -> list[dict[str, object]]:
    columns, rows = cookbook.ask(run.db, questions()[question], {**questions()[question].example, **given})
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_the_page_is_what_the_files_say_and_the_corpus_answers(corpus_run: CorpusRun) -> None:
    written = report.page((each, *cookbook.ask(corpus_run.db, each, each.example)) for each in ALL)
    if os.environ.get("MEDIAWATCH_WRITE_DOCS"):
        PAGE.write_text(written, "utf-8")
    assert PAGE.read_text("utf-8") == written


def test_there_are_questions_enough_and_each_says_what_it_counts_and_why() -> None:
    assert len(ALL) >= 24
    assert [each.name for each in ALL if not (each.title.endswith("?") and each.text and len(each.count) > 5)] == []


@pytest.mark.parametrize("question", ALL, ids=lambda each: each.name)
def test_each_question_is_answered_with_its_defaults(corpus_run: CorpusRun, question: Question) -> None:
    columns, _ = cookbook.ask(corpus_run.db, question, {})
    assert len(set(columns)) == len(columns) > 1


def test_psql_runs_each_file_as_it_is_and_takes_parameters(corpus_run: CorpusRun) -> None:
    files = [part for each in ALL for part in ("-f", str(FOLDER / f"{each.name}.sql"))]
    command = [
        str(postgres.psql_path()),
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-v",
        "topic=fentanyl",
        "-v",
        "on=2024-02-14",
    ]
    set_up = ["-c", "set search_path = analyst"]
    done = subprocess.run([*command, *set_up, *files, corpus_run.url], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_parameter_that_a_question_does_not_have_is_refused(corpus_run: CorpusRun) -> None:
    with pytest.raises(QueryError, match=r"gaps has no parameter topic; it has: on, days"):
        cookbook.ask(corpus_run.db, questions()["gaps"], {"topic": "x"})


def test_the_wire_was_carried_by_those_whose_records_say_so(corpus_run: CorpusRun) -> None:
    carried = {row["title"]: row["carried_by"] for row in answer(corpus_run, "carried_the_wire")}
    wire = {
        record["story"]: record["title"]
        for record in records()
        if "northwire" in str(record["url"]) and "story" in record
    }
    assert carried[wire["trade-calls-cranes"]] == "City Courier, Lakeside Tribune"
    assert carried[wire["kessara-asset-freeze"]] == "Meridian Post"


def test_the_crane_talks_were_had_first_by_the_wire(corpus_run: CorpusRun) -> None:
    first = {row["title"]: (row["first"], row["second"]) for row in answer(corpus_run, "first_to_report")}
    assert first["U.S. and China agree monthly trade calls as dispute over port cranes lingers"] == (
        "Northwire",
        "City Courier",
    )


def test_city_courier_wrote_none_of_what_it_printed_and_northwire_all(corpus_run: CorpusRun) -> None:
    shares = {row["source"]: (row["copies"], row["articles"]) for row in answer(corpus_run, "share_of_copies")}
    assert (shares["City Courier"], shares["Northwire"]) == ((3, 3), (0, 4))


def test_the_languages_of_sanctions_are_those_of_the_records(corpus_run: CorpusRun) -> None:
    expected: Counter[str] = Counter(
        record["language"]
        for record in records()
        if record.get("outcome") == "loaded" and "sanctions" in record["topics"] and in_days(record["day"], 40)
    )
    assert {row["language"]: row["articles"] for row in answer(corpus_run, "languages")} == dict(expected)


def test_what_was_missed_is_what_the_records_give_up(corpus_run: CorpusRun) -> None:
    expected = Counter(
        record["outcome"].split(": ")[1]
        for record in records()
        if ": " in record.get("outcome", "") and not record["outcome"].endswith("same_page")
    )
    found: Counter[str] = Counter()
    for row in answer(corpus_run, "missed"):
        found[str(row["reason"])] += int(str(row["entries"]))
    assert found == expected


def test_volumes_of_topics_are_those_of_the_records(corpus_run: CorpusRun) -> None:
    expected: Counter[str] = Counter(
        topic
        for record in records()
        if record.get("outcome") == "loaded" and in_days(record["day"], 7)
        for topic in record["topics"]
    )
    assert {row["topic"]: row["articles"] for row in answer(corpus_run, "topic_change")} == dict(expected)


def in_days(day: object, days: int) -> bool:
    """Whether a record's day is one of so many up to 9 February 2024."""
    return bool(day) and date(2024, 2, 9) - timedelta(days=days) < date.fromisoformat(str(day)) <= date(2024, 2, 9)


def test_both_sides_of_the_seeds_use_words_of_their_own(corpus_run: CorpusRun) -> None:
    rows = answer(corpus_run, "two_sides")
    assert rows
    assert all({row["one"], row["other"]} == {0, 1} for row in rows)


def test_the_reprint_without_credit_is_found_and_the_one_that_credits_is_not(corpus_run: CorpusRun) -> None:
    found = {row["url"] for row in answer(corpus_run, "uncredited")}
    assert "http://meridianpost.example/world/un-council-kessara-asset-freeze/" in found
    assert not [url for url in found if "northwire" in str(url)]
