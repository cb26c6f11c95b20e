"""A page's bytes to an article, or to the reason why there is none."""

from __future__ import annotations

from configparser import ConfigParser
from copy import deepcopy
from functools import lru_cache
from urllib.parse import urlsplit

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import use_config

from mediawatch.articles import boilerplate, dates, language, paragraphs, structured, titles, verdict
from mediawatch.articles.decode import decode
from mediawatch.articles.media import is_html
from mediawatch.articles.sentences import count_sentences, count_words
from mediawatch.articles.structured import Claim, Structured
from mediawatch.articles.tree import parse
from mediawatch.articles.url import canonical
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure

EXTRACT_VERSION = "1"
"""Raised with each change of method that can change an article: stored pages are then extracted anew."""
ENGINE = f"trafilatura {trafilatura.__version__}"
MIN_EXTRACTED_CHARS = 80
"""trafilatura's own floor is 250: below it, it prefers the noise around a short wire to the wire."""
WEAK_WORDS = 60
"""A first try below this is compared with the second ones."""

Try = tuple[str, str]
"""(engine, text)"""


def extract(task: ExtractTask) -> Extracted | Failure:
    """The article of one page. Expected failures: UNSUPPORTED_TYPE, NO_TEXT, PAYWALL. Pure, but not bounded in time."""
    if not is_html(task.body, task.content_type):
        return Failure(Reason.UNSUPPORTED_TYPE, task.content_type or "")
    tree = parse(decode(task.body, task.content_type))
    if tree is None:
        return Failure(Reason.NO_TEXT, "no HTML in it")
    claims = structured.read(tree)
    host = urlsplit(task.url).hostname or ""
    title = titles.choose(_title_claims(claims, task), claims.site_name, host) or ("", "")
    engine, text = _text(tree, claims, title[1])
    reason = verdict.judge(text, tree, claims.free)
    if reason:
        return Failure(reason, f"{count_words(text)} words")
    return _article(task, tree, claims, title, engine, text)


def _title_claims(claims: Structured, task: ExtractTask) -> tuple[Claim, ...]:
    return (*claims.titles, *((("feed", task.feed_title),) if task.feed_title else ()))


def _text(tree: HtmlElement, claims: Structured, title: str) -> Try:
    """The page's text: by trafilatura in its precise mode, and by cheaper means if that finds next to nothing."""
    pruned = deepcopy(tree)
    boilerplate.prune(pruned)
    first = _by_trafilatura(pruned, title, precise=True)
    if count_words(first[1]) >= WEAK_WORDS:
        return first
    stated = ("articleBody", paragraphs.join(claims.body or "", title))
    tries = (first, stated, _by_trafilatura(pruned, title, precise=False))  # of equals, the first is taken
    return max(tries, key=lambda found: (count_sentences(found[1]), count_words(found[1])))


def _by_trafilatura(tree: HtmlElement, title: str, precise: bool) -> Try:
    document = trafilatura.bare_extraction(
        tree, include_comments=False, favor_precision=precise, with_metadata=False, config=_config()
    )
    raw = document.text if isinstance(document, trafilatura.settings.Document) else None
    return ENGINE, paragraphs.join(raw or "", title)


@lru_cache(maxsize=1)
def _config() -> ConfigParser:
    config = ConfigParser()
    config.read_dict({"DEFAULT": dict(use_config()["DEFAULT"])})  # a copy: trafilatura's is shared by the process
    config["DEFAULT"]["MIN_EXTRACTED_SIZE"] = str(MIN_EXTRACTED_CHARS)
    return config


def _article(
    task: ExtractTask, tree: HtmlElement, claims: Structured, title: Claim, engine: str, text: str
) -> Extracted:
    published, modified = dates.pick(tree, claims, text, task.url, task.fetched_at, task.claimed)
    code, confidence = language.detect(text)
    own = ((origin, url) for origin, raw in claims.canonicals if (url := canonical(task.url, raw)))
    address_origin, address = next(own, ("", None))
    origins = {
        "title": title[0],
        "published": published.origin if published else "",
        "modified": modified.origin if modified else "",
        "authors": claims.authors[0][0] if claims.authors else "",
        "canonical_url": address_origin,
    }
    return Extracted(
        title=title[1],
        text=text,
        language=code,
        language_confidence=confidence,
        canonical_url=address,
        published=published,
        modified=modified,
        authors=tuple(name for _, name in claims.authors),
        site_name=claims.site_name,
        engine=engine,
        word_count=count_words(text),
        origins={field: origin for field, origin in origins.items() if origin},
    )
