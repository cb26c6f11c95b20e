"""Extracts saved pages, each within limits, and compares what comes out with what people say is there."""

from __future__ import annotations

import gzip
import json
import os
import time
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from mediawatch.articles.paragraphs import fold
from mediawatch.articles.worker import JOB
from mediawatch.errors import MediawatchError
from mediawatch.evaluate.shingles import SOFT_HYPHEN, Overlap, mean, overlap
from mediawatch.models import Extracted, ExtractTask, Failure, Moment, Rejected
from mediawatch.settings import Settings
from mediawatch.workers.pool import Pool

TRUTH = "truth.jsonl"
NEAR = 0.8
MINUTE = timedelta(seconds=60)
WORST = 20
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Labelled:
    """A line of truth.jsonl; what is not labelled is None, and `texts` is empty."""

    id: str
    set: str
    file: str
    url: str
    fetched: datetime
    texts: tuple[str, ...]
    title: str | None
    published: datetime | None
    authors: frozenset[str] | None


@dataclass(frozen=True)
class Prediction:
    """What extraction says of a page. `kind` is the article's, or the reason why there is none."""

    id: str
    text: str
    title: str | None
    published: str | None
    authors: tuple[str, ...]
    kind: str

    def plain(self) -> dict[str, Any]:
        """A line of the predictions file, a stable interface; `published` as :func:`stated` writes it."""
        return {**self.__dict__, "authors": list(self.authors)}


@dataclass(frozen=True)
class Score:
    """One page against its labels; None where there is no label."""

    page: Labelled
    body: Overlap | None
    title_exact: bool | None
    title_near: bool | None
    day: bool | None
    minute: bool | None
    authors: bool | None
    empty: bool


@dataclass(frozen=True)
class Evaluation:
    """All pages in the order of truth.jsonl. Speeds are pages a second of wall time, all workers together."""

    scores: tuple[Score, ...]
    predictions: tuple[Prediction, ...]
    pages_per_s: float

    def plain(self) -> dict[str, Any]:
        """What `--json` prints, a stable interface: {"all": R, "sets": {name: R}, "worst": [page…]}; R: `summary`."""
        names = dict.fromkeys(score.page.set for score in self.scores)
        return {
            "all": summary(self.scores, self.pages_per_s),
            "sets": {
                name: summary([score for score in self.scores if score.page.set == name], self.pages_per_s)
                for name in names
            },
            "worst": [_worst(score) for score in _ranked(self.scores)[:WORST]],
        }


def evaluate(folder: Path, settings: Settings) -> Evaluation:
    """Every page that DIR/truth.jsonl names, extracted by the pipeline's own workers within its limits.

    A page's bytes, URL and fetch date (now, where it has none) are all that extraction is given.
    """
    pages = list(labelled(folder / TRUTH))
    workers = settings.extract_workers or os.cpu_count() or 1
    with Pool[ExtractTask, Extracted](JOB, workers, settings.extract_limit_s, settings.extract_memory_mb) as pool:
        pool.start()  # not part of the speed: processes start once, and pages keep coming
        started = time.perf_counter()
        found = dict(pool.map((at, task(folder, page)) for at, page in enumerate(pages)))
        elapsed_s = time.perf_counter() - started
    predictions = tuple(predicted(page, found[at]) for at, page in enumerate(pages))
    return Evaluation(tuple(map(score, pages, predictions)), predictions, len(pages) / elapsed_s)


