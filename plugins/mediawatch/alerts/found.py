"""What a rule makes of the figures: whether there is something to tell, and in which words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from mediawatch.alerts.band import Counts, band
from mediawatch.alerts.message import many
from mediawatch.alerts.rule import Rule

Row = Any
"""A row of the statement that is named in the function's words."""


@dataclass(frozen=True)
class Found:
    """Something to tell. `key` says what it is of: the same key is the same alert. `path` leads to the desk's page."""

    key: str
    title: str
    why: str
    path: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def topic_volume(rule: Rule, topic: str, counts: Counts, stories: int, day: date) -> Found | None:
    """More articles of the day than the band of the 28 days before it reaches, and at least `least`."""
    count = counts.get(day) or 0
    assert rule.threshold is not None
    usual = band(counts, day, width=rule.threshold)
    if usual is None or count < rule.least or count <= usual.high:
        return None
    name = f"{day:%A}" if usual.days >= 21 else "day"
    why = (
        f"{many(count, 'article')} ({many(stories, 'story', 'stories')}) on {topic} were published on {day}; "
        f"a usual {name} has {usual.usual:.0f}, and up to {int(usual.high):,} may be expected "
        f"({rule.threshold:g} spreads, from {usual.days} of the 28 days before)."
    )
    facts = {"topic": topic, "day": str(day)} | {"articles": count, "stories": stories, "days": usual.days}
    facts |= {name: round(getattr(usual, name), 1) for name in ("usual", "low", "high")}
    title = f"{topic}: {many(count, 'article')} on {day}, usually {usual.usual:.0f}"
    return Found(f"{topic} {day}", title, why, f"topics/{quote(topic, safe='')}", facts)


def new_event(rule: Rule, row: Row) -> Found:
    """alerts.new_events: an event that enough publishers carry."""
    outlets = list(row.outlets or ())
    named = ", ".join(outlets[:6]) + (f" and {len(outlets) - 6:,} more" if len(outlets) > 6 else "")
    why = (
        f"{many(row.sources, 'publisher')} carry it ({named}), in {many(row.articles, 'article')} of "
        f"{many(row.stories, 'story', 'stories')}, since {row.first_published_at:%F %H:%M} UTC; "
        f"the rule asks for {rule.threshold:g}."
    )
    facts = {"sources": row.sources, "articles": row.articles, "stories": row.stories, "event_id": row.event_id}
    title = f"{many(row.sources, 'publisher')} on: {row.title}"
    return Found(str(row.event_id), title, why, f"events/{row.event_id}", facts)


def feed_silent(row: Row) -> Found:
    """alerts.silent: a feed that brings nothing new, or does not answer."""
    since = row.last_new_at or row.answered_at
    if row.answers:
        usual = f"a usual gap is {_span(row.usual_gap)}" if row.usual_gap else "it has never brought anything"
        why = f"It answers, and has announced nothing new for {_span(row.silent_for)}; {usual}. {row.url}"
    else:
        last = f"since {row.answered_at:%F %H:%M} UTC" if row.answered_at else "ever since it was subscribed"
        failing = f"; its last poll ended with {row.failing}" if row.failing else "; it was not asked"
        why = f"It has not answered {last} ({_span(row.silent_for)}){failing}. {row.url}"
    facts = {
        "feed_id": row.feed_id,
        "silent_h": round(row.silent_for.total_seconds() / 3600, 1),
        "answers": row.answers,
    }
    key = f"{row.feed_id} {'silent' if row.answers else 'mute'} {since:%FT%TZ}" if since else f"{row.feed_id} never"
    title = f"{row.source}: {'nothing new' if row.answers else 'no answer'} for {_span(row.silent_for)}"
    return Found(key, title, why, f"feeds/{row.feed_id}", facts)


def coverage_below(rule: Rule, row: Row, now: datetime) -> Found | None:
    """alerts.coverage of the rule's window: too little of the feeds' time was watched."""
    if row.share is None or row.share >= (rule.threshold or 0):
        return None
    of = rule.source or "all feeds"
    why = (
        f"Of the time of {many(row.feeds, 'feed')} in the last {many(rule.window_h, 'hour')}, {row.share:.1%} was "
        f"watched: {many(row.feeds_missed, 'feed')} had gaps, {_span(timedelta(seconds=float(row.missed_s)))} in all. "
        f"The rule asks for {rule.threshold:.1%}. Counts of this time are too low by what was missed."
    )
    facts = {"share": round(row.share, 4), "feeds": row.feeds, "feeds_missed": row.feeds_missed}
    facts |= {"missed_h": round(float(row.missed_s) / 3600, 1), "window_h": rule.window_h}
    title = f"coverage of {of} is {row.share:.1%}, below {rule.threshold:.1%}"
    return Found(f"{rule.source or 'all'} {now:%F}", title, why, "feeds", facts)


def failure_share_above(rule: Rule, row: Row, now: datetime) -> Found | None:
    """alerts.failures of the rule's window: too many of the entries that ended have failed."""
    total = row.failed + row.dropped + row.loaded
    if total < max(1, rule.least) or row.failed / total <= (rule.threshold or 0):
        return None
    share, of = row.failed / total, f" of {rule.source}" if rule.source else ""
    why = (
        f"{row.failed:,} of {many(total, 'entry', 'entries')}{of} that ended in the last "
        f"{many(rule.window_h, 'hour')} failed: {_reasons(row.reasons)}. {row.loaded:,} were loaded, "
        f"{row.dropped:,} dropped by rule. The rule allows {rule.threshold:.1%}."
    )
    facts = {"share": round(share, 4), "failed": row.failed, "dropped": row.dropped, "loaded": row.loaded}
    facts |= {"reasons": list(row.reasons[:6]), "window_h": rule.window_h}
    title = f"{share:.1%} of the entries{of} failed, above {rule.threshold:.1%}"
    return Found(f"{rule.source or 'all'} {now:%F}", title, why, "outcomes", facts)


def run_late(dag: str, run: str, due: datetime | None) -> Found:
    """A DAG run that was not over by its deadline."""
    when = f" by {due:%F %H:%M} UTC" if due else ""
    why = f"The run {run} of the DAG {dag} was not over{when}. Its tasks in the grid say where it stands."
    return Found(f"{dag} {run}", f"{dag} is late", why, "", {"dag": dag, "run": run})


def _span(time: timedelta) -> str:
    """A length of time as a person says it: `3 days`, `7 hours`, `20 minutes`."""
    seconds = time.total_seconds()
    for size, word in ((86_400, "day"), (3_600, "hour")):
        if seconds >= 2 * size:
            return many(round(seconds / size), word)
    return many(max(1, round(seconds / 60)), "minute")


def _reasons(reasons: Sequence[str]) -> str:
    """`timeout 31, not_found 8`: the commonest, four at most."""
    rest = f" and {len(reasons) - 4} reasons more" if len(reasons) > 4 else ""
    return ", ".join(reasons[:4]) + rest
