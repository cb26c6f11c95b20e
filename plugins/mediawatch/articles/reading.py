"""Which reading of a page to take: our own, what the page states, trafilatura's, its scripts' data, or its feed's."""

from __future__ import annotations

from collections.abc import Iterable
from configparser import ConfigParser
from dataclasses import dataclass
from functools import lru_cache

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import use_config

from mediawatch.articles import blocks, body, embedded, feedbody, paragraphs
from mediawatch.articles.blocks import Blocks
from mediawatch.articles.body import Body
from mediawatch.articles.sentences import count_sentences, count_words
from mediawatch.articles.tree import parse

ENGINE = f"trafilatura {trafilatura.__version__}"
MIN_EXTRACTED_CHARS = 80
"""trafilatura's own floor is 250: below it, it prefers the noise around a short wire to the wire."""
WEAK_WORDS = 60
"""A body below this is compared with the other readings…"""
WEAK_COVERAGE = 0.5
"""…and so is one with less than this of the running text where the article may stand."""
USUAL_ELEMENTS = 20_000
WHOLE = 1.2
"""A stated body replaces ours when it is so many times as long…"""
WITHIN = 0.8
"""…and has this share of our text in it: ours was cut short."""


@dataclass(frozen=True)
class Reading:
    """A text, the engine that found it, with its settings, and how far to trust it, 0..1."""

    engine: str
    text: str
    confidence: float = 0.0


@dataclass(frozen=True)
class Page:
    """A page's blocks and the body among them. `is_usual`: it has no more elements than libraries read in good time."""

    blocks: Blocks
    body: Body

    @property
    def is_usual(self) -> bool:
        """Whether trafilatura and htmldate may be asked."""
        return self.blocks.elements <= USUAL_ELEMENTS


def read(tree: HtmlElement, titles: Iterable[str]) -> Page:
    """A page's blocks, and the body under one of `titles` by our own reading. Takes time in proportion to the page."""
    root = tree.find(".//body")
    found = blocks.read(root if root is not None else tree)
    return Page(found, body.find(found, titles))


def choose(page: Page, tree: HtmlElement, title: str, stated: str | None, thorough: bool) -> Reading:
    """The best reading. `stated` is what the page gives as its articleBody; trafilatura is asked only if `thorough`.

    Ours stands unless it is weak, or a part of a longer one. On weak pages the one with the most sentences wins, ours
    before others that are as good.
    """
    ours = Reading("blocks", paragraphs.join(page.body.lines, title), 0.95 if page.body.headed else 0.85)
    whole = Reading("articleBody", paragraphs.join(stated or "", title), 0.9)
    words = count_words(ours.text)
    if count_words(whole.text) > WHOLE * words and words and _share_in(ours.text, whole.text) >= WITHIN:
        return whole
    weak = is_weak(page, ours.text)
    if not weak and page.body.coverage >= WEAK_COVERAGE:
        return ours
    theirs = _by_trafilatura(tree, title) if thorough and page.is_usual else Reading(ENGINE, "")
    if not weak:
        return theirs if _share_in(ours.text, theirs.text) >= WITHIN and len(theirs.text) > len(ours.text) else ours
    tries = (ours, whole, theirs)
    best = max(tries, key=lambda found: (count_sentences(found.text), count_words(found.text)))
    return best if best.text else _embedded(tree, title)


def is_weak(page: Page, text: str) -> bool:
    """Whether a text of a page is so short that it may be something else; a wire under its title may be short."""
    return count_words(text) < WEAK_WORDS and not (page.body.headed and count_sentences(text) > 1)


def complete(own: Reading, content: str, title: str, doubtful: bool) -> Reading:
    """The page's own reading, or the body that its feed gave where that is longer by far and has the page's text in it.

    Where the page's own is `doubtful`, it need not be in it; but then too a teaser replaces nothing.
    """
    found = Reading("feed", feedbody.read(content, title), 0.8)
    if count_words(found.text) < max(WEAK_WORDS, WHOLE * count_words(own.text)):
        return own
    return found if doubtful or _share_in(own.text, found.text) >= WITHIN else own


def is_fuller(own: Reading, other: Reading, *, same_title: bool) -> bool:
    """Whether another rendering of a page has the same article, and more of it."""
    longer = count_words(other.text) >= max(WEAK_WORDS, WHOLE * count_words(own.text))
    return longer and (same_title or bool(own.text and _share_in(own.text, other.text) >= WITHIN))


def _by_trafilatura(tree: HtmlElement, title: str) -> Reading:
    document = trafilatura.bare_extraction(
        tree, include_comments=False, favor_precision=True, with_metadata=False, config=_config()
    )
    raw = document.text if isinstance(document, trafilatura.settings.Document) else None
    return Reading(f"{ENGINE} favor_precision", paragraphs.join(raw or "", title), 0.7)


@lru_cache(maxsize=1)
def _config() -> ConfigParser:
    config = ConfigParser()
    config.read_dict({"DEFAULT": dict(use_config()["DEFAULT"])})  # a copy: trafilatura's is shared by the process
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(MIN_EXTRACTED_CHARS)
    return config


def _embedded(tree: HtmlElement, title: str) -> Reading:
    found = embedded.markup(tree)
    inner = parse(found) if found else None
    text = read(inner, (title,)).body.lines if inner is not None else ""
    return Reading("embedded", paragraphs.join(text, title), 0.6)


def _share_in(text: str, other: str) -> float:
    """The share of a text's lines, by length, that stand in the other one."""
    within, lines = paragraphs.fold(other), [paragraphs.fold(line) for line in text.split("\n")]
    return sum(len(line) for line in lines if line in within) / (sum(map(len, lines)) or 1)
