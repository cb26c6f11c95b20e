"""The process that extracts pages: each ExtractTask in gives one Extracted or Failure out."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from trafilatura.meta import reset_caches

from mediawatch.articles.extract import extract
from mediawatch.articles.language import detect
from mediawatch.errors import Reason
from mediawatch.models import Extracted, ExtractTask, Failure
from mediawatch.workers.job import Job
from mediawatch.workers.serve import serve

Result = Extracted | Failure


def cheaper(task: ExtractTask) -> ExtractTask:
    """The second try: only what costs time in proportion to the page."""
    return replace(task, cheap=True)


JOB = Job(("-m", "mediawatch.articles.worker"), Reason.EXTRACT_LIMIT, Reason.EXTRACT_CRASH, again=cheaper)
PAGES_PER_RESET = 200
"""trafilatura's caches grow with the pages; emptying them costs about 50 ms."""

_pages = count(1)


def work(task: ExtractTask) -> Result:
    """One page's article, with the libraries' caches kept small."""
    if next(_pages) % PAGES_PER_RESET == 0:
        reset_caches()
    return extract(task)


def prepare() -> None:
    """Load the language model."""
    detect("Any text does.")


if __name__ == "__main__":
    serve(JOB, work, prepare=prepare)
