"""kill -9 in the middle of each stage, then a retry: the database ends as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from mediawatch import stages
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database

Facts = dict[str, list[tuple[Any, ...]]]
Worker = Callable[..., "subprocess.Popen[bytes]"]

FEEDS = ("http://northwire.example/rss/world.rss", "http://citycourier.example/rss.xml")
NEVER = 1_000_000
OWNER = "test"


def acts_of(worker: subprocess.Popen[bytes]) -> int:
    out, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0
    return int(out)


@dataclass(frozen=True)
class Undisturbed:
    """What a run leaves that nobody disturbs, and how many acts each of its stages takes."""

    facts: Facts
    acts: dict[str, int]


UNDISTURBED: list[Undisturbed] = []
"""Found out by the first test that needs it: it is the same for all."""


@pytest.fixture
def undisturbed(
    batch: Callable[..., int], worker: Worker, facts: Callable[[], Facts], reset: Callable[[], None]
) -> Undisturbed:
    if not UNDISTURBED:
        batch_id = batch(*FEEDS)
        acts = {name: acts_of(worker(name, batch_id, die_at=NEVER)) for name in stages.STAGES}
        UNDISTURBED.append(Undisturbed(facts(), acts))
        reset()
    return UNDISTURBED[0]


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize("stage", stages.STAGES)
def test_a_stage_that_was_killed_and_run_again_leaves_what_an_undisturbed_one_leaves(
    stage: str,
    share: float,
    db: Database,
    settings: Settings,
    batch: Callable[..., int],
    worker: Worker,
    facts: Callable[[], Facts],
    undisturbed: Undisturbed,
) -> None:
    batch_id = batch(*FEEDS)
    names = list(stages.STAGES)
    for name in names[: names.index(stage)]:
        stages.run(name, db, settings, batch_id, OWNER)
    killed = worker(stage, batch_id, die_at=max(2, round(share * undisturbed.acts[stage])))
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert facts() != undisturbed.facts
    for name in names[names.index(stage) :]:
        stages.run(name, db, settings, batch_id, OWNER)
    assert facts() == undisturbed.facts


def test_a_poll_that_was_killed_and_run_again_leaves_what_an_undisturbed_one_leaves(
    db: Database, settings: Settings, worker: Worker, facts: Callable[[], Facts], reset: Callable[[], None]
) -> None:
    def due() -> str:
        subscribe(db, [Subscription(url=url) for url in FEEDS])
        (shard,) = stages.poll.claim_feeds(db, settings, OWNER)
        return shard

    total = acts_of(worker("poll", shard=due(), die_at=NEVER))
    undisturbed = facts()
    deaths = 0
    for act in range(2, total + 1, 3):
        reset()
        shard = due()
        killed = worker("poll", shard=shard, die_at=act)
        killed.communicate(timeout=60)
        # Answers are stored in groups as they come, so a poll may be done before so many acts.
        assert killed.returncode in (-signal.SIGKILL, 0)
        deaths += killed.returncode != 0
        stages.poll.poll(db, settings, shard)
        assert facts() == undisturbed, f"killed at act {act} of {total}"
    assert deaths >= 2
