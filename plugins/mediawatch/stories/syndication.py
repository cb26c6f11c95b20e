"""Which news agency an article comes from, as its dateline, byline, credit or copyright line or its address says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

SYNDICATION_VERSION = 1

_HEAD_CHARS = 300
_TAIL_CHARS = 600
_DASH = r"[-\u2010-\u2015]"
_NOT_WORD_BEFORE = r"(?<![\w-])"
_NOT_WORD_AFTER = r"(?![\w-])"


Agency = tuple[str, tuple[str, ...], tuple[str, ...]]
"""What it is called here, the names that articles give it, the hosts where it publishes itself."""


@dataclass(frozen=True)
class Evidence:
    """Where an agency is named, and the words that name it."""

    where: str
    agency: str
    words: str


@dataclass(frozen=True)
class Syndication:
    """The agency that an article comes from (None: it names none), whether the agency is its publisher, and why."""

    agency: str | None
    is_agency: bool
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Article:
    """What an article says of itself; `hosts` are those of its own address and of the one it gives as canonical."""

    text: str
    authors: Sequence[str]
    publisher: Sequence[str]
    host: str
    canonical_host: str


@dataclass(frozen=True)
class Agencies:
    """The agencies that are known; `lines` are patterns of whole lines that go with agency copy."""

    known: tuple[Agency, ...]
    lines: tuple[str, ...]

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {name: agency for agency, names, _ in self.known for name in names}

    @cached_property
    def _by_host(self) -> dict[str, str]:
        return {host: agency for agency, _, hosts in self.known for host in hosts}

    @cached_property
    def _name(self) -> str:
        ordered = sorted(self._by_name, key=len, reverse=True)
        return f"(?P<name>{'|'.join(map(re.escape, ordered))})"

    @cached_property
    def _patterns(self) -> tuple[tuple[str, bool, re.Pattern[str]], ...]:
        """(where, whether in the head of the text, pattern), the strongest evidence first."""
        name = self._name
        whole = _NOT_WORD_BEFORE + name + _NOT_WORD_AFTER
        in_lines = re.IGNORECASE | re.MULTILINE  # a headline or a standfirst may come first
        sign = r"(?:©|\(c\)|(?<!image )(?<!photo )(?<!media )copyright)"
        return (
            ("dateline", True, re.compile(rf"^[^\n()]{{0,80}}\((?:the )?{name}\)\s*(?:{_DASH}|:|,)", in_lines)),
            ("dateline", True, re.compile(rf"^[^\n/]{{2,80}}[.,]\s*/{name}/[.\s]", in_lines)),
            ("dateline", True, re.compile(rf"^[^\n]{{0,60}}\d{{1,2}}\s*\(?{name}\)?\s*(?:{_DASH}{{1,2}})")),
            ("dateline", True, re.compile(rf"^\W?{name}\W?[^\n]{{2,20}}\d{{1,2}}\s*(?:月\s*\d{{1,2}}\s*)?日?電?电")),
            ("credit", False, re.compile(rf"(?:^|\n)\W*(?:source|quelle|fuente|fonte)\s*:\s*{whole}", re.IGNORECASE)),
            ("credit", False, re.compile(rf"(?:\(|\n\s*{_DASH}{{1,2}}\s*){name}(?:/\w+)?\)?\s*$")),
            ("credit", False, re.compile(rf"(?:^|\n){name}\s*$")),
            ("copyright", False, re.compile(rf"{sign}[^\n]{{0,60}}?{whole}", re.IGNORECASE)),
        )  # fmt: skip

    def read(self, article: Article) -> Syndication:
        """What an article says of the agency that it comes from."""
        own = [e for e in (self._named_publisher(article), self._at_host("source", article.host)) if e]
        if own:
            return Syndication(own[0].agency, True, tuple(own))
        found = [self._at_host("canonical", article.canonical_host), *self._in_text(article.text)]
        found += [self._in_name("byline", author) for author in article.authors]
        evidence = tuple(dict.fromkeys(each for each in found if each))
        return Syndication(evidence[0].agency if evidence else None, False, evidence)

    def _named_publisher(self, article: Article) -> Evidence | None:
        known = {name.lower(): agency for name, agency in self._by_name.items()}
        for name in article.publisher:
            plain = name.lower().removeprefix("the ")
            if plain in known:
                return Evidence("site", known[plain], name)
        return None

    def _at_host(self, where: str, host: str) -> Evidence | None:
        parts = host.lower().split(".")
        above = [".".join(parts[i:]) for i in range(len(parts) - 1)]
        return next((Evidence(where, self._by_host[each], host) for each in above if each in self._by_host), None)

    def _in_text(self, text: str) -> Iterable[Evidence]:
        head, tail = text[:_HEAD_CHARS].lstrip(), text[-_TAIL_CHARS:].rstrip()
        for where, in_head, pattern in self._patterns:
            if found := pattern.search(head if in_head else tail):
                yield Evidence(where, self._agency(found["name"]), " ".join(found.group().split()))

    def _in_name(self, where: str, name: str) -> Evidence | None:
        """A byline that is an agency's name, or a person's with the agency's behind it."""
        pattern = rf"(?:^|[,/|(–-]|\bby\b|\bfor\b|\bof\b|\bthe\b)\s*{self._name}\)?\s*$"
        found = re.search(pattern, name, re.IGNORECASE)
        return Evidence(where, self._agency(found["name"]), name) if found else None

    def _agency(self, name: str) -> str:
        return self._by_name.get(name) or next(a for n, a in self._by_name.items() if n.lower() == name.lower())

    @cached_property
    def _line(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{each})" for each in self.lines), re.IGNORECASE)

    def is_boilerplate(self, line: str) -> bool:
        """Whether a whole line is what publishers set around agency copy."""
        return len(line) < 500 and self._line.fullmatch(line.strip()) is not None
