"""Titles without the names of their sites."""

from __future__ import annotations

import pytest
from mediawatch.articles.titles import choose


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


def test_the_headline_that_three_kinds_of_claims_make_alike_comes_before_one_for_sharing() -> None:
    sharing, headline = ("meta", "You won't believe what they build"), "Bridge to be built"
    others = [("meta", headline), ("json-ld", headline), ("h1", headline), ("title", f"{headline} | The Example")]
    assert choose([sharing, *others], ["The Example"], "example.com") == ("meta", headline)
    assert choose([sharing, *others[1:]], ["The Example"], "example.com") == sharing
