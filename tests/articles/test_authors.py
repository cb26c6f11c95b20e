"""Who is taken for an article's author."""

from __future__ import annotations

import pytest
from mediawatch.articles import authors, structured
from mediawatch.articles.blocks import read
from mediawatch.articles.tree import parse


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("By Ada Lindqvist", ["Ada Lindqvist"]),
        ("By Ada Lindqvist and Bo Ek", ["Ada Lindqvist", "Bo Ek"]),
        ("Ada Lindqvist, Bo Ek, Cyd Dahl", ["Ada Lindqvist", "Bo Ek", "Cyd Dahl"]),
        ("Von Ada Lindqvist und Bo Ek", ["Ada Lindqvist", "Bo Ek"]),
        ("Ada Lindqvist og Bo Ek", ["Ada Lindqvist", "Bo Ek"]),
        ("Ada Lindqvist; Bo Ek", ["Ada Lindqvist", "Bo Ek"]),
        ("Sammy Ek, Jr.", ["Sammy Ek, Jr."]),
        ("Ada Lindqvist (Photo: Example Images)", ["Ada Lindqvist"]),
        ("Ada Lindqvist, professor of rivers at the university of Otherplace", ["Ada Lindqvist"]),
        ("신현주 기자", ["신현주"]),
        ("@adalindqvist", []),
        ("https://example.com/ada", []),
        ("ada@example.com", []),
        ("admin", []),
        ("", []),
    ],
)
def test_a_byline_is_taken_apart(raw: str, names: list[str]) -> None:
    assert list(authors.names(raw)) == names


def _authors(head: str, body: str = "") -> tuple[tuple[str, str], ...]:
    tree = parse(f"<html><head>{head}</head><body>{body}<p>Text.</p></body></html>")
    assert tree is not None
    root = tree.find("body")
    assert root is not None
    return authors.choose(structured.read(tree), tree, read(root).blocks, "www.example.com")


def _ld(author: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "Article", "author": {author}}}</script>'


SITE = '<meta property="og:site_name" content="The Example">'


def test_what_the_page_says_for_machines_comes_first() -> None:
    head = _ld('{"name": "Ada Lindqvist"}') + "<meta name=author content='Bo Ek'>"
    assert _authors(head, "<a rel=author>Cyd Dahl</a>") == (("json-ld", "Ada Lindqvist"),)
    assert _authors("<meta name=author content='Bo Ek'>") == (("meta", "Bo Ek"),)


def test_a_byline_beats_the_name_of_the_site() -> None:
    head = SITE + _ld('"The Example"')
    assert _authors(head, "<a rel=author>Cyd Dahl</a>") == (("byline", "Cyd Dahl"),)
    assert _authors(head, "<div class=article__author>Von Cyd Dahl</div>") == (("byline", "Cyd Dahl"),)
    assert _authors(head, "<div class=article__author>Updated at 10:30</div>") == (("json-ld", "The Example"),)


def test_an_author_that_is_a_reference_is_looked_up() -> None:
    graph = '{"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@type": "Person", "@id": "#a", "name": "Ada Ek"}]}'
    assert _authors(f'<script type="application/ld+json">{graph}</script>') == (("json-ld", "Ada Ek"),)


def test_a_messengers_label_names_the_author() -> None:
    head = "<meta name=twitter:label1 content='Written by'><meta name=twitter:data1 content='Ada Ek'>"
    assert _authors(head) == (("byline", "Ada Ek"),)


def test_a_page_without_any_has_none() -> None:
    assert _authors("") == ()
