"""`mediawatch backfill …` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from mediawatch.cli import app
from mediawatch.errors import MediawatchError
from mediawatch.store.database import Database
from sample_warc import pages, write
from small_site import HOME, serving
from typer.testing import CliRunner

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `mediawatch backfill …` against this test's database."""
    for name, value in {"DATABASE_URL": database_url, "HOME": str(tmp_path), "HOST_SPACING_S": "0"}.items():
        monkeypatch.setenv(f"MEDIAWATCH_{name}", value)

    def backfill(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["backfill", *arguments], catch_exceptions=False)

    return backfill


def test_warc_files_are_taken_through_all_stages_and_told_record_by_record(
    run: Run, db: Database, tmp_path: Path
) -> None:
    files = [write(tmp_path / f"{n}.warc.gz", pages()[n : n + 2]) for n in (0, 1)]
    out = " ".join(run("warc", *map(str, files)).stdout.split())
    assert "1 warcinfo, 2 request, 2 pages; 2 articles loaded now" in out
    assert "1 warcinfo, 2 request, 1 known, 1 pages; 1 articles loaded now" in out
    again = json.loads(run("warc", str(files[0]), "--json").stdout)
    assert [(each["loaded"], each["counts"]["pages"]) for each in again] == [(0, 2)]


def test_a_file_that_cannot_be_read_is_said_before_any_is_begun(run: Run, db: Database, tmp_path: Path) -> None:
    good = write(tmp_path / "good.warc.gz", pages()[:1])
    with pytest.raises(MediawatchError, match=r"cannot read .*missing\.warc\.gz"):
        run("warc", str(good), str(tmp_path / "missing.warc.gz"))
    assert db.execute("select 1 from backfill") == []


def test_a_sitemap_is_announced_within_its_range(run: Run, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as site:
        monkeypatch.setenv("MEDIAWATCH_HOSTS", site.hosts)
        item = f"<url><loc>{HOME}/a</loc><lastmod>2024-01-20</lastmod></url>"
        site.pages["/map.xml"] = f"<urlset>{item}</urlset>".encode()
        out = run("sitemap", f"{HOME}/map.xml", "--since", "2024-01-20", "--until", "2024-01-20").stdout
    assert "1 entries_new" in out
    assert [row.url for row in db.execute("select url from entry")] == [f"{HOME}/a"]
