"""The Boolean form of signals, `(fentanyl OR fentanilo*) AND near/10(China, precursor*)`: read, written, taken apart.

    query     = choice
    choice    = conjunct { OR conjunct }
    conjunct  = unit { AND unit }
    unit      = ( choice ) | near | term | "a phrase" | @list
    near      = near/REACH( choice, choice … )      REACH is a number of words, sentence or paragraph
    term      = a word as in a list: stem*, =CAPITALS; operators are in capitals

There is no NOT: what must not stand beside a hit goes into the signal's `unless`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

Within = int | Literal["sentence", "paragraph"]

MAX_CHARACTERS = 5_000
MAX_DEPTH = 20
MAX_CONJUNCTS = 30
MAX_REACH = 100
NEAR_ARGUMENTS = (2, 4)

_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[(),])|(?P<phrase>[=]?"[^"]*"\*?)|(?P<near>near/(?P<reach>[^\s(]*))(?=\s*\()|(?P<word>[^\s(),"]+))""",
    re.IGNORECASE,
)
_NEEDS_QUOTES = re.compile(r"[\s(),\"@]|^(?:AND|OR|NOT|near/.*)$", re.IGNORECASE)


class QueryError(ValueError):
    """A query that cannot be read; `at` is the offset of the character where that shows."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True)
class Choice:
    """Terms of which any counts: terms as a list writes them, and names of lists."""

    terms: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    def __or__(self, other: Choice) -> Choice:
        return Choice(_once(self.terms + other.terms), _once(self.lists + other.lists))


@dataclass(frozen=True)
class Near:
    """A hit of the first choice with one of every other choice near it."""

    choices: tuple[Choice, ...]
    within: Within


Atom = Choice | Near
Conjunct = tuple[Atom, ...]
"""All that an article must have; the hits that count are those of the first near, else of the first choice."""


def read_query(text: str) -> tuple[Conjunct, ...]:
    """The conjuncts of which one is enough. QueryError says where the query is wrong, and what to write."""
    if len(text) > MAX_CHARACTERS:
        raise QueryError(MAX_CHARACTERS, f"a query has at most {MAX_CHARACTERS:,} characters; use lists (@name)")
    return _Reader(text).query()


def write_query(conjuncts: Sequence[Conjunct]) -> str:
    """The query with these conjuncts, such that reading it gives them again."""
    return " OR ".join(
        " AND ".join(_written(atom, alone=len(conjunct) == 1 == len(conjuncts)) for atom in conjunct)
        for conjunct in conjuncts
    )


def _written(atom: Atom, alone: bool = False) -> str:
    if isinstance(atom, Near):
        return f"near/{atom.within}({', '.join(_written(choice, alone=True) for choice in atom.choices)})"
    words = [*map(_quoted, atom.terms), *(f"@{name}" for name in atom.lists)]
    text = " OR ".join(words)
    return text if alone or len(words) == 1 else f"({text})"


def _quoted(term: str) -> str:
    exact, star = term.startswith("="), term.endswith("*")
    body = term.removeprefix("=").removesuffix("*")
    return ("=" if exact else "") + (f'"{body}"' if _NEEDS_QUOTES.search(body) else body) + ("*" if star else "")


class _Reader:
    """Reads by descent; `_kind`, `_value` and `_at` are the token in hand."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._depth = 0
        self._advance()

    def query(self) -> tuple[Conjunct, ...]:
        found = self._choice()
        if self._kind != "end":
            raise QueryError(self._at, self._unexpected())
        return found

    def _advance(self) -> None:
        self._kind, self._value, self._at = next(self._tokens)

    def _choice(self) -> tuple[Conjunct, ...]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(self._at, f"brackets are nested deeper than {MAX_DEPTH} levels")
        conjuncts = list(self._conjunct())
        while self._kind == "OR":
            self._advance()
            conjuncts += self._conjunct()
        self._depth -= 1
        return _merged(conjuncts)

    def _conjunct(self) -> list[Conjunct]:
        found: list[Conjunct] = list(self._unit())
        while self._kind == "AND":
            self._advance()
            at, more = self._at, self._unit()
            if len(found) * len(more) > MAX_CONJUNCTS:
                raise QueryError(at, f"it comes to more than {MAX_CONJUNCTS} combinations; write several signals")
            found = [_once(left + right) for left, right in product(found, more)]
        return found

    def _unit(self) -> tuple[Conjunct, ...]:
        kind, value, at = self._kind, self._value, self._at
        if kind not in ("(", "near", "term", "list"):
            raise QueryError(at, self._unexpected())
        self._advance()
        if kind == "(":
            found = self._choice()
            self._close(at)
            return found
        if kind == "near":
            return ((self._near(value, at),),)
        return ((Choice(lists=(value,)) if kind == "list" else Choice((value,)),),)

    def _near(self, reach: str, at: int) -> Near:
        within: Within
        if reach in ("sentence", "paragraph"):
            within = reach  # type: ignore[assignment]
        elif reach.isdecimal() and 1 <= int(reach) <= MAX_REACH:
            within = int(reach)
        else:
            raise QueryError(at, f"write near/10(…) with 1 to {MAX_REACH} words, near/sentence(…) or near/paragraph(…)")
        self._advance()  # the bracket, which the token has looked for
        choices = [self._plain_choice()]
        while self._kind == ",":
            self._advance()
            choices.append(self._plain_choice())
        self._close(at)
        fewest, most = NEAR_ARGUMENTS
        if not fewest <= len(choices) <= most:
            raise QueryError(at, f"near has {fewest} to {most} parts with commas between, e.g. near/10(China, tariff*)")
        return Near(tuple(choices), within)

    def _plain_choice(self) -> Choice:
        at, found = self._at, self._choice()
        if len(found) == 1 and len(found[0]) == 1 and isinstance(found[0][0], Choice):
            return found[0][0]
        raise QueryError(at, "a part of near is a term or terms joined by OR; AND and near stand outside of it")

    def _close(self, opened: int) -> None:
        if self._kind != ")":
            missing = f"the bracket that opens at character {opened + 1} is never closed"
            raise QueryError(self._at, missing if self._kind == "end" else self._unexpected())
        self._advance()

    def _unexpected(self) -> str:
        if self._kind == "NOT":
            return "there is no NOT; put the terms into a list and name it in the signal's `unless`"
        if self._kind in ("term", "list", "near", "("):
            return f"put AND or OR before {self._value or '('!r}, or quotes around a phrase"
        if self._kind == "end":
            return "the query ends too early; a term, a phrase in quotes, @list, near/10(…) or a bracket is missing"
        return f"{self._value!r} stands where a term is expected"


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, value, offset) of each token; kind is the mark or operator itself, near, term, list or end."""
    done = 0
    while text[done:].strip():
        match = _TOKEN.match(text, done)
        if match is None:
            raise QueryError(text.index('"', done), "the quote is never closed")
        at, done = match.start(match.lastgroup or 0), match.end()
        word = match["word"]
        if match["mark"]:
            yield match["mark"], match["mark"], at
        elif match["near"]:
            yield "near", match["reach"].lower(), match.start("near")
        elif match["phrase"]:
            yield "term", _term(" ".join(match["phrase"].replace('"', "").split()), at), at
        elif word in ("AND", "OR", "NOT"):
            yield word, word, at
        elif word.lower().startswith("near/"):
            raise QueryError(at, "near/10 is followed by a bracket, e.g. near/10(China, tariff*)")
        elif word.lower() in ("and", "or", "not"):
            raise QueryError(at, f"write {word.upper()} in capitals, or quotes around the word")
        elif word.startswith("@"):
            if not re.fullmatch("@[a-z][a-z0-9_]*", word):
                raise QueryError(at, "write @ and the name of a list, or quotes around the word")
            yield "list", word[1:], at
        else:
            yield "term", _term(word, at), at
    yield "end", "", len(text)


def _term(written: str, at: int) -> str:
    if not any(char.isalnum() for char in written):
        raise QueryError(at, f"{written!r} has no letter or digit; write a word")
    return written


def _merged(conjuncts: Sequence[Conjunct]) -> tuple[Conjunct, ...]:
    """Alternatives that are a choice and nothing else are one choice, at the place of the first."""
    merged: list[Conjunct] = []
    place: int | None = None
    for conjunct in _once(tuple(conjuncts)):
        atom = conjunct[0]
        if len(conjunct) > 1 or isinstance(atom, Near):
            merged.append(conjunct)
        elif place is None:
            place = len(merged)
            merged.append(conjunct)
        else:
            first = merged[place][0]
            assert isinstance(first, Choice)
            merged[place] = (first | atom,)
    return tuple(merged)


def _once(items: tuple) -> tuple:  # type: ignore[type-arg]
    return tuple(dict.fromkeys(items))
