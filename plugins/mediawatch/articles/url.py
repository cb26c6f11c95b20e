"""The one definition of "same URL": a key for comparing, never for fetching."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

import idna

from mediawatch.articles.tracking import (
    CHANNEL_NAMES,
    CHANNELS,
    IDENTITY,
    TRACKING,
    TRACKING_PREFIXES,
    TWIN_PARAMETERS,
)
from mediawatch.models import without_credentials

MAX_URL_CHARS = 8_192
"""Longer ones, as they are or as keys, are not taken for URLs."""

MAX_HOST_CHARS = 253
"""DNS holds no longer names; our tables of hosts would not either."""

TWIN_LABELS = frozenset(("www", "amp", "m", "mobile", "mobil"))
"""Host labels before the registrable domain that name another rendering of the same site."""

SECOND_LEVEL = frozenset(
    (
        *("ac", "co", "com", "edu", "gob", "gouv", "gov", "go", "govt", "id", "info", "mil", "ne", "net", "nom"),
        *("ltd", "or", "org", "asn", "nhs", "police", "school", "web", "in", "gen", "firm", "inf", "art"),
    )
)
"""Labels that registries sell names under, before a two-letter country: co.uk, com.br, or.jp."""

PLATFORMS = frozenset(
    (
        *("blogspot.com", "wordpress.com", "substack.com", "github.io", "tumblr.com", "medium.com", "ghost.io"),
        *("livejournal.com", "typepad.com", "over-blog.com", "wixsite.com", "weebly.com", "netlify.app", "web.app"),
    )
)
"""Hosts whose subdomains are sites of different owners."""

BLANK = "".join(map(chr, range(33)))
HOST = re.compile(r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
HEX = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
DELIMITERS = re.compile(r"(%(?:2F|3F|23|26|3D|2B|25|3B|00))")
SAFE = "!$'()*,;:@/~-._"
ESCAPED_AMPERSAND = re.compile(r"^(?:amp;)+", re.IGNORECASE)
SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
AMP_SUFFIX = re.compile(r"(?<=.)\.amp(?=(?:\.s?html?)?$)", re.IGNORECASE)
AMP_CACHE = re.compile(r"(?:.+\.cdn\.ampproject\.org/[cv]|google\.[a-z.]+/amp)/(?:s/)?([^/]+\..+)")
INDEX = re.compile(r"/(?:index|default|home)(?:\.[a-z]{3,5})?", re.IGNORECASE)
LOCALE = re.compile(r"/[a-z]{2}(?:[-_][a-z]{2})?", re.IGNORECASE)


def normalise(url: str) -> str | None:
    """The key under which two spellings of one address are equal; None if it is not an http(s) URL.

    The key is itself a URL, and its own key. It starts with https:// whatever the scheme was; "www.", AMP and mobile
    labels, default ports, user names, trailing slashes, fragments, tracking parameters and the order of parameters are
    not in it. The case of the path is, and so is every parameter that is not known to be tracking.
    """
    key = _once(url)
    while key is not None and (again := _once(key)) != key:
        key = again
    return key


def canonical(page_url: str, declared: str | None) -> str | None:
    """The address that a page declares as its own (rel=canonical, og:url), absolute, if it can be believed.

    None if it leads to another site, to a homepage, to no http(s) URL, or loses the parameter that names the page.
    """
    ours = _split(page_url)
    if ours is None or not declared:
        return None
    target = _joined(page_url, declared.strip())
    theirs = _split(target)
    if theirs is None or site(ours.hostname or "") != site(theirs.hostname or ""):
        return None
    if is_homepage(target) and not is_homepage(page_url):
        return None
    return None if _loses_identity(ours, theirs) else without_credentials(target)


def is_homepage(url: str) -> bool:
    """Whether a URL leads to a site's front page: no path, an index file or a bare locale, and no parameter."""
    parts = _split(url)
    if parts is None or _query(parts.query):
        return False
    path = _path(parts.path)
    return not path or bool(INDEX.fullmatch(path) or LOCALE.fullmatch(path))


