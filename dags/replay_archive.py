"""### The archive under the current methods

Triggered by hand. **build** takes archived pages, or stored texts, through the current version of a step and those
behind it, into a shadow version that analysts do not see. Its report says what publishing would change: articles,
overlap, dates, topics, stories. It is in the XCom of **compare**, and `mediawatch replay report` shows it.

A person then triggers this again with **publish** or **drop** and the number of the replay. Publishing is one
transaction.

* **stage**: extract (from the archived bytes), deduplicate (stories anew), tag (topics anew).
* **source**, **since**, **until**: only these pages; days of the fetch, UTC.
* **withdraw_lost**: with publish; take back the articles that the new method does not find.
* **replay**: the one to publish, to drop, or to go on building. A killed task goes on where it was.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import Param, dag, task
from mediawatch import glue, glue_replay

DAY = {"type": ["null", "string"], "format": "date"}


@dag(
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(hours=24),
    params={
        "action": Param("build", enum=["build", "publish", "drop"], description="What is to be done."),
        "replay": Param(None, type=["null", "integer"], description="Which replay; empty begins a new one."),
        "withdraw_lost": Param(
            False, type="boolean", description="With publish: take back articles not found any more."
        ),
        "stage": Param("extract", enum=["extract", "deduplicate", "tag"], description="The first step done anew."),
        "source": Param(None, type=["null", "string"], description="Only this publisher's pages."),
        "since": Param(None, **DAY, description="First day of the range, UTC."),
        "until": Param(None, **DAY, description="Last day of the range, UTC."),
    },
    tags=["mediawatch", "articles", "replay"],
    doc_md=__doc__,
)
def replay_archive() -> None:
    """Archive → a shadow version → a report; published or dropped by a person."""

    @task
    def begin(params: Any = None) -> int:
        """A new replay, or the one to go on with; skipped when nothing is to be built."""
        return glue_replay.begin_replay(params)

    @task
    def list_parts(replay: int) -> list[list[int]]:
        """The parts that are not done, one a mapped task."""
        return glue_replay.parts_of_replay(replay)

    @task(**glue.CPU, map_index_template="{{ called }}", multiple_outputs=False)
    def build(part: list[int]) -> dict[str, int]:
        """Do a part; counts of pages by outcome."""
        return glue_replay.build_replay(*part)

    @task(**glue.CPU, multiple_outputs=False, trigger_rule="none_failed_min_one_success")
    def compare(replay: int) -> dict[str, Any]:
        """What publishing would change, in figures."""
        return glue_replay.compare_replay(replay)

    @task(**glue.CPU, multiple_outputs=False)
    def settle(params: Any = None) -> dict[str, int]:
        """Publish or drop; skipped when something is to be built."""
        return glue_replay.settle_replay(params)

    replay = begin()
    build.expand(part=list_parts(replay)) >> compare(replay)
    settle()


replay_archive()
