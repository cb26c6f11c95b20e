"""Extraction beside trafilatura's modes: speed by CPU time, and body F1, in one process that takes them in turn.

python extract.py DIR [ROUNDS]     DIR as `mediawatch evaluate extraction` wants it
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import machine
import trafilatura
from mediawatch.articles.decode import decode
from mediawatch.articles.extract import extract
from mediawatch.evaluate.extraction import TRUTH, Labelled, labelled, predicted, task
from mediawatch.evaluate.shingles import Overlap, mean, overlap
from mediawatch.models import ExtractTask

Engine = Callable[[ExtractTask, Labelled], str]


def ours(page: ExtractTask, label: Labelled) -> str:
    """Everything that the pipeline does with a page: text, language, kind, metadata, dates."""
    return predicted(label, extract(page)).text


def peer(*, with_metadata: bool = True, **mode: bool) -> Engine:
    """trafilatura in one of its modes; decoding is part of it, as it is of ours."""

    def run(page: ExtractTask, label: Labelled) -> str:
        document = trafilatura.bare_extraction(
            decode(page.body, page.content_type),
            url=label.url,
            include_comments=False,
            with_metadata=with_metadata,
            **mode,
        )
        return (document.text if isinstance(document, trafilatura.settings.Document) else None) or ""

    return run


ENGINES: dict[str, Engine] = {
    "trafilatura, with metadata": peer(),
    "trafilatura favor_precision, with metadata": peer(favor_precision=True),
    "trafilatura fast, with metadata": peer(fast=True),
    "trafilatura, text alone": peer(with_metadata=False),
    "mediawatch": ours,
}


def main(folder: Path, rounds: int) -> None:
    """Print the table."""
    pages = [(label, task(folder, label)) for label in labelled(folder / TRUTH)]
    seconds: dict[str, float] = defaultdict(float)
    texts: dict[str, list[str]] = {}
    for number in range(rounds + 1):
        found: dict[str, list[str]] = defaultdict(list)
        for at, (label, page) in enumerate(pages):
            names = [*ENGINES][at % len(ENGINES) :] + [*ENGINES][: at % len(ENGINES)]
            for name in names:
                started = time.process_time()
                found[name].append(ENGINES[name](page, label))
                seconds[name] += (time.process_time() - started) * (number > 0)  # the first round warms caches
        texts = dict(found)
    sets = [*dict.fromkeys(label.set for label, _ in pages)]
    first = next(iter(seconds.values()))
    machine.print_table(
        "Extraction",
        ("what", "pages/s of CPU", "share", *(f"F1 {name}" for name in sets), "F1 all", "empty"),
        [row(name, seconds[name], first, texts[name], [label for label, _ in pages], sets, rounds) for name in ENGINES],
        f"{len(pages)} pages, {rounds} rounds, one process, engines in turn on each page.",
    )


def row(
    name: str, seconds: float, first: float, texts: list[str], labels: list[Labelled], sets: list[str], rounds: int
) -> list[str]:
    """One engine's line."""
    scores: dict[str, list[Overlap]] = defaultdict(list)
    for text, label in zip(texts, labels, strict=True):
        if label.texts:
            scores[label.set].append(overlap(text, label.texts))
    every = [score for each in scores.values() for score in each]
    shares = [f"{mean(scores[each]).f1:.3f}" if scores[each] else "" for each in sets]
    empty = sum(not text for text in texts)
    speed = rounds * len(labels) / seconds
    return [name, f"{speed:,.0f}", f"{first / seconds:.2f}", *shares, f"{mean(every).f1:.3f}", str(empty)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of the peers
    main(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 3)
