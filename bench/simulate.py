"""A day of the flow, second by second: how late articles are, and what is full first, at rates nobody can run here.

    python bench/simulate.py

Entries come as news does, three times the mean in the busiest hour. Runs of `ingest_articles` claim them, two at a time
at most, in batches whose tasks share the cores; `load` of one batch at a time holds the grouping lock. What a stage
costs is measured (bench/growth.py) and goes on growing with each tenfold of what is stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import machine
import numpy as np
from mediawatch.settings import Settings
from mediawatch.stages.claim import RUNS, most_batches

STAGES = ("fetch", "extract", "deduplicate", "tag", "load")
COST_MS = {"fetch": 1.7, "extract": 21.4, "deduplicate": 2.4, "tag": 0.5, "load": 4.9}
"""Processor time an entry at MEASURED_AT articles; 3 topics."""
TENFOLD_MS = {"fetch": 0.0, "extract": 0.0, "deduplicate": 0.3, "tag": 0.0, "load": 0.6}
"""What each further tenfold of stored articles adds."""
MEASURED_AT = 1_000_000
TASK_S = 2.0
"""Processor time that Airflow takes to start and end a task."""
FETCH_LEAST_S = Settings().fetch_budget_s
"""So long a batch that has a busy host waits for its turns."""
TIMETABLE_S, POLLS_S = 600, 300
DAY_S = 86_400
WARM_S = 2 * 3_600
"""Of the evening before, which is not counted."""


@dataclass(eq=False)
class Batch:
    """Entries on their way: when they came (seconds), the stage they are in, and what it still takes."""

    came: np.ndarray
    stage: int = 0
    work_s: float = 0.0
    until_s: float = 0.0


@dataclass(frozen=True)
class Scene:
    """What a day is like. `down` are the hours in which nothing of ours works."""

    a_day: int
    cores: int
    stored: int
    down: tuple[float, float] = (0.0, 0.0)
    backlog: int = Settings().backlog_entries


@dataclass
class Day:
    """What came of it."""

    delays_s: list[np.ndarray] = field(default_factory=list)
    most_waiting: int = 0
    busy_s: float = 0.0
    locked_s: float = 0.0
    full_runs: int = 0
    waiting_at_end: int = 0


def arrivals(a_day: int, chance: np.random.Generator) -> np.ndarray:
    """How many entries come in each second, from WARM_S before midnight on."""
    hours = (np.arange(-WARM_S, DAY_S) / 3_600) % 24
    shape = np.exp(1.7 * np.cos((hours - 15) / 24 * 2 * math.pi))
    return chance.poisson(a_day / DAY_S * shape / shape[WARM_S:].mean())


def day(scene: Scene, settings: Settings) -> Day:
    """Simulate it."""
    came = arrivals(scene.a_day, np.random.default_rng(8))
    cost = costs(scene.stored)
    found = Day()
    waiting: list[int] = []
    runs: list[list[Batch]] = []
    last_claim = -TIMETABLE_S
    begin, end = (int(hour * 3_600) for hour in scene.down)
    for second, count in enumerate(came, -WARM_S):
        waiting += [second] * int(count)
        if second >= 0:
            found.most_waiting = max(found.most_waiting, len(waiting))
        if begin <= second < end:
            continue
        due = second % POLLS_S == 0 or second - last_claim >= TIMETABLE_S
        if due and waiting and len(runs) < RUNS:
            take, size = most_batches(settings) * settings.batch_entries, settings.batch_entries
            claimed, waiting, last_claim = waiting[:take], waiting[take:], second
            found.full_runs += len(claimed) == take
            batches = [Batch(np.array(claimed[at : at + size])) for at in range(0, len(claimed), size)]
            for batch in batches:
                enter(batch, cost, second)
            runs.append(batches)
        running = turn([batch for run in runs for batch in run], second)
        share = min(1.0, scene.cores / len(running)) if running else 0.0
        for batch in running:
            batch.work_s -= share
            if second >= 0:
                found.busy_s += share
                found.locked_s += STAGES[batch.stage] == "load"
        for batch in (batch for run in runs for batch in run):
            if batch.work_s <= 0 and batch.until_s <= second and batch.stage < len(STAGES):
                batch.stage += 1
                if batch.stage < len(STAGES):
                    enter(batch, cost, second)
                elif second >= 0:
                    found.delays_s.append(second - batch.came)
        runs = [run for run in runs if any(batch.stage < len(STAGES) for batch in run)]
    found.waiting_at_end = len(waiting) + sum(len(b.came) for run in runs for b in run if b.stage < len(STAGES))
    return found


def costs(stored: int) -> Mapping[str, float]:
    """{stage: ms an entry} when that many articles are stored."""
    decades = math.log10(stored / MEASURED_AT)
    return {stage: COST_MS[stage] + decades * TENFOLD_MS[stage] for stage in STAGES}


def enter(batch: Batch, cost: Mapping[str, float], second: int) -> None:
    """Give the batch the work of its stage."""
    stage = STAGES[batch.stage]
    batch.work_s = TASK_S + len(batch.came) * cost[stage] / 1e3
    batch.until_s = second + FETCH_LEAST_S if stage == "fetch" else second


def turn(batches: Sequence[Batch], second: int) -> list[Batch]:
    """Those that use a processor now: all that have work, but of those that load only the first."""
    running = [batch for batch in batches if batch.stage < len(STAGES) and batch.work_s > 0]
    loading = [batch for batch in running if STAGES[batch.stage] == "load"]
    return [batch for batch in running if batch not in loading[1:]]


SCENES = (
    ("500,000 a day, two cores", Scene(500_000, 2, 1_000_000_000)),
    ("the same, 1 million stored", Scene(500_000, 2, 1_000_000)),
    ("the same, all down from 6 to 12", Scene(500_000, 2, 1_000_000_000, (6, 12))),
    ("1,000,000 a day, four cores", Scene(1_000_000, 4, 1_000_000_000)),
    ("2,000,000 a day, eight cores", Scene(2_000_000, 8, 1_000_000_000)),
    ("4,000,000 a day, 16 cores", Scene(4_000_000, 16, 1_000_000_000)),
    ("the same, backlog 200,000", Scene(4_000_000, 16, 1_000_000_000, backlog=200_000)),
    ("8,000,000 a day, 32 cores, backlog 400,000", Scene(8_000_000, 32, 1_000_000_000, backlog=400_000)),
)


def main() -> None:
    """Print the table."""
    rows = []
    for name, scene in SCENES:
        found = day(scene, replace(Settings(), backlog_entries=scene.backlog))
        delays = np.concatenate(found.delays_s) / 60
        rows.append(
            (
                name,
                f"{np.percentile(delays, 50):.0f} / {np.percentile(delays, 95):.0f} / {delays.max():.0f}",
                f"{found.most_waiting:,}",
                f"{found.waiting_at_end:,}",
                f"{found.busy_s / DAY_S / scene.cores:.2f}",
                f"{found.locked_s / DAY_S:.2f}",
                f"{found.full_runs}",
            )
        )
    header = (
        "scene",
        "minutes until loaded, p50 / p95 / most",
        "most unclaimed",
        "left at midnight",
        "cores",
        "lock",
        "full runs",
    )
    machine.print_table(
        "A simulated day",
        header,
        rows,
        "Stored: 1,000 million articles where nothing else is said. Cores and lock: the share of the day in which they "
        f"are in use. Full runs: those that claimed all that one may, {most_batches(Settings())} batches of "
        f"{Settings().batch_entries:,}.",
    )


if __name__ == "__main__":
    main()
