"""Works with the code that PYTHONPATH leads to, which is the last release's: a zygote that does not fork.

One JSON object a line in: {"database_url": …, "settings": {…}, "steps": ["flow" | "maintain" | "poll" | a stage, …], "owner": …,
"shard": …, "batch_id": …}. Lines out: `from FOLDER` once, then `pid N` and `end N` with 0 or 1. `make released` may
have to change what is called here.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import fields
from typing import Any

import mediawatch
from mediawatch import stages
from mediawatch.settings import Settings
from mediawatch.stages import flow, maintain
from mediawatch.store.database import Database

KNOWN = {field.name for field in fields(Settings)}


def do(order: dict[str, Any]) -> None:
    settings = Settings(**{name: value for name, value in order["settings"].items() if name in KNOWN})
    with Database(order["database_url"]) as db:
        for step in order["steps"]:
            if step == "flow":
                flow.run_once(db, settings, order["owner"], force=order.get("force", False))
            elif step == "maintain":
                maintain.maintain(db, settings)
            elif step == "poll":
                stages.poll.poll(db, settings, order["shard"])
            else:
                stages.run(step, db, settings, order["batch_id"], order["owner"])


def main() -> None:
    print("from", mediawatch.__path__[0], flush=True)
    for line in sys.stdin:
        print("pid", os.getpid(), flush=True)
        code = 1
        try:
            do(json.loads(line))
            code = 0
        except Exception:
            traceback.print_exc()
        print("end", code, flush=True)


if __name__ == "__main__":
    main()
