"""When an article was published and modified, by the best evidence that a page gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from htmldate import find_date
from lxml.html import HtmlElement

from mediawatch.articles import moments
from mediawatch.articles.fields import DISPUTED, MOST, TRUST
from mediawatch.articles.structured import Structured
from mediawatch.models import Aside, Moment

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

SWAP_REACH = timedelta(days=45)
"""A date after the fetch is read with day and month changed if that puts it so shortly before the fetch."""
GUESSED = frozenset(("feed", "page"))
"""Publications that are too weak to refute a modification that the page states."""
MAX_ASIDES = 8


class Times(NamedTuple):
    """When an article was published and modified, each None without a possible date; and what was not believed."""

    published: Moment | None
    modified: Moment | None
    asides: tuple[Aside, ...]


def pick(
    tree: HtmlElement,
    claims: Structured,
    text: str,
    url: str,
    fetched_at: datetime,
    claimed: datetime | None,
    *,
    thorough: bool = True,
) -> Times:
    """The published and the modified moment of an article.

    The order is by evidence: what the page says for machines, a date line that opens its text, its URL, what htmldate
    finds in the page's own elements, the feed, and last htmldate's search of everything, which takes the date of a
    related link for the page's. (Of 112 pages stripped of metadata, URLs gave 18 days, all right; htmldate 96 of 112.)
    The first one counts, unless no other source has its day and two others agree on another. A date before 1990, or
    more than a day after `fetched_at`, is impossible and set aside, and so is a modification before the publication.
    htmldate is asked only if `thorough`.
    """
    court = _Court(fetched_at)
    lines = list(_date_lines(text, fetched_at))
    stated = court.possible("published", (moments.read(raw, origin, fetched_at) for origin, raw in claims.published))
    stated += court.possible("published", (moment for kind, moment in lines if kind == "published"))
    stated += court.possible("published", (_in_url(url),))
    feed = court.possible("published", (Moment(claimed, "second", "feed", zoned=True) if claimed else None,))
    published = court.settled(stated, feed) if stated else _elsewhere(tree, court, feed, fetched_at, thorough)
    modified = court.possible("modified", (moments.read(raw, origin, fetched_at) for origin, raw in claims.modified))
    modified += court.possible("modified", (moment for kind, moment in lines if kind == "modified"))
    return Times(published, court.later(modified, published), tuple(court.asides[:MAX_ASIDES]))


def _elsewhere(
    tree: HtmlElement, court: _Court, feed: Sequence[Moment], fetched_at: datetime, thorough: bool
) -> Moment | None:
    if not thorough:
        return next(iter(feed), None)
    found = court.possible("published", _searched(tree, fetched_at, thorough=False)) or feed
    return next(iter(found or court.possible("published", _searched(tree, fetched_at, thorough=True))), None)


def confidence(moment: Moment, field: str, claims: Structured, asides: Sequence[Aside]) -> float:
    """How far to trust a moment: by its source, more where others have its day, less where one has another."""
    raws = claims.published if field == "published" else claims.modified
    others = {origin for origin, raw in raws if (found := moments.read(raw, origin)) and _same_day(found, moment)}
    doubt = 1 - TRUST.get(moment.origin, 0.5)
    for origin in others - {moment.origin}:
        doubt *= 1 - TRUST.get(origin, 0.5)
    disputed = any(aside.field == field and aside.reason.startswith("not the day") for aside in asides)
    return round(min(MOST, 1 - doubt) * (DISPUTED if disputed and len(others) < 2 else 1.0), 2)


class _Court:
    """Judges dates by the fetch; keeps what it does not believe, with the reason."""

    def __init__(self, fetched_at: datetime) -> None:
        self.asides: list[Aside] = []
        self._fetched_at = fetched_at

    def possible(self, field: str, found: Iterable[Moment | None]) -> list[Moment]:
        """Those that can be, in order."""
        kept = []
        for moment in found:
            if moment is None:
                continue
            if moment.at.year < FIRST_YEAR:
                self._set_aside(field, moment, "before the web" if moment.at.year > 1 else "year 1")
            elif moment.at <= self._fetched_at + SLACK:
                kept.append(moment)
            else:
                self._set_aside(field, moment, "after the fetch")
                kept += filter(None, (self._swapped(moment),))
        return kept

    def settled(self, stated: Sequence[Moment], feed: Sequence[Moment]) -> Moment:
        """The first, or the first of two sources that agree where the first stands alone."""
        first, everything = stated[0], (*stated, *feed)
        if _seconded(first, everything):
            chosen = first
        else:
            chosen = next((moment for moment in stated if _seconded(moment, everything)), first)
        chosen = _zoned(chosen, everything)
        for other in everything:
            if not _same_day(other, chosen):
                self._set_aside("published", other, f"not the day of {chosen.origin}")
        return chosen

    def later(self, modified: Sequence[Moment], published: Moment | None) -> Moment | None:
        """The first modification that is not before the publication."""
        for moment in modified:
            if published is None or published.origin in GUESSED or moment.at >= published.at - SLACK:
                return moment
            self._set_aside("modified", moment, "before the publication")
        return None

    def _swapped(self, moment: Moment) -> Moment | None:
        try:
            at = moment.at.replace(month=moment.at.day, day=moment.at.month)
        except ValueError:
            return None
        return replace(moment, at=at) if self._fetched_at - SWAP_REACH <= at <= self._fetched_at else None

    def _set_aside(self, field: str, moment: Moment, reason: str) -> None:
        aside = Aside(field, moment.at.isoformat(), moment.origin, reason)
        if aside not in self.asides:
            self.asides.append(aside)


def _zoned(moment: Moment, others: Iterable[Moment]) -> Moment:
    """A time without a zone takes it from another source that writes the same time of day with one."""
    if moment.zoned or moment.precision == "day":
        return moment
    clock = moment.at.replace(tzinfo=None)
    same = (other for other in others if other.zoned and other.at.replace(tzinfo=None, microsecond=0) == clock)
    return next((replace(moment, at=other.at, zoned=True) for other in same), moment)


def _seconded(moment: Moment, others: Iterable[Moment]) -> bool:
    """Whether another source has the same day."""
    return any(other.origin != moment.origin and _same_day(moment, other) for other in others)


def _same_day(one: Moment, other: Moment) -> bool:
    """Within a day: zones differ, and a day has no zone."""
    return abs(one.at - other.at) <= SLACK


def _date_lines(text: str, near: datetime) -> Iterator[tuple[str, Moment | None]]:
    """Dates that open one of the first lines, each as ("published" or "modified", moment)."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:HEAD_LINES]:
        head = " ".join(line[:HEAD_CHARS].split())
        if found := LABELLED.match(head):
            yield "modified" if found["modified"] else "published", moments.written(found, "text", near)
        elif found := BARE.match(head) or _dateline(head):
            yield "published", moments.written(found, "text", near)


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
