"""robots.txt: what it forbids, and what its absence means."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from mediawatch.errors import Reason
from mediawatch.models import Failure
from mediawatch.web.pacing import Pacing
from mediawatch.web.robots import Robots

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


@pytest.mark.parametrize(("status", "reason"), [(500, Reason.SERVER_ERROR), (503, Reason.SERVER_ERROR)])
def test_a_broken_site_is_waited_for(on_site, status, reason):
    (answer,), _, _ = asks(on_site, lambda request: web.Response(status=status), "http://pub.example/x")
    assert isinstance(answer, Failure)
    assert answer.reason is reason


def test_too_many_requests_is_waited_for_as_long_as_it_asks(on_site):
    pacing = Pacing(0.0, 2)

    async def handler(request):
        return web.Response(status=429, headers={"Retry-After": "90"})

    async def story(session, port):
        return await Robots(session, pacing).allowed("http://pub.example/x")

    assert on_site(handler, story).reason is Reason.RATE_LIMITED
    assert 80 < pacing.ready_in_s("pub.example") <= 90


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
