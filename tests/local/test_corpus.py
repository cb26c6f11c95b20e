"""The corpus's web server: what goes over the wire for a path, by its publisher and its route."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from mediawatch.local.corpus import ROOT, Corpus, Publisher, hosts, publishers

ROUTES = """
/moved: {status: 301, location: "http://two.example/a.html"}
/gone.xml: {status: 410}
/cyrillic.html: {headers: {Content-Type: "text/html; charset=windows-1251"}}
/story?id=7: {file: a.html}
/flaky.html: {file: a.html, fail_first: 2}
/wall.html: {status: 403, file: a.html}
/edited.html: {file: a.html, later: [{after: 1, file: feed.rss}, {after: 3, status: 410}]}
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    one, two = tmp_path / "one.example" / "site", tmp_path / "two.example" / "site"
    (one / "2024" / "slug").mkdir(parents=True)
    two.mkdir(parents=True)
    (one.parent / "routes.yaml").write_text(ROUTES)
    (one / "a.html").write_text("<p>one</p>")
    (one / "cyrillic.html").write_bytes("<p>мир</p>".encode("windows-1251"))
    (one / "2024" / "slug" / "index.html").write_text("<p>folder</p>")
    (one / "feed.rss").write_text("<rss/>")
    (two / "a.html").write_text("<p>two</p>")
    (tmp_path / "secret.txt").write_text("not served")
    with Corpus(tmp_path) as server:
        yield server


def get(
    corpus: Corpus, target: str, host: str = "one.example", method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", corpus.port, timeout=10)
    connection.request(method, target, headers={"Host": host, **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def test_the_host_header_picks_the_publisher(corpus: Corpus) -> None:
    assert get(corpus, "/a.html")[2] == b"<p>one</p>"
    assert get(corpus, "/a.html", host="TWO.example:8123")[2] == b"<p>two</p>"
    assert get(corpus, "/a.html", host="three.example")[0] == 404


def test_the_type_follows_the_extension_and_html_names_no_charset(corpus: Corpus) -> None:
    assert get(corpus, "/a.html")[1]["content-type"] == "text/html"
    assert get(corpus, "/feed.rss")[1]["content-type"] == "application/rss+xml"
    assert get(corpus, "/cyrillic.html")[1]["content-type"] == "text/html; charset=windows-1251"


def test_a_page_that_has_not_changed_is_answered_304_without_a_body(corpus: Corpus) -> None:
    _, headers, _ = get(corpus, "/a.html")
    status, again, body = get(corpus, "/a.html", **{"If-None-Match": headers["etag"]})
    assert (status, again["etag"], body) == (304, headers["etag"], b"")
    assert get(corpus, "/a.html", **{"If-None-Match": '"other"'})[0] == 200


def test_a_query_is_ignored_unless_a_route_names_it(corpus: Corpus) -> None:
    assert get(corpus, "/a.html?utm_source=feed")[2] == b"<p>one</p>"
    assert get(corpus, "/story?id=7")[2] == b"<p>one</p>"
    assert get(corpus, "/story?id=8")[0] == 404


def test_a_folder_serves_its_index(corpus: Corpus) -> None:
    assert get(corpus, "/2024/slug/")[2] == b"<p>folder</p>"


def test_routes_redirect_refuse_and_end_pages(corpus: Corpus) -> None:
    status, headers, _ = get(corpus, "/moved")
    assert (status, headers["location"]) == (301, "http://two.example/a.html")
    assert get(corpus, "/gone.xml")[0] == 410
    assert get(corpus, "/absent.html")[0] == 404
    assert get(corpus, "/wall.html")[::2] == (403, b"<p>one</p>")


def test_a_flaky_page_heals_after_its_failures(corpus: Corpus) -> None:
    assert [get(corpus, "/flaky.html")[0] for _ in range(4)] == [500, 500, 200, 200]


def test_requests_are_counted_by_host_and_target(corpus: Corpus) -> None:
    get(corpus, "/a.html")
    get(corpus, "/a.html?x=1")
    get(corpus, "/a.html")
    assert corpus.requests == {("one.example", "/a.html"): 2, ("one.example", "/a.html?x=1"): 1}


def test_nothing_outside_a_site_is_served(corpus: Corpus) -> None:
    assert get(corpus, "/../../secret.txt")[0] == 404
    assert get(corpus, "/%2e%2e/%2e%2e/secret.txt")[0] == 404


def test_a_page_may_change_and_go_after_some_requests(corpus: Corpus) -> None:
    answers = [get(corpus, "/edited.html") for _ in range(5)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 410, 410]
    assert [body for _, _, body in answers[:3]] == [b"<p>one</p>", b"<rss/>", b"<rss/>"]
    assert answers[0][1]["etag"] != answers[1][1]["etag"]
    etag = answers[1][1]["etag"]
    assert get(corpus, "/a.html", **{"If-None-Match": etag})[0] == 200


def test_head_answers_without_a_body(corpus: Corpus) -> None:
    status, headers, body = get(corpus, "/a.html", method="HEAD")
    assert (status, headers["content-length"], body) == (200, "10", b"")


def test_the_hosts_setting_names_every_publisher(corpus: Corpus) -> None:
    assert corpus.hosts == f"one.example=127.0.0.1:{corpus.port},two.example=127.0.0.1:{corpus.port}"


def test_every_publisher_of_the_sample_corpus_loads_and_its_routes_lead_to_files() -> None:
    assert hosts(ROOT, 1) == ",".join(f"{name}=127.0.0.1:1" for name in publishers(ROOT))
    for name in publishers(ROOT):
        publisher = Publisher.load(ROOT / name)
        missing = [
            file
            for route in publisher.routes.values()
            for file in (route.file, *(each.file for each in route.later))
            if file and not (publisher.site / file.lstrip("/")).is_file()
        ]
        assert not missing, f"{name}: routes.yaml names files that are not there: {missing}"
