"""The WARC archive: what is written can be read, by us and by others, and nothing half-written is seen."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta, timezone

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import given
from hypothesis import strategies as st
from mediawatch.models import Hop, Location, Response
from mediawatch.web.archive import WarcWriter, read
from upath import UPath
from warcio.archiveiterator import ArchiveIterator

AT = datetime(2024, 1, 30, 9, 15, 0, 123456, tzinfo=timezone.utc)
FILE = "2024/01/30/batch-1-1.warc.gz"


def response(body=b"<p>hello</p>", url="http://pub.example/a", **changes):
    values = {
        "url": url,
        "final_url": url,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a"), ("Set-Cookie", "b")),
        "body": body,
        "fetched_at": AT,
        "elapsed_ms": 12,
        "sent": (("Host", "pub.example"),),
        **changes,
    }
    return Response(**values)


def records(path):
    """What another reader sees: type, record headers, HTTP headers and content of each record, digests checked."""
    with open(path, "rb") as file:
        return [
            (record.rec_type, record.rec_headers, record.http_headers, record.content_stream().read())
            for record in ArchiveIterator(file, check_digests="raise")
        ]


def test_what_is_written_is_read_back(tmp_path):
    pages = [response(), response(b"", "http://pub.example/empty"), response(bytes(range(256)) * 999, status=203)]
    with WarcWriter(str(tmp_path), FILE) as warc:
        places = [warc.write(page) for page in pages]
    for page, place in zip(pages, places, strict=True):
        found = read(str(tmp_path), place)
        assert (found.url, found.status, found.body, found.fetched_at) == (page.final_url, page.status, page.body, AT)
        assert found.header("content-type") == "text/html; charset=utf-8"
        assert [value for name, value in found.headers if name == "Set-Cookie"] == ["a", "b"]


def test_another_reader_finds_warc_1_1_with_true_digests_and_lengths(tmp_path):
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(response())
    (kind, warc_headers, http_headers, body), _ = records(tmp_path / FILE)
    assert (kind, body) == ("response", b"<p>hello</p>")
    assert warc_headers.protocol == "WARC/1.1"
    assert warc_headers.get_header("WARC-Date") == "2024-01-30T09:15:00.123456Z"
    assert warc_headers.get_header("WARC-Target-URI") == "http://pub.example/a"
    assert (http_headers.get_statuscode(), http_headers.get_header("Content-Length")) == ("200", "12")


def test_headers_that_spoke_of_the_encoded_body_are_kept_under_another_name(tmp_path):
    wire = (("Content-Encoding", "gzip"), ("content-length", "7"), ("Transfer-Encoding", "chunked"))
    with WarcWriter(str(tmp_path), FILE) as warc:
        place = warc.write(response(headers=wire))
    found = read(str(tmp_path), place)
    assert found.body == b"<p>hello</p>"
    assert found.headers == (
        ("X-Archive-Orig-Content-Encoding", "gzip"),
        ("X-Archive-Orig-content-length", "7"),
        ("X-Archive-Orig-Transfer-Encoding", "chunked"),
        ("Content-Length", "12"),
    )


def test_redirects_are_kept_in_a_metadata_record_beside_the_response(tmp_path):
    hops = (Hop("http://pub.example/", 301, "http://pub.example/a"),)
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(response(url="http://pub.example/", final_url="http://pub.example/a", hops=hops))
    (_, page, _, _), _, (kind, metadata, _, body) = records(tmp_path / FILE)
    assert kind == "metadata"
    assert metadata.get_header("WARC-Concurrent-To") == page.get_header("WARC-Record-ID")
    assert body.decode().splitlines() == [
        "requested: http://pub.example/",
        "redirect: 301 http://pub.example/ http://pub.example/a",
        "fetchTimeMs: 12",
    ]


def test_each_record_is_a_gzip_member_of_its_own(tmp_path):
    with WarcWriter(str(tmp_path), FILE) as warc:
        places = [warc.write(response(b"%d" % number, f"http://pub.example/{number}")) for number in range(3)]
    raw = (tmp_path / FILE).read_bytes()
    assert places[0].offset == 0
    for number, place in enumerate(places):
        member = gzip.decompress(raw[place.offset : place.offset + place.length])
        assert f"WARC-Target-URI: http://pub.example/{number}\r\n".encode() in member
        assert member.count(b"WARC/1.1") == 1


def test_a_page_that_we_did_not_ask_for_has_no_request(tmp_path):
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(response(sent=()))
    assert [kind for kind, *_ in records(tmp_path / FILE)] == ["response"]


def test_the_request_is_kept_as_it_was_sent(tmp_path):
    sent = (("Host", "pub.example"), ("User-Agent", "mediawatch/0.1"))
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(response(url="http://pub.example/a?b=%C3%BC", sent=sent))
    (_, page, _, _), (kind, request, http_headers, _) = records(tmp_path / FILE)
    assert kind == "request"
    assert request.get_header("WARC-Concurrent-To") == page.get_header("WARC-Record-ID")
    assert (http_headers.protocol, http_headers.statusline) == ("GET", "/a?b=%C3%BC HTTP/1.1")
    assert tuple(http_headers.headers) == sent


def test_the_same_payload_is_written_once_and_read_at_both_places(tmp_path):
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(response(b"other", "http://pub.example/0"))
        warc.write(response(b"same" * 999, "http://pub.example/a"))
        place = warc.write(response(b"same" * 999, "http://pub.example/b", status=203, headers=(("X-B", "1"),)))
    found = read(str(tmp_path), place)
    assert (found.url, found.status, found.body) == ("http://pub.example/b", 203, b"same" * 999)
    assert found.header("x-b") == "1"
    kinds = {
        headers.get_header("WARC-Target-URI"): (kind, headers) for kind, headers, _, _ in records(tmp_path / FILE)[::2]
    }
    original, revisit = kinds["http://pub.example/a"], kinds["http://pub.example/b"]
    assert (original[0], revisit[0]) == ("response", "revisit")
    for name, of in (("Refers-To", "Record-ID"), ("Refers-To-Target-URI", "Target-URI"), ("Refers-To-Date", "Date")):
        assert revisit[1].get_header(f"WARC-{name}") == original[1].get_header(f"WARC-{of}")
    assert revisit[1].get_header("WARC-Payload-Digest") == original[1].get_header("WARC-Payload-Digest")


@pytest.mark.parametrize(("status", "profile"), [(304, "server-not-modified"), (200, "identical-payload-digest")])
def test_an_answer_that_says_that_nothing_changed_is_a_revisit_of_an_answer_in_another_file(tmp_path, status, profile):
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(response())
    later = response(b"" if status == 304 else b"<p>hello</p>", status=status, fetched_at=AT + timedelta(hours=1))
    with WarcWriter(str(tmp_path), "2024/01/30/refetch.warc.gz") as warc:
        place = warc.write_unchanged(later, "http://pub.example/a", AT)
    (_, original, _, _), _ = records(tmp_path / FILE)
    (kind, revisit, http, body), (request, *_) = records(tmp_path / "2024/01/30/refetch.warc.gz")
    assert (kind, request, body) == ("revisit", "request", b"")
    assert revisit.get_header("WARC-Profile") == f"http://netpreserve.org/warc/1.1/revisit/{profile}"
    for name, of in (("", "Record-ID"), ("-Target-URI", "Target-URI"), ("-Date", "Date")):
        assert revisit.get_header(f"WARC-Refers-To{name}") == original.get_header(f"WARC-{of}")
    assert http.get_statuscode() == str(status)
    same = original.get_header("WARC-Payload-Digest") if status == 200 else None
    assert revisit.get_header("WARC-Payload-Digest") == same
    with pytest.raises(ValueError, match="nothing had changed"):
        read(str(tmp_path), place)


def test_empty_bodies_are_no_revisits(tmp_path):
    with WarcWriter(str(tmp_path), FILE) as warc:
        for name in "ab":
            warc.write(response(b"", f"http://pub.example/{name}"))
    assert [kind for kind, *_ in records(tmp_path / FILE)] == ["response", "request"] * 2


def test_fastwarc_reads_every_record_and_finds_the_digests_true(tmp_path):
    hops = (Hop("http://pub.example/", 301, "http://pub.example/a"),)
    with WarcWriter(str(tmp_path), FILE) as warc:
        warc.write(response(b"x" * 5_000, url="http://pub.example/", final_url="http://pub.example/a", hops=hops))
        warc.write(response(b"x" * 5_000, url="http://pub.example/b"))
    with open(tmp_path / FILE, "rb") as file:
        found = []
        for record in FastIterator(file, parse_http=False):
            record.parse_http()
            if record.record_type is WarcRecordType.response:
                assert record.verify_payload_digest()
                assert (record.http_headers.status_code, record.reader.read()) == (200, b"x" * 5_000)
            found.append(record.headers["WARC-Type"])
    assert found == ["response", "request", "metadata", "revisit", "request"]


def test_the_same_responses_make_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        with WarcWriter(str(tmp_path / folder), FILE) as warc:
            warc.write(response(hops=(Hop("http://pub.example/", 302, "/a"),)))
    assert (tmp_path / "one" / FILE).read_bytes() == (tmp_path / "two" / FILE).read_bytes()


def test_nothing_is_visible_under_the_name_before_close(tmp_path):
    warc = WarcWriter(str(tmp_path), FILE)
    warc.write(response())
    assert not (tmp_path / FILE).exists()
    warc.close()
    assert [path.name for path in (tmp_path / FILE).parent.iterdir()] == ["batch-1-1.warc.gz"]


def test_an_exception_in_the_block_leaves_nothing(tmp_path):
    def killed_half_way():
        with WarcWriter(str(tmp_path), FILE) as warc:
            warc.write(response())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        killed_half_way()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_without_records_is_not_made(tmp_path):
    with WarcWriter(str(tmp_path), FILE):
        pass
    assert not list(tmp_path.iterdir())


def test_a_published_file_is_never_replaced(tmp_path):
    with WarcWriter(str(tmp_path), FILE) as first:
        place = first.write(response(b"first"))
    second = WarcWriter(str(tmp_path), FILE)
    second.write(response(b"second, and longer"))
    with pytest.raises(FileExistsError):
        second.close()
    assert read(str(tmp_path), place).body == b"first"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_the_root_may_be_any_store_that_upath_reads():
    root = "memory://archive-test"
    with WarcWriter(root, FILE) as warc:
        place = warc.write(response(b"in memory"))
    assert read(root, place).body == b"in memory"
    assert [path.name for path in UPath(root).rglob("*") if path.is_file()] == ["batch-1-1.warc.gz"]
    (UPath(root) / FILE).unlink()
    with pytest.raises(FileNotFoundError):
        read(root, place)


@pytest.mark.parametrize("change", [{"offset": 1}, {"offset": 10_000}, {"length": 30}, {"length": 0}])
def test_a_location_that_points_at_no_record_is_an_error(tmp_path, change):
    with WarcWriter(str(tmp_path), FILE) as warc:
        place = warc.write(response())
    wrong = Location(**{"file": place.file, "offset": place.offset, "length": place.length, **change})
    with pytest.raises(ValueError, match="record"):
        read(str(tmp_path), wrong)


@given(
    body=st.binary(max_size=300),
    headers=st.lists(
        st.tuples(st.sampled_from(["X-A", "Content-Type", "Date"]), st.text(max_size=20) | st.just("a\r\n\r\nb")),
        max_size=3,
    ),
)
def test_any_body_and_header_survives_or_is_made_safe(tmp_path_factory, body, headers):
    root = str(tmp_path_factory.mktemp("archive"))
    with WarcWriter(root, FILE) as warc:
        place = warc.write(response(body, headers=tuple(headers)))
    found = read(root, place)
    assert (found.body, found.status) == (body, 200)
    assert found.header("content-length") == str(len(body))
