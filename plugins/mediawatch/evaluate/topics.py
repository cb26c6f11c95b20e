"""Reads labelled articles and tells how often each topic is right, by language, and on which articles it is not."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from mediawatch.errors import MediawatchError
from mediawatch.models import TopicMatch
from mediawatch.topics.definition import TopicDefinition
from mediawatch.topics.matcher import Matcher

Label = Literal["primary", "secondary", "none", "unsure"]

NAMES = {"us-china": "us_china_relations"}
"""What labelled files call a topic, where that is not its id."""


@dataclass(frozen=True)
class LabelledArticle:
    """A line of a labelled file; `labels` by the names of the file, empty where nobody has labelled it."""

    id: str
    language: str | None
    title: str
    text: str
    labels: Mapping[str, Label]


@dataclass
class Tally:
    """Counts of one topic, of all languages or of one; its figures are None where nothing can be divided."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    right_primary: int = 0
    wrong_primary: int = 0
    missed_primary: int = 0

    def add(self, expected: str, got: str) -> None:
        """Count one article; both are primary, secondary or none."""
        self.right += expected != "none" != got
        self.wrong += expected == "none" != got
        self.missed += expected != "none" == got
        self.right_primary += expected == got == "primary"
        self.wrong_primary += expected != "primary" == got
        self.missed_primary += expected == "primary" != got

    def plain(self) -> dict[str, float | int | None]:
        """precision, recall, f1, primary_f1 (0..1, four decimals) and positives, a count of articles."""
        right, wrong, missed = self.right, self.wrong, self.missed
        primary = 2 * self.right_primary + self.wrong_primary + self.missed_primary
        return {
            "precision": _share(right, right + wrong),
            "recall": _share(right, right + missed),
            "f1": _share(2 * right, 2 * right + wrong + missed),
            "primary_f1": _share(2 * self.right_primary, primary),
            "positives": right + missed,
        }


@dataclass(frozen=True)
class Mistake:
    """An article on which a topic differs from its label; `evidence` is what the topic saw, [] where it saw nothing."""

    id: str
    topic: str
    expected: str
    got: str
    evidence: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Evaluation:
    """Tallies by topic and by topic and language, under the names of the labelled file; levels of each article."""

    overall: Mapping[str, Tally]
    by_language: Mapping[str, Mapping[str, Tally]]
    mistakes: tuple[Mistake, ...]
    levels: tuple[tuple[str, Mapping[str, str]], ...] = field(repr=False)
    articles_per_s: float = 0.0

    def plain(self) -> dict[str, Any]:
        """{topics, articles_per_s, errors}: what `--json` prints, a stable interface."""
        topics = {
            name: {
                **tally.plain(),
                "by_lang": {lang: each.plain() for lang, each in sorted(self.by_language[name].items())},
            }
            for name, tally in self.overall.items()
        }
        errors = [asdict(each) for each in self.mistakes]
        return {"topics": topics, "articles_per_s": round(self.articles_per_s, 1), "errors": errors}

    def predictions(self) -> Iterator[dict[str, Any]]:
        """{id, levels: {name: primary, secondary or none}} of each article, in order."""
        return ({"id": id_, "levels": dict(levels)} for id_, levels in self.levels)


def evaluate(topics: Sequence[TopicDefinition], articles: Iterable[LabelledArticle]) -> Evaluation:
    """Tag each article and compare. Primary and secondary are positive; unsure and what has no label are left out.

    The speed is of one core, by processor time, without reading the file.
    """
    names = {topic.id: NAMES.get(topic.id, topic.id) for topic in topics}
    matcher = Matcher(topics)
    overall = {name: Tally() for name in names.values()}
    by_language: dict[str, dict[str, Tally]] = {name: defaultdict(Tally) for name in names.values()}
    mistakes, levels, spent_s = [], [], 0.0
    for article in articles:
        started = time.process_time()
        matches = {match.topic: match for match in matcher.match(article.title, article.text, article.language)}
        spent_s += time.process_time() - started
        got = {name: matches[id_].level if id_ in matches else "none" for id_, name in names.items()}
        levels.append((article.id, got))
        for id_, name in names.items():
            expected = article.labels.get(name, "unsure")
            if expected == "unsure":
                continue
            overall[name].add(expected, got[name])
            by_language[name][article.language or "unknown"].add(expected, got[name])
            if expected != got[name]:
                mistakes.append(Mistake(article.id, name, expected, got[name], _shown(matches.get(id_))))
    return Evaluation(overall, by_language, tuple(mistakes), tuple(levels), len(levels) / max(spent_s, 1e-9))


def read_articles(file: Path) -> Iterator[LabelledArticle]:
    """The lines of a .jsonl or .jsonl.gz file; MediawatchError names the line that cannot be read."""
    done = 0
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            for line in gzip.GzipFile(fileobj=raw) if packed else raw:
                if line.strip():
                    yield _article(json.loads(line))
                done += 1
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise MediawatchError(f"{file}, line {done + 1}: {error}") from None


def stored_articles(topic_id: str, rows: Iterable[Any]) -> list[LabelledArticle]:
    """Rows of the statement topics.labels as labelled articles."""
    name = NAMES.get(topic_id, topic_id)
    return [LabelledArticle(str(r.article_id), r.language, r.title, r.text, {name: r.level}) for r in rows]


def _article(line: Any) -> LabelledArticle:
    if not isinstance(line, dict) or "id" not in line:
        raise ValueError("each line is an object with id, lang, title, text and, where it is labelled, labels")
    title, text, labels = line.get("title") or "", line.get("text") or "", line.get("labels") or {}
    if not (isinstance(title, str) and isinstance(text, str) and isinstance(labels, dict)):
        raise ValueError("title and text are strings, labels is an object")
    for name, label in labels.items():
        if label not in get_args(Label):
            raise ValueError(f"the label {name} is {label!r}; write one of {', '.join(get_args(Label))}")
    language = (line.get("lang") or "").lower().partition("-")[0] or None
    return LabelledArticle(str(line["id"]), language, title, text, labels)


def _shown(match: TopicMatch | None) -> list[Mapping[str, Any]]:
    return [asdict(item) for item in match.evidence] if match else []


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
