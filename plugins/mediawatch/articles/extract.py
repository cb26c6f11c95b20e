"""A page's bytes to an article, or to the reason why there is none."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from mediawatch.articles import (
    authors,
    dates,
    fields,
    kinds,
    language,
    paragraphs,
    reading,
    structured,
    titles,
    verdict,
)
from mediawatch.articles.decode import decode
from mediawatch.articles.media import is_html
from mediawatch.articles.reading import ENGINE as ENGINE
from mediawatch.articles.reading import Page, Reading
from mediawatch.articles.sentences import count_words
from mediawatch.articles.structured import Claim, Structured
from mediawatch.articles.tree import parse
from mediawatch.articles.url import canonical
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure, Rejected, Twin

EXTRACT_VERSION = "4"
"""Raised with each change of method that can change an article: stored pages are then extracted anew."""
AMP = "amp"
"""How the engine of a text begins that the page's AMP twin gave."""
NO_ARTICLE = {"list": Reason.LIST_PAGE, "error": Reason.ERROR_PAGE}
HEADLINES = frozenset(("json-ld", "h1"))
"""Claims that may stand as the heading above a body, beside the title that was chosen."""
CHEAP_BYTES = 1_000_000
"""How much of a page the second try reads, after the first one went over a limit."""


def extract(task: ExtractTask) -> Extracted | Failure:
    """The article of one page. Pure, but not bounded in time.

    Expected failures: UNSUPPORTED_TYPE; and, as Rejected, NO_TEXT, PAYWALL, LIST_PAGE, ERROR_PAGE.
    """
    if not is_html(task.body, task.content_type):
        return Failure(Reason.UNSUPPORTED_TYPE, task.content_type or "")
    body = task.body[:CHEAP_BYTES] if task.cheap else task.body
    tree = parse(decode(body, task.content_type))
    if tree is None:
        return Failure(Reason.NO_TEXT, "no HTML in it")
    claims = structured.read(tree)
    title = titles.choose(_title_claims(claims, task), _endings(claims), _host(task), task.tails) or ("", "")
    page = reading.read(tree, _headings(title[1], claims))
    found = reading.choose(page, tree, title[1], claims.body, thorough=not task.cheap)
    kind = kinds.of(claims, page.blocks.blocks, task.url, title[1], found.text)
    shown, stated, twin_url = page, claims, None
    if kind not in NO_ARTICLE and (task.feed_body or claims.twins):
        doubtful = reading.is_weak(page, found.text) or bool(verdict.judge(found.text, page.blocks.blocks, claims))
        if task.feed_body:
            found = reading.complete(found, task.feed_body, title[1], doubtful)
        if doubtful and found.engine != "feed":
            twin_url = _twin_url(claims, task)
            if task.twin and not task.cheap and (fuller := _of_twin(task.twin, task, found, title[1])):
                found, shown, stated = fuller
        kind = kinds.of(claims, page.blocks.blocks, task.url, title[1], found.text)
    article = replace(_article(task, tree, claims, title, page, found, kind), twin_url=twin_url)
    reason = NO_ARTICLE.get(kind) or verdict.judge(found.text, shown.blocks.blocks, stated)
    return Rejected(reason, f"{article.word_count} words", article=article) if reason else article


def _headings(title: str, claims: Structured) -> tuple[str, ...]:
    return (title, *(text for origin, text in claims.titles if origin in HEADLINES))


def _twin_url(claims: Structured, task: ExtractTask) -> str | None:
    """Where the page says that its AMP rendering is, on the same site."""
    urls = (canonical(task.url, raw) for _, raw in claims.twins)
    return next((url for url in urls if url and url != task.url), None)


def _of_twin(twin: Twin, task: ExtractTask, own: Reading, title: str) -> tuple[Reading, Page, Structured] | None:
    """What the AMP twin has, if it is the same article and more of it, and no stub itself."""
    tree = parse(decode(twin.body, twin.content_type)) if is_html(twin.body, twin.content_type) else None
    if tree is None:
        return None
    claims = structured.read(tree)
    named = titles.choose(claims.titles, _endings(claims), _host(task), task.tails) or ("", "")
    page = reading.read(tree, (title, *_headings(named[1], claims)))
    found = reading.choose(page, tree, title, claims.body, thorough=False)
    same_title = bool(title) and paragraphs.fold(title) == paragraphs.fold(named[1])
    if not reading.is_fuller(own, found, same_title=same_title) or verdict.judge(
        found.text, page.blocks.blocks, claims
    ):
        return None
    return replace(found, engine=f"{AMP}, {found.engine}"), page, claims


def _host(task: ExtractTask) -> str:
    return urlsplit(task.url).hostname or ""


def _title_claims(claims: Structured, task: ExtractTask) -> tuple[Claim, ...]:
    return (*claims.titles, *((("feed", task.feed_title),) if task.feed_title else ()))


def _endings(claims: Structured) -> tuple[str, ...]:
    return tuple(name for _, name in (*claims.site_names, *claims.sections))


def _article(
    task: ExtractTask, tree: HtmlElement, claims: Structured, title: Claim, page: Page, found: Reading, kind: str
) -> Extracted:
    thorough = page.is_usual and not task.cheap
    when = dates.pick(tree, claims, found.text, task.url, task.fetched_at, task.claimed, thorough=thorough)
    code, sure = language.detect(found.text)
    written = authors.choose(claims, tree, page.blocks.blocks[page.body.begin : page.body.end], _host(task))
    tags = fields.tags(claims.tags)
    chosen = {
        "title": title if title[1] else None,
        "authors": next(iter(written), None),
        "canonical_url": _address(claims, task),
        "site_name": next(iter(claims.site_names), None),
        "section": fields.section(claims.sections),
        "tags": next(iter(tags), None),
        "image_url": fields.image(claims.images, task.url),
        "syndicated_from": fields.syndicated_from(claims.sources, claims.canonicals, task.url, found.text),
    }
    stated = {
        "title": _title_claims(claims, task),
        "authors": claims.authors,
        "canonical_url": claims.canonicals,
        "site_name": claims.site_names,
        "section": claims.sections,
        "image_url": claims.images,
    }
    values = {name: claim[1] for name, claim in chosen.items() if claim}
    origins = {name: claim[0] for name, claim in chosen.items() if claim}
    sureness = {name: fields.confidence(values[name], origins[name], stated.get(name, ())) for name in values}
    for name, moment in (("published", when.published), ("modified", when.modified)):
        if moment:
            origins[name] = moment.origin
            sureness[name] = dates.confidence(moment, name, claims, when.asides)
    return Extracted(
        title=title[1],
        text=found.text,
        language=code,
        language_confidence=sure,
        canonical_url=values.get("canonical_url"),
        published=when.published,
        modified=when.modified,
        authors=tuple(name for _, name in written),
        site_name=claims.site_name,
        engine=f"{found.engine}, second try" if task.cheap else found.engine,
        word_count=count_words(found.text),
        kind=kind,
        script=language.script(found.text, code),
        section=values.get("section"),
        tags=tuple(tag for _, tag in tags),
        image_url=values.get("image_url"),
        free=claims.free,
        syndicated_from=values.get("syndicated_from"),
        origins=origins,
        confidences={"text": found.confidence, **sureness},
        asides=when.asides,
        tail=titles.ending(title[1]),
    )


def _address(claims: Structured, task: ExtractTask) -> Claim | None:
    own = ((origin, url) for origin, raw in claims.canonicals if (url := canonical(task.url, raw)))
    return next(own, None)
