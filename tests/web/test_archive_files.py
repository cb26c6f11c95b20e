"""Taking away what a killed writer left in the archive."""

from __future__ import annotations

from pathlib import Path

from mediawatch.web.archive_files import remove


def test_a_file_goes_with_what_was_begun_of_it_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "2026"
    folder.mkdir()
    for name in ("a.warc.gz", ".a.warc.gz.123.part", "b.warc.gz", ".b.warc.gz.123.part"):
        (folder / name).write_bytes(b"x")
    assert remove(str(tmp_path), "2026/a.warc.gz") == 2
    assert sorted(path.name for path in folder.iterdir()) == [".b.warc.gz.123.part", "b.warc.gz"]


def test_a_file_that_is_gone_already_is_no_error(tmp_path: Path) -> None:
    assert remove(str(tmp_path), "2026/never.warc.gz") == 0
