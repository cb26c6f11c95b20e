"""Faults of the machinery around a run: each leaves, once it is over, what an undisturbed run leaves."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from mediawatch import stages
from mediawatch.feeds.opml import Subscription
from mediawatch.local import postgres
from mediawatch.settings import Settings
from mediawatch.stages.batch import TRIES, undeterred
from mediawatch.stages.flow import run_once
from mediawatch.stages.maintain import check_balance
from mediawatch.stages.subscribe import subscribe
from mediawatch.stages.sync_topics import sync_topics
from mediawatch.store.database import Conflict, Database
from mediawatch.store.migrate import migrate

FEEDS = ("http://northwire.example/rss/world.rss", "http://citycourier.example/rss.xml")
Facts = dict[str, list[tuple[Any, ...]]]
UNDISTURBED: list[Facts] = []


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, extract_workers=1)


@pytest.fixture
def undisturbed(db: Database, settings: Settings, facts: Callable[[], Facts], reset: Callable[[], None]) -> Facts:
    """What a run leaves that nobody disturbs; the feeds are subscribed to anew."""
    if not UNDISTURBED:
        subscribe(db, [Subscription(url=url) for url in FEEDS])
        run_once(db, settings, "test")
        UNDISTURBED.append(facts())
        reset()
    subscribe(db, [Subscription(url=url) for url in FEEDS])
    return UNDISTURBED[0]


def without_batches(found: Facts) -> Facts:
    """How the work was parted is nobody's business."""
    return {name: rows for name, rows in found.items() if name != "batches"}


# ---- the database --------------------------------------------------------------------------------------------------


@pytest.fixture
def own_server(open_folder: Path) -> Iterator[postgres.Server]:
    """A server that a test may ill-treat."""
    server = postgres.start(open_folder / "faults", durable=False)
    yield server
    server.stop()


def test_a_run_whose_postgres_is_restarted_at_once_fails_and_the_next_one_goes_on(
    own_server: postgres.Server,
    settings: Settings,
    undisturbed: Facts,
    facts: Callable[..., Facts],
    zygote: Callable[[], Any],
) -> None:
    postgres.ensure_database(own_server, "faults")
    settings = replace(settings, database_url=own_server.url("faults"))
    with Database(settings.database_url) as db:
        migrate(db)
        sync_topics(db)
        subscribe(db, [Subscription(url=url) for url in FEEDS])
    child = zygote()
    for stage in ("fetch", "deduplicate"):
        child.begin(settings, "flow")
        assert child.reach(stage)
        subprocess.run(
            [
                str(postgres.psql_path().with_name("pg_ctl")),
                "stop",
                "-w",
                "-D",
                str(own_server.folder / "data"),
                "-m",
                "immediate",
            ],
            check=True,
            capture_output=True,
            user=(own_server.folder / "data").stat().st_uid,
            cwd="/",
        )
        assert child.end() == 1
        postgres.start(own_server.folder, durable=False)
    assert child.run(settings, "flow") == 0
    with Database(settings.database_url) as db:
        assert without_batches(facts(db)) == without_batches(undisturbed)
        check_balance(db)


def test_a_run_whose_connections_are_cut_again_and_again_ends_whole(
    db: Database, settings: Settings, undisturbed: Facts, facts: Callable[[], Facts], zygote: Callable[[], Any]
) -> None:
    child = zygote()
    for stage in ("poll", "extract", "tag", "load"):
        child.begin(settings, "flow")
        assert child.reach(stage)
        db.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        assert child.end() == 1
        db.execute("update feed set lease_until = now() - interval '1 second' where lease_owner is not null")
    assert child.run(settings, "flow") == 0
    assert without_batches(facts()) == without_batches(undisturbed)
    check_balance(db)


def test_a_stage_that_is_undone_by_a_deadlock_is_done_again(
    db: Database, settings: Settings, undisturbed: Facts, facts: Callable[[], Facts]
) -> None:
    for shard in stages.poll.claim_feeds(db, settings, "test"):
        stages.poll.poll(db, settings, shard)
    (batch_id,) = stages.claim.claim(db, settings, "test")
    *before, last = stages.STAGES
    for stage in before:
        stages.run(stage, db, settings, batch_id, "test")
    undone = crosswise(settings, batch_id, lambda: stages.run(last, db, settings, batch_id, "test"))
    assert undone >= 1
    assert facts() == undisturbed


