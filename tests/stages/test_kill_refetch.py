"""kill -9 in the middle of a refetch and of reading what it brought, then a retry: as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import refetch, revise
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, SmallSite, serving
from village_pages import FERRY, MILL, POND, feed, page

Facts = dict[str, list[tuple[Any, ...]]]
STAGES = {"refetch": refetch.refetch, "revise": revise.revise}
NEVER = 1_000_000
FACTS = {
    "refetches": """select a.url, stage, checks, unchanged, misses, failures, tries, revisions, removed_at is null as here, corrected_at is null as right,
        lease_owner from refetch join article a using (article_id) order by 1""",
    "checks": "select a.url, number, result, reason, encode(sha256, 'hex') as digest, http_status from page_check join article a using (article_id) order by 1, 2",
    "revisions": "select a.url, version, r.kind, notice, r.title, text_was, r.text, diff, share_changed from revision r join article a using (article_id) order by 1, 2",
    "changes": "select a.url, what, reason, detail, version from article_change join article a using (article_id) order by 1, 2",
}


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with serving() as served:
        yield served


@pytest.fixture
def settings(settings: Settings, site: SmallSite) -> Settings:
    return replace(settings, hosts=site.hosts, refetch_days=36_500, extract_workers=1)


def leased(db: Database, settings: Settings, site: SmallSite) -> str:
    """Four loaded articles, leased: one unchanged, one corrected, one removed, and one that becomes a copy of the first."""
    site.pages = {
        "/feed": feed("ferry", "mill", "gone", "copy"),
        "/ferry": page("Night ferry to sail twice", FERRY),
        "/mill": page("Mill burns at Tarn", MILL),
        "/gone": page("Ducks are back on the pond", POND),
        "/copy": page("Ferry talks end", [*FERRY[:1], *MILL[:2]]),
        "/robots.txt": b"User-agent: *\nAllow: /\n",
    }
    subscribe(db, [Subscription(url=f"{HOME}/feed")])
    run_once(db, settings, "test")
    site.pages |= {
        "/mill": page("Mill burns at Tarn", [*MILL, "Correction: the fire was on Sunday."]),
        "/gone": 410,
        "/copy": page("Ferry talks end", FERRY),
    }
    refetch.claim(db, settings, "test")
    db.execute("update refetch set due_at = now()")
    (claimed,) = refetch.claim(db, settings, "test")
    return claimed


@pytest.fixture
def all_facts(db: Database, facts: Callable[[], Facts]) -> Callable[[], Facts]:
    def read() -> Facts:
        left_out = ("polls", "batches")
        told = {name: rows for name, rows in facts().items() if name not in left_out}
        return told | {name: [tuple(row) for row in db.execute(query)] for name, query in FACTS.items()}

    return read


UNDISTURBED: dict[str, Any] = {}


@pytest.fixture
def undisturbed(
    db: Database,
    settings: Settings,
    site: SmallSite,
    worker: Callable[..., Any],
    all_facts: Callable[[], Facts],
    reset: Callable[[], None],
) -> dict[str, Any]:
    """What a run leaves that nobody disturbs, and how many acts each stage takes; found out by the first test."""
    if not UNDISTURBED:
        shard = leased(db, settings, site)
        for name in STAGES:
            out, _ = worker(name, shard=shard, die_at=NEVER).communicate(timeout=60)
            UNDISTURBED[name] = int(out)
        UNDISTURBED["facts"] = all_facts()
        reset()
    return UNDISTURBED


def test_an_undisturbed_run_finds_what_has_changed(undisturbed: dict[str, Any]) -> None:
    facts = undisturbed["facts"]
    assert sorted(row[2] for row in facts["checks"]) == ["first"] * 4 + [
        "missing",
        "not_modified",
        "revised",
        "revised",
    ]
    assert [row[2] for row in facts["revisions"]] == ["edit", "correction"]
    assert sorted(row[1] for row in facts["changes"]) == ["corrected", "removed", "revised", "revised"]
    assert sorted(len(row[0]) for row in facts["stories"]) == [1, 1, 2]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_was_killed_and_run_again_leaves_what_an_undisturbed_one_leaves(
    stage: str,
    share: float,
    db: Database,
    settings: Settings,
    site: SmallSite,
    worker: Callable[..., subprocess.Popen[bytes]],
    all_facts: Callable[[], Facts],
    undisturbed: dict[str, Any],
) -> None:
    shard = leased(db, settings, site)
    names = list(STAGES)
    for name in names[: names.index(stage)]:
        STAGES[name](db, settings, shard)
    killed = worker(stage, shard=shard, die_at=max(2, round(share * undisturbed[stage])))
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert all_facts() != undisturbed["facts"]
    for name in names[names.index(stage) :]:
        STAGES[name](db, settings, shard)
    assert all_facts() == undisturbed["facts"]


def test_a_dead_workers_articles_are_taken_over_when_its_lease_is_over(
    db: Database, settings: Settings, site: SmallSite
) -> None:
    shard = leased(db, settings, site)
    refetch.refetch(db, settings, shard)
    assert refetch.claim(db, settings, "other") == []
    db.execute("update refetch set lease_until = now() - interval '1 second' where lease_owner is not null")
    (taken,) = refetch.claim(db, settings, "other")
    site.asked.clear()
    assert refetch.refetch(db, settings, taken) == {"articles": 0}
    assert revise.revise(db, settings, taken) == {"articles": 2, "revised": 2}
    assert revise.revise(db, settings, shard) == {"articles": 0}
    assert site.asked == []
