"""Forks a process for each order it reads, with everything imported already, so that many can be killed in little time.

One JSON object a line in: {"database_url": …, "settings": {…}, "steps": ["flow", …], "urls": [...]}. Lines out:
`pid N`, `at STAGE` as each begins, and `end N` with the exit code (-9 when it was killed).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

from mediawatch import stages
from mediawatch.articles.identity import url_key
from mediawatch.settings import Settings
from mediawatch.stages import claim, flow, maintain, poll, refetch, removal, revise
from mediawatch.stages.again import refetch_once
from mediawatch.store.database import Database


def say(*words: object) -> None:
    print(*words, flush=True)


def announced(owner: Any, name: str, stage: str = "") -> None:
    """Say when a function begins; without a stage its first argument is the stage."""
    original = getattr(owner, name)

    def begin(*args: Any, **values: Any) -> Any:
        say("at", stage or args[0])
        return original(*args, **values)

    setattr(owner, name, begin)


def do(order: dict[str, Any]) -> None:
    settings = Settings(**order["settings"])
    with Database(order["database_url"]) as db:
        for step in order["steps"]:
            if step == "flow":
                flow.run_once(db, settings, order.get("owner", "test"), force=order.get("force", False))
            elif step == "refetch":
                refetch_once(db, settings, "test", order["urls"])
            elif step == "forget":
                for url in order["forget"]:
                    entries = [row.entry_id for row in db.rows("removals.find", what=url, key=url_key(url))]
                    db.rows("removals.ask", entry_ids=entries, why="forgotten", by="test")
                removal.finish(db, settings)
            else:
                maintain.maintain(db, settings)


def main() -> None:
    announced(poll, "poll", "poll")
    announced(claim, "claim", "claim")
    announced(stages, "run")
    announced(refetch, "refetch", "refetch")
    announced(revise, "revise", "revise")
    announced(removal, "finish", "forget")
    announced(maintain, "maintain", "maintain")
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 1
            try:
                say("pid", os.getpid())
                do(json.loads(line))
                code = 0
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        say("end", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
