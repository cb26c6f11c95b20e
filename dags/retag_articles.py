"""### Changed topics to the past

When a topic is activated with `mediawatch topics activate --queue`, or a new release ships a topic or an engine that
tags otherwise, the stored articles are read again: each range of them is a mapped task. The new tags are built beside
the live ones; **switch_views** then shows them all at once. Articles that come in meanwhile are tagged for both.

Looks every 10 minutes and does nothing when there is nothing to do. A task that is killed goes on where it was.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task
from mediawatch import glue


@dag(
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(hours=6),
    tags=["mediawatch", "topics"],
    doc_md=__doc__,
)
def retag_articles() -> None:
    """Stored articles → tags of changed topics → analyst views."""

    @task
    def list_ranges() -> list[dict[str, int]]:
        """The ranges of articles to read; skipped when no topic waits."""
        return glue.retag_ranges()

    @task(**glue.CPU, map_index_template="{{ called }}", multiple_outputs=False)
    def tag_range(work: dict[str, int]) -> dict[str, int]:
        """Tag one range; counts of articles and tags."""
        return glue.retag(**work)

    @task(multiple_outputs=False, trigger_rule="none_failed_min_one_success")
    def switch_views(tagged: Any, ranges: Any) -> dict[str, int]:
        """Show analysts what was built; how many articles changed their topics."""
        return glue.switch_topics()

    ranges = list_ranges()
    switch_views(tag_range.expand(work=ranges), ranges)


retag_articles()
