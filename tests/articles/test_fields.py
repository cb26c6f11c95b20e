"""The smaller facts, and how far each is trusted."""

from __future__ import annotations

import pytest
from mediawatch.articles import fields

PAGE = "https://www.example.com/news/bridge"


def test_agreement_raises_a_confidence_and_dissent_lowers_it() -> None:
    alone = fields.confidence("A bridge", "meta", [("meta", "A bridge")])
    agreed = fields.confidence("A bridge", "meta", [("meta", "A bridge"), ("h1", "a bridge!")])
    disputed = fields.confidence("A bridge", "meta", [("meta", "A bridge"), ("h1", "Something else")])
    assert disputed < alone < agreed < 1


def test_a_section_is_the_last_part_of_a_path() -> None:
    assert fields.section([("meta", "News/World/")]) == ("meta", "World")
    assert fields.section([("meta", "7"), ("json-ld", "Sport")]) == ("json-ld", "Sport")
    assert fields.section([]) is None


def test_tags_are_split_and_kept_once_from_the_first_kind_of_source() -> None:
    claims = [("json-ld", "Bridges, rivers"), ("json-ld", "bridges"), ("meta", "other")]
    assert fields.tags(claims) == (("json-ld", "Bridges"), ("json-ld", "rivers"))


def test_an_image_is_an_absolute_http_address() -> None:
    assert fields.image([("meta", "data:image/png;base64,xx"), ("meta", "/b.jpg")], PAGE) == (
        "meta",
        "https://www.example.com/b.jpg",
    )
    assert fields.image([("meta", "http://[broken")], PAGE) is None


@pytest.mark.parametrize(
    ("sources", "canonicals", "text", "wanted"),
    [
        ([("meta", "Northwire")], [], "", ("meta", "Northwire")),
        ([], [("link", "https://www.northwire.example/a")], "", ("link", "www.northwire.example")),
        ([], [("link", "/a")], "BEIJING (Reuters) - Officials met.", ("text", "Reuters")),
        ([], [], "Officials met.\n\nThis article was first published in The Northwire.", ("text", "The Northwire")),
        ([], [], "Officials met.\n\n(AFP)", ("text", "AFP")),
        ([], [], "Officials met. AP was there.", None),
    ],
)
def test_who_else_it_comes_from(
    sources: list[tuple[str, str]],
    canonicals: list[tuple[str, str]],
    text: str,
    wanted: tuple[str, str] | None,
) -> None:
    assert fields.syndicated_from(sources, canonicals, PAGE, text) == wanted
