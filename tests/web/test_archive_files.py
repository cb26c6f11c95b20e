"""The archive as files."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from mediawatch.models import Response
from mediawatch.web.archive import WarcWriter
from mediawatch.web.archive_files import files_before, remove

AT = datetime(2024, 1, 30, 9, 15, tzinfo=timezone.utc)
FILE = "2024/01/30/batch-1-1.warc.gz"
PAGE = Response("http://pub.example/a", "http://pub.example/a", 200, (), b"hello", AT, 12)


def test_old_files_are_listed_with_what_killed_writers_left_and_can_be_removed(tmp_path):
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(PAGE)
    killed = WarcWriter(str(tmp_path), "2024/01/31/batch-2-1.warc.gz")
    killed.write(PAGE)
    now = datetime.now(timezone.utc)
    assert files_before(str(tmp_path), now - timedelta(hours=1)) == []
    old = files_before(str(tmp_path), now + timedelta(hours=1))
    assert old[0] == FILE
    assert old[1].startswith("2024/01/31/.batch-2-1.warc.gz.")
    killed.abort()
    remove(str(tmp_path), FILE)
    remove(str(tmp_path), FILE)
    assert files_before(str(tmp_path), now + timedelta(hours=1)) == []


def test_an_archive_that_is_not_there_yet_has_no_files(tmp_path):
    assert files_before(str(tmp_path / "none"), AT) == []
