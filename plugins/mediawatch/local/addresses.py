"""Where the desk's pages are: in Airflow's UI, which shows what comes after /plugin/mediawatch in its frame."""

from __future__ import annotations

from urllib.parse import quote

from mediawatch.desk.page import NAVIGATION
from mediawatch.store.database import Database

FRAME = "/plugin/mediawatch/mediawatch/"
KINDS = {
    "feed": "feeds",
    "article": "articles",
    "story": "stories",
    "event": "events",
    "topic": "topics",
    "batch": "batches",
}


def pages(db: Database, base: str) -> list[tuple[str, str]]:
    """(name, address) of each page, with one example of each thing that has a page; `base` is Airflow's URL."""
    examples = db.row("status.examples")
    found = [(name, path) for path, name in NAVIGATION]
    for kind, path in KINDS.items():
        if (it := getattr(examples, kind)) is not None:
            found.append((f"a {kind}" if kind[0] not in "ae" else f"an {kind}", f"{path}/{quote(str(it), safe='')}"))
    return [(name, f"{base}{FRAME}{path}") for name, path in found]
