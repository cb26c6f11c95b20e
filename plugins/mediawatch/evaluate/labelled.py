"""Labelled articles in JSON lines, and how well a grouping agrees with the labels."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mediawatch.errors import MediawatchError

Groups = Mapping[str, Hashable]
"""article id → its group."""


@dataclass(frozen=True)
class Labelled:
    """A line of a file: `label` is the true group, None where the line has none; `kind` and `set` may be empty."""

    id: str
    source: str
    published: datetime | None
    title: str
    text: str
    language: str | None
    label: str | None
    kind: str
    set: str


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean, each 0..1."""

    precision: float
    recall: float

    def plain(self) -> dict[str, float]:
        """{precision, recall, f1}."""
        total = self.precision + self.recall
        f1 = 2 * self.precision * self.recall / total if total else 0.0
        return {name: round(value, 4) for name, value in {**asdict(self), "f1": f1}.items()}


def read(file: Path, label: str) -> list[Labelled]:
    """The lines of FILE.jsonl or FILE.jsonl.gz in order; MediawatchError names the line that cannot be used."""
    opened = gzip.open if file.suffix == ".gz" else open
    found: dict[str, Labelled] = {}
    number = 0
    try:
        with opened(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    each = _labelled(json.loads(line), label)
                    if each.id in found:
                        raise ValueError(f"the id {each.id} is there already")
                    found[each.id] = each
    except (ValueError, KeyError, TypeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else error
        raise MediawatchError(f"{file}, line {number}: {what}") from None
    except (OSError, EOFError) as error:
        raise MediawatchError(f"{file} cannot be read: {error}") from None
    if not found:
        raise MediawatchError(f"{file} has no lines")
    return list(found.values())


def _labelled(line: Any, label: str) -> Labelled:
    if not isinstance(line, dict):
        raise TypeError("not an object")
    given = line.get(label)
    return Labelled(
        id=str(line["id"]),
        source=str(line.get("source") or "unknown"),
        published=moment(line.get("published")),
        title=str(line.get("title") or ""),
        text=str(line["text"]),
        language=line.get("lang"),
        label=None if given is None else str(given),
        kind=str(line.get("kind") or ""),
        set=str(line.get("set") or ""),
    )


def moment(text: object) -> datetime | None:
    """A date or time in ISO 8601, UTC where it names no zone; None for anything else: not every archive knows."""
    try:
        at = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)


def pairwise(true: Groups, found: Groups) -> Score:
    """Of the pairs that were grouped together how many are true, and of the true ones how many were found."""
    both = _pairs((true[each], found[each]) for each in true)
    return Score(_share(both, _pairs(found[each] for each in true)), _share(both, _pairs(true.values())))


def bcubed(true: Groups, found: Groups) -> Score:
    """The same for each article's own group, averaged over the articles (Bagga & Baldwin 1998)."""
    size_true, size_found = Counter(true.values()), Counter(found[each] for each in true)
    both = Counter((true[each], found[each]) for each in true)
    precision = sum(both[true[each], found[each]] / size_found[found[each]] for each in true)
    recall = sum(both[true[each], found[each]] / size_true[true[each]] for each in true)
    return Score(precision / len(true), recall / len(true))


def adjusted_rand(true: Groups, found: Groups) -> float:
    """Agreement over all pairs, 0 for chance and 1 for the same groups (Hubert & Arabie 1985)."""
    both = _pairs((true[each], found[each]) for each in true)
    a, b = _pairs(true.values()), _pairs(found[each] for each in true)
    every = len(true) * (len(true) - 1) / 2
    chance = a * b / every if every else 0.0
    most = (a + b) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def recall_by_kind(kinds: Mapping[str, str], true: Groups, found: Groups) -> dict[str, float]:
    """For each kind the share of its articles' true pairs that were found; kinds without pairs are left out."""
    members: dict[Hashable, list[str]] = defaultdict(list)
    for each, group in true.items():
        members[group].append(each)
    pairs: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for together in members.values():
        parts = Counter(found[each] for each in together)
        for each in together:
            pairs[kinds[each]] += len(together) - 1
            hits[kinds[each]] += parts[found[each]] - 1
    return {kind: round(hits[kind] / count, 4) for kind, count in sorted(pairs.items()) if kind and count}


def worst(true: Groups, found: Groups, most: int = 20) -> list[dict[str, Any]]:
    """Groups that are wrong, the one with the most wrong pairs first.

    `joined`: one found group that holds several true ones; `split`: a true one that was found in several. `groups`
    are the ids of each of these.
    """
    rows = [
        {"error": error, "pairs": _split_pairs(parts), "groups": parts}
        for error, outer, inner in (("joined", found, true), ("split", true, found))
        for parts in _parts(true, outer, inner)
    ]
    return sorted(rows, key=lambda row: (-row["pairs"], row["groups"]))[:most]  # type: ignore[operator]


def _parts(ids: Iterable[str], outer: Groups, inner: Groups) -> list[list[list[str]]]:
    parts: dict[Hashable, dict[Hashable, list[str]]] = defaultdict(lambda: defaultdict(list))
    for each in ids:
        parts[outer[each]][inner[each]].append(each)
    return [sorted(map(sorted, each.values())) for each in parts.values() if len(each) > 1]


def _split_pairs(parts: Sequence[Sequence[str]]) -> int:
    sizes = [len(each) for each in parts]
    return (sum(sizes) ** 2 - sum(size**2 for size in sizes)) // 2


def _pairs(groups: Iterable[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(groups).values())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
