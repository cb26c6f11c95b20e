"""Labelled files are read or refused by line, and the measures are what their papers say."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from mediawatch.errors import MediawatchError
from mediawatch.evaluate.labelled import adjusted_rand, bcubed, moment, pairwise, read, recall_by_kind, worst

TRUE = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}
FOUND = {"a": 7, "b": 7, "c": 8, "d": 8, "e": 8}


def test_pairs() -> None:
    score = pairwise(TRUE, FOUND)  # found ab, cd, ce, de; true ab, ac, bc, de; both ab, de
    assert (score.precision, score.recall) == (0.5, 0.5)


def test_bcubed() -> None:
    score = bcubed(TRUE, FOUND)  # precision 1, 1, 1/3, 2/3, 2/3; recall 2/3, 2/3, 1/3, 1, 1
    assert score.precision == pytest.approx(11 / 15)
    assert score.recall == pytest.approx(11 / 15)
    assert score.plain() == {"precision": 0.7333, "recall": 0.7333, "f1": 0.7333}


def test_adjusted_rand() -> None:
    assert adjusted_rand(TRUE, FOUND) == pytest.approx((2 - 1.6) / (4 - 1.6))
    assert adjusted_rand(TRUE, TRUE) == 1
    assert adjusted_rand({"a": 1, "b": 2}, {"a": 1, "b": 2}) == 1


def test_measures_of_groups_of_one_are_whole() -> None:
    alone = {"a": 1, "b": 2}
    assert pairwise(alone, alone).plain() == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_recall_by_kind_leaves_out_what_has_no_pair() -> None:
    kinds = {"a": "original", "b": "cut", "c": "cut", "d": "original", "e": "", "f": "alone"}
    true, found = {**TRUE, "f": 3}, {**FOUND, "f": 9}
    assert recall_by_kind(kinds, true, found) == {"cut": 0.25, "original": pytest.approx(2 / 3, abs=1e-4)}


def test_the_worst_groups_come_first() -> None:
    rows = worst(TRUE, FOUND)
    assert rows == [
        {"error": "split", "pairs": 2, "groups": [["a", "b"], ["c"]]},
        {"error": "joined", "pairs": 2, "groups": [["c"], ["d", "e"]]},
    ]


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines))
    return path


def test_lines_are_read_plain_and_packed_and_blank_ones_skipped(tmp_path: Path) -> None:
    line = json.dumps({"id": 1, "source": "s", "published": "2024-01-30", "title": "t", "text": "x", "story": 5})
    plain = write(tmp_path / "a.jsonl", line, "", line.replace('"id": 1', '"id": 2').replace(', "story": 5', ""))
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    rows = read(plain, "story")
    assert rows == read(packed, "story")
    assert [(row.id, row.label, row.published.isoformat()) for row in rows if row.published] == [
        ("1", "5", "2024-01-30T00:00:00+00:00"),
        ("2", None, "2024-01-30T00:00:00+00:00"),
    ]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (['{"id": 1, "text": "x"}', "{"], "line 2: "),
        (['{"text": "x"}'], "line 1: 'id' is missing"),
        (['{"id": 1}'], "line 1: 'text' is missing"),
        (["[1]"], "line 1: not an object"),
        (['{"id": 1, "text": "x"}', '{"id": 1, "text": "y"}'], "line 2: the id 1 is there already"),
        ([], "has no lines"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_line(tmp_path: Path, lines: list[str], complaint: str) -> None:
    with pytest.raises(MediawatchError, match=complaint):
        read(write(tmp_path / "bad.jsonl", *lines), "story")


def test_a_missing_file_and_a_broken_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(MediawatchError, match="cannot be read"):
        read(tmp_path / "none.jsonl", "story")
    (tmp_path / "bad.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(MediawatchError, match="cannot be read"):
        read(tmp_path / "bad.jsonl.gz", "story")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-30T08:00:00Z", "2024-01-30T08:00:00+00:00"),
        ("2024-01-30T08:00:00+02:00", "2024-01-30T08:00:00+02:00"),
        ("30/1/24", None),
        ("", None),
        (None, None),
    ],
)
def test_times_are_read_where_they_can_be(text: str | None, expected: str | None) -> None:
    found = moment(text)
    assert (found.isoformat() if found else None) == expected
