"""### Alert rules to people

When articles were loaded, and every 10 minutes for what nothing announces (silence, coverage, a retry): asks every
alert rule, notes what they find, and sends what is due.

* **evaluate** red: a rule or the database is broken.
* **deliver** red: a channel does not take its messages, or its secret is missing; the log says which. They wait, and
  the next run tries again; nothing is lost.
* Rules, channels and quiet hours: `mediawatch alerts`, docs/monitoring.md.
"""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from mediawatch import glue, glue_alerts

OFTEN = CronTriggerTimetable("3-59/10 * * * *", timezone="UTC")


@dag(
    schedule=AssetOrTimeSchedule(timetable=OFTEN, assets=[glue.ARTICLES]),
    start_date=datetime(2024, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args=glue.DEFAULTS,
    deadline=glue.deadline(minutes=20),
    tags=["mediawatch", "alerts"],
    doc_md=__doc__,
)
def send_alerts() -> None:
    """Rules → alerts → mail, Slack, webhooks."""

    @task(multiple_outputs=False)
    def evaluate() -> dict[str, int]:
        """Ask every rule; counts of what was found, what is new and what is over."""
        return glue_alerts.evaluate_alerts()

    @task(multiple_outputs=False)
    def deliver() -> dict[str, int]:
        """Send what is due; counts of alerts and messages."""
        return glue_alerts.deliver_alerts()

    evaluate() >> deliver()


send_alerts()
