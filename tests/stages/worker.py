"""A worker for tests: does one stage of a batch (or a poll, or the reading of a WARC file) in a process of its own, which may be told to die on the way.

    python worker.py '{"database_url": …, "settings": {…}, "stage": "extract", "batch_id": 1, "die_at": 7}'

`die_at` counts what the stage does to the outside (statements, archive records): at that one the process kills itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from mediawatch import stages
from mediawatch.settings import Settings
from mediawatch.stages.backfill_warc import read_file
from mediawatch.stages.publish import publish
from mediawatch.stages.refetch import refetch
from mediawatch.stages.removal import finish
from mediawatch.stages.replay import build
from mediawatch.stages.revise import revise
from mediawatch.store.database import Database
from mediawatch.web.archive import WarcWriter

SHARD_STAGES = {"refetch": refetch, "revise": revise}
acts = 0


def die_at(count: int) -> None:
    """Kill this process, as `kill -9` does, just before its count-th act."""

    def counted(owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def act(*args: Any, **values: Any) -> Any:
            global acts
            acts += 1
            if acts == count:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **values)

        setattr(owner, name, act)

    for name in ("execute", "many"):
        counted(Database, name)
    for name in ("write", "write_unchanged"):
        counted(WarcWriter, name)


def main() -> None:
    """Do what the argument says; the number of acts is printed when it ends alive."""
    order = json.loads(sys.argv[1])
    with Database(order["database_url"]) as db:
        if order.get("wait_for"):  # a lock that the test holds until all workers are ready
            db.execute("select pg_advisory_lock_shared(%(key)s)", {"key": order["wait_for"]})
        if order.get("die_at"):
            die_at(order["die_at"])
        settings = Settings(**order["settings"])
        if order["stage"] == "poll":
            stages.poll.poll(db, settings, order["shard"])
        elif order["stage"] in SHARD_STAGES:
            SHARD_STAGES[order["stage"]](db, settings, order["shard"])
        elif order["stage"] == "build replay":
            build(db, settings, order["replay"], order["part"])
        elif order["stage"] == "publish replay":
            publish(db, settings, order["replay"], order["owner"])
        elif order["stage"] == "forget":
            finish(db, settings)
        elif order["stage"] == "backfill":
            list(read_file(db, settings, order["file"], order["owner"]))
        else:
            stages.run(order["stage"], db, settings, order["batch_id"], order["owner"])
    print(acts)


if __name__ == "__main__":
    main()
