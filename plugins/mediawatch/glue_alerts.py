"""What the DAGs call for alerts and digests; see glue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from airflow.sdk import CronTriggerTimetable
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.observability import stats

from mediawatch import credentials
from mediawatch.errors import SettingsError
from mediawatch.glue import Counts, call_it, connection_of, current_settings, database
from mediawatch.settings import Settings


def channel(name: str) -> str:
    """A channel's address: from the environment, else the password of the Airflow Connection of that name."""
    try:
        return credentials.secret_of(name)
    except SettingsError as missing:
        return str(connection_of(name, missing).password or "")


def evaluate_alerts() -> Counts:
    """Ask every alert rule, and tell Airflow's gauges how everything stands."""
    from mediawatch.stages import alerting

    settings = current_settings()
    with database(settings) as db:
        counts = alerting.evaluate(db, settings)
        for name, value in alerting.pulse(db).items():
            stats.gauge(f"mediawatch.{name}", value)
    return counts


def deliver_alerts() -> Counts:
    """Send what is due. Fails, so that the grid shows it, when a channel refused; the next run tries it again."""
    from mediawatch.stages import delivering

    settings = current_settings()
    with database(settings) as db:
        counts = delivering.deliver(db, settings, channel)
        broken = [f"{row.channel}: {row.last_error}" for row in db.rows("alerts.waiting") if row.last_error]
    if broken:
        raise AirflowFailException(f"alerts wait for what does not take them; {'; '.join(broken)}")
    return counts


def digest_timetable() -> CronTriggerTimetable:
    """Daily, at the hour and in the time zone that the settings name."""
    settings = Settings.from_env()
    return CronTriggerTimetable(f"0 {settings.digest_hour} * * *", timezone=str(settings.digest_tz()))


def digest_channels() -> list[str]:
    """Where the digest goes; skipped when it goes nowhere."""
    from mediawatch.stages.alerting import names

    channels = names(Settings.from_env().digest_channels)
    if not channels:
        raise AirflowSkipException("MEDIAWATCH_DIGEST_CHANNELS names no channel")
    return channels


def send_digest(name: str, day: str | None) -> bool:
    """Send a day's digest (yesterday's if none is named) to a channel; False when it has it already."""
    from mediawatch.stages import digest

    settings = current_settings()
    with database(settings) as db:
        when = date.fromisoformat(day) if day else digest.yesterday(db, settings)
        call_it(f"{name}: {when}")
        return digest.send_once(db, settings, when, name, channel)


def tell_late_run(context: Any) -> None:
    """What Airflow calls when a run misses its deadline."""
    from mediawatch.stages import alerting
    from mediawatch.store.database import Database

    settings, run = current_settings(), context["dag_run"]
    due = datetime.fromisoformat(str(context["deadline"]["deadline_time"]))
    with Database(settings.database_url, application="mediawatch deadline") as db:
        alerting.late_run(db, settings, run["dag_id"], run["dag_run_id"], due)