def site(host: str) -> str:
    """The registrable domain of a host, by rule and without the public suffix list: news.bbc.co.uk → bbc.co.uk."""
    host = host.lower().rstrip(".")
    labels = host.split(".")
    if len(labels) < 3 or ":" in host or labels[-1].isdigit():
        return host
    # www.in.gr and www.gov.uk are sites of in.gr and gov.uk; amp.com.au is a bank's.
    country = len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL and labels[-3] != "www"
    size = 3 if country or ".".join(labels[-2:]) in PLATFORMS else 2
    return ".".join(labels[-size:])


def is_tracking(name: str, value: str) -> bool:
    """Whether a query parameter says nothing of which page it is."""
    name, value = name.lower(), value.lower()
    if name in TRACKING or name.startswith(TRACKING_PREFIXES) or (name, value) in TWIN_PARAMETERS:
        return True
    return name in CHANNEL_NAMES and value in CHANNELS


def _once(url: str) -> str | None:
    parts = _split(url)
    host = _host(parts.hostname) if parts and parts.hostname else None
    if parts is None or host is None:
        return None
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = _query(parts.query)
    address = host + port + _path(parts.path) + (f"?{query}" if query else "")
    cached = AMP_CACHE.fullmatch(address)
    return f"https://{cached[1] if cached else address}"


def _split(url: str) -> SplitResult | None:
    url = url.strip().strip(BLANK)
    if not 0 < len(url) <= MAX_URL_CHARS:
        return None
    try:
        url.encode()  # half a surrogate pair has no address
        parts = urlsplit(url)
        _ = parts.port  # a bad port shows only when it is read
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _joined(page_url: str, declared: str) -> str:
    try:
        return urljoin(page_url, declared).partition("#")[0]
    except ValueError:
        return ""


def _host(host: str) -> str | None:
    if ":" in host:
        return f"[{host}]"
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None
    host = host.lower().rstrip(".")
    return _without_twin_labels(host) if HOST.fullmatch(host) and len(host) <= MAX_HOST_CHARS else None


def _without_twin_labels(host: str) -> str:
    owner = site(host)
    labels = host[: -len(owner)].split(".")[:-1]
    return ".".join([*(label for label in labels if label not in TWIN_LABELS), owner])


def _path(path: str) -> str:
    segments: list[str] = []
    for segment in SESSION.sub("", _recoded(path, SAFE + "=&+")).split("/")[1:]:
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    return "".join(f"/{segment}" for segment in _without_amp(segments))


def _without_amp(segments: list[str]) -> list[str]:
    """The path's segments without trailing slashes and without what leads to the AMP twin of the page."""
    while segments and (not segments[-1] or (segments[-1].lower() == "amp" and len(segments) > 1)):
        segments = segments[:-1]
    return [*segments[:-1], *(AMP_SUFFIX.sub("", last) for last in segments[-1:])]


def _query(query: str) -> str:
    """The parameters that may name a page, in the order of their names; the order of equal names stays."""
    parts = (ESCAPED_AMPERSAND.sub("", part.replace("+", "%20")).partition("=") for part in query.split("&"))
    pairs = [(_recoded(name), equals, _recoded(value)) for name, equals, value in parts]
    kept = (pair for pair in pairs if pair[0] and not is_tracking(pair[0], pair[2]))
    return "&".join("".join(pair) for pair in sorted(kept, key=lambda pair: pair[0]))


def _recoded(part: str, safe: str = SAFE) -> str:
    """One spelling of percent-encoding: what need not be encoded is not, what delimits stays (RFC 3986, 6.2.2)."""
    pieces = DELIMITERS.split(HEX.sub(lambda code: code[0].upper(), part))
    return "".join(piece if at % 2 else quote(unquote_to_bytes(piece), safe=safe) for at, piece in enumerate(pieces))


def _loses_identity(ours: SplitResult, theirs: SplitResult) -> bool:
    if _path(ours.path) != _path(theirs.path):
        return False
    return bool(_identity(ours.query) - _identity(theirs.query))


def _identity(query: str) -> set[str]:
    return {pair for pair in _query(query).split("&") if pair.partition("=")[0].lower() in IDENTITY}
