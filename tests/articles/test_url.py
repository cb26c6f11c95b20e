"""What is the same URL and what is not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mediawatch.articles.url import canonical, is_homepage, normalise, site

STORY = "https://example.com/news/story"


@pytest.mark.parametrize(
    "spelling",
    [
        "http://example.com/news/story",
        "HTTPS://Example.COM/news/story",
        "https://www.example.com/news/story/",
        "https://example.com:443/news/story",
        "http://example.com:80/news/story",
        "https://example.com./news/story",
        "https://user:word@example.com/news/story",
        "https://example.com/news/story#comments",
        "https://example.com/news/./old/../story",
        "https://example.com/news/%73tory",
        "https://example.com/news/story;jsessionid=0A1B2C",
        "  https://example.com/news/story\n",
        "https://example.com/news/story?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2&mc_cid=3",
        "https://example.com/news/story?at_medium=RSS&at_campaign=KARANGA",
        "https://example.com/news/story?ref=rss&source=twitter&from=newsletter",
        "https://example.com/news/story?utm_source=a&amp;utm_medium=b",
        "https://example.com/news/story?",
        "https://example.com/news/story?&&",
    ],
)
def test_spellings_of_one_address_have_one_key(spelling: str) -> None:
    assert normalise(spelling) == STORY


@pytest.mark.parametrize(
    "twin",
    [
        "https://example.com/news/story/amp",
        "https://example.com/news/story/amp/",
        "https://example.com/news/story?amp=1",
        "https://example.com/news/story?amp",
        "https://example.com/news/story?outputType=amp",
        "https://example.com/news/story.amp",
        "https://amp.example.com/news/story",
        "https://m.example.com/news/story",
        "https://mobile.example.com/news/story",
        "https://www.google.com/amp/s/www.example.com/news/story",
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/news/story",
    ],
)
def test_amp_and_mobile_twins_map_to_the_main_page(twin: str) -> None:
    assert normalise(twin) == STORY


@pytest.mark.parametrize("host", ["in.gr", "web.de", "gov.uk"])
def test_a_site_that_is_named_like_a_registry_is_itself_with_www_too(host: str) -> None:
    assert normalise(f"https://www.{host}/a") == normalise(f"https://{host}/a") == f"https://{host}/a"


def test_tracking_parameters_go_and_identity_parameters_stay() -> None:
    key = normalise("https://example.com/view?utm_campaign=x&id=7&sid=551&p=3&story=9&fbclid=abc")
    assert key == "https://example.com/view?id=7&p=3&sid=551&story=9"


def test_the_order_of_parameters_does_not_count_but_that_of_equal_names_does() -> None:
    assert normalise("https://e.com/?b=2&a=1") == normalise("https://e.com/?a=1&b=2")
    assert normalise("https://e.com/?a=1&a=2") != normalise("https://e.com/?a=2&a=1")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example.com/a", "https://example.com/a"),
        ("https://news.example.com/a", "https://blog.example.com/a"),
        ("https://example.com/view?sid=551", "https://example.com/view?sid=552"),
        ("https://example.com/news/AbCd", "https://example.com/news/abcd"),
        ("https://example.com/trump-wins", "https://example.com/"),
        ("https://example.com:8080/a", "https://example.com/a"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com/a?source=a17", "https://example.com/a?source=b18"),
        ("https://example.com/amp", "https://example.com/"),
        ("https://example.com/amp/news", "https://example.com/news"),
        ("https://example.com/guitars?amp=tube", "https://example.com/guitars"),
        ("https://amp.com.au/news", "https://com.au/news"),
        ("https://mobile.de/news", "https://de/news"),
        ("https://one.blogspot.com/a", "https://two.blogspot.com/a"),
    ],
)
def test_different_pages_keep_different_keys(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_international_hosts_and_paths_have_one_spelling() -> None:
    assert normalise("https://bücher.example/straße") == normalise("http://xn--bcher-kva.example/stra%C3%9Fe/")


@pytest.mark.parametrize(
    "url",
    [
        *("", "   ", "mailto:a@example.com", "javascript:void(0)", "ftp://example.com/a", "/news/story", "example.com"),
        *("http://", "https:///a", "http://exa mple.com/", "http://[::1", "http://e.com:99999/", "http://a..b/"),
        "http://" + "a" * 250 + ".com/",
        *("http://e.com/\ud800", "http://e.com/" + "a" * 8_192, "http://<script>/"),
    ],
)
def test_what_is_not_an_http_address_has_no_key(url: str) -> None:
    assert normalise(url) is None


def test_a_long_address_has_a_key() -> None:
    assert normalise("https://example.com/" + "a" * 8_000) == "https://example.com/" + "a" * 8_000


SEGMENT = st.one_of(
    st.sampled_from(["", ".", "..", "amp", "AMP", "s", "x.amp", "amp.amp", "a.amp.html", ";sid=1", "x.y", "%2E", "c"]),
    st.text(alphabet="aZ%2fF.é;=+ ~", max_size=5),
)
HOSTS = st.sampled_from(
    ["example.com", "www.m.example.co.uk", "google.com", "M.Google.com", "x.cdn.ampproject.org", "[::1]:81", "ü.de"]
)
PARAMETER = st.text(alphabet="ab&=;%+é2F", max_size=8) | st.sampled_from(
    ["amp;amp;id=1", "amp=1", "utm_x=1", "b", "a="]
)


@given(HOSTS, st.lists(SEGMENT, max_size=6), st.lists(PARAMETER, max_size=4))
def test_a_key_is_its_own_key(host: str, segments: list[str], query: list[str]) -> None:
    key = normalise(f"http://{host}/{'/'.join(segments)}?{'&'.join(query)}")
    assert key is not None
    assert normalise(key) == key


@given(st.text(max_size=60))
@example("http://[::1%")
@example("https://google.com/amp/amp/x.y")
def test_any_text_has_a_stable_key_or_none(text: str) -> None:
    for url in (text, f"http://{text}"):
        key = normalise(url)
        assert key is None or normalise(key) == key


def test_a_declared_address_of_the_same_site_is_believed() -> None:
    page = "https://m.example.com/story?id=5&ref=x"
    assert canonical(page, "https://www.example.com/2024/story") == "https://www.example.com/2024/story"
    assert canonical(page, "/2024/story#top") == "https://m.example.com/2024/story"
    assert canonical("http://news.bbc.co.uk/a", "https://www.bbc.co.uk/b") == "https://www.bbc.co.uk/b"


@pytest.mark.parametrize(
    "declared",
    [
        *(
            None,
            "",
            "https://other.com/story",
            "mailto:a@example.com",
            "https://example.com/",
            "/",
            "/en/",
            "/index.html",
        ),
        *("https://example.com/story", "https://example.com/story?id=6", "http://[bad"),
    ],
)
def test_a_lying_declared_address_is_ignored(declared: str | None) -> None:
    assert canonical("https://example.com/story?id=5", declared) is None


def test_a_declared_address_may_drop_parameters_that_name_nothing() -> None:
    assert canonical("https://example.com/story?page=all", "https://example.com/story") == "https://example.com/story"


def test_only_front_pages_are_homepages() -> None:
    assert is_homepage("https://example.com/?utm_source=x")
    assert is_homepage("https://example.com/en-GB/")
    assert not is_homepage("https://example.com/trump-wins")
    assert not is_homepage("https://example.com/?p=551")


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        *(("a.b.example.com", "example.com"), ("bbc.co.uk", "bbc.co.uk"), ("news.bbc.co.uk", "bbc.co.uk")),
        *(("www.in.gr", "in.gr"), ("www.gov.uk", "gov.uk"), ("www.net.hr", "net.hr"), ("www.bbc.co.uk", "bbc.co.uk")),
        *(("a.blogspot.com", "a.blogspot.com"), ("127.0.0.1", "127.0.0.1"), ("localhost", "localhost")),
    ],
)
def test_a_site_is_what_an_owner_registers(host: str, owner: str) -> None:
    assert site(host) == owner
