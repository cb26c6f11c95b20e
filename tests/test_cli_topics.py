"""`mediawatch topics …` as an analyst types it, from a draft to labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from mediawatch.cli import app
from mediawatch.errors import MediawatchError, TopicError
from mediawatch.stages import retag
from mediawatch.store.database import Database
from stored_articles import store_articles
from typer.testing import CliRunner

Run = Callable[..., Result]

TEA = """
id: tea
title: Tea
definition: Articles on tea, its fields and its trade.
lists:
  tea: {en: [tea, teas]}
  trade: {en: [price*, auction*]}
masks: {en: [tea party]}
signals:
  - {name: tea in trade, near: [tea, trade], within: sentence, weight: 1, zones: {title: 3}}
thresholds: {tagged: 1, primary: 3}
tests: [{text: Prices of tea fell., level: secondary}, {text: Tea is served., level: none}]
"""
ARTICLES = [
    ("Tea prices rise", "The price of tea rose at the auction in Mombasa."),
    ("A quiet day", "She drank tea. The price of coal rose."),
    ("Rain", "It rained on the hills."),
    ("Leaf auctions", "The leaf was sold at auctions.\n\nTea growers cheered."),
    ("Politics", "The tea party raised its price."),
]
URL = "http://stored.example/{}.html"


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `mediawatch topics …` against this test's database."""
    monkeypatch.setenv("MEDIAWATCH_DATABASE_URL", database_url)
    monkeypatch.setenv("MEDIAWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")

    def topics(*arguments: object, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["topics", *map(str, arguments)], catch_exceptions=False, input=typed)

    return topics


@pytest.fixture
def tea(tmp_path: Path) -> Path:
    """The topic as a file."""
    file = tmp_path / "tea.yaml"
    file.write_text(TEA, encoding="utf-8")
    return file


def change(file: Path, old: str, new: str) -> Path:
    body = file.read_text("utf-8")
    assert old in body
    file.write_text(body.replace(old, new), encoding="utf-8")
    return file


def test_check_tells_what_fails_and_ends_with_an_error(run: Run, tea: Path) -> None:
    assert "4 terms, 1 signals, 2 tests, all passed" in run("check", tea).stdout
    done = run("check", change(tea, "Tea is served.", "Tea has a price."), "--json")
    assert done.exit_code == 1
    (facts,) = json.loads(done.stdout)
    assert facts["failed"] == ["line 12: 'Tea has a price.' is secondary (1 point), not none"]
    with pytest.raises(
        TopicError, match=r"tea.yaml, line 10, column 32: there is no key 'nere' here; did you mean 'near'"
    ):
        run("check", change(tea, "near:", "nere:"))


def test_check_measures_on_labelled_files_and_on_stored_labels(
    run: Run, db: Database, tea: Path, tmp_path: Path
) -> None:
    lines = [
        {"id": "1", "lang": "en", "title": "", "text": "Tea has a price.", "labels": {"tea": "secondary"}},
        {"id": "2", "lang": "en", "title": "", "text": "Tea grows.", "labels": {"tea": "secondary"}},
    ]
    file = tmp_path / "labelled.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (facts,) = json.loads(run("check", tea, "--on", file, "--json").stdout)
    assert facts["labelled"][str(file)]["topics"]["tea"]["recall"] == 0.5
    run("activate", tea)
    ids = store_articles(db, ARTICLES)
    db.rows("topics.label", topic_id="tea", article_id=ids[0], level="primary", by="ann", note="")
    (facts,) = json.loads(run("check", tea, "--stored", "--json").stdout)
    assert facts["labelled"]["labels in the database"]["topics"]["tea"]["f1"] == 1.0


def test_a_draft_is_compared_activated_listed_and_taken_back(run: Run, db: Database, tea: Path) -> None:
    run("activate", tea, "--by", "ann", "--note", "a first try")
    store_articles(db, ARTICLES)
    draft = change(tea, "within: sentence", "within: paragraph")
    change(draft, "[price*, auction*]", "[price*, auction*, served]")
    change(draft, "text: Tea is served.", "text: Tea grows.")
    facts = json.loads(run("diff", draft, "--json").stdout)
    assert [facts[key] for key in ("read", "added", "dropped", "raised", "lowered", "kept")] == [5, 1, 0, 0, 0, 1]
    (added,) = facts["samples"]["added"]
    assert (added["title"], added["words"]) == ("A quiet day", ["tea"])
    assert "A quiet day" in run("diff", draft).stdout
    assert db.execute("select count(*) as n from topic_version where topic_id = 'tea'")[0].n == 1

    done = json.loads(run("activate", draft, "--by", "bob", "--json").stdout)
    assert (done["version"], done["articles"], done["changed"]) == (2, 5, 1)
    listed = json.loads(run("list", "tea", "--json").stdout)
    assert [(row["version"], row["state"], row["author"], row["note"]) for row in listed] == [
        (2, "live", "bob", ""),
        (1, "retired", "ann", "a first try"),
    ]
    assert json.loads(run("activate", "tea", "--version", 1, "--json").stdout)["changed"] == 1
    (row,) = [row for row in json.loads(run("list", "--json").stdout) if row["topic"] == "tea"]
    assert (row["version"], row["newest_version"], row["articles"]) == (1, 2, 1)


