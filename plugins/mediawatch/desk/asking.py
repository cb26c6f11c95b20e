"""What a person types into the search form → a question to the database, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone

LONGEST = 500
"""Characters of a query."""
MOST_NEAR = 10
"""As analyst.search_query has it."""

_PHRASE = re.compile(r'"[^"]*"')
_NEAR = re.compile(r"\bNEAR(/\S*)?")
_NEAR_NUMBER = re.compile(r"/\d{1,2}")
_LANGUAGE = re.compile("[a-z]{2,3}")


@dataclass(frozen=True)
class Question:
    """A search as it is put to the database; `source` as typed. `until` is the day after the last one."""

    query: str = ""
    topic: str | None = None
    source: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    faults: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)


def read(form: Mapping[str, str]) -> Question:
    """The question in a form's fields q, topic, source, language, since, until."""
    query, faults = form.get("q", "").strip(), []
    if len(query) > LONGEST:
        faults.append(f"The query is longer than {LONGEST} characters; a topic can hold more.")
    if query.count("NEAR") > MOST_NEAR:
        faults.append(f"A query has NEAR at most {MOST_NEAR} times; a topic can hold more.")
    language = form.get("language", "").strip().lower() or None
    if language and not _LANGUAGE.fullmatch(language):
        faults.append("A language is its two letters, such as en or zh.")
    since, until = (_day(form.get(name, ""), label, faults) for name, label in (("since", "From"), ("until", "To")))
    if since and until and since > until:
        faults.append("The first day is after the last one.")
    topic, source = (form.get(name, "").strip() or None for name in ("topic", "source"))
    after = until + timedelta(days=1) if until else None
    return Question(query, topic, source, language, since, after, faults, advice(query))


def _day(told: str, label: str, faults: list[str]) -> datetime | None:
    if not told.strip():
        return None
    try:
        day = date.fromisoformat(told.strip())
    except ValueError:
        faults.append(f"“{label}” is a day such as 2024-01-31.")
        return None
    if not 1900 <= day.year <= 2200:
        faults.append(f"“{label}” is too far away.")
        return None
    return datetime.combine(day, time(), timezone.utc)


def advice(query: str) -> list[str]:
    """What in a query means something else than it seems to."""
    found = []
    if query.count('"') % 2:
        found.append('A quotation mark is open: a phrase needs one at both ends, "like this".')
    bare = _PHRASE.sub(" ", query)
    if re.search(r"[()]", bare):
        found.append("Brackets are ignored; “or” joins the two words beside it.")
    if re.search(r"\bAND\b", bare):
        found.append("AND is not needed: all words have to be there.")
    if re.search(r"\bNOT\b", bare):
        found.append("Write -word to leave a word out; NOT is taken as a word.")
    if "*" in bare:
        found.append("An asterisk is ignored: words are found in all their forms anyway.")
    if any(near[1] and not _NEAR_NUMBER.fullmatch(near[1]) for near in _NEAR.finditer(bare)):
        found.append("NEAR takes a number of words up to 30: sanctions NEAR/5 bank.")
    if _NEAR.search(bare) and re.search(r'"[^"]*"\s*NEAR|NEAR(/\d+)?\s*"|NEAR(/\d+)?\s*$|^\s*NEAR', query):
        found.append("NEAR stands between two single words; next to a phrase it is taken as a word.")
    return found
