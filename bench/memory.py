"""Memory of one process that does every stage of batch after batch, as `mediawatch run` does; an Airflow task does one.

python memory.py [ARTICLES [EVERY [LIKE]]]     LIKE a folder of pages to take the markup of; default: the corpus
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import machine
import pages
import pipeline
import store
from mediawatch import stages
from mediawatch.local import corpus
from mediawatch.settings import Settings
from mediawatch.store.database import Database

LIMIT_MB = 600
STEPS = ("poll", *stages.STAGES)
RESET = "5"
"""Written to clear_refs it makes the peak begin anew."""


def main(count: int, every: int, like: Path) -> None:
    """Print the process's memory after each `every` articles, with the peak of each stage since the row before."""
    rows = []
    with TemporaryDirectory() as name, store.fresh() as (db, settings):
        root = Path(name)
        with pipeline.served(settings, root, count, 0.0) as settings:
            for first in range(0, count, every):
                subprocess.run([sys.executable, pages.__file__, like, root, str(every), str(first)], check=True)
                pipeline.announce(db, every, first)
                peaks = done(db, settings)
                pipeline.told(db, first + every)
                for page in root.iterdir():
                    page.unlink()
                now = machine.memory_mb(os.getpid(), "VmRSS")
                rows.append((f"{first + every:,}", f"{now:.0f}", *(f"{peaks[stage]:.0f}" for stage in STEPS)))
                print(*rows[-1], file=sys.stderr, flush=True)
    machine.print_table(
        "Memory of the stages",
        ("articles", "MB now", *STEPS),
        rows,
        f"One process, batches of {settings.batch_entries:,}; resident megabytes, of each stage the peak since the row "
        f"before. Must stay under {LIMIT_MB} MB. Extraction's workers are processes of their own.",
    )


def done(db: Database, settings: Settings) -> dict[str, float]:
    """Take what is announced through every stage; the peak of memory in each."""
    peaks = dict.fromkeys(STEPS, 0.0)
    for shard in stages.poll.claim_feeds(db, settings, "bench"):
        with peak(peaks, "poll"):
            stages.poll.poll(db, settings, shard)
    while batches := stages.claim.claim(db, settings, "bench"):
        for batch_id in batches:
            for stage in stages.STAGES:
                with peak(peaks, stage):
                    stages.run(stage, db, settings, batch_id, "bench")
    return peaks


@contextmanager
def peak(peaks: dict[str, float], step: str) -> Iterator[None]:
    """Note the peak of this process's memory while the block runs."""
    Path("/proc/self/clear_refs").write_text(RESET)
    yield
    peaks[step] = max(peaks[step], machine.memory_mb(os.getpid(), "VmHWM"))


if __name__ == "__main__":
    given = sys.argv[1:] + ["50000", "5000", str(corpus.ROOT)][len(sys.argv) - 1 :]
    main(int(given[0]), int(given[1]), Path(given[2]))