def labelled(file: Path) -> Iterator[Labelled]:
    """The lines of a truth.jsonl; MediawatchError when one cannot be read."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MediawatchError(f"{file} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _labelled(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise MediawatchError(f"{file}, line {number}: {type(error).__name__}: {error}") from None


def _labelled(row: dict[str, Any]) -> Labelled:
    fetched = datetime.fromisoformat(row["fetched"]) if row.get("fetched") else datetime.now(timezone.utc)
    return Labelled(
        id=str(row["id"]),
        set=str(row.get("set") or "all"),
        file=str(row["file"]),
        url=str(row["url"]),
        fetched=fetched if fetched.tzinfo else fetched.replace(tzinfo=timezone.utc),
        texts=tuple(row.get("texts") or ()),
        title=row.get("title") or None,
        published=datetime.fromisoformat(row["published"]) if row.get("published") else None,
        authors=frozenset(row["authors"]) if row.get("authors") else None,
    )


def task(folder: Path, page: Labelled) -> ExtractTask:
    """A saved page as extraction wants it; MediawatchError when its file cannot be read."""
    try:
        body = (folder / page.file).read_bytes()
        body = gzip.decompress(body) if body.startswith(GZIP) else body
    except (OSError, EOFError, zlib.error) as error:
        raise MediawatchError(f"{folder / page.file} cannot be read: {error}") from None
    return ExtractTask(body, page.url, "text/html; charset=utf-8", page.fetched)


def predicted(page: Labelled, result: Extracted | Failure) -> Prediction:
    """What extraction came to; of a page that was rejected, what stands there all the same."""
    article = result.article if isinstance(result, Rejected) else result
    kind = result.reason.value if isinstance(result, Failure) else result.kind
    if not isinstance(article, Extracted):
        return Prediction(page.id, "", None, None, (), kind)
    published = stated(article.published) if article.published else None
    return Prediction(page.id, article.text, article.title or None, published, article.authors, kind)


def stated(moment: Moment) -> str:
    """A moment in ISO 8601 as its page states it: without a zone where that gives none, a bare day as a date."""
    if not moment.zoned:
        return moment.at.date().isoformat() if moment.precision == "day" else moment.at.replace(tzinfo=None).isoformat()
    return moment.at.isoformat()


def score(page: Labelled, found: Prediction) -> Score:
    """A page's prediction against its labels; a missing value is wrong."""
    title = _same_title(page.title, found.title) if page.title else (None, None)
    times = _same_time(page.published, found.published) if page.published else (None, None)
    return Score(
        page,
        body=overlap(found.text, page.texts) if page.texts else None,
        title_exact=title[0],
        title_near=title[1],
        day=times[0],
        minute=times[1],
        authors=frozenset(found.authors) == page.authors if page.authors else None,
        empty=not found.text,
    )


def summary(scores: Sequence[Score], pages_per_s: float) -> dict[str, Any]:
    """R: pages, body {precision, recall, f1}, and shares of pages in 0..1; None where no page has such a label.

    body: by 4-grams, see shingles.py. title_exact: equal once whitespace and Unicode are normal; title_near: equal in
    letters and digits, or one begins or ends with the other (a kicker, a tail), or similar by 0.8 (difflib). day: the
    same date in the label's zone. minute: within 60 s, and with a zone exactly where the label has one. authors: the
    same set. errors: no text.
    """
    bodies = [each.body for each in scores if each.body]
    body = mean(bodies)
    figures = {"precision": body.precision, "recall": body.recall, "f1": body.f1}
    return {
        "pages": len(scores),
        "body": {name: round(value or 0.0, 4) for name, value in figures.items()} if bodies else None,
        "title_exact": _share(scores, lambda each: each.title_exact),
        "title_near": _share(scores, lambda each: each.title_near),
        "day": _share(scores, lambda each: each.day),
        "minute": _share(scores, lambda each: each.minute),
        "authors": _share(scores, lambda each: each.authors),
        "pages_per_s": round(pages_per_s, 1),
        "errors": _share(scores, lambda each: each.empty) or 0.0,
    }


def _share(scores: Iterable[Score], of: Callable[[Score], bool | None]) -> float | None:
    known = [value for each in scores if (value := of(each)) is not None]
    return round(sum(known) / len(known), 4) if known else None


def _same_title(wanted: str, found: str | None) -> tuple[bool, bool]:
    if not found:
        return False, False
    exact = _spaced(wanted) == _spaced(found)
    one, other = fold(wanted), fold(found)
    ends = min(len(one), len(other)) > 0 and (one.endswith(other) or other.endswith(one) or one.startswith(other))
    similar = SequenceMatcher(None, one, other, autojunk=False).ratio() >= NEAR
    return exact, exact or ends or other.startswith(one) or similar


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace(SOFT_HYPHEN, "").split())


def _same_time(wanted: datetime, found: str | None) -> tuple[bool, bool]:
    if found is None:
        return False, False
    at = datetime.fromisoformat(found)
    if at.tzinfo and wanted.tzinfo:
        return at.astimezone(wanted.tzinfo).date() == wanted.date(), abs(at - wanted) <= MINUTE
    alike = (at.tzinfo is None) is (wanted.tzinfo is None)
    near = abs(at.replace(tzinfo=None) - wanted.replace(tzinfo=None)) <= MINUTE
    return at.date() == wanted.date(), alike and near


def _ranked(scores: Iterable[Score]) -> list[Score]:
    return sorted((each for each in scores if each.body), key=lambda each: each.body.f1 if each.body else 0.0)


def _worst(score: Score) -> dict[str, Any]:
    assert score.body
    body = {name: round(value or 0.0, 4) for name, value in score.body.__dict__.items()}
    return {"id": score.page.id, "set": score.page.set, "url": score.page.url, **body}
