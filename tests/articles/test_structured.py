"""What pages say for machines."""

from __future__ import annotations

import pytest
from mediawatch.articles.structured import Structured, read
from mediawatch.articles.tree import parse


def _read(head: str, body: str = "<p>x</p>") -> Structured:
    tree = parse(f"<html><head>{head}</head><body>{body}</body></html>")
    assert tree is not None
    return read(tree)


def _ld(value: str) -> str:
    return f'<script type="application/ld+json">{value}</script>'


ARTICLE = '{"@type": "NewsArticle", "headline": "Bridge &amp; river", "datePublished": "2024-01-31"}'


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        f"[{ARTICLE}]",
        f'{{"@graph": [{{"@type": "WebSite"}}, {ARTICLE}]}}',
        f'{{"@type": "WebPage", "mainEntity": {ARTICLE}}}',
        ARTICLE.replace('"NewsArticle"', '["Thing", "http://schema.org/ReportageNewsArticle"]'),
        ARTICLE.replace("}", ",}"),
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"{ARTICLE};",
        f'{ARTICLE} {{"@type": "Organization"}} {{broken',
        ARTICLE.replace("Bridge", "Bridge\n\t"),
    ],
)
def test_the_article_node_is_found_in_any_wrapping(script: str) -> None:
    claims = _read(_ld(script))
    assert claims.titles == (("json-ld", "Bridge & river"),)
    assert claims.published == (("json-ld", "2024-01-31"),)


@pytest.mark.parametrize(
    "script", ["", "{", "null", "3", '"x"', "[[[]]]", '{"@type": 5}', '{"@type": "Article", "author": 7}', "[" * 5_000]
)
def test_broken_json_ld_is_passed_over(script: str) -> None:
    assert _read(_ld(script)).titles == ()


def test_articles_in_lists_of_links_are_not_the_pages_own() -> None:
    listed = f'{{"@type": "ItemList", "itemListElement": [{ARTICLE}]}}'
    assert _read(_ld(listed)).titles == ()


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ('"By Ada Lindqvist"', ("By Ada Lindqvist",)),
        ('{"@type": "Person", "name": "Ada Lindqvist"}', ("Ada Lindqvist",)),
        ('[{"name": "Ada"}, {"name": ["Bo Ek", "Ada"]}]', ("Ada", "Bo Ek", "Ada")),
        ('{"url": "https://example.com/ada"}', ()),
    ],
)
def test_authors_come_in_every_form(author: str, names: tuple[str, ...]) -> None:
    claims = _read(_ld(f'{{"@type": "Article", "author": {author}}}'))
    assert tuple(name for _, name in claims.authors) == names


@pytest.mark.parametrize(
    ("value", "free"), [("false", False), ('"False"', False), ("true", True), ('"http://schema.org/False"', False)]
)
def test_whether_a_page_is_free_is_read_in_every_form(value: str, free: bool) -> None:
    assert _read(_ld(f'{{"@type": "Article", "isAccessibleForFree": {value}}}')).free is free
    assert _read(_ld(f'{{"@type": "Article", "hasPart": {{"isAccessibleForFree": {value}}}}}')).free is free
    assert _read(_ld('{"@type": "Article"}')).free is None


def test_meta_microdata_and_time_elements_are_read_in_order_of_trust() -> None:
    claims = _read(
        '<meta property="article:published_time" content="2024-01-02"><meta name=date content="2024-01-03">'
        '<meta property="og:url" content="https://e.com/og"><link rel="canonical" href="/c"><title>T | S</title>',
        "<h1>T</h1><span itemprop=datePublished content=2024-01-04></span><time datetime=2024-01-05>x</time>"
        "<aside><time datetime=2024-01-06></time></aside>",
    )
    assert [raw for _, raw in claims.published] == ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
    assert claims.titles == (("h1", "T"), ("title", "T | S"))
    assert claims.canonicals == (("link", "/c"), ("meta", "https://e.com/og"))


def test_the_article_body_loses_its_markup() -> None:
    body = "<p>One &amp; two.</p><p>Three.</p>".replace('"', "'")
    assert _read(_ld(f'{{"@type": "Article", "articleBody": "{body}"}}')).body == "One & two.\n\nThree."


def test_the_heading_is_the_one_that_another_claim_says_and_none_in_a_list_of_crumbs() -> None:
    title = '<meta property="og:title" content="Bridge: to be built">'
    crumbs = "<ul><li><h1>You are here</h1></li></ul>"
    assert ("h1", "Bridge to be built") in _read(title, "<h1>The Example</h1><h1>Bridge to be built</h1>").titles
    assert ("h1", "Bridge to be built") in _read(title, f"{crumbs}<h2>Bridge to be built</h2>").titles
    assert ("h1", "Bridge") in _read(title, f"{crumbs}<h1>Bridge</h1>").titles
    assert ("h1", "You are here") in _read(title, f"{crumbs}<h2>Other news</h2>").titles
    assert ("h1", "Bridge") in _read("<title>Bridge | The Example</title>", "<h1>Menu</h1><h1>Bridge</h1>").titles
