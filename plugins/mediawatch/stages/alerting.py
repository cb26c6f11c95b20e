"""Rules → alerts: every rule is asked, what it finds is an alert once, and what it no longer finds is resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from mediawatch.alerts import found
from mediawatch.alerts.band import DAYS
from mediawatch.alerts.found import Found
from mediawatch.alerts.rule import Rule
from mediawatch.settings import Settings
from mediawatch.stages import alert_rules
from mediawatch.stages.batch import Counts as Tally
from mediawatch.store.database import Database, json

SEEN_SHARE = 0.5
"""A day of which less than this share was watched is unknown to the band; it is no day of few articles."""


def evaluate(db: Database, settings: Settings, now: datetime | None = None) -> Tally:
    """Ask every rule. Counts of rules, of what they found, of new alerts and of resolved ones."""
    now = now or db.now()
    counts = {"rules": 0, "found": 0, "new": 0, "resolved": 0}
    rules = alert_rules.stored(db)
    findings = [(rule, ask(db, rule, now)) for rule in rules if rule.kind in ASKED]
    with db.transaction():
        db.rows("alerts.serialise")
        for rule, each in findings:
            new = [raised for one in each if (raised := raise_alert(db, settings, rule, one, now))]
            gone = db.rows("alerts.resolve", rule=rule.rule, keys=[one.key for one in each], now=now)
            counts["found"] += len(each)
            counts["new"] += len(new)
            counts["resolved"] += len(gone)
        counts["resolved"] += len(db.rows("alerts.expire", now=now))
    return {**counts, "rules": len(rules)}


def ask(db: Database, rule: Rule, now: datetime) -> list[Found]:
    """What a rule finds now; nothing is written."""
    return list(ASKED[rule.kind](db, rule, now)) if rule.kind in ASKED else []


def raise_alert(db: Database, settings: Settings, rule: Rule, one: Found, now: datetime) -> int | None:
    """Write what was found, and where it is to go; its id when it is new."""
    values = {"key": one.key, "title": one.title, "why": one.why, "path": one.path, "facts": json(dict(one.facts))}
    row = db.row("alerts.raise", rule=rule.rule, now=now, **values)
    assert row is not None
    if not row.was_new:
        return None
    channels = list(rule.channels) or names(settings.alert_channels)
    db.rows("alerts.address", alert_id=row.alert_id, channels=channels, now=now)
    return int(row.alert_id)


def late_run(db: Database, settings: Settings, dag: str, run: str, due: datetime | None) -> int:
    """A DAG run missed its deadline: an alert by each rule of the kind run_late; how many are new."""
    now = db.now()
    rules = [rule for rule in alert_rules.stored(db) if rule.kind == "run_late"]
    with db.transaction():
        return sum(raise_alert(db, settings, rule, found.run_late(dag, run, due), now) is not None for rule in rules)


def pulse(db: Database) -> dict[str, float]:
    """How everything stands, for gauges: alerts.pulse's columns that have a value."""
    row = db.row("alerts.pulse")
    assert row is not None
    return {name: float(value) for name, value in row._asdict().items() if value is not None}


def names(listed: str) -> list[str]:
    """A setting's comma-separated names."""
    return list(dict.fromkeys(filter(None, (name.strip() for name in listed.split(",")))))


def volumes(
    db: Database, since: date, until: date, topics: Sequence[str]
) -> tuple[dict[str, dict[date, int | None]], dict[tuple[str, date], int]]:
    """{topic: {day: articles}} for the days from `since` to `until`, None on those on which nothing was seen, and
    {(topic, day): stories}. What is known of `until` itself is told, whatever was missed."""
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    # A page's own time zone may put its day up to 14 hours off.
    edges = [datetime.combine(day, time(), timezone.utc) for day in (since - timedelta(1), until + timedelta(2))]
    rows = db.rows("alerts.topic_counts", since=edges[0], until=edges[1], topics=list(topics))
    rows = [row for row in rows if since <= row.day <= until]
    seen = ({row.day for row in rows} | _published(db, since, until)) - _blind(db, days) | {until}
    blank: dict[date, int | None] = {day: 0 if day in seen else None for day in days}
    counts = {topic: dict(blank) for topic in topics}
    for row in rows:
        if row.day in seen:
            counts[row.topic][row.day] = row.articles
    return counts, {(row.topic, row.day): row.stories for row in rows}


def _published(db: Database, since: date, until: date) -> set[date]:
    return {row.day for row in db.rows("alerts.seen_days", since=since, until=until)}


def _blind(db: Database, days: Sequence[date]) -> set[date]:
    """The days of which less than SEEN_SHARE of the feeds' time was watched."""
    begins = [datetime.combine(day, time(), timezone.utc) for day in days]
    ends = [each + timedelta(days=1) for each in begins]
    spans = db.rows("alerts.coverage", since=begins, until=ends, source_id=None)
    return {row.since.date() for row in spans if row.share is not None and row.share < SEEN_SHARE}


# ---- the kinds -----------------------------------------------------------------------------------------------------


def _topic_volume(db: Database, rule: Rule, now: datetime) -> Iterator[Found]:
    """Of today, and of yesterday: much of a day is loaded after its end."""
    today = now.astimezone(ZoneInfo(rule.zone)).date()
    yesterday = today - timedelta(days=1)
    topics = [rule.topic] if rule.topic else [row.topic for row in db.rows("digest.topic_titles")]
    counts, stories = volumes(db, yesterday - timedelta(days=DAYS), today, topics)
    for topic, by_day in counts.items():
        for day in (yesterday, today):
            one = found.topic_volume(rule, topic, by_day, stories.get((topic, day), 0), day)
            if one:
                yield one


def _new_event(db: Database, rule: Rule, now: datetime) -> Iterator[Found]:
    span = {"since": now - timedelta(hours=rule.window_h), "until": now + timedelta(days=1)}
    rows = db.rows("alerts.new_events", **span, sources=rule.threshold, topic=rule.topic, rule=rule.rule)
    yield from (found.new_event(rule, row) for row in rows)


def _feed_silent(db: Database, rule: Rule, now: datetime) -> Iterator[Found]:
    rows = db.rows("alerts.silent", hours=rule.window_h, source_id=rule.source_id)
    yield from map(found.feed_silent, rows)


def _coverage_below(db: Database, rule: Rule, now: datetime) -> Iterator[Found]:
    since = now - timedelta(hours=rule.window_h)
    (row,) = db.rows("alerts.coverage", since=[since], until=[now], source_id=rule.source_id)
    yield from filter(None, [found.coverage_below(rule, row, now)])


def _failure_share_above(db: Database, rule: Rule, now: datetime) -> Iterator[Found]:
    since = now - timedelta(hours=rule.window_h)
    row = db.row("alerts.failures", since=since, until=now, source_id=rule.source_id)
    yield from filter(None, [found.failure_share_above(rule, row, now)])


ASKED: dict[str, Callable[[Database, Rule, datetime], Iterator[Found]]] = {
    "topic_volume": _topic_volume,
    "new_event": _new_event,
    "feed_silent": _feed_silent,
    "coverage_below": _coverage_below,
    "failure_share_above": _failure_share_above,
}
"""The kinds that are asked; run_late is told by Airflow."""
