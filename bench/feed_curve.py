"""Draws docs/feeds.svg: how a feed's waits between polls follow what the polls find. `python bench/feed_curve.py`"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from math import log
from pathlib import Path

from mediawatch.errors import Reason
from mediawatch.feeds.schedule import PollOutcome, next_poll
from mediawatch.models import FeedState

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "feeds.svg"
START = datetime(2024, 1, 1, tzinfo=timezone.utc)
HOURS, WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 96, 860, 320, 60, 40, 40
LEAST_S, MOST_S, WINDOW = 300, 86_400, 20
SCENES = (  # until this hour: an entry each so many seconds; None: the server answers 503
    (24, 7_200, "an entry every 2 h"),
    (36, 120, "every 2 min"),
    (46, 10**9, "none"),
    (68, None, "503"),
    (96, 3_600, "every hour"),
)
LINES = ((300, "5 min"), (1_800, "30 min"), (3_600, "1 h"), (21_600, "6 h"), (86_400, "24 h"))


def polls() -> Iterator[tuple[float, float, bool]]:
    """(hour, seconds until the next poll, whether it failed) of each poll of a feed that shows WINDOW entries."""
    feed, at, before = FeedState(1, "https://pub.example/rss", 1_800, body_sha256=b"seen"), START, 0.0
    while (hour := (at - START).total_seconds() / 3_600) < HOURS:
        announced = entries_until(hour)
        new = min(WINDOW, int(announced) - int(before))
        failed = rate_at(hour) is None
        outcome = PollOutcome(Reason.SERVER_ERROR) if failed else PollOutcome(entries=WINDOW, entries_new=new)
        plan = next_poll(feed, outcome, at, min_s=LEAST_S, max_s=MOST_S)
        yield hour, (plan.next_poll_at - at).total_seconds(), failed
        before = before if failed else announced
        feed = FeedState(1, feed.url, plan.interval_s, plan.failures, body_sha256=b"seen")
        at = plan.next_poll_at


def rate_at(hour: float) -> int | None:
    """Seconds between two entries in the scene of an hour."""
    return next(every for until, every, _ in SCENES if hour < until)


def entries_until(hour: float) -> float:
    """How many entries the feed had announced by then; it goes on while its server is down."""
    total, since = 0.0, 0.0
    for until, every, _ in SCENES:
        total += max(0.0, min(hour, until) - since) * 3_600 / (every or 3_600)
        since = until
    return total


def x(hour: float) -> float:
    """Where an hour lies."""
    return LEFT + hour / HOURS * (WIDTH - LEFT - 10)


def y(seconds: float) -> float:
    """Where a wait lies; each doubling takes the same height."""
    return HEIGHT - BOTTOM - log(seconds / LEAST_S) / log(MOST_S / LEAST_S) * (HEIGHT - TOP - BOTTOM)


def picture() -> str:
    """The drawing as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        ' font-family="sans-serif" font-size="12"><title>Wait until the next poll, over four days of a feed</title>',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for seconds, name in LINES:
        parts.append(f'<path d="M{LEFT} {y(seconds):.1f}H{WIDTH - 10}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(seconds) + 4:.1f}" text-anchor="end" fill="#555">{name}</text>')
    since = 0
    for until, _, name in SCENES:
        parts.append(f'<path d="M{x(until):.1f} {TOP - 20}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x((since + until) / 2):.1f}" y="{TOP - 8}" text-anchor="middle">{name}</text>')
        parts.append(f'<text x="{x(until):.1f}" y="{HEIGHT - 20}" text-anchor="end" fill="#555">{until} h</text>')
        since = until
    found = list(polls())
    line = "".join(f"H{x(hour):.1f}V{y(wait):.1f}" for hour, wait, _ in found)
    parts.append(f'<path d="M{x(0):.1f} {y(found[0][1]):.1f}{line}H{x(HOURS):.1f}" fill="none" stroke="#2166ac"/>')
    for hour, wait, failed in found:
        colour = "#b2182b" if failed else "#2166ac"
        parts.append(f'<circle cx="{x(hour):.1f}" cy="{y(wait):.1f}" r="2" fill="{colour}"/>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(f"{PICTURE.name}: {len(list(polls()))} polls")
