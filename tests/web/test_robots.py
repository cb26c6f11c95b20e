"""robots.txt: what it forbids, and what its absence means."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from aiohttp import web
from mediawatch.errors import Reason
from mediawatch.models import Failure, Response
from mediawatch.web.pacing import Pacing
from mediawatch.web.robots import Robots, RobotsFile, Wait, judge

RULES = """
User-agent: *
Disallow: /private/
Allow: /private/open
Crawl-delay: 7

User-agent: mediawatch
Disallow: /ours/
Crawl-delay: 9999
"""


def asks(on_site, answers, *urls, agent="mediawatch/0.1", **client):
    """What Robots says to each URL, in turn, and how often the site was asked for robots.txt."""
    asked = []

    async def handler(request):
        asked.append(request.path)
        return answers(request)

    async def story(session, port):
        robots = Robots(session, Pacing(0.0, 2))
        return [await robots.allowed(url) for url in urls], [robots.crawl_delay_s(url) for url in urls]

    allowed, delays = on_site(handler, story, user_agent=agent, **client)
    return allowed, delays, asked


def rules(text=RULES):
    return lambda request: web.Response(text=text)


def test_the_rules_for_all_hold_for_an_agent_that_is_not_named(on_site):
    urls = ["http://pub.example/a", "http://pub.example/private/x", "http://pub.example/private/open"]
    allowed, delays, asked = asks(on_site, rules(), *urls, agent="anybot/1.0")
    assert allowed == [True, False, True]
    assert delays == [7.0] * 3
    assert asked == ["/robots.txt"]


def test_the_rules_for_our_name_win_and_an_absurd_delay_is_bounded(on_site):
    urls = ["http://pub.example/private/x", "http://pub.example/ours/x"]
    allowed, delays, _ = asks(on_site, rules(), *urls, agent="mediawatch/0.1 (+mailto:us@watch.example)")
    assert allowed == [True, False]
    assert delays == [60.0] * 2


def test_each_origin_has_its_own_rules(on_site):
    def by_host(request):
        return web.Response(text=RULES if request.host == "pub.example" else "")

    urls = ["http://pub.example/ours/x", "http://other.example/ours/x"]
    assert asks(on_site, by_host, *urls)[0] == [False, True]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_robots_txt_allows_all(on_site, status):
    assert asks(on_site, lambda request: web.Response(status=status), "http://pub.example/x")[0] == [True]


@pytest.mark.parametrize("status", [500, 503])
def test_a_broken_site_is_waited_for(on_site, status):
    (answer,), _, _ = asks(on_site, lambda request: web.Response(status=status), "http://pub.example/x")
    assert isinstance(answer, Wait)
    assert answer.why == f"robots.txt: server_error: HTTP {status}"
    assert timedelta(minutes=9) < answer.until - datetime.now(timezone.utc) <= timedelta(minutes=10)


def test_too_many_requests_is_waited_for_as_long_as_it_asks(on_site):
    pacing = Pacing(0.0, 2)

    async def handler(request):
        return web.Response(status=429, headers={"Retry-After": "90"})

    async def story(session, port):
        return await Robots(session, pacing).allowed("http://pub.example/x")

    answer = on_site(handler, story)
    assert timedelta(seconds=80) < answer.until - datetime.now(timezone.utc) <= timedelta(seconds=90)
    assert 80 < pacing.ready_in_s("pub.example") <= 90


# ---- what is kept of it ------------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=timezone.utc)
SITE = "http://pub.example"
HAD = RobotsFile(SITE, b"User-agent: *\nDisallow: /x", NOW - timedelta(days=2), NOW - timedelta(days=1))


def said(body=b"rules", **headers):
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response(SITE, SITE, 200, sent, body, NOW, 1)


@pytest.mark.parametrize(
    ("stated", "hours"), [({}, 24), ({"Cache_Control": "max-age=7200"}, 2), ({"Cache_Control": "max-age=60"}, 1)]
)
def test_it_is_kept_for_a_day_or_as_long_as_it_says_but_an_hour_at_least(stated, hours):
    file = judge(SITE, said(**stated), None, NOW)
    assert (file.body, file.expires_at - NOW) == (b"rules", timedelta(hours=hours))


def test_while_a_site_is_broken_the_rules_that_were_had_go_on_and_it_is_asked_ever_more_rarely():
    now, waits, file = NOW, [], HAD
    for _ in range(12):
        file = judge(SITE, Failure(Reason.SERVER_ERROR, "HTTP 500"), file, now)
        waits.append((file.expires_at - now).total_seconds() / 60)
        assert (file.body, file.fetched_at, file.broken_since) == (HAD.body, HAD.fetched_at, NOW)
        now = file.expires_at
    assert waits[:5] == [10, 10, 20, 40, 80]
    assert waits[-1] == 24 * 60


def test_a_site_that_is_broken_for_a_month_counts_as_one_without_rules():
    broken = RobotsFile(SITE, None, NOW, NOW, broken_since=NOW)
    failure = Failure(Reason.SERVER_ERROR, "HTTP 500")
    assert judge(SITE, failure, broken, NOW + timedelta(days=29)).body is None
    assert judge(SITE, failure, broken, NOW + timedelta(days=30)).body == b""


def test_a_broken_site_that_asks_for_no_wait_is_waited_for_all_the_same():
    file = judge(SITE, Failure(Reason.SERVER_ERROR, "HTTP 503", retry_at=NOW), None, NOW)
    assert file.expires_at == NOW + timedelta(minutes=1)


def test_an_answer_ends_the_waiting():
    broken = RobotsFile(SITE, None, NOW, NOW, broken_since=NOW)
    assert judge(SITE, said(), broken, NOW).broken_since is None
    assert judge(SITE, Failure(Reason.NOT_FOUND), broken, NOW) == RobotsFile(SITE, b"", NOW, NOW + timedelta(days=1))


def test_a_site_that_cannot_be_reached_is_a_failure_unless_its_rules_are_known():
    down = Failure(Reason.DNS, "no such name")
    assert judge(SITE, down, None, NOW) is down
    assert judge(SITE, down, HAD, NOW).body == HAD.body


def test_what_others_have_learned_is_not_asked_again_until_it_expires(on_site):
    asked = []

    async def handler(request):
        asked.append(request.path)
        return web.Response(text="User-agent: *\nDisallow: /")

    async def story(session, port):
        kept = replace(HAD, expires_at=NOW + timedelta(hours=1))
        early = Robots(session, Pacing(0.0, 2), [kept], now=lambda: NOW)
        late = Robots(session, Pacing(0.0, 2), [kept], now=lambda: NOW + timedelta(hours=2))
        first = [await early.allowed(f"{SITE}{path}") for path in ("/x", "/y")]
        return first, early.learned, await late.allowed(f"{SITE}/y"), late.learned

    first, nothing, then, learned = on_site(handler, story)
    assert (first, nothing, then, asked) == ([False, True], {}, False, ["/robots.txt"])
    assert learned[SITE].body == b"User-agent: *\nDisallow: /"


def test_an_unknown_host_is_a_failure_and_is_asked_once(on_site, fake_dns):
    dns = fake_dns({})
    (first, second), _, _ = asks(on_site, rules(), "http://gone.example/1", "http://gone.example/2", dns=dns)
    assert first.reason is Reason.DNS
    assert second is first
    assert dns.asked == ["gone.example"]


def test_a_redirect_loop_counts_as_no_robots_txt(on_site):
    def loop(request):
        return web.Response(status=302, headers={"Location": "/robots.txt"})

    assert asks(on_site, loop, "http://pub.example/x")[0] == [True]


def test_a_web_page_in_its_place_forbids_nothing(on_site):
    assert asks(on_site, rules("<!doctype html><title>404</title>"), "http://pub.example/x")[0] == [True]


def test_an_endless_robots_txt_is_read_as_far_as_the_limit(on_site):
    assert asks(on_site, rules(RULES + "#" * 2_000_000), "http://pub.example/ours/x")[0] == [False]


def test_a_byte_order_mark_does_not_hide_the_first_rule(on_site):
    text = "\ufeffUser-agent: *\nDisallow: /x"
    assert asks(on_site, rules(text), "http://pub.example/x")[0] == [False]


@pytest.mark.parametrize("url", ["ftp://pub.example/", "", "http://[::1/", "http://a:b/"])
def test_what_is_not_a_web_url_is_a_bad_url(on_site, url):
    (answer,), delays, asked = asks(on_site, rules(), url)
    assert answer.reason is Reason.BAD_URL
    assert (delays, asked) == ([None], [])


def test_many_who_ask_at_once_share_one_request(on_site):
    asked = []

    async def handler(request):
        asked.append(request.path)
        await asyncio.sleep(0.02)
        return web.Response(text=RULES)

    async def story(session, port):
        robots = Robots(session, Pacing(0.0, 2))
        return await asyncio.gather(*(robots.allowed(f"http://pub.example/{number}") for number in range(20)))

    assert on_site(handler, story) == [True] * 20
    assert asked == ["/robots.txt"]


def test_the_crawl_delay_slows_the_pacing_of_its_host(on_site):
    pacing = Pacing(0.0, 2)

    async def handler(request):
        return web.Response(text="User-agent: *\nCrawl-delay: 3")

    async def story(session, port):
        await Robots(session, pacing).allowed("http://pub.example/x")
        async with pacing.turn("pub.example"):
            return pacing.ready_in_s("pub.example")

    assert 2 < on_site(handler, story) <= 3
