"""`mediawatch evaluate stories` and `events`: their stable output, on invented files and on the labelled sets where they are at hand."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from mediawatch.cli import app
from typer.testing import CliRunner

gold = pytest.mark.skipif(
    not os.environ.get("MEDIAWATCH_GOLD"), reason="MEDIAWATCH_GOLD names no folder of labelled sets"
)


def run(*arguments: object) -> Any:
    result = CliRunner().invoke(app, ["evaluate", *map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def text(subject: str, words: int = 300) -> str:
    dice = random.Random(subject)
    return " ".join("".join(dice.choices("bdfgklmnprst", k=dice.randint(2, 8))) for _ in range(words))


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def copies() -> list[dict[str, Any]]:
    """Ten originals, each with a cut."""
    rows = []
    for n in range(10):
        whole = text(f"subject {n}")
        for kind, body in (("original", whole), ("cut", whole[: len(whole) // 2])):
            rows.append(
                {
                    "id": f"{kind} {n}",
                    "source": kind,
                    "published": "2024-01-30",
                    "title": "",
                    "text": body,
                    "story": n,
                    "kind": kind,
                }
            )
    return rows


@pytest.mark.parametrize("workers", [1, 2])
def test_stories_are_measured_on_the_real_store_path(tmp_path: Path, workers: int) -> None:
    out = tmp_path / "out.jsonl"
    facts = run("stories", write(tmp_path / "in.jsonl", copies()), "--workers", workers, "--predictions", out)
    assert set(facts) == {"pairwise", "bcubed", "ari", "recall_by_kind", "articles_per_s", "worst"}
    assert facts["pairwise"] == facts["bcubed"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert facts["recall_by_kind"] == {"cut": 1.0, "original": 1.0}
    assert (facts["ari"], facts["worst"]) == (1.0, [])
    assert facts["articles_per_s"] > 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["id"] for line in lines] == [row["id"] for row in copies()]
    assert len({line["story"] for line in lines}) == 10


def test_stories_without_labels_are_predicted_all_the_same(tmp_path: Path) -> None:
    rows = [{key: row[key] for key in ("id", "text")} for row in copies()]
    out = tmp_path / "out.jsonl"
    facts = run("stories", write(tmp_path / "in.jsonl", rows), "--predictions", out)
    assert facts["pairwise"] is None
    assert len(out.read_text().splitlines()) == 20


def happenings(*, labelled: bool = True) -> list[dict[str, Any]]:
    """Two sets of four happenings, three stories each, which share the words that matter."""
    rows = []
    for name in ("one", "two"):
        for n in range(4):
            own = text(f"{name} {n}", 30).split()
            for telling in range(3):
                dice = random.Random(f"{name} {n} {telling}")
                body = " ".join(
                    word for _ in range(50) for word in (dice.choice(own), *text(str(dice.random()), 2).split())
                )
                row = {
                    "id": f"{name} {n} {telling}",
                    "source": f"s{telling}",
                    "published": "2024-01-30",
                    "title": own[0],
                }
                row |= {"text": body, "lang": "en", "set": name}
                rows.append(row | ({"event": f"{name} {n}"} if labelled else {}))
    return rows


def test_events_are_measured_set_by_set(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    facts = run("events", write(tmp_path / "in.jsonl", happenings()), "--predictions", out)
    assert set(facts) == {"all", "sets", "worst"}
    assert set(facts["sets"]) == {"one", "two"}
    for figures in (facts["all"], *facts["sets"].values()):
        assert set(figures) == {"bcubed", "ari", "articles"}
        assert figures["bcubed"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert (facts["all"]["articles"], facts["sets"]["one"]["articles"]) == (24, 12)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["id"] for line in lines] == [row["id"] for row in happenings()]
    assert len({line["event"] for line in lines}) == 8


def test_events_without_labels_are_predicted_all_the_same(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    facts = run("events", write(tmp_path / "in.jsonl", happenings(labelled=False)), "--predictions", out)
    assert facts == {"all": {"bcubed": None, "ari": None, "articles": 0}, "sets": {}, "worst": []}
    assert len(out.read_text().splitlines()) == 24


@gold
def test_every_copy_is_found_and_none_invented() -> None:
    facts = run("stories", Path(os.environ["MEDIAWATCH_GOLD"]) / "stories_dev.jsonl.gz", "--workers", 2)
    assert facts["pairwise"]["precision"] >= 0.995
    assert facts["pairwise"]["recall"] >= 0.985


@gold
def test_events_are_found_with_one_setting_for_all_sets() -> None:
    sets = run("events", Path(os.environ["MEDIAWATCH_GOLD"]) / "events_dev.jsonl.gz")["sets"]
    least = {"basil": 0.92, "wn": 0.80, "wnm": 0.80, "hp": 0.68}
    assert {name: sets[name]["bcubed"]["f1"] >= bar for name, bar in least.items()} == dict.fromkeys(least, True)
