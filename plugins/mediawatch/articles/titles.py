"""An article's title out of what a page claims, without the name of the site."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from mediawatch.articles.structured import Claim

TAIL = re.compile(r"\s*[|｜ㅣ：]\s*|\s+[-–—·•»:]+\s+|(?<=\S)\s+-|-(?=\S+$)")
"""What stands between a title and the name of its site."""
BAR = re.compile(r"[|｜ㅣ]")
MAX_TAIL_WORDS = 5
MAX_CHARS = 1_000
CUT = re.compile(r"\s*(?:…|\.\.\.)$")
HEADLINE = frozenset(("json-ld", "h1", "meta"))
"""What says the same title where it is the article's own; og:title alone may be one for sharing."""
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


def choose(claims: Sequence[Claim], names: Iterable[str], host: str) -> Claim | None:
    """The first claim that is not the site's name, whole, and with that name taken off its end.

    `names` are what the page calls its site and its sections. None without a claim that has a letter or a digit.
    """
    texts = [(origin, text) for origin, raw in claims if _folded(text := _clean(raw))]
    if not texts:
        return None
    endings = {*map(_folded, names), *host_words(host)}
    own = [each for each in texts if not _names_site(_folded(each[1]), endings)] or texts
    own = _headline_first(own)
    origin, text = own[0]
    others = [other for _, other in own[1:]]
    return origin, _without_tail(_whole(text, others), endings, others)


def _headline_first(claims: Sequence[Claim]) -> list[Claim]:
    """Claims in their order, but before them those that JSON-LD, the heading and a meta element make alike."""
    said: dict[str, set[str]] = defaultdict(set)
    for origin, text in claims:
        said[_folded(text)].add(origin)
    return sorted(claims, key=lambda claim: not said[_folded(claim[1])] >= HEADLINE)


def _clean(raw: str) -> str:
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", raw[:MAX_CHARS])).split())


def _whole(text: str, others: Iterable[str]) -> str:
    """An attribute ends at a stray quotation mark, and some systems cut: then another claim goes on from there."""
    head = CUT.sub("", text)
    longer = (each for each in others if each.startswith(head) and len(each) > len(text) and not CUT.search(each))
    return next((each for each in longer if head != text or each[len(head) :].lstrip().startswith('"')), text)


def _without_tail(text: str, names: set[str], others: Sequence[str], again: bool = False) -> str:
    """Cuts at the last separators as long as what follows is the site's, or another claim ends just there."""
    heads = {_folded(other) for other in others}
    for cut in reversed(list(TAIL.finditer(text))):
        head, tail = text[: cut.start()], text[cut.end() :]
        if not _folded(head):
            break
        known = _names_site(_folded(tail), names)
        named = (known and (again or cut[0] != "-")) or (BAR.search(cut[0]) and len(tail.split()) <= MAX_TAIL_WORDS)
        if named or _folded(head) in heads:
            return _without_tail(head, names, others, again=True)
    return text


def _names_site(tail: str, names: set[str]) -> bool:
    return bool(tail) and any(
        name and (tail == name or tail.replace(" ", "") == name.replace(" ", "")) for name in names
    )


def host_words(host: str) -> set[str]:
    """How a site's name may be written after its host: www.example.com → example com, example."""
    labels = host.lower().removeprefix("www.").split(".")
    return {" ".join(labels), *(label for label in labels[:-1] if len(label) > 2)}


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
