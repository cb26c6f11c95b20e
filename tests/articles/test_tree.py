"""Parsing."""

from __future__ import annotations

import pytest
from mediawatch.articles.tree import parse


@pytest.mark.parametrize("markup", ["", " ", "\x00", "<!-- nothing -->", "<!doctype html>"])
def test_markup_without_an_element_is_no_page(markup: str) -> None:
    assert parse(markup) is None


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Zürich 北京</p>",
        '<?xml version="1.0" encoding="iso-8859-1"?><html><body><p>Zürich 北京</p></body></html>',
        "<html><head><meta charset=latin1></head><body><p>Zürich \x0b北京</body>",
    ],
)
def test_text_is_read_whatever_the_markup_declares(markup: str) -> None:
    tree = parse(markup)
    assert tree is not None
    assert tree.findtext(".//p", "").replace(" ", "") == "Zürich北京"
