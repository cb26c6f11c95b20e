"""The database → a day's digest: counts beside what is usual, the most carried stories, and what was missed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import partial

from mediawatch import credentials
from mediawatch.alerts.band import DAYS, band
from mediawatch.alerts.digest import Digest, TopicDay, render
from mediawatch.alerts.message import Message
from mediawatch.errors import AlertError, SettingsError
from mediawatch.settings import Settings
from mediawatch.stages.alerting import volumes
from mediawatch.stages.delivering import Send, tell
from mediawatch.store.database import Database, plain
from mediawatch.web import channels
from mediawatch.web.channels import Refused, Secret

TOP = 5
"""Stories, events and gaps that are shown of each."""


def yesterday(db: Database, settings: Settings) -> date:
    """The last day that is over in the digest's time zone."""
    return db.now().astimezone(settings.digest_tz()).date() - timedelta(days=1)


def make(db: Database, settings: Settings, day: date, topic: str = "") -> Message:
    """The digest of a day, of one topic or of all, written."""
    return render(read(db, settings, day, topic), settings.desk_url)


def read(db: Database, settings: Settings, day: date, topic: str = "") -> Digest:
    """A day's figures and rows. AlertError when there is no such topic."""
    titles = {row.topic: row.title for row in db.rows("digest.topic_titles")}
    if topic and topic not in titles:
        raise AlertError(f"there is no topic {topic!r}: {', '.join(titles)}")
    counts, stories = volumes(db, day - timedelta(days=DAYS), day, [topic] if topic else list(titles))
    begins, ends = (datetime.combine(day + timedelta(days=n), time(), settings.digest_tz()) for n in (0, 1))
    (cover,) = db.rows("alerts.coverage", since=[begins], until=[ends], source_id=None)
    topics = [
        _topic(db, day, name, titles[name], by_day, stories.get((name, day), 0)) for name, by_day in counts.items()
    ]
    return Digest(
        day=day,
        zone=settings.digest_zone,
        topics=sorted(topics, key=lambda each: -each.articles),
        share=cover.share,
        feeds=cover.feeds,
        feeds_missed=cover.feeds_missed,
        gaps=[plain(row) for row in db.rows("digest.gaps", since=begins, until=ends, limit=TOP)],
        ended=plain(db.row("alerts.failures", since=begins, until=ends, source_id=None)),
    )


def send_once(
    db: Database,
    settings: Settings,
    day: date,
    channel: str,
    secret: Secret = credentials.secret_of,
    send: Send = channels.send,
) -> bool:
    """Send a day's digest to a channel that has not taken it yet; False when it has.

    Refused, SettingsError when it does not take it: to be tried again.
    """
    what = f"digest {day}"
    if db.value("digest.sent", channel=channel, what=what):
        return False
    note = partial(db.rows, "alerts.attempted", channel=channel, what=what, alerts=[])
    try:
        note(ok=True, detail=tell(channel, make(db, settings, day), secret, send))
    except (Refused, SettingsError) as error:
        note(ok=False, detail=str(error))
        raise
    return True


def _topic(db: Database, day: date, topic: str, title: str, by_day: dict[date, int | None], stories: int) -> TopicDay:
    # A page's own time zone may put its day up to 14 hours off.
    since, until = (datetime.combine(day + timedelta(days=n), time(), timezone.utc) for n in (-1, 2))
    articles, usual = by_day[day] or 0, band(by_day, day)
    asked = {"topic": topic, "day": day, "since": since, "until": until}
    span = {"topic": topic, "since": since + timedelta(days=1), "until": until - timedelta(days=1)}
    return TopicDay(
        topic=topic,
        title=title,
        articles=articles,
        stories=stories,
        usual=usual,
        top=[plain(row) for row in db.rows("digest.stories", **asked, limit=TOP)] if articles else [],
        events=[plain(row) for row in db.rows("digest.events", **span, limit=TOP)] if articles else [],
        new_sources=[row.name for row in db.rows("digest.new_sources", **asked)] if articles and usual else [],
    )
