"""### The day to people

Daily, at the hour and in the time zone of the settings: what was published on each topic the day before, beside what is
usual, the stories that were carried most, and what was missed. One mapped task a channel, so that one which fails is
tried again alone; a channel that has the day's digest does not get it twice.

* Nothing is sent, and the run is skipped, until `MEDIAWATCH_DIGEST_CHANNELS` names a channel.
* **day**: another day's; `mediawatch digest --date DAY` shows it without sending.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from airflow.sdk import Param, dag, task
from mediawatch import glue, glue_alerts


@dag(
    schedule=glue_alerts.digest_timetable(),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(hours=2),
    params={"day": Param(None, type=["null", "string"], format="date", description="The day; empty: yesterday.")},
    tags=["mediawatch", "alerts"],
    doc_md=__doc__,
)
def send_digest() -> None:
    """A day's counts and stories → mail, Slack, webhooks."""

    @task
    def list_channels() -> list[str]:
        """The channels that want it; skipped when there is none."""
        return glue_alerts.digest_channels()

    @task(retries=10, map_index_template="{{ called }}")
    def send(name: str, params: Any = None) -> bool:
        """Send it to one channel; false when it has it already."""
        return glue_alerts.send_digest(name, params["day"])

    send.expand(name=list_channels())


send_digest()
