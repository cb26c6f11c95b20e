"""`mediawatch evaluate topics`: its stable output, and what its figures count."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from mediawatch.cli import app
from mediawatch.errors import MediawatchError
from mediawatch.evaluate.topics import Tally, evaluate, read_articles
from mediawatch.topics.definition import parse_topic
from typer.testing import CliRunner

NAMES = {"fentanyl", "us_china_relations", "sanctions"}
FIGURES = {"precision", "recall", "f1", "primary_f1", "positives"}
FIGHT = "Officers seized fentanyl pills at the port. Fentanyl kills, they said, and fentanyl overdoses rise."
LINES = [
    {"id": "a", "lang": "en", "title": "Fentanyl seized", "text": FIGHT, "labels": {"fentanyl": "primary"}},
    {"id": "b", "lang": "en", "title": "Rain", "text": "It rains.", "labels": {"fentanyl": "secondary"}},
    {"id": "c", "lang": "es", "title": "", "text": "Llueve.", "labels": {"fentanyl": "none"}},
    {"id": "d", "lang": "es", "title": "", "text": "Llueve.", "labels": {"fentanyl": "unsure"}},
    {"id": "e", "lang": "zh-TW", "title": "", "text": "下雨。"},
]

RAIN = """
id: rain
title: Rain
definition: Articles on rain that falls.
lists: {rain: {en: [rain, rains], es: [lluvia, llueve]}}
signals: [{name: rain named, terms: rain, weight: 1, cap: 2}]
thresholds: {tagged: 1, primary: 2}
tests: [{text: It rains., level: tagged}, {text: It is dry., level: none}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in LINES)
    return path


def test_json_has_each_topic_and_language_and_what_went_wrong(file: Path) -> None:
    done = CliRunner().invoke(app, ["evaluate", "topics", str(file), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found) == {"topics", "articles_per_s", "errors"}
    assert set(found["topics"]) == NAMES
    fentanyl = found["topics"]["fentanyl"]
    assert set(fentanyl) == {*FIGURES, "by_lang"}
    assert (fentanyl["precision"], fentanyl["recall"], fentanyl["positives"]) == (1.0, 0.5, 2)
    assert set(fentanyl["by_lang"]) == {"en", "es"}
    assert set(fentanyl["by_lang"]["es"]) == FIGURES
    assert fentanyl["by_lang"]["es"]["f1"] is None
    assert found["topics"]["sanctions"]["positives"] == 0
    (error,) = found["errors"]
    assert error == {"id": "b", "topic": "fentanyl", "expected": "secondary", "got": "none", "evidence": []}
    assert found["articles_per_s"] > 0


def test_predictions_cover_every_line_labelled_or_not(file: Path, tmp_path: Path) -> None:
    written = tmp_path / "levels.jsonl"
    done = CliRunner().invoke(app, ["evaluate", "topics", str(file), "--predictions", str(written)])
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == list("abcde")
    assert rows[0]["levels"] == {"fentanyl": "primary", "us_china_relations": "none", "sanctions": "none"}
    assert all(set(row["levels"]) == NAMES for row in rows)


def test_a_topic_of_ones_own_is_measured_under_its_id(file: Path, tmp_path: Path) -> None:
    topic = tmp_path / "rain.yaml"
    topic.write_text(RAIN, encoding="utf-8")
    done = CliRunner().invoke(app, ["evaluate", "topics", str(file), "--topic", str(topic), "--json"])
    assert set(json.loads(done.stdout)["topics"]) == {"rain"}
    found = evaluate([parse_topic(RAIN, "rain.yaml")], read_articles(file))
    assert [levels["rain"] for _, levels in found.levels] == ["none", "primary", "secondary", "secondary", "none"]
    assert found.overall["rain"] == Tally()


def test_a_level_that_differs_counts_for_primary_and_not_for_the_tag() -> None:
    tally = Tally()
    for expected, got in [("primary", "secondary"), ("secondary", "primary"), ("primary", "primary"), ("none", "none")]:
        tally.add(expected, got)
    assert tally.plain() == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "primary_f1": 0.5, "positives": 3}


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("{", "line 2"),
        ('{"text": "a"}', "each line is an object"),
        ('{"id": "a", "text": "b", "labels": {"fentanyl": "yes"}}', "primary, secondary, none, unsure"),
        ('{"id": "a", "text": 5}', "line 2"),
        ('{"id": "a", "text": "b", "labels": ["x"]}', "labels is an object"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str, advice: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": "a", "text": "b"}\n' + line + "\n")
    with pytest.raises(MediawatchError, match=advice):
        list(read_articles(path))


def test_a_broken_gz_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(LINES[0]).encode())[:-12])
    with pytest.raises(MediawatchError, match=r"cut\.jsonl\.gz, line 1"):
        list(read_articles(path))
