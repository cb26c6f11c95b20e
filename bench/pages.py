"""Pages by the thousand that look real: each has the markup of a model page, and sentences of all of them mixed anew.

python pages.py LIKE TO COUNT [FIRST]     LIKE a folder of .html or .html.gz; pages are written as TO/NUMBER.html
"""

from __future__ import annotations

import gzip
import html
import json
import random
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

LEAST_CHARS = 60
"""A shorter paragraph is furniture, and stays."""
_PARAGRAPH = re.compile(r"(<p\b[^>]*>)((?:(?!<p\b|</p>).){60,20000}?)(</p>)", re.DOTALL | re.IGNORECASE)
_BODY = re.compile(r'("articleBody"\s*:\s*)"(?:\\.|[^"\\])*"')
_HEADLINE = re.compile(r"(<title[^>]*>|<h1[^>]*>)", re.IGNORECASE)
_ADDRESS = re.compile(r"<(?:link|meta)\b[^>]*(?:canonical|og:url|amphtml|shortlink)[^>]*>", re.IGNORECASE)
_LANGUAGE = re.compile(r"<html\b[^>]*\blang=[\"']?([a-z]{2})", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_STOP = re.compile(r"(?<=[.!?。！？])\s*(?=\S)")


def models(folder: Path) -> list[str]:
    """The pages of a folder as text, in the order of their names."""
    files = sorted(path for path in folder.rglob("*.html*") if path.is_file())
    unpack = {".gz": gzip.decompress}
    return [unpack.get(path.suffix, bytes)(path.read_bytes()).decode("utf-8", "replace") for path in files]


def language(page: str) -> str:
    """What the page says that it is written in, two letters; en where it says nothing."""
    return match[1].lower() if (match := _LANGUAGE.search(page)) else "en"


def sentences(pages: list[str]) -> list[str]:
    """What stands in the long paragraphs of all of them, without markup, each once."""
    texts = (html.unescape(_TAG.sub("", match[2])) for page in pages for match in _PARAGRAPH.finditer(page))
    found = (sentence.strip() for text in texts for sentence in _STOP.split(text))
    return list(dict.fromkeys(sentence for sentence in found if 20 <= len(sentence) <= 400))


def copies(pages: list[str], count: int, first: int = 0) -> Iterator[str]:
    """`count` pages from number `first` on, each other than all others; the same ones each time."""
    pools = {code: sentences([page for page in pages if language(page) == code]) for code in set(map(language, pages))}
    for number in range(first, first + count):
        page = pages[number % len(pages)]
        yield copy(page, pools[language(page)], random.Random(number), number)


def copy(page: str, pool: list[str], order: random.Random, number: int) -> str:
    """The page with another text, in JSON-LD's first body too: sentences in each long paragraph as its length asks for.

    The addresses that it claims are taken out: copies that claim one address would be one article.
    """
    fresh: list[str] = []

    def paragraph(match: re.Match[str]) -> str:
        words = " ".join(order.sample(pool, min(len(pool), max(1, len(_TAG.sub("", match[2])) // 120))))
        fresh.append(words)
        return match[1] + html.escape(words, quote=False) + match[3]

    page = _PARAGRAPH.sub(paragraph, page)
    body = json.dumps("\n".join(fresh), ensure_ascii=False).replace("</", "<\\/")
    page = _BODY.sub(lambda match: match[1] + body, page, count=1)
    return _ADDRESS.sub("", _HEADLINE.sub(partial(_numbered, number), page))


def _numbered(number: int, match: re.Match[str]) -> str:
    return f"{match[1]}{number} "


def write(like: Path, to: Path, count: int, first: int = 0) -> int:
    """Write copies of the folder's pages as NUMBER.html; how many pages those are copies of."""
    found = models(like)
    to.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(copies(found, count, first), first):
        (to / f"{number}.html").write_text(page, "utf-8")
    return len(found)


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:5]))
