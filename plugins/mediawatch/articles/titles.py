"""An article's title out of what a page claims, without the name of the site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from mediawatch.articles.structured import Claim

TAIL = re.compile(r"\s*[|｜ㅣ]\s*|\s+[-–—·•»:]+\s+|(?<=\S)\s+-|-(?=\S+$)")
"""What stands between a title and the name of its site."""
BAR = re.compile(r"[|｜ㅣ]")
MAX_TAIL_WORDS = 5
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


def choose(claims: Sequence[Claim], site_name: str | None, host: str) -> Claim | None:
    """The best claim with the site's name taken off its end; None without a claim that has a letter or a digit."""
    texts = [(origin, _clean(raw)) for origin, raw in claims]
    whole = [(origin, text) for origin, text in texts if _folded(text)]
    if not whole:
        return None
    origin, text = whole[0]
    others = [other for _, other in whole[1:]]
    return origin, _without_tail(text, {_folded(site_name or ""), *_host_words(host)}, others)


def _clean(raw: str) -> str:
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", raw)).split())


def _without_tail(text: str, names: set[str], others: Iterable[str]) -> str:
    """Cuts at the last separators as long as what follows is the site's, or another claim ends just there."""
    heads = {_folded(other) for other in others}
    for cut in reversed(list(TAIL.finditer(text))):
        head, tail = text[: cut.start()], text[cut.end() :]
        if not _folded(head):
            break
        named = _names_site(_folded(tail), names) or (BAR.search(cut[0]) and len(tail.split()) <= MAX_TAIL_WORDS)
        if _folded(head) in heads or (named and cut[0] != "-"):
            return _without_tail(head, names, ())
    return text


def _names_site(tail: str, names: set[str]) -> bool:
    return bool(tail) and any(
        name and (tail == name or tail.replace(" ", "") == name.replace(" ", "")) for name in names
    )


def _host_words(host: str) -> set[str]:
    """How a site's name may be written after its host: www.example.com → example com, example."""
    labels = host.lower().removeprefix("www.").split(".")
    return {" ".join(labels), *(label for label in labels[:-1] if len(label) > 2)}


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
