"""Who wrote an article: people, and not sections, handles or the site, unless it names nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from mediawatch.articles.blocks import Block
from mediawatch.articles.boilerplate import is_byline
from mediawatch.articles.paragraphs import fold
from mediawatch.articles.structured import Claim, Structured
from mediawatch.articles.titles import host_words

MAX_CHARS = 80
MAX_BYLINE_CHARS = 160
MAX_AUTHORS = 20
MAX_WORDS = 5
"""A part of a byline with more words is what somebody is, and not a name."""
DOMAIN = re.compile(r"\w\.[a-z]{2,3}$", re.IGNORECASE)
BYLINE = re.compile(
    r"^\W*(?:(?:an? )?(?:article|story|report|words|text|kolumne|kommentar|interview|analyse)\s+(?:by|von|de)|by|"
    r"von|par|por|da|"
    r"di|av|af|door|autor(?:in)?:?|text:|written by|escrito por|written|foto:?)\s+",
    re.IGNORECASE,
)
JOINT = re.compile(r"\s*[;|/]\s*|\s*,\s+(?!(?:Jr|Sr|Ph\.?D|M\.?D|II|III|IV)\b)|\s+(?:and|und|et|y|e|og|och|en|&)\s+|、")
TITLE_END = re.compile(r"\s*(?:기자|특파원|記者|记者)$")
NOTE = re.compile(r"\s*\((?:[^()]*)\)\s*")
NOBODY = frozenset(
    ("admin", "administrator", "editor", "webmaster", "user", "guest", "null", "none", "undefined", "unknown", "author")
)
ORG_WORDS = re.compile(
    r"\b(?:news|nachrichten|redaktion|editorial|staff|desk|team|online|media|press|agency|agentur|tv|radio|times|"
    r"post|newspaper|"
    r"contributors?|reporters?)\b|\.(?:com|de|net|org|co)\b",
    re.IGNORECASE,
)
NAME = re.compile(
    r"(?:(?:Dr|Prof)\. )?(?:[^\W\d_a-z][^\W\d_]*\.?(?:['’-][^\W\d_]+)*)(?: (?:[^\W\d_]+\.?(?:['’-][^\W\d_]+)*)){1,3}"
)
"""Two to four words, the first with a capital, or in a script without case."""
WRITTEN_BY = etree.XPath(
    "//*[@rel='author' or @itemprop='author' or contains(concat(' ', @rel, ' '), ' author ')]"
    "[not(ancestor::aside or ancestor::footer or ancestor::nav)]"
)
NAMED = etree.XPath(".//*[@itemprop='name']")
LABELLED = etree.XPath("//meta[starts-with(@name, 'twitter:label') or starts-with(@property, 'twitter:label')]")
LABELS = frozenset(("written by", "verfasst von", "escrito por", "écrit par", "scritto da", "written"))


def choose(claims: Structured, tree: HtmlElement, blocks: Sequence[Block], host: str) -> tuple[Claim, ...]:
    """(origin, name) of each author. What the page says for machines counts, unless it names only the site and a
    byline names a person. `blocks` are the page's from the article's heading on."""
    site = {*(fold(name).replace(" ", "") for _, name in claims.site_names), *host_words(host)}
    stated = [_names(claims.authors, origin) for origin in dict.fromkeys(origin for origin, _ in claims.authors)]
    bylines = (_names(found, "byline") for found in (_bylines(tree), _named_bylines(blocks)))
    for named in chain(stated, bylines):
        people = tuple(claim for claim in named if not _is_site(claim[1], site))
        if people:
            return named if named[0][0] == "json-ld" else people
    return next(iter(stated), ())


def _is_site(name: str, site: set[str]) -> bool:
    folded = fold(name)
    return folded.replace(" ", "") in site or folded.partition(" ")[0] in site or ORG_WORDS.search(name) is not None


def _names(claims: Iterable[Claim], wanted: str) -> tuple[Claim, ...]:
    found: dict[str, Claim] = {}
    for origin, raw in claims:
        if origin == wanted:
            for name in names(raw):
                found.setdefault(fold(name), (origin, name))
    return tuple(found.values())[:MAX_AUTHORS]


def names(raw: str) -> Iterator[str]:
    """The names in a byline: "By Ada Lindqvist and Bo Ek" → Ada Lindqvist, Bo Ek."""
    if "://" in raw:
        return
    parts = JOINT.split(BYLINE.sub("", NOTE.sub(" ", raw).strip()))
    for part in parts:
        if len(parts) > 1 and (len(part.split()) > MAX_WORDS or DOMAIN.search(part)):
            continue
        name = TITLE_END.sub("", BYLINE.sub("", part.strip(" ,|·:-–")).strip())
        if 1 < len(name) <= MAX_CHARS and _is_name(name):
            yield name


def _is_name(name: str) -> bool:
    return "://" not in name and "@" not in name and any(map(str.isalpha, name)) and name.casefold() not in NOBODY


def _named_bylines(blocks: Iterable[Block]) -> Iterator[Claim]:
    """The first lines whose elements are named after authors and that read like names."""
    for block in blocks:
        parent = block.node.parent
        around = (block.names, block.node.names, parent.names if parent else "")
        if len(block.text) <= MAX_BYLINE_CHARS and not block.is_prose and any(map(is_byline, around)):
            yield from (("byline", name) for name in names(block.text) if NAME.fullmatch(name))


def _bylines(tree: HtmlElement) -> Iterator[Claim]:
    """Bylines that the markup marks as such, and the label that some systems set for messengers."""
    for label in cast("list[HtmlElement]", LABELLED(tree)):
        key = (label.get("name") or label.get("property") or "").replace("label", "data")
        if (label.get("content") or "").strip().lower() in LABELS:
            value = next(
                (m.get("content") for m in tree.iter("meta") if key in (m.get("name"), m.get("property"))), None
            )
            if value:
                yield "byline", value
    for meta in tree.iter("meta"):
        key = meta.get("name") or meta.get("property") or ""
        if key.lower().endswith(":written by") and meta.get("content"):
            yield "byline", meta.get("content") or ""
    for element in cast("list[HtmlElement]", WRITTEN_BY(tree))[:MAX_AUTHORS]:
        inner = cast("list[HtmlElement]", NAMED(element))
        text = " ".join((inner[0].get("content") or inner[0].text_content()).split()) if inner else ""
        text = text or element.get("content") or " ".join(element.text_content().split())
        if text and len(text) <= MAX_BYLINE_CHARS:
            yield "byline", text
