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
MAX_NAME_CHARS = 60
"""What a page calls its section, and is longer, is a title in the wrong place."""
MAX_CHARS = 1_000
CUT = re.compile(r"\s*(?:…|\.\.\.)$")
SAYS = re.compile(r"[:：»]")
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


def choose(claims: Sequence[Claim], names: Iterable[str], host: str, shared: Iterable[str] = ()) -> Claim | None:
    """The first claim that is not the site's name, whole, and with that name taken off its end.

    `names` are what the page calls its site and its sections, `shared` what ends other titles of the site (`ending`).
    None without a claim that has a letter or a digit.
    """
    texts = [(origin, text) for origin, raw in claims if _folded(text := _clean(raw))]
    if not texts:
        return None
    short = (name for name in names if len(name) <= MAX_NAME_CHARS)
    endings = {*map(_folded, (*short, *shared)), *host_words(host)}
    own = [each for each in texts if not _names_site(_folded(each[1]), endings)] or texts
    own = _headline_first(own)
    origin, text = own[0]
    others = [other for _, other in own[1:]]
    return origin, _without_tail(_whole(text, others), endings, others)


def ending(title: str) -> str | None:
    """What may be a tail that other titles of the site have too, folded: the words after the last separator."""
    cuts = [cut for cut in TAIL.finditer(title) if cut[0] != "-" and not SAYS.search(cut[0])]
    tail = _folded(title[cuts[-1].end() :]) if cuts and _folded(title[: cuts[-1].start()]) else ""
    return tail if 0 < len(tail.split()) <= MAX_TAIL_WORDS else None


def _headline_first(claims: Sequence[Claim]) -> list[Claim]:
    """Claims in their order, but before them the headline that JSON-LD states, if that is the one that readers see."""
    said: dict[str, list[str]] = defaultdict(list)
    for origin, text in claims:
        said[origin].append(_folded(text))
    stated = said["json-ld"][0] if said["json-ld"] and _is_shown(said["json-ld"][0], said["h1"], said["meta"]) else ""
    return sorted(claims, key=lambda claim: _folded(claim[1]) != stated)


def _is_shown(headline: str, heading: Sequence[str], metas: Sequence[str]) -> bool:
    """Whether the heading says it too, or says nothing that a meta element says: those may have a title for sharing.

    A lone meta element is believed before it: of 9 labelled pages where these differ 7 have that one as their title,
    while of 13 with several meta elements 9 have the headline.
    """
    if len(metas) == 1 and headline not in metas:
        return False
    return headline in heading or not {headline, *heading} & {*metas}


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
