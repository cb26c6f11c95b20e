"""A worker that does what a task says, for what no real input can be relied on to do."""

from __future__ import annotations

import os
import time

from mediawatch.errors import Reason
from mediawatch.workers.job import Job
from mediawatch.workers.serve import serve

JOB = Job((__file__,), over_limit=Reason.PARSE_LIMIT, crash=Reason.PARSE_CRASH)


def work(task: object) -> object:
    """Stalls, dies (also of what is heavy), raises, prints or takes all the memory where the task is just that word; echoes anything else."""
    if task == "heavy":
        os._exit(7)
    if task == "stall":
        time.sleep(600)
    if task == "die":
        os._exit(7)
    if task == "raise":
        raise LookupError("nothing of the kind")
    if task == "print":
        print("not a frame", flush=True)
    if task == "hoard":
        return len(bytearray(2_000_000_000))
    return task


if __name__ == "__main__":
    serve(JOB, work)
