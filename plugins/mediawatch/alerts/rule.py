"""Alert rules: when somebody is to be told. Written as YAML, checked here, kept in the database."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from mediawatch.errors import AlertError


@dataclass(frozen=True)
class Kind:
    """What a kind of rule watches, what its numbers mean, and their defaults; threshold None: it has none."""

    meaning: str
    threshold: float | None = None
    least: int = 1
    window_h: int = 24
    scope: str = ""


KINDS = {
    "topic_volume": Kind(
        "more articles on a topic than is usual for the weekday", threshold=3.0, least=5, scope="topic"
    ),
    "new_event": Kind("an event that so many publishers carry", threshold=5, window_h=72, scope="topic"),
    "feed_silent": Kind("a feed that brings nothing, or does not answer", window_h=24, scope="source"),
    "coverage_below": Kind("less of the feeds' time was watched than this share", threshold=0.9, scope="source"),
    "failure_share_above": Kind("more of the entries failed than this share", threshold=0.2, least=50, scope="source"),
    "run_late": Kind("a DAG run that is not over by its deadline"),
}
SHARES = ("coverage_below", "failure_share_above")
NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
CHANNEL = re.compile(r"[A-Za-z0-9_.-]{1,100}")
QUIET = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")


@dataclass(frozen=True)
class Rule:
    """One rule; `channels` are names of secrets, `quiet_from` and `quiet_to` times of day in `zone`, or both None."""

    rule: str
    kind: str
    threshold: float | None = None
    least: int = 1
    window_h: int = 24
    topic: str | None = None
    source: str | None = None
    channels: tuple[str, ...] = ()
    quiet_from: time | None = None
    quiet_to: time | None = None
    zone: str = "UTC"
    note: str = ""
    source_id: int | None = None


def parse_rules(text: str, name: str) -> list[Rule]:
    """The rules of a YAML list; AlertError names the rule and what is wrong with it."""
    try:
        listed = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise AlertError(f"{name}{where}: not YAML: {getattr(error, 'problem', None) or error}") from None
    if isinstance(listed, dict):
        listed = [listed]
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise AlertError(f"{name}: rules are a list; each begins with `- rule: NAME`")
    rules = [make_rule({str(key): value for key, value in each.items()}, name) for each in listed]
    names = [rule.rule for rule in rules]
    if twice := next((each for each in names if names.count(each) > 1), None):
        raise AlertError(f"{name}: {twice} is there twice")
    return rules


def make_rule(given: dict[str, Any], where: str) -> Rule:
    """A rule from plain values, its defaults filled in; AlertError when one of them is wrong."""
    name = given.get("rule")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise AlertError(f"{where}: `rule` is its name: lower-case letters, digits and hyphens, not {name!r}")
    where = f"{where}, rule {name}"
    known = {field.name for field in fields(Rule)} - {"quiet_from", "quiet_to", "source_id"} | {"quiet"}
    if unknown := sorted(given.keys() - known):
        raise AlertError(f"{where}: there is no {unknown[0]!r}; known are {', '.join(sorted(known))}")
    kind = KINDS.get(str(given.get("kind")))
    if kind is None:
        raise AlertError(f"{where}: `kind` is one of {', '.join(KINDS)}, not {given.get('kind')!r}")
    for scope in ("topic", "source"):
        if given.get(scope) is not None and scope != kind.scope:
            raise AlertError(f"{where}: {given['kind']} is not asked by {scope}")
    quiet = _quiet(given.get("quiet"), where)
    return Rule(
        rule=name,
        kind=given["kind"],
        threshold=_threshold(given, kind, where),
        least=_whole(given, "least", kind.least, 0, where),
        window_h=_whole(given, "window_h", kind.window_h, 1, where),
        topic=_text(given, "topic", where),
        source=_text(given, "source", where),
        channels=_channels(given.get("channels"), where),
        quiet_from=quiet[0],
        quiet_to=quiet[1],
        zone=_zone(given.get("zone", "UTC"), where),
        note=_text(given, "note", where) or "",
    )


def quiet_until(quiet_from: time | None, quiet_to: time | None, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that it is in end; None outside of them. They may reach over midnight."""
    if quiet_from is None or quiet_to is None:
        return None
    here = now.astimezone(ZoneInfo(zone))
    begins, ends = (datetime.combine(here.date(), each, here.tzinfo) for each in (quiet_from, quiet_to))
    if quiet_from <= quiet_to:
        return ends if begins <= here < ends else None
    if here < ends:
        return ends
    return datetime.combine(here.date() + timedelta(days=1), quiet_to, here.tzinfo) if here >= begins else None


def _threshold(given: dict[str, Any], kind: Kind, where: str) -> float | None:
    value = given.get("threshold", kind.threshold)
    if kind.threshold is None:
        if value is not None:
            raise AlertError(f"{where}: {given['kind']} has no threshold")
        return None
    most = 1 if given["kind"] in SHARES else 1_000_000
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most:
        raise AlertError(f"{where}: `threshold` is a number above 0 and up to {most:,}, not {value!r}")
    return float(value)


def _whole(given: dict[str, Any], key: str, default: int, least: int, where: str) -> int:
    value = given.get(key, default)
    most = 720 if key == "window_h" else 1_000_000_000
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise AlertError(f"{where}: `{key}` is a whole number from {least} to {most:,}, not {value!r}")
    return value


def _text(given: dict[str, Any], key: str, where: str) -> str | None:
    value = given.get(key)
    if value is not None and not isinstance(value, str):
        raise AlertError(f"{where}: `{key}` is a text, not {value!r}")
    return value or None


def _channels(value: Any, where: str) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value or []
    if not isinstance(names, list) or not all(isinstance(each, str) and CHANNEL.fullmatch(each) for each in names):
        raise AlertError(f"{where}: `channels` are names of secrets, such as desk; an address is never written here")
    return tuple(dict.fromkeys(names))


def _quiet(value: Any, where: str) -> tuple[time | None, time | None]:
    if value is None:
        return None, None
    match = QUIET.fullmatch(str(value).replace(" ", ""))
    try:
        if match is None:
            raise ValueError
        return time.fromisoformat(match[1]), time.fromisoformat(match[2])
    except ValueError:
        raise AlertError(f'{where}: `quiet` is written "22:00-07:00", in quotes, not {value!r}') from None


def _zone(value: Any, where: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise AlertError(f"{where}: `zone` is a time zone such as Europe/Berlin, not {value!r}") from None
    return str(value)
