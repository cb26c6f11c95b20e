"""Reading WARC files of others: every record is told, from any offset, and damage costs no more than itself."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest
from mediawatch.errors import MediawatchError
from mediawatch.web.warc_input import Record, records, size_of
from sample_warc import Answer, write

A, B, C = (Answer(f"http://pub.example/{name}", f"<p>{name}</p>".encode() * 300) for name in "abc")


def read(file: Path, offset: int = 0, max_bytes: int = 100_000) -> list[Record]:
    return list(records(str(file), offset, max_bytes=max_bytes))


def taken(found: list[Record]) -> list[str]:
    return [record.page.url for record in found if record.page]


@pytest.mark.parametrize("zipped", [True, False])
def test_pages_are_read_and_everything_else_is_told(tmp_path: Path, zipped: bool) -> None:
    answers = [
        A,
        Answer("http://pub.example/b", b"", "404 Not Found"),
        Answer("http://pub.example/c.pdf", b"%PDF", content_type="application/pdf"),
        Answer("http://pub.example/robots.txt", b"<p>none"),
        Answer("http://pub.example/huge", b"<p>" * 40_000),
        Answer("http://pub.example/odd", b"?", encoding="x-odd"),
        Answer("dns:pub.example", b"1.2.3.4"),
        Answer("http://pub.example/zipped", b"<p>plain again", encoding="gzip"),
        Answer("http://pub.example/untyped", b"<p>untyped", content_type=""),
    ]
    found = read(write(tmp_path / "one.warc.gz", answers, zipped=zipped))
    assert Counter(record.reason for record in found) == {
        "": 3,
        "request": 9,
        "warcinfo": 1,
        "http_404": 1,
        "not_html": 1,
        "robots_txt": 1,
        "too_large": 1,
        "encoding": 1,
        "no_url": 1,
    }
    first, unzipped, _ = (record.page for record in found if record.page)
    assert first
    assert (first.url, first.status, first.body) == (A.url, 200, A.body)
    assert first.fetched_at == datetime(2024, 3, 1, 6, 7, 8, tzinfo=timezone.utc)
    assert first.header("content-type") == "text/html; charset=utf-8"
    assert unzipped
    assert unzipped.body == b"<p>plain again"


@pytest.mark.parametrize("zipped", [True, False])
def test_reading_on_from_where_a_record_ended_gives_the_rest(tmp_path: Path, zipped: bool) -> None:
    file = write(tmp_path / "one.warc", [A, B, C], zipped=zipped)
    whole = read(file)
    assert whole[-1].end == size_of(str(file))
    for at, record in enumerate(whole):
        assert read(file, record.end) == whole[at + 1 :]


@pytest.mark.parametrize("zipped", [True, False])
def test_a_damaged_record_is_told_and_the_next_ones_are_read(tmp_path: Path, zipped: bool) -> None:
    file = write(tmp_path / "one.warc", [A, B, C], zipped=zipped)
    bounds = [record.end for record in read(file)]
    data = bytearray(file.read_bytes())
    begin, end = bounds[3], bounds[4]  # b's response
    data[begin : begin + 40] = b"\xff" * 40
    del data[end - 60 : end - 20]
    file.write_bytes(data)
    found = read(file)
    assert taken(found) == [A.url, C.url]
    assert "broken" in {record.reason for record in found}
    assert found[-1].end == len(data)


@pytest.mark.parametrize("lost", [1, 30, 200])
def test_a_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path, lost: int) -> None:
    file = write(tmp_path / "one.warc.gz", [A, B, C])
    file.write_bytes(file.read_bytes()[:-lost])
    found = read(file)
    assert taken(found)[:2] == [A.url, B.url]
    assert (found[-1].reason, found[-1].end) in (("broken", size_of(str(file))), ("", size_of(str(file))))
    assert ("broken" in {record.reason for record in found}) == (C.url not in taken(found))


@pytest.mark.parametrize("data", [b"", b"no archive at all", b"\x1f\x8b\x08" * 100, b"WARC/1.0\r\n"])
def test_what_is_no_warc_file_gives_no_pages(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "odd.warc.gz"
    file.write_bytes(data)
    found = read(file)
    assert taken(found) == []
    assert not data or found[-1].end == len(data)


def test_a_file_that_is_gzipped_as_a_whole_is_said_plainly(tmp_path: Path) -> None:
    file = write(tmp_path / "one.warc", [A, B, C], zipped=False)
    file.write_bytes(gzip.compress(file.read_bytes()))
    with pytest.raises(MediawatchError, match="gzipped as a whole"):
        read(file)


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(MediawatchError, match="cannot read"):
        read(tmp_path / "missing.warc.gz")
