"""A worker that does what a page says, for what no real page can be relied on to do to the extractor."""

from __future__ import annotations

import os
import time

from mediawatch.articles.worker import guarded, main
from mediawatch.models import Extracted, ExtractTask, Failure


def obedient(task: ExtractTask) -> Extracted | Failure:
    """Stalls, dies or prints where the page is just that word; extracts every other page."""
    if task.body == b"stall":
        time.sleep(600)
    if task.body == b"die":
        os._exit(7)
    if task.body == b"print":
        print("not a frame", flush=True)
    return guarded(task)


if __name__ == "__main__":
    main(obedient)
