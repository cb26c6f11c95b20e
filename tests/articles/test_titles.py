"""Titles without the names of their sites."""

from __future__ import annotations

import pytest
from mediawatch.articles.titles import choose, ending


@pytest.mark.parametrize(
    ("raw", "site", "host"),
    [
        ("Bridge to be built | The Example", "The Example", "www.example.com"),
        ("Bridge to be built | News | The Example", "The Example", "example.com"),
        ("Bridge to be built - The Example", "The Example", "example.com"),
        ("Bridge to be built – Example.com", None, "www.example.com"),
        ("Bridge to be built | City", [], "example.com"),
        ("Bridge\u00ad to   be built · The Example", "The Example", "x.com"),
        ("Bridge to be built", "The Example", "example.com"),
    ],
)
def test_the_name_of_the_site_is_cut_off(raw: str, site: str | None, host: str) -> None:
    assert choose([("title", raw)], [site or ""], host) == ("title", "Bridge to be built")


@pytest.mark.parametrize(
    "raw",
    [
        "Ceasefire - what we know",
        "China–US talks: a new start",
        "Who pays? - Analysis",
        "Obama-era rules return",
        "The Example",
    ],
)
def test_what_belongs_to_the_title_stays(raw: str) -> None:
    assert choose([("title", raw)], ["The Example"], "example.com") == ("title", raw)


def test_a_tail_that_the_headline_does_not_have_is_cut_off() -> None:
    claims = [("meta", "Bridge to be built - Nordic Daily of Otherplace"), ("h1", "Bridge to be built")]
    assert choose(claims, [], "example.com") == ("meta", "Bridge to be built")


def test_a_claim_without_a_letter_is_no_title() -> None:
    assert choose([("meta", " — "), ("h1", "Bridge")], [], "example.com") == ("h1", "Bridge")
    assert choose([], [], "example.com") is None


def test_the_name_of_a_section_is_cut_off_after_the_sites() -> None:
    assert choose([("meta", "Bridge to be built-Politics | The Example")], ["The Example", "Politics"], "x.com") == (
        "meta",
        "Bridge to be built",
    )


def test_a_title_that_was_cut_is_completed() -> None:
    whole = 'Bridge to be "built" soon'
    assert choose([("meta", "Bridge to be"), ("title", whole)], [], "x.com") == ("meta", whole)
    assert choose([("meta", "Bridge to be…"), ("h1", "Bridge to be built")], [], "x.com") == (
        "meta",
        "Bridge to be built",
    )
    assert choose([("meta", "Bridge"), ("h1", "Bridge to be built")], [], "x.com") == ("meta", "Bridge")


def test_a_claim_that_only_names_the_site_is_passed_over() -> None:
    assert choose([("meta", "The Example"), ("h1", "Bridge")], ["The Example"], "x.com") == ("h1", "Bridge")
    assert choose([("meta", "The Example")], ["The Example"], "x.com") == ("meta", "The Example")


SHARING, HEADLINE = "You won't believe what they build", "Bridge to be built"


@pytest.mark.parametrize(
    ("metas", "heading", "title"),
    [
        ([SHARING, HEADLINE], HEADLINE, HEADLINE),
        ([SHARING, SHARING], HEADLINE, HEADLINE),
        ([SHARING, SHARING], "Log in", HEADLINE),
        ([SHARING], HEADLINE, SHARING),
        ([SHARING, SHARING], SHARING, SHARING),
        ([SHARING, HEADLINE], "Log in", SHARING),
    ],
)
def test_the_headline_that_readers_see_comes_before_one_for_sharing(metas: list[str], heading: str, title: str) -> None:
    claims = [*(("meta", meta) for meta in metas), ("json-ld", HEADLINE), ("h1", heading)]
    found = choose(claims, [], "example.com")
    assert found is not None
    assert found[1] == title


def test_what_other_titles_of_the_site_end_with_is_cut_off() -> None:
    claims = [("meta", "Bridge to be built - Harbour Desk")]
    assert choose(claims, [], "x.com", ["harbour desk"]) == ("meta", "Bridge to be built")
    assert choose([("meta", "Harbour Desk opens")], [], "x.com", ["harbour desk"]) == ("meta", "Harbour Desk opens")


@pytest.mark.parametrize(
    ("title", "tail"),
    [
        ("Bridge to be built – Harbour Desk", "harbour desk"),
        ("Bridge: a history", None),
        ("A China-backed bridge", None),
        ("Bridge - why it took the council so many years", None),
        ("Bridge", None),
    ],
)
def test_a_title_may_end_with_what_others_end_with(title: str, tail: str | None) -> None:
    assert ending(title) == tail


def test_a_section_that_is_named_by_the_whole_title_cuts_nothing_off() -> None:
    title = "Bridge to be built: the council has voted after nine hours of talks"
    assert choose([("meta", title)], [title], "x.com") == ("meta", title)
