"""What the DAG replay_archive calls; see glue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from mediawatch.errors import ReplayError
from mediawatch.glue import Counts, call_it, current_settings, database, name_of_run


@contextmanager
def asked_rightly() -> Iterator[None]:
    """What a person has asked for wrongly fails at once: trying it again would not help."""
    try:
        yield
    except ReplayError as error:
        raise AirflowFailException(str(error)) from None


def begin_replay(params: Any) -> int:
    """A new replay, or the one that is named; skipped when another action is asked for."""
    from mediawatch.stages import replay

    if params["action"] != "build":
        raise AirflowSkipException(f"the action is {params['action']}")
    if params["replay"] is not None:
        return int(params["replay"])
    settings = current_settings()
    scope = {key: params[key] for key in ("source", "since", "until")}
    with asked_rightly(), database(settings) as db:
        return replay.begin(db, settings, params["stage"], name_of_run(), **scope)


def parts_of_replay(replay_id: int) -> list[list[int]]:
    """[replay, part] of the parts that are not done."""
    from mediawatch.stages import replay

    with asked_rightly(), database(current_settings()) as db:
        return [[replay_id, part] for part in replay.parts(db, replay_id)]


def build_replay(replay_id: int, part: int) -> Counts:
    """Do what is left of a part of a replay."""
    from mediawatch.stages import replay

    settings = current_settings()
    call_it(f"replay {replay_id}, part {part}")
    with database(settings) as db:
        counts = replay.build(db, settings, replay_id, part)
    call_it(f"replay {replay_id}, part {part}: {counts['pages']:,} pages, {counts.get('changed', 0):,} read anew")
    return counts


def compare_replay(replay_id: int) -> dict[str, Any]:
    """The figures of a replay's report; the articles that change most stay in the database."""
    from mediawatch.stages import publish

    settings = current_settings()
    with database(settings) as db:
        report = publish.compare(db, settings, replay_id)
    return {"replay": replay_id} | {
        key: report[key] for key in ("pages", "outcomes", "changed", "overlap", "stories", "events")
    }


def settle_replay(params: Any) -> Counts:
    """Publish or drop a replay, in the name of this run; skipped when another action is asked for."""
    from mediawatch.stages import publish

    if params["action"] == "build":
        raise AirflowSkipException("the action is build")
    if params["replay"] is None:
        raise AirflowFailException(f"name the replay to {params['action']}")
    settings, replay_id = current_settings(), int(params["replay"])
    with asked_rightly(), database(settings) as db:
        if params["action"] == "publish":
            return publish.publish(db, settings, replay_id, name_of_run(), withdraw_lost=params["withdraw_lost"])
        publish.drop(db, replay_id, name_of_run())
        return {"dropped": 1}
