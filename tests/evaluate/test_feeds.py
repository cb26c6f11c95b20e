"""`mediawatch evaluate feeds`: its stable output, whatever the files are."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path

import pytest
from mediawatch.cli import app
from mediawatch.errors import MediawatchError
from mediawatch.evaluate.feeds import evaluate
from mediawatch.settings import Settings
from typer.testing import CliRunner

RSS = """<rss version="2.0"><channel><title>Wire</title>
<item><guid>1</guid><link>https://wire.example/1</link><title>One</title><pubDate>Tue, 30 Jan 2024 09:15:00 +0800</pubDate></item>
<item><guid>1</guid><link>https://wire.example/1</link><title>One again</title></item>
<item><link>/2</link><title>Two</title><pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate></item>
<item><title>Neither link nor guid</title><pubDate>30 Jan 2024 01:00 GMT</pubDate></item>
</channel></rss>"""
SETTINGS = Settings(extract_workers=1)
ROW = {"file", "format", "entries", "dated", "with_url", "notes", "error"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A feed, a page, a file of nothing, and one in a folder of its own."""
    root = tmp_path / "feeds"
    (root / "more").mkdir(parents=True)
    (root / "wire.xml").write_text(RSS)
    (root / "page").write_text("<html><body>Not here</body></html>")
    (root / "empty").write_bytes(b"")
    (root / "more" / "list.json").write_text('{"items": [{"id": 7, "title": "Seven"}]}')
    return root


def test_every_item_is_counted_before_merging_and_every_file_has_its_line(folder: Path) -> None:
    found = {each.file: each for each in evaluate(folder, SETTINGS).feeds}
    assert list(found) == ["empty", "more/list.json", "page", "wire.xml"]
    wire = found["wire.xml"]
    assert (wire.format, wire.entries, wire.dated, wire.with_url, wire.error) == ("rss", 4, 2, 3, None)
    assert (found["more/list.json"].format, found["more/list.json"].entries) == ("json", 1)
    assert (found["page"].format, found["page"].error) == ("html", "a web page, not a feed")
    assert (found["empty"].format, found["empty"].error) == ("unknown", "an empty body")


def test_what_is_announced_keeps_its_zone_and_its_order(folder: Path) -> None:
    entries = [entry for entry in evaluate(folder, SETTINGS).announced if entry["file"] == "wire.xml"]
    assert [entry["title"] for entry in entries] == ["One", "One again", "Two", "Neither link nor guid"]
    assert [entry["url"] for entry in entries] == ["https://wire.example/1", "https://wire.example/1", "/2", None]
    assert [entry["published"] for entry in entries] == [
        "2024-01-30T09:15:00+08:00",
        None,
        None,
        "2024-01-30T01:00:00+00:00",
    ]


def test_bad_files_have_an_error_and_stop_none_of_the_others(folder: Path) -> None:
    (folder / "dangling").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "large").write_bytes(b"x" * 3_000)
    (folder / "slow").write_bytes(b"<rss><channel>" + b"<item><title>x</title></item>" * 1_000_000)
    settings = Settings(extract_workers=1, parse_limit_s=1)
    found = {each.file: each for each in evaluate(folder, settings).feeds}
    assert found["dangling"].error == "No such file or directory"
    assert found["pipe"].error == "not a regular file"
    assert found["slow"].error
    assert found["slow"].error.startswith(("too_large", "parse_limit"))
    assert found["wire.xml"].entries == 4
    small = Settings(extract_workers=1, max_feed_bytes=2_000)
    assert {each.file: each.error for each in evaluate(folder, small).feeds}[
        "large"
    ] == "too_large: more than 2000 bytes"


def test_an_archive_is_read_as_the_folder_in_it(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "feeds.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(folder, "feeds")
    packed, plain = evaluate(file, SETTINGS), evaluate(folder, SETTINGS)
    assert (packed.feeds, packed.announced) == (plain.feeds, plain.announced)


def test_what_is_neither_a_folder_nor_an_archive_is_refused(folder: Path, tmp_path: Path) -> None:
    for source in (folder / "page", tmp_path / "nothing"):
        with pytest.raises(MediawatchError, match="cannot be read as a folder or a tar archive"):
            evaluate(source, SETTINGS)


def test_an_empty_folder_is_no_feeds(tmp_path: Path) -> None:
    assert evaluate(tmp_path, SETTINGS).plain()["feeds"] == []


def test_the_command_prints_the_stable_json_and_writes_the_predictions(folder: Path, tmp_path: Path) -> None:
    lines = tmp_path / "out.jsonl"
    ran = CliRunner().invoke(app, ["evaluate", "feeds", str(folder), "--json", "--predictions", str(lines)])
    assert ran.exit_code == 0
    found = json.loads(ran.stdout)
    assert set(found) == {"feeds", "feeds_per_s"}
    assert all(set(row) == ROW for row in found["feeds"])
    entries = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert len(entries) == sum(row["entries"] for row in found["feeds"]) == 5
    assert all(list(entry) == ["file", "guid", "url", "title", "published"] for entry in entries)


def test_the_command_prints_a_table_for_people(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["evaluate", "feeds", str(folder)])
    assert ran.exit_code == 0
    assert "2 of 4 files are feeds: 5 entries, 2 dated, 3 with a URL" in " ".join(ran.stdout.split())
