"""When an article was published and modified, by the best evidence that a page gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from mediawatch.articles import moments
from mediawatch.articles.structured import Structured
from mediawatch.models import Moment

FIRST_YEAR = 1990
SLACK = timedelta(days=1)
"""How far after the fetch a date may lie: sites live in other time zones."""
HEAD_LINES = 4
HEAD_CHARS = 160

PUBLISHED_WORDS = (
    r"date|dated|published|posted|publication date|first published|issued|veröffentlicht|erschienen|stand|datum|publié|"
    r"publie|paru|fecha|publicado|publicada|publicación|data|publicado em|pubblicato|gepubliceerd|publicerad|publisert|"
    r"opublikowano|опубликовано|дата|опубліковано|发布时间|发布日期|发表于|時間|时间|日期|公開日|配信|입력|등록"
)
MODIFIED_WORDS = (
    r"updated|last updated|modified|aktualisiert|actualizado|mis à jour|atualizado|aggiornato|обновлено|更新|수정"
)
LABELLED = re.compile(
    rf"\W*(?:(?P<published>{PUBLISHED_WORDS})|(?P<modified>{MODIFIED_WORDS}))(?:\s+(?:on|at|am|le|el|em|il))?\W{{0,3}}\s*"
    rf"(?:[^\W\d_]{{3,12}}\.?,\s)?{moments.DAY}{moments.CLOCK}",
    re.IGNORECASE,
)
BARE = re.compile(rf"\W*(?:[^\W\d_]{{3,12}}\.?,\s)?{moments.DAY}{moments.CLOCK}(?=\s*(?:$|[|(–—•·]|-\s))")
"""A line that is only a date, or that a date opens before a dash or a bar; a sentence on a date is neither."""
DATELINE = re.compile(
    rf"(?P<place>[^\W\d_a-z][^\d()]{{1,40}}?)[,/]?\s(?:\([^)]{{2,30}}\)\s)?{moments.DAY}{moments.CLOCK}(?=\s*(?:\(|/|–|—|-{{1,2}}\s|:))"
)
"""A wire's dateline: BEIJING, Jan. 31, 2024 (Agency) —"""
URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[/_-]?(0[1-9]|1[0-2]|(?<=[/_-])[1-9])[/_-]?(0[1-9]|[12]\d|3[01]|(?<=[/_-])[1-9])(?!\d)"
)

Dates = tuple[Moment | None, Moment | None]
"""(published, modified)"""


def pick(
    tree: HtmlElement, claims: Structured, text: str, url: str, fetched_at: datetime, claimed: datetime | None
) -> Dates:
    """The published and the modified moment of an article; each None without a possible one.

    The order is by evidence: what the page says for machines, a date line that opens its text, its URL, what htmldate
    finds in the page's own elements, the feed, and last htmldate's search of everything, which takes the date of a
    related link for the page's. (Of 112 pages stripped of metadata, URLs gave 18 days, all right; htmldate 96 of 112.)
    A date before 1990, or more than a day after `fetched_at`, is impossible and passed over.
    """
    lines = list(_date_lines(text))
    sources: tuple[Callable[[], Iterable[Moment | None]], ...] = (
        lambda: (moments.read(raw, origin) for origin, raw in claims.published),
        lambda: (moment for kind, moment in lines if kind == "published"),
        lambda: (_in_url(url),),
        lambda: _searched(tree, fetched_at, thorough=False),
        lambda: (Moment(claimed, "second", "feed") if claimed else None,),
        lambda: _searched(tree, fetched_at, thorough=True),
    )
    published = _first_possible((moment for source in sources for moment in source()), fetched_at)
    modified = _first_possible((*_modified(claims), *(m for kind, m in lines if kind == "modified")), fetched_at)
    return published, modified


def _modified(claims: Structured) -> Iterator[Moment | None]:
    return (moments.read(raw, origin) for origin, raw in claims.modified)


def _first_possible(found: Iterable[Moment | None], fetched_at: datetime) -> Moment | None:
    latest = fetched_at + SLACK
    return next((m for m in found if m and m.at.year >= FIRST_YEAR and m.at <= latest), None)


def _date_lines(text: str) -> Iterator[tuple[str, Moment | None]]:
    """Dates that open one of the first lines, each as ("published" or "modified", moment)."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:HEAD_LINES]:
        head = " ".join(line[:HEAD_CHARS].split())
        if found := LABELLED.match(head):
            yield "modified" if found["modified"] else "published", moments.written(found, "text")
        elif found := BARE.match(head) or _dateline(head):
            yield "published", moments.written(found, "text")


def _dateline(head: str) -> re.Match[str] | None:
    """Agencies set the place in capitals; a place without case (北京) passes as well."""
    found = DATELINE.match(head)
    return found if found and found["place"].split(",")[0].upper() == found["place"].split(",")[0] else None


def _in_url(url: str) -> Moment | None:
    found = URL_DAY.search(urlsplit(url).path)
    return moments.read("-".join(found.groups()), "url") if found else None


def _searched(tree: HtmlElement, fetched_at: datetime, thorough: bool) -> Iterator[Moment | None]:
    """What htmldate finds in the page's markup: 10–50 ms, so a generator, run only when it is reached."""
    latest = (fetched_at + SLACK).strftime("%Y-%m-%d")
    found = find_date(
        tree,
        original_date=True,
        extensive_search=thorough,
        min_date=f"{FIRST_YEAR}-01-01",
        max_date=latest,
        url="",  # none, so that the canonical link's is not read as the page's own element
    )
    yield moments.read(found, "page") if found else None
