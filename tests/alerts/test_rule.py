"""Alert rules as people write them, and what is said of those that are wrong; quiet hours."""

from __future__ import annotations

from datetime import datetime, time, timezone

import pytest
from mediawatch import data
from mediawatch.alerts.rule import KINDS, Rule, parse_rules, quiet_until
from mediawatch.errors import AlertError

GOOD = """
- rule: night-sanctions
  kind: topic_volume
  topic: sanctions
  threshold: 4
  channels: [desk, phone]
  quiet: 22:00-07:00
  zone: Europe/Berlin
  note: Call the desk.
"""


def test_a_rule_is_read_with_its_defaults() -> None:
    (rule,) = parse_rules(GOOD, "mine.yaml")
    assert rule == Rule(
        rule="night-sanctions",
        kind="topic_volume",
        threshold=4.0,
        least=5,
        window_h=24,
        topic="sanctions",
        channels=("desk", "phone"),
        quiet_from=time(22),
        quiet_to=time(7),
        zone="Europe/Berlin",
        note="Call the desk.",
    )


def test_the_rules_that_ship_cover_every_kind() -> None:
    assert {rule.kind for rule in parse_rules(data.alerts(), "alerts.yaml")} == set(KINDS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- rule: A b", "`rule` is its name"),
        ("- rule: a\n  kind: volume", "`kind` is one of topic_volume, new_event"),
        ("- rule: a\n  kind: coverage_below\n  threshold: 90", "a number above 0 and up to 1, not 90"),
        ("- rule: a\n  kind: new_event\n  threshold: many", "a number above 0"),
        ("- rule: a\n  kind: new_event\n  threshold: true", "a number above 0"),
        ("- rule: a\n  kind: feed_silent\n  threshold: 3", "feed_silent has no threshold"),
        ("- rule: a\n  kind: feed_silent\n  topic: sanctions", "feed_silent is not asked by topic"),
        ("- rule: a\n  kind: new_event\n  source: Northwire", "new_event is not asked by source"),
        ("- rule: a\n  kind: feed_silent\n  window_h: 0", "`window_h` is a whole number from 1 to 720"),
        ("- rule: a\n  kind: feed_silent\n  quiet: 22-7", '`quiet` is written "22:00-07:00"'),
        ("- rule: a\n  kind: feed_silent\n  quiet: 25:00-07:00", '`quiet` is written "22:00-07:00"'),
        ("- rule: a\n  kind: feed_silent\n  zone: Mars/North", "`zone` is a time zone such as Europe/Berlin"),
        ("- rule: a\n  kind: feed_silent\n  zone: ../../etc/passwd", "`zone` is a time zone"),
        ("- rule: a\n  kind: feed_silent\n  channels: mailto://me:secret@example.org", "an address is never written"),
        ("- rule: a\n  kind: feed_silent\n  loud: yes", "there is no 'loud'; known are channels, kind"),
        ("- rule: a\n  kind: feed_silent\n- rule: a\n  kind: feed_silent", "a is there twice"),
        ("rules: [", "not YAML"),
        ("just words", "rules are a list"),
    ],
)
def test_a_wrong_rule_is_refused_with_words_that_help(text: str, said: str) -> None:
    with pytest.raises(AlertError) as refused:
        parse_rules(text, "mine.yaml")
    assert str(refused.value).startswith("mine.yaml")
    assert said in str(refused.value)
    assert "secret" not in str(refused.value).replace("secrets", "")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2024-01-30T20:59", None),  # 21:59 in Berlin
        ("2024-01-30T21:00", "2024-01-31T06:00"),
        ("2024-01-31T05:59", "2024-01-31T06:00"),
        ("2024-01-31T06:00", None),
        ("2024-03-31T00:30", "2024-03-31T05:00"),  # the night in which Berlin goes to UTC+2
    ],
)
def test_quiet_hours_reach_over_midnight_in_their_zone(now: str, until: str | None) -> None:
    found = quiet_until(time(22), time(7), "Europe/Berlin", utc(now))
    assert (found and found.astimezone(timezone.utc)) == (utc(until) if until else None)


def test_quiet_hours_within_a_day_and_none() -> None:
    lunch = time(12), time(13), "UTC"
    assert quiet_until(*lunch, utc("2024-01-30T12:30")) == utc("2024-01-30T13:00")
    assert quiet_until(*lunch, utc("2024-01-30T13:00")) is None
    assert quiet_until(None, None, "UTC", utc("2024-01-30T12:30")) is None
