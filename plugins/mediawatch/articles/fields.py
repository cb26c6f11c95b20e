"""The smaller facts on an article, and how far each of them is to be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urljoin, urlsplit

from mediawatch.articles.paragraphs import fold
from mediawatch.articles.structured import Claim
from mediawatch.articles.url import site

TRUST = {
    **{"json-ld": 0.95, "link": 0.95, "meta": 0.9, "microdata": 0.9, "h1": 0.85, "time": 0.8, "byline": 0.8},
    **{"feed": 0.75, "text": 0.75, "url": 0.75, "title": 0.6, "page": 0.6},
}
"""How often a lone source of this kind is right, as a share: an ordering from experience, not a measurement."""
MOST = 0.99
DISPUTED = 0.7
"""What is left of a confidence when another source says otherwise."""

MAX_TAGS = 30
MAX_CHARS = 80
SPLIT = re.compile(r"\s*[,;|，、]\s*")
AGENCY = (
    r"Reuters|AP|Associated Press|AFP|dpa|EFE|ANSA|TASS|Xinhua|Kyodo|Yonhap|PTI|APA|SDA|Bloomberg|PA Media|UPI|"
    r"ANI|IANS|"
    r"Europa Press|Agência Brasil|Lusa|Anadolu|Interfax|The Canadian Press|AAP"
)
DATELINE = re.compile(rf"[^\n]{{0,60}}?\((?P<agency>{AGENCY})\)\s*[-–—:]")
CREDITED = re.compile(
    rf"(?:first|originally) (?:published|appeared) (?:in|on|by|at) (?P<site>[A-Z][^\n.,]{{2,40}})|"
    rf"^\W*\(?(?P<agency>{AGENCY})\)?\W*$",
    re.MULTILINE,
)
TAIL_CHARS = 300


def section(claims: Iterable[Claim]) -> Claim | None:
    """The part of the paper that the article is in; of a path (News/World) the last part."""
    for origin, raw in claims:
        name = raw.rstrip("/").rpartition("/")[2].strip()
        if 1 < len(name) <= MAX_CHARS and not name.isdigit():
            return origin, name
    return None


def tags(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Keywords, each once whatever its case, of the first kind of source that has any."""
    found: dict[str, Claim] = {}
    for origin, raw in claims:
        if found and next(iter(found.values()))[0] != origin:
            break
        for tag in SPLIT.split(raw):
            if 1 < len(tag) <= MAX_CHARS:
                found.setdefault(tag.casefold(), (origin, tag))
    return tuple(found.values())[:MAX_TAGS]


def image(claims: Iterable[Claim], page_url: str) -> Claim | None:
    """The address of the article's picture, absolute."""
    absolute = ((origin, _joined(page_url, raw)) for origin, raw in claims)
    return next(((origin, url) for origin, url in absolute if url.startswith(("http://", "https://"))), None)


def syndicated_from(sources: Iterable[Claim], canonicals: Iterable[Claim], page_url: str, text: str) -> Claim | None:
    """Who else it is credited to: what the page says for machines, a canonical link to another site, a dateline or a
    last line that names an agency."""
    ours = site(urlsplit(page_url).hostname or "")
    for origin, name in sources:
        if 1 < len(name) <= MAX_CHARS and "://" not in name:
            return origin, name
    for origin, raw in canonicals:
        theirs = _host(_joined(page_url, raw))
        if theirs and site(theirs) != ours:
            return origin, theirs
    found = DATELINE.match(text) or CREDITED.search(text[-TAIL_CHARS:])
    if found is None:
        return None
    return "text", next(name for name in (*found.groups(),) if name).strip()


def confidence(value: str, origin: str, claims: Sequence[Claim]) -> float:
    """How far to trust a value that `origin` gave: higher for each other kind of source that says the same, lower when
    none does and another says otherwise."""
    wanted, doubt, others = fold(value), 1 - TRUST.get(origin, 0.5), False
    agreeing = {origin}
    for other, raw in claims:
        if other in agreeing:
            continue
        others = True
        if fold(raw) == wanted:
            agreeing.add(other)
            doubt *= 1 - TRUST.get(other, 0.5)
    certain = min(MOST, 1 - doubt)
    return round(certain if len(agreeing) > 1 or not others else certain * DISPUTED, 2)


def _joined(page_url: str, raw: str) -> str:
    try:
        return urljoin(page_url, raw)
    except ValueError:
        return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
