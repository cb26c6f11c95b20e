"""Memory of one extraction worker that is never replaced, over pages that all differ.

python extract_memory.py DIR [PAGES [EVERY]]     DIR as `mediawatch evaluate extraction` wants it
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import machine
from mediawatch.articles.worker import JOB
from mediawatch.evaluate.extraction import TRUTH, labelled, task
from mediawatch.models import Extracted, ExtractTask
from mediawatch.workers.pool import Pool

LIMIT_MB = 600
LIMIT_S = 300.0
"""Time is not what is measured here, and the machine may be busy."""
WORD = re.compile(r"(?<![\w&#/=\"'.-])[^\W\d_]{4,}(?![\w=\"'/;:.-]*[>={])")
TAG = re.compile(r"(<[^>]*>)")
NAME = re.compile(r"(?<=[\s\"'])(?:class|id)=([\"'])(.*?)\1", re.DOTALL)
PARAGRAPH = re.compile(r"<p\b[^>]*>.*?</p>", re.DOTALL | re.IGNORECASE)
CHANGED = 0.3
"""Share of the words that others take the place of, and of the paragraphs that come from another page."""


def pages(folder: Path, count: int) -> Iterator[ExtractTask]:
    """Pages that are made of the saved ones; each has other words, paragraphs, names, address and date than any before.

    The seed is fixed: a run can be repeated.
    """
    dice = random.Random(4)
    saved = [task(folder, page) for page in labelled(folder / TRUTH)]
    texts = [page.body.decode("utf-8", "replace") for page in saved]
    paragraphs = [found for text in texts for found in PARAGRAPH.findall(text)]
    words = sorted({word for text in paragraphs for word in WORD.findall(TAG.sub(" ", text))})
    for number in range(count):
        page = saved[at := number % len(saved)]
        yield replace(
            page,
            body=_mixed(texts[at], paragraphs, words, dice, number).encode(),
            url=f"https://site{number % 5_000}.example/{number}/{dice.choice(words)}-{dice.choice(words)}",
            fetched_at=page.fetched_at + timedelta(minutes=number),
        )


def _mixed(text: str, paragraphs: list[str], words: list[str], dice: random.Random, number: int) -> str:
    text = PARAGRAPH.sub(lambda p: dice.choice(paragraphs) if dice.random() < CHANGED else p[0], text)
    text = NAME.sub(partial(_renamed, number=number), text)
    pieces = TAG.split(text)
    raw = False
    for at, piece in enumerate(pieces):
        if at % 2:
            raw = piece.lower().startswith(("<script", "<style"))
        elif not raw:
            pieces[at] = WORD.sub(lambda w: _word(words, dice) if dice.random() < CHANGED else w[0], piece)
    return "".join(pieces)


def _renamed(name: re.Match[str], number: int) -> str:
    return f"{name[0][:-1]} n{number}{name[1]}"


def _word(words: list[str], dice: random.Random) -> str:
    """A known word, or one that nobody has seen."""
    word = dice.choice(words)
    return word if dice.random() < CHANGED else word[: len(word) // 2] + dice.choice(words)[-4:]


def main(folder: Path, count: int, every: int) -> None:
    """Print the worker's resident memory after each `every` pages, and its peak."""
    failed, rows = 0, []
    with Pool[ExtractTask, Extracted](JOB, 1, LIMIT_S, LIMIT_MB, tasks_per_worker=count + 1) as pool:
        pool.start()
        pid = _child()
        for number, (_, result) in enumerate(pool.map(enumerate(pages(folder, count))), 1):
            failed += getattr(result, "reason", None) in (JOB.over_limit, JOB.crash)
            if number % every == 0 or number == count:
                assert _child() == pid, "the worker was replaced"
                memory = (f"{machine.memory_mb(pid, key):.0f}" for key in ("VmRSS", "VmHWM"))
                rows.append((f"{number:,}", *memory, str(failed)))
                print(*rows[-1], file=sys.stderr, flush=True)
    machine.print_table(
        "Memory of a worker",
        ("distinct pages", "MB now", "MB at the peak", "over a limit"),
        rows,
        f"One worker that is not replaced; must stay under {LIMIT_MB} MB.",
    )


def _child() -> int:
    """The worker's process id: this process has no other child."""
    tasks = Path("/proc/self/task").glob("*/children")
    (pid,) = {int(pid) for task in tasks for pid in task.read_text().split()}
    return pid


if __name__ == "__main__":
    main(Path(sys.argv[1]), *(int(each) for each in (sys.argv[2:4] + ["50000", "5000"][len(sys.argv[2:4]) :])))
