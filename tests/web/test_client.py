"""The client against a real server that behaves, misbehaves, and attacks."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from datetime import datetime, timedelta, timezone
from functools import partial

import brotli
import pytest
from aiohttp import web
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mediawatch.errors import Reason
from mediawatch.models import Failure, Hop, Response
from mediawatch.settings import Settings
from mediawatch.web.client import Client
from mediawatch.web.guard import AddressGuard


def says(text="hello", **options):
    async def handler(request):
        return web.Response(text=text, **options)

    return handler


def redirects(*targets, status=302):
    """A server whose first paths point at the targets in turn; the rest is a page."""
    places = {f"/{number}" if number else "/": target for number, target in enumerate(targets)}

    async def handler(request):
        if request.path in places:
            return web.Response(status=status, headers={"Location": places[request.path]})
        return web.Response(text=f"arrived at {request.host}{request.path_qs}")

    return handler


def test_a_page_comes_with_its_body_status_headers_and_time(visit):
    before = datetime.now(timezone.utc)
    answer = visit(says("grüezi", headers={"X-Thing": "1"}), "http://pub.example/a?b=c#d")
    assert isinstance(answer, Response)
    assert (answer.status, answer.body.decode()) == (200, "grüezi")
    assert (answer.url, answer.final_url) == ("http://pub.example/a?b=c#d", "http://pub.example/a?b=c")
    assert answer.header("x-thing") == "1"
    assert before <= answer.fetched_at <= datetime.now(timezone.utc)
    assert answer.elapsed_ms >= 0


def test_the_request_carries_the_agent_the_contact_and_the_headers_but_no_cookies(on_site):
    seen = []

    async def handler(request):
        seen.append(request.headers)
        return web.Response(text="ok", headers={"Set-Cookie": "id=1"})

    async def story(client, port):
        settings = Settings(hosts=f"pub.example=127.0.0.1:{port}", contact="https://watch.example/bot")
        async with Client.from_settings(settings) as configured:
            await configured.get("http://pub.example/", max_bytes=10, headers={"If-None-Match": '"e"'})
            return await configured.get("http://pub.example/", max_bytes=10)

    on_site(handler, story)
    assert seen[0]["User-Agent"] == "mediawatch/0.1 (+https://watch.example/bot)"
    assert seen[0]["If-None-Match"] == '"e"'
    assert "Cookie" not in seen[1]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)],
)
def test_content_encodings_are_undone(visit, encoding, pack):
    async def handler(request):
        assert encoding in request.headers["Accept-Encoding"]
        return web.Response(body=pack(b"packed " * 100), headers={"Content-Encoding": encoding})

    assert visit(handler).body == b"packed " * 100


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.REFUSED),
        (401, Reason.REFUSED),
        (403, Reason.REFUSED),
        (404, Reason.NOT_FOUND),
        (410, Reason.GONE),
        (418, Reason.REFUSED),
        (429, Reason.RATE_LIMITED),
        (451, Reason.REFUSED),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (599, Reason.SERVER_ERROR),
    ],
)
def test_an_error_status_is_a_failure_with_its_reason(visit, status, reason):
    answer = visit(says(status=status))
    assert (answer.reason, answer.status) == (reason, status)


def test_not_modified_is_an_answer(visit):
    answer = visit(says("", status=304), headers={"If-None-Match": '"e"'})
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (304, b"")


def test_a_304_that_nobody_asked_for_is_a_bad_answer(visit):
    answer = visit(says("", status=304))
    assert (answer.reason, answer.status) == (Reason.BAD_RESPONSE, 304)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept(visit, status):
    now = datetime.now(timezone.utc)
    answer = visit(says(status=status, headers={"Retry-After": "120"}))
    assert timedelta(seconds=119) < answer.retry_at - now < timedelta(seconds=180)


def test_an_answer_tells_what_was_sent_without_credentials(visit):
    answer = visit(says(), "http://me:secret@pub.example/", headers={"X-Thing": "1", "Cookie": "secret"})
    sent = {name.lower(): value for name, value in answer.sent}
    assert (sent["host"], sent["x-thing"], sent["user-agent"]) == ("pub.example", "1", "mediawatch")
    assert "secret" not in str(answer.sent) + answer.final_url
    assert "authorization" not in sent


def test_each_hop_waits_for_its_host_and_the_wait_is_not_the_servers_time(visit):
    asked = []

    async def before_hop(url):
        asked.append(url)
        await asyncio.sleep(0.3)

    handler = redirects("/1", "http://other.example/2")
    answer = visit(handler, before_hop=before_hop, client={"total_timeout_s": 0.5})
    assert (answer.status, asked) == (200, ["http://pub.example/1", "http://other.example/2"])


def test_a_hop_that_is_forbidden_is_not_made(visit):
    async def before_hop(url):
        return Failure(Reason.ROBOTS, url) if "other" in url else None

    hits = []

    async def handler(request):
        hits.append(request.host)
        return web.Response(status=302, headers={"Location": "http://other.example/2"})

    answer = visit(handler, before_hop=before_hop)
    assert (answer.reason, answer.detail, hits) == (Reason.ROBOTS, "http://other.example/2", ["pub.example"])


# ---- limits ----------------------------------------------------------------------------------------------------------


def test_a_type_outside_the_list_is_refused_before_its_body_is_read(visit):
    async def handler(request):
        answer = web.StreamResponse(headers={"Content-Type": "application/pdf"})
        await answer.prepare(request)
        await asyncio.sleep(30)
        return answer

    answer = visit(handler, allow_types={"text/html"}, client={"total_timeout_s": 5})
    assert (answer.reason, answer.detail) == (Reason.UNSUPPORTED_TYPE, "application/pdf")


def test_a_type_in_the_list_passes_whatever_its_case_and_parameters(visit):
    handler = says(headers={"Content-Type": "Text/HTML; charset=utf-8"})
    assert visit(handler, allow_types={"text/html"}).status == 200


def test_an_answer_without_a_type_passes(visit_bytes):
    assert visit_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").body == b"ok"


def test_a_body_over_the_limit_is_refused_by_its_announcement(visit):
    answer = visit(says("x" * 2_000), max_bytes=1_000)
    assert (answer.reason, answer.detail) == (Reason.TOO_LARGE, "2000 bytes announced")


def test_a_body_of_exactly_the_limit_passes(visit):
    assert len(visit(says("x" * 1_000), max_bytes=1_000).body) == 1_000


def test_an_endless_body_is_cut_off(visit):
    sent = 0

    async def handler(request):
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        while sent < 50_000_000:
            await answer.write(b"x" * 10_000)
            sent += 10_000
        return answer

    assert visit(handler, max_bytes=100_000).reason is Reason.TOO_LARGE
    assert sent < 50_000_000


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("br", partial(brotli.compress, quality=1))])
def test_a_bomb_is_refused_by_what_it_unpacks_to(visit, encoding, pack):
    bomb = pack(b"\0" * 30_000_000)
    assert len(bomb) < 100_000

    async def handler(request):
        return web.Response(body=bomb, headers={"Content-Encoding": encoding})

    assert visit(handler, max_bytes=100_000).reason is Reason.TOO_LARGE


def test_truncate_keeps_the_first_bytes(visit):
    assert visit(says("abcdef"), max_bytes=3, truncate=True).body == b"abc"


def test_a_slow_drip_ends_at_the_total_time(visit):
    async def handler(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(200):
            await answer.write(b"x")
            await asyncio.sleep(0.05)
        return answer

    assert visit(handler, client={"total_timeout_s": 0.3}).reason is Reason.TIMEOUT


@pytest.mark.parametrize("begins", [False, True])
def test_a_server_that_falls_silent_is_given_up_before_the_total_time(visit, begins):
    async def handler(request):
        answer = web.StreamResponse()
        if begins:
            await answer.prepare(request)
            await answer.write(b"x")
        await asyncio.sleep(5)
        return answer

    answer = visit(handler, client={"read_timeout_s": 0.2, "total_timeout_s": 4})
    assert answer.reason is Reason.TIMEOUT
    assert "reading" in answer.detail


def test_redirects_share_one_time_limit(visit):
    async def handler(request):
        await asyncio.sleep(0.15)
        number = int(request.path.strip("/") or 0)
        return web.Response(status=302, headers={"Location": f"/{number + 1}"})

    answer = visit(handler, client={"total_timeout_s": 0.4, "max_redirects": 100})
    assert answer.reason is Reason.TIMEOUT
    assert 1 <= len(answer.hops) <= 3


# ---- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(visit, status):
    answer = visit(redirects("/1", "http://other.example/end?x=1", status=status))
    assert answer.body == b"arrived at other.example/end?x=1"
    assert (answer.url, answer.final_url) == ("http://pub.example/", "http://other.example/end?x=1")
    assert answer.hops == (
        Hop("http://pub.example/", status, "http://pub.example/1"),
        Hop("http://pub.example/1", status, "http://other.example/end?x=1"),
    )


@pytest.mark.parametrize("targets", [("/",), ("/1", "/"), ("/1", "/2", "/1"), ("http://PUB.example:80/",), ("/#top",)])
def test_a_loop_is_told_from_a_long_way(visit, targets):
    answer = visit(redirects(*targets))
    assert answer.reason is Reason.REDIRECTS
    assert "loop" in answer.detail


def test_too_many_redirects_end_the_way(visit):
    answer = visit(redirects(*[f"/{number}" for number in range(1, 20)]), client={"max_redirects": 3})
    assert answer.reason is Reason.REDIRECTS
    assert len(answer.hops) == 4


def test_a_redirect_to_nowhere_says_so(visit):
    assert visit(says(status=302)).detail == "a redirect to nowhere"


@pytest.mark.parametrize("target", ["ftp://pub.example/", "javascript:alert(1)", "file:///etc/passwd", "http://[::1/"])
def test_a_redirect_to_another_scheme_is_a_bad_url(visit, target):
    answer = visit(redirects(target))
    assert answer.reason is Reason.BAD_URL
    assert len(answer.hops) == 1


def test_a_location_with_raw_utf8_is_followed(visit):
    answer = visit(redirects("/zürich/新聞"))
    assert answer.final_url == "http://pub.example/z%C3%BCrich/%E6%96%B0%E8%81%9E"


def test_a_location_in_latin1_does_not_break_the_client(visit_bytes):
    answer = visit_bytes(b"HTTP/1.1 302 Found\r\nLocation: ftp://x/\xfc\r\nContent-Length: 0\r\n\r\n")
    assert (answer.reason, answer.hops[0].location) == (Reason.BAD_URL, "ftp://x/%FC")


def test_credentials_stay_with_their_origin_and_validators_travel(on_site):
    seen = []

    async def handler(request):
        seen.append(request.headers)
        target = {"/": "/1", "/1": "http://other.example/2"}.get(request.path)
        return web.Response(status=302, headers={"Location": target}) if target else web.Response(text="end")

    async def story(client, port):
        headers = {"Authorization": "Basic eDp5", "If-None-Match": '"e"'}
        return await client.get("http://pub.example/", max_bytes=100, headers=headers)

    on_site(handler, story)
    assert ["Authorization" in headers for headers in seen] == [True, True, False]
    assert ["If-None-Match" in headers for headers in seen] == [True, True, True]


# ---- what breaks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pub.example/a",
        "ftp://pub.example/",
        "http://",
        "http:///a",
        "mailto:a@pub.example",
        "http://[x]/",
        "http://a:b/",
    ],
)
def test_what_is_not_a_web_url_is_a_bad_url(visit, url):
    assert visit(says(), url).reason is Reason.BAD_URL


URLS = st.text() | st.builds("http://{}/{}".format, st.text(), st.text()) | st.builds("http://{}@a/".format, st.text())


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(URLS, min_size=1, max_size=20))
@example(["http://xn--/", f"http://{'a' * 70}.example/", "http://a..example/", "http://\ud800/\x00", "HTTP://Ā@A"])
def test_no_text_for_a_url_makes_it_raise(fake_dns, urls):
    async def story():
        async with Client(guard=AddressGuard(), dns=fake_dns({})) as client:
            return [await client.get(url, max_bytes=10) for url in urls]

    for answer in asyncio.run(story()):
        assert answer.reason in (Reason.BAD_URL, Reason.DNS, Reason.BLOCKED_ADDRESS)
        answer.detail.encode()
        assert "\0" not in answer.detail


def test_a_refused_connection_is_a_connection_failure(on_site):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed_port = unused.getsockname()[1]

        async def story(client, port):
            settings = Settings(hosts=f"closed.example=127.0.0.1:{closed_port}")
            async with Client.from_settings(settings) as configured:
                return await configured.get("http://closed.example/", max_bytes=10)

        assert on_site(says(), story).reason is Reason.CONNECTION


def test_an_unknown_name_is_a_dns_failure(visit):
    assert visit(says(), "http://nowhere.example/").reason is Reason.DNS


def test_plain_http_where_tls_is_due_is_a_tls_failure(visit):
    assert visit(says(), "https://pub.example/").reason is Reason.TLS


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", Reason.CONNECTION),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut off", Reason.CONNECTION),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", Reason.CONNECTION),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", Reason.BAD_RESPONSE),
        (b"hello, I am not HTTP\r\n\r\n", Reason.BAD_RESPONSE),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip", Reason.BAD_RESPONSE),
        (b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n", Reason.BAD_RESPONSE),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n", Reason.BAD_RESPONSE),
    ],
)
def test_an_answer_that_breaks_http_is_told_from_one_that_is_cut_off(visit_bytes, answer, reason):
    assert visit_bytes(answer).reason is reason


def test_a_reset_in_the_middle_of_a_body_is_a_connection_failure(visit_bytes):
    answer = visit_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", reset=True)
    assert answer.reason is Reason.CONNECTION


def test_a_body_without_a_length_ends_with_the_connection(visit_bytes):
    assert visit_bytes(b"HTTP/1.0 200 OK\r\n\r\nwhole").body == b"whole"


def test_a_long_header_of_an_honest_publisher_is_read(visit_bytes):
    policy = b"x" * 30_000
    answer = visit_bytes(b"HTTP/1.1 200 OK\r\nX-Policy: " + policy + b"\r\nContent-Length: 2\r\n\r\nok")
    assert answer.header("x-policy") == policy.decode()


def test_headers_hold_text_whatever_bytes_came(visit_bytes):
    answer = visit_bytes(b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 0\r\n\r\n")
    assert answer.header("x-name") == "caf\ufffd"


# ---- the address guard, on the wire ----------------------------------------------------------------------------------


def counting(hits):
    async def handler(request):
        hits.append(str(request.url))
        return web.Response(text="secret")

    return handler


INSIDE = [
    "http://127.0.0.1:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::1]:{port}/",
    "http://0x7f000001:{port}/",
    "http://2130706433:{port}/",
    "http://127.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://10.0.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://user@127.0.0.1:{port}/",
]


@pytest.mark.parametrize("url", INSIDE)
def test_an_inside_address_written_out_is_never_reached(visit, url):
    hits = []
    answer = visit(counting(hits), url)
    assert isinstance(answer, Failure)
    assert hits == []
    if "127.0.0.1.:" not in url:
        assert answer.reason is Reason.BLOCKED_ADDRESS


@pytest.mark.parametrize("url", INSIDE)
def test_an_inside_address_is_never_reached_by_a_redirect(visit, url):
    hits = []

    async def handler(request):
        hits.append(request.path)
        port = request.transport.get_extra_info("sockname")[1]
        return web.Response(status=302, headers={"Location": url.replace("{port}", str(port))})

    answer = visit(handler, "http://pub.example/start")
    assert isinstance(answer, Failure)
    assert hits == ["/start"]
    assert len(answer.hops) == 1


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["10.1.2.3"], ["93.184.216.34", "127.0.0.1"], ["::ffff:7f00:1"]])
def test_a_name_that_leads_inside_is_blocked_even_on_a_mapped_port(visit, fake_dns, addresses):
    hits = []
    dns = fake_dns({"evil.example": addresses})
    answer = visit(counting(hits), "http://evil.example:{port}/", client={"dns": dns})
    assert answer.reason is Reason.BLOCKED_ADDRESS
    assert hits == []


def test_a_mapped_name_is_dialled_at_its_target_whatever_port_the_url_says(visit):
    assert visit(says(), "http://pub.example:8080/").status == 200


def test_a_mapped_name_never_asks_dns(visit, fake_dns):
    dns = fake_dns({"pub.example": ["93.184.216.34"]})
    assert visit(says(), "http://PUB.example./", client={"dns": dns}).status == 200
    assert dns.asked == []