def test_a_queued_activation_waits_and_can_be_finished_by_hand(run: Run, db: Database, tea: Path) -> None:
    store_articles(db, ARTICLES)
    assert "waits for the DAG retag_articles" in run("activate", tea, "--queue").stdout
    assert len(retag.open_runs(db)) == 1
    assert "5 articles read, 1 changed their topics" in run("resume").stdout
    assert "nothing to do" in run("resume").stdout


def test_a_topic_that_fails_its_own_tests_is_not_stored(run: Run, db: Database, tea: Path) -> None:
    change(tea, "Tea is served.", "Tea has a price.")
    for command in ("activate", "import"):
        with pytest.raises(TopicError, match="fails its own tests"):
            run(command, tea)
    assert db.execute("select * from topic_version where topic_id = 'tea'") == []


def test_explain_shows_what_counts_and_what_stands_idle(run: Run, db: Database, tea: Path) -> None:
    run("activate", tea)
    store_articles(db, ARTICLES)
    facts = json.loads(run("explain", "tea", URL.format(3), "--json").stdout)
    assert (facts["level"], facts["score"], facts["evidence"]) == ("none", 0, [])
    assert [(each["list"], each["matched"]) for each in facts["idle"]] == [
        ("trade", "auctions"),
        ("trade", "auctions"),
        ("tea", "Tea"),
    ]
    shown = run("explain", "tea", URL.format(0)).stdout
    assert "tea: primary, 4 points (tagged from 1, primary from 3)" in shown
    assert "not tagged, 0 points" in run("explain", "tea", URL.format(4)).stdout
    with pytest.raises(MediawatchError, match="no article of"):
        run("explain", "tea", "http://stored.example/none.html")
    with pytest.raises(MediawatchError, match="topics are: fentanyl, sanctions, tea, us-china"):
        run("explain", "coffee", URL.format(0))


def test_labels_are_stored_with_who_and_when_and_measured(run: Run, db: Database, tea: Path) -> None:
    run("activate", tea)
    store_articles(db, ARTICLES)
    shown = run("label", "tea", "--by", "ann", typed="s a report on trade\nx\nt\nn\n\nq\n").stdout
    assert "2 labels stored" in shown
    rows = db.execute("select level, tagged, labelled_by, note from analyst.topic_labels order by labelled_at")
    assert [(row.level, row.labelled_by, row.note) for row in rows] == [
        ("secondary", "ann", "a report on trade"),
        ("none", "ann", ""),
    ]
    assert {row.tagged for row in rows} == {"none", "primary"}
    (figures,) = db.execute("select * from analyst.topic_quality where language = 'all'")
    assert (figures.labelled, figures.right_tags + figures.missed_tags) == (2, 1)


def test_quality_has_wilson_intervals_and_is_empty_where_nothing_can_be_divided(
    run: Run, db: Database, tea: Path
) -> None:
    run("activate", tea)
    ids = store_articles(db, [ARTICLES[0]] * 8 + [ARTICLES[2]] * 4)
    for number, article_id in enumerate(ids):
        level = "none" if number in (0, 8, 9, 10, 11) else "primary"
        db.rows("topics.label", topic_id="tea", article_id=article_id, level=level, by="ann", note="")
    (row,) = db.execute("select * from analyst.topic_quality where language = 'en'")
    assert (row.right_tags, row.wrong_tags, row.missed_tags) == (7, 1, 0)
    # Wilson 1927 for 7 of 8 and 7 of 7, z = 1.96, reckoned by hand
    assert [float(value) for value in (row.precision, row.precision_low, row.precision_high)] == [0.875, 0.529, 0.978]
    assert [float(value) for value in (row.recall, row.recall_low, row.recall_high)] == [1.0, 0.646, 1.0]


def test_suggest_names_words_of_the_positives_that_no_list_has(run: Run, db: Database, tea: Path) -> None:
    run("activate", tea)
    with pytest.raises(MediawatchError, match="label some of both first"):
        run("suggest", "tea")
    leaf = [("", f"The plantation sold its leaf harvest {n}.") for n in range(6)]
    rain = [("", f"The river rose in the valley {n}.") for n in range(6)]
    for level, group in (("secondary", leaf), ("none", rain)):
        for article_id in store_articles(db, group):
            db.rows("topics.label", topic_id="tea", article_id=article_id, level=level, by="ann", note="")
    rows = json.loads(run("suggest", "tea", "--json").stdout)
    assert {"plantation", "leaf"} & {word for row in rows for word in row["term"].split()}
    assert not {"the", "river"} & {row["term"] for row in rows}
    assert all(row["inside"] == 6 and row["outside"] == 0 for row in rows)


def test_export_writes_back_what_was_imported(run: Run, db: Database, tea: Path, tmp_path: Path) -> None:
    assert run("import", tea, "--by", "ann").stdout == "tea: version 1\n"
    with pytest.raises(MediawatchError, match="no topic 'tea' that tags"):
        run("export", "tea", "--to", tmp_path / "out")
    run("export", "tea", "--version", 1, "--to", tmp_path / "out")
    assert (tmp_path / "out" / "tea.yaml").read_text("utf-8") == TEA
    run("export", "--to", tmp_path / "all")
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == [
        "fentanyl.yaml",
        "sanctions.yaml",
        "us-china.yaml",
    ]


def test_query_shows_the_boolean_form(run: Run, tea: Path) -> None:
    assert "near/sentence(tea OR teas, price* OR auction*)" in run("query", tea).stdout


def test_a_file_that_is_no_text_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_bytes(b"id: \xff\xfe")
    with pytest.raises(TopicError, match="not UTF-8 text"):
        run("check", file)
