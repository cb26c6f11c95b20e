"""Alert rules in the database: written by people, and those that ship, put where there is none of their name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from mediawatch import data
from mediawatch.alerts.rule import Rule, parse_rules
from mediawatch.errors import AlertError
from mediawatch.store.database import Database

PACKAGE = "package"


def sync_rules(db: Database) -> list[str]:
    """Put the rules that ship and are new; their names. A rule that is there, changed or paused, stays as it is."""
    return put(db, parse_rules(data.alerts(), "alerts.yaml"), PACKAGE, only_new=True)


def put(db: Database, rules: Sequence[Rule], author: str, *, only_new: bool = False) -> list[str]:
    """Write rules, all or none; the names of those written. AlertError when a topic or publisher is not there."""
    with db.transaction():
        return [rule.rule for rule in rules if _put(db, rule, author, only_new)]


def _put(db: Database, rule: Rule, author: str, only_new: bool) -> bool:
    there = db.row("alerts.scope", topic=rule.topic, source=rule.source)
    assert there is not None
    if not there.topic:
        raise AlertError(f"rule {rule.rule}: there is no topic {rule.topic!r}")
    if not there.source:
        raise AlertError(f"rule {rule.rule}: there is no publisher {rule.source!r}")
    values = asdict(rule) | {"channels": list(rule.channels)}
    return bool(db.rows("alerts.put_rule", **values, author=author, only_new=only_new))


def stored(db: Database, *, enabled: bool = True) -> list[Rule]:
    """The rules that speak; with enabled=False the paused ones too."""
    names = Rule.__dataclass_fields__
    rows = [row._asdict() for row in db.rows("alerts.rules") if row.enabled or not enabled]
    rows = [{**row, "channels": tuple(row["channels"])} for row in rows]
    return [Rule(**{name: row[name] for name in names}) for row in rows]


def enable(db: Database, names: Sequence[str], enabled: bool) -> None:
    """Let rules speak, or pause them: what they found counts as resolved then. AlertError when one is not there."""
    for name in names:
        if not db.rows("alerts.enable", rule=name, enabled=enabled):
            raise AlertError(f"there is no alert rule {name!r}; `mediawatch alerts rules` lists them")
