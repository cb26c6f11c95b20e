"""`mediawatch evaluate extraction`: its stable output and its formulas."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
from pathlib import Path

import pytest
from mediawatch.cli import app
from mediawatch.errors import MediawatchError
from mediawatch.evaluate.extraction import Evaluation, Labelled, Prediction, evaluate, labelled, score
from mediawatch.evaluate.shingles import mean, overlap
from mediawatch.settings import Settings
from typer.testing import CliRunner

SETTINGS = Settings(extract_workers=1)
TEXT = (
    "The council voted on Tuesday evening to build a second bridge over the river.",
    "Work will begin in May and last until the autumn of next year, said Ada Lindqvist.",
    "The old bridge stays open to bicycles, because its arches carry nothing heavier.",
)
PAGE = (
    "<html><head><title>A second bridge | The Example</title><meta name=author content='Ada Lindqvist'>"
    "<meta property='article:published_time' content='2024-02-27T19:30:00+01:00'></head><body><article>"
    "<h1>A second bridge</h1>{text}</article></body></html>"
)
ROW = {"pages", "body", "title_exact", "title_near", "day", "minute", "authors", "pages_per_s", "errors"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A page in full, packed and labelled; one without text; one that nobody labelled."""
    (tmp_path / "pages").mkdir()
    markup = PAGE.format(text="".join(f"<p>{line}</p>" for line in TEXT))
    (tmp_path / "pages" / "a.html.gz").write_bytes(gzip.compress(markup.encode()))
    (tmp_path / "pages" / "b.html").write_text("<html><body><div id=root></div></body></html>")
    (tmp_path / "pages" / "c.html").write_text(markup)
    labels = {"title": "A second bridge", "published": "2024-02-27 18:30:20+00:00", "authors": ["Ada Lindqvist"]}
    rows = [
        {"id": "a", "set": "one", "file": "pages/a.html.gz", "texts": ["Other.", "\n".join(TEXT)], **labels},
        {"id": "b", "set": "one", "file": "pages/b.html", "texts": ["Lost text of some words."], **labels},
        {"id": "c", "set": "two", "file": "pages/c.html"},
    ]
    for row in rows:
        row |= {"url": "https://example.com/bridge", "fetched": "2024-03-01 10:00:00"}
    (tmp_path / "truth.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_a_missing_value_is_wrong_and_a_missing_label_is_null(folder: Path) -> None:
    found = evaluate(folder, SETTINGS).plain()
    one, two = found["sets"]["one"], found["sets"]["two"]
    assert set(one) == ROW
    assert one["body"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667}
    halves = ("title_exact", "title_near", "day", "minute", "authors", "errors")
    assert [one[name] for name in halves] == [0.5] * 6
    assert (two["pages"], two["body"], two["title_exact"], two["minute"], two["authors"]) == (1, None, None, None, None)
    assert (found["all"]["pages"], found["worst"][0]["id"]) == (3, "b")


def test_predictions_need_no_labels(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run = CliRunner().invoke(app, ["evaluate", "extraction", str(folder), "--json", "--predictions", str(out)])
    assert run.exit_code == 0, run.output
    assert set(json.loads(run.output)) == {"all", "sets", "worst"}
    rows = {row["id"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert rows["c"] == {
        "id": "c",
        "text": "\n\n".join(TEXT),
        "title": "A second bridge",
        "published": "2024-02-27T19:30:00+01:00",
        "authors": ["Ada Lindqvist"],
        "kind": "article",
    }
    assert (rows["b"]["text"], rows["b"]["kind"]) == ("", "no_text")


def test_people_get_a_table(folder: Path) -> None:
    run = CliRunner().invoke(app, ["evaluate", "extraction", str(folder)])
    assert run.exit_code == 0
    assert "pages/s" in run.output


@pytest.mark.parametrize("line", ["{", '{"id": "a"}', '{"id": "a", "url": "x", "file": "x", "published": "soon"}'])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "truth.jsonl").write_text("\n" + line)
    with pytest.raises(MediawatchError, match=r"truth.jsonl, line 2"):
        list(labelled(tmp_path / "truth.jsonl"))


def test_a_page_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "pages" / "b.html").unlink()
    with pytest.raises(MediawatchError, match=r"b\.html cannot be read"):
        evaluate(folder, SETTINGS)


# ---- formulas --------------------------------------------------------------------------------------------------------


def test_overlap_counts_bags_of_four_words() -> None:
    # found: abcd bcde; wanted: abcd bcde cdef defg → both 2
    found = overlap("a b c d e", ["a b c d e f g"])
    assert (found.precision, found.recall) == (1.0, 0.5)
    assert found.f1 == pytest.approx(2 / 3)
    assert overlap("a b c d e", ["x y", "a b c d e"]).f1 == 1.0
    assert overlap("", ["a"]).precision is None
    assert overlap("a, B!", ["a B"]).f1 == 1.0
    assert overlap("Schiff\u00adfahrt u\u0308ber", ["Schifffahrt \u00fcber"]).f1 == 1.0


def test_precision_is_averaged_over_predictions_and_recall_over_pages() -> None:
    found = mean([overlap("a b c d", ["a b c d"]), overlap("", ["a b c d"])])
    assert (found.precision, found.recall) == (1.0, 0.5)


def _label(folder: Path, **values: str) -> Labelled:
    file = folder / "truth.jsonl"
    file.write_text(json.dumps({"id": "a", "url": "https://example.com", "file": "x", **values}))
    return next(labelled(file))


@pytest.mark.parametrize(
    ("found", "wanted", "day", "minute"),
    [
        ("2024-01-31T10:00:00+00:00", "2024-01-31 11:00:30+01:00", True, True),
        ("2024-01-31T10:00:00+00:00", "2024-01-31 11:02:00+01:00", True, False),
        ("2024-01-31T23:30:00+00:00", "2024-02-01 00:30:00+01:00", True, True),
        ("2024-01-31T10:00:00", "2024-01-31 10:00:00+00:00", True, False),
        ("2024-01-31T10:00:00", "2024-01-31 10:00:10", True, True),
        ("2024-01-31", "2024-01-31 00:00:00", True, True),
        ("2024-01-31", "2024-01-31 10:00:00", True, False),
        ("2024-01-30", "2024-01-31 00:00:00", False, False),
        (None, "2024-01-31 00:00:00", False, False),
    ],
)
def test_day_and_minute(tmp_path: Path, found: str | None, wanted: str, day: bool, minute: bool) -> None:
    scored = score(_label(tmp_path, published=wanted), Prediction("a", "", None, found, (), "article"))
    assert (scored.day, scored.minute) == (day, minute)


@pytest.mark.parametrize(
    ("found", "wanted", "exact", "near"),
    [
        ("A second  bridge", "A second bridge", True, True),
        ("A second bridge!", "A second bridge", False, True),
        ("River: A second bridge", "A second bridge", False, True),
        ("A second bridge is built", "A second bridge was built", False, True),
        ("Something else", "A second bridge", False, False),
        (None, "A second bridge", False, False),
    ],
)
def test_titles(tmp_path: Path, found: str | None, wanted: str, exact: bool, near: bool) -> None:
    scored = score(_label(tmp_path, title=wanted), Prediction("a", "", found, None, (), "article"))
    assert (scored.title_exact, scored.title_near) == (exact, near)


@pytest.mark.skipif("MEDIAWATCH_GOLD" not in os.environ, reason="needs MEDIAWATCH_GOLD")
def test_labelled_pages_come_out_well(tmp_path: Path) -> None:
    with tarfile.open(Path(os.environ["MEDIAWATCH_GOLD"]) / "extraction_dev.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    found: Evaluation = evaluate(tmp_path, SETTINGS)
    sets = found.plain()["sets"]
    assert sets["bench"]["body"]["f1"] >= 0.970
    assert sets["outlets"]["body"]["f1"] >= 0.955
    assert sets["news"]["body"]["f1"] >= 0.968
    assert sets["news"]["title_exact"] >= 0.85
    assert sets["news"]["day"] >= 0.98
    assert sets["news"]["minute"] >= 0.94
    assert sets["news"]["authors"] >= 0.87
    assert found.plain()["all"]["errors"] <= 0.003
