"""`mediawatch export`: every format gives back what the view holds, and a stream stays a stream."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import feedparser
import pytest
from click.testing import Result
from mediawatch.cli import app
from mediawatch.errors import MediawatchError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from pyarrow import parquet
from typer.testing import CliRunner

Run = Callable[..., Result]


@pytest.fixture
def run(db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `mediawatch export …` against a database with the articles of one feed."""
    subscribe(db, [Subscription(url="http://northwire.example/rss/world.rss")])
    run_once(db, settings, "test")
    for name in ("database_url", "home", "hosts"):
        monkeypatch.setenv(f"MEDIAWATCH_{name.upper()}", str(getattr(settings, name)))
    return lambda *arguments: CliRunner().invoke(app, ["export", *arguments], catch_exceptions=False)


def test_every_format_holds_the_same_rows(run: Run, db: Database, tmp_path: Path) -> None:
    query = "select article_id, title, published_at, topics, word_count, is_canonical, 0.5::numeric as half from articles order by 1;"
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        assert run(query, "--to", str(tmp_path / name)).exit_code == 0
    rows = db.execute(
        "select article_id, title, published_at, topics, word_count, is_canonical from analyst.articles order by 1"
    )
    assert len(rows) > 5
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert [(int(row["article_id"]), row["title"]) for row in csv.DictReader(file)] == [row[:2] for row in rows]
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [(line["article_id"], line["title"], line["topics"]) for line in lines] == [
        (*row[:2], row.topics) for row in rows
    ]
    table = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert [tuple(row.values()) for row in table] == [(*row, 0.5) for row in rows]
    assert list(tmp_path.glob(".*.part")) == []


def test_line_ends_quotes_and_percent_signs_survive(run: Run, tmp_path: Path) -> None:
    query = r"""select e'a"b\nc\\d, 100%' as text, null as nothing"""
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        run(query, "--to", str(tmp_path / name))
    wanted = 'a"b\nc\\d, 100%'
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file)) == {"text": wanted, "nothing": ""}
    assert json.loads((tmp_path / "a.jsonl").read_text("utf-8")) == {"text": wanted, "nothing": None}
    assert parquet.read_table(tmp_path / "a.parquet").to_pylist() == [{"text": wanted, "nothing": None}]


def test_a_view_without_rows_is_a_file_with_columns(run: Run, tmp_path: Path) -> None:
    run("select * from articles where false", "--to", str(tmp_path / "a.parquet"))
    table = parquet.read_table(tmp_path / "a.parquet")
    assert (table.num_rows, "title" in table.column_names) == (0, True)


def test_a_topic_is_a_feed_that_readers_can_follow(run: Run, db: Database, tmp_path: Path) -> None:
    run("--topic", "sanctions", "--to", str(tmp_path / "a.atom"))
    parsed = feedparser.parse(io.BytesIO((tmp_path / "a.atom").read_bytes()))
    assert (parsed.bozo, parsed.version, parsed.feed.title) == (False, "atom10", "mediawatch: sanctions")
    rows = db.execute(
        """select a.url, a.title, a.source from analyst.articles a join analyst.article_topics t using (article_id)
        where t.topic = 'sanctions' order by a.published_at desc nulls last, a.article_id desc"""
    )
    assert [(e.link, e.title, e.authors[0].name) for e in parsed.entries] == [tuple(row) for row in rows]
    assert len({entry.id for entry in parsed.entries}) == len(rows) > 0
    assert all(entry.published_parsed and entry.updated_parsed and entry.summary for entry in parsed.entries)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], r'^relation "nowhere" does not exist\nLINE 1: table nowhere\n +\^$'),
        (["select 1 as x", "--as", "atom"], "needs the column url"),
        (["articles", "--as", "xlsx"], "is no format"),
        (["--topic", "x'; drop"], "there is no topic"),
        (["articles", "--to", "a.xlsx"], ".xlsx names no format"),
        ([], "name a view"),
        (["select * from mediawatch.article"], "permission denied"),
        (["delete from mediawatch.article returning 1"], "permission denied"),
    ],
)
def test_what_cannot_be_exported_is_said(arguments: list[str], message: str, run: Run, tmp_path: Path) -> None:
    with pytest.raises(MediawatchError, match=message):
        run("--to", str(tmp_path / "a"), *arguments)
    assert list(tmp_path.glob("a")) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_many_rows_take_little_memory(run: Run, tmp_path: Path) -> None:
    query = "select n, repeat('text ', 200) as text, now() as at from generate_series(1, 100000) n"
    for name in ("a.csv", "a.jsonl", "a.parquet"):
        code = f"""from pathlib import Path
from mediawatch.cli import app
app(['export', {query!r}, '--to', {str(tmp_path / name)!r}], standalone_mode=False)
print(Path('/proc/self/status').read_text())"""
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        assert int(re.search(r"VmHWM:\s+(\d+) kB", done.stdout)[1]) / 1024 < 300  # ru_maxrss has the parent's peak too
    assert parquet.read_metadata(tmp_path / "a.parquet").num_rows == 100_000
    assert (tmp_path / "a.csv").stat().st_size > 100_000_000
