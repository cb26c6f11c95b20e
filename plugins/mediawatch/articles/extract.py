"""A page's bytes to an article, or to the reason why there is none."""

from __future__ import annotations

from urllib.parse import urlsplit

from lxml.html import HtmlElement

from mediawatch.articles import authors, dates, fields, kinds, language, reading, structured, titles, verdict
from mediawatch.articles.decode import decode
from mediawatch.articles.media import is_html
from mediawatch.articles.reading import ENGINE as ENGINE
from mediawatch.articles.reading import Reading
from mediawatch.articles.sentences import count_words
from mediawatch.articles.structured import Claim, Structured
from mediawatch.articles.tree import parse
from mediawatch.articles.url import canonical
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure, Rejected

EXTRACT_VERSION = "2"
"""Raised with each change of method that can change an article: stored pages are then extracted anew."""
NO_ARTICLE = {"list": Reason.LIST_PAGE, "error": Reason.ERROR_PAGE}
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
    host = urlsplit(task.url).hostname or ""
    title = titles.choose(_title_claims(claims, task), _endings(claims), host) or ("", "")
    page = reading.read(tree, title[1])
    found = reading.choose(page, tree, title[1], claims.body, thorough=not task.cheap)
    kind = kinds.of(claims, page.blocks.blocks, task.url, title[1], found.text)
    article = _article(task, tree, claims, title, found, kind)
    reason = NO_ARTICLE.get(kind) or verdict.judge(found.text, page.blocks.blocks, claims.free)
    return Rejected(reason, f"{count_words(found.text)} words", article=article) if reason else article


def _endings(claims: Structured) -> tuple[str, ...]:
    return tuple(name for _, name in (*claims.site_names, *claims.sections))


def _title_claims(claims: Structured, task: ExtractTask) -> tuple[Claim, ...]:
    return (*claims.titles, *((("feed", task.feed_title),) if task.feed_title else ()))


def _article(
    task: ExtractTask, tree: HtmlElement, claims: Structured, title: Claim, found: Reading, kind: str
) -> Extracted:
    when = dates.pick(tree, claims, found.text, task.url, task.fetched_at, task.claimed, thorough=not task.cheap)
    code, sure = language.detect(found.text)
    written = authors.choose(claims, tree)
    own = ((origin, url) for origin, raw in claims.canonicals if (url := canonical(task.url, raw)))
    address = next(own, None)
    section, tags = fields.section(claims.sections), fields.tags(claims.tags)
    image = fields.image(claims.images, task.url)
    agency = fields.syndicated_from(claims.sources, claims.canonicals, task.url, found.text)
    one = {
        "title": (title, _title_claims(claims, task)),
        "canonical_url": (address, claims.canonicals),
        "section": (section, claims.sections),
        "image_url": (image, claims.images),
        "site_name": (next(iter(claims.site_names), None), claims.site_names),
        "syndicated_from": (agency, ()),
        "authors": (next(iter(written), None), claims.authors),
        "tags": (next(iter(tags), None), ()),
    }
    moments = {"published": when.published, "modified": when.modified}
    origins = {name: claim[0] for name, (claim, _) in one.items() if claim and claim[0]}
    confidences = {
        name: fields.confidence(claim[1], claim[0], others)
        for name, (claim, others) in one.items()
        if claim and claim[0]
    }
    for name, moment in moments.items():
        if moment:
            origins[name] = moment.origin
            confidences[name] = dates.confidence(moment, name, claims, when.asides)
    confidences["text"] = found.confidence
    return Extracted(
        title=title[1],
        text=found.text,
        language=code,
        language_confidence=sure,
        canonical_url=address and address[1],
        published=when.published,
        modified=when.modified,
        authors=tuple(name for _, name in written),
        site_name=claims.site_name,
        engine=found.engine,
        word_count=count_words(found.text),
        kind=kind,
        section=section and section[1],
        tags=tuple(tag for _, tag in tags),
        image_url=image and image[1],
        free=claims.free,
        syndicated_from=agency and agency[1],
        origins=origins,
        confidences=confidences,
        asides=when.asides,
    )