def crosswise(settings: Settings, batch_id: int, work: Callable[[], object]) -> int:
    """Do work while another transaction holds an entry and, once the work waits for it, wants the batch; how often the
    server has undone one of the two."""
    other = psycopg2.connect(settings.database_url, options="-c search_path=mediawatch -c deadlock_timeout=10s")
    counting = "select deadlocks from pg_stat_database where datname = current_database()"

    def get_in_the_way() -> None:
        with other.cursor() as cursor:
            for _ in range(1_500):
                if waits(settings):
                    break
                time.sleep(0.02)
            cursor.execute("update batch set entries = entries where batch_id = %s", (batch_id,))
        other.commit()

    with other.cursor() as cursor:
        cursor.execute("select from entry where batch_id = %s for update", (batch_id,))
    rival = threading.Thread(target=get_in_the_way)
    rival.start()
    work()
    rival.join()
    with other.cursor() as cursor:
        cursor.execute("select pg_stat_clear_snapshot()")
        cursor.execute(counting)
        (undone,) = cursor.fetchone()
    other.close()
    return int(undone)


def waits(settings: Settings) -> bool:
    with Database(settings.database_url) as db:
        return bool(
            db.execute("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        )


@pytest.mark.parametrize("error", Conflict)
def test_what_the_server_undoes_is_tried_so_often_and_then_told(error: type[Exception]) -> None:
    tries: list[int] = []

    def work(succeeds_at: int) -> str:
        tries.append(1)
        if len(tries) < succeeds_at:
            raise error
        return "done"

    assert undeterred(lambda: work(TRIES)) == "done"
    tries.clear()
    with pytest.raises(error):
        undeterred(lambda: work(TRIES + 1))
    assert len(tries) == TRIES


# ---- clocks and schedulers -----------------------------------------------------------------------------------------


STAMPS = """
select c.relname as "table", a.attname as "column" from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'mediawatch'::regnamespace and c.relkind = 'r' and a.atttypid = 'timestamptz'::regtype
  and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and (c.relname, a.attname) not in (('article', 'published_at'), ('entry', 'claimed_at'))
"""


def set_back(db: Database, hours: int) -> None:
    """The clock is so much behind what is stored: every stored time is in the future."""
    for row in db.execute(STAMPS):
        db.execute(f'update "{row.table}" set "{row.column}" = "{row.column}" + interval \'{hours} hours\'')


@pytest.mark.parametrize("done", [2, 5])
def test_a_clock_that_is_set_back_in_the_middle_changes_nothing(
    done: int, db: Database, settings: Settings, undisturbed: Facts, facts: Callable[[], Facts]
) -> None:
    for shard in stages.poll.claim_feeds(db, settings, "test"):
        stages.poll.poll(db, settings, shard)
    (batch_id,) = stages.claim.claim(db, settings, "test")
    names = list(stages.STAGES)
    for stage in names[:done]:
        stages.run(stage, db, settings, batch_id, "test")
    set_back(db, 3)
    for stage in names[done:]:
        stages.run(stage, db, settings, batch_id, "test")
    ignored = {"stories"}  # their first publication may be a time that was shifted with the rest
    assert {k: v for k, v in facts().items() if k not in ignored} == {
        k: v for k, v in undisturbed.items() if k not in ignored
    }
    assert run_once(db, settings, "test", force=True)["entries_new"] == 0
    stages.maintain.maintain(db, settings)
    due = db.execute(
        "select max(next_poll_at - clock_timestamp()) as wait, bool_and(interval_s > 0) as sane from feed"
    )[0]
    assert due.sane
    assert due.wait.total_seconds() <= settings.poll_max_s


@pytest.mark.parametrize("first", ["zygote", "released"])
def test_two_schedulers_of_one_version_or_two_that_claim_at_one_moment_load_everything_once(
    first: str,
    db: Database,
    settings: Settings,
    undisturbed: Facts,
    facts: Callable[[], Facts],
    request: pytest.FixtureRequest,
    zygote: Callable[[], Any],
) -> None:
    children = [request.getfixturevalue(first)(), zygote()]
    settings = replace(settings, batch_entries=3, poll_shard_feeds=1)
    with db.another() as gate:
        gate.execute("begin")
        gate.rows("batches.serialise_claims")  # whoever makes a batch waits here, and is served in turn
        for number, child in enumerate(children):
            child.begin(settings, "flow", owner=f"scheduler {number}")
        wait_until(lambda: len(db.execute(CLAIMING)) == 2)
        assert db.value("batches.in_hand") == 0
        gate.execute("commit")
    assert [child.end() for child in children] == [0, 0]
    assert run_once(db, settings, "test")["ok"] == 0
    events = {"events", "terms"}  # which stories are read first decides what a word is worth when the next ones come
    found = {k: v for k, v in without_batches(facts()).items() if k not in events}
    assert found == {k: v for k, v in without_batches(undisturbed).items() if k not in events}
    batches = db.execute("select lease_owner, lease_count, entries from batch")
    assert {row.lease_owner for row in batches} == {"scheduler 0", "scheduler 1"}
    assert sum(row.entries for row in batches) == len(found["entries"])  # each entry is in one batch
    assert {row.lease_count for row in batches} == {len(stages.STAGES)}  # nobody did what the other had done
    check_balance(db)


CLAIMING = "select pid from pg_locks where locktype = 'advisory' and objid = 28004 and not granted and database = (select oid from pg_database where datname = current_database())"


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
