"""`mediawatch alerts …`: rules, what they found, and what was sent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from mediawatch.errors import AlertError
from mediawatch.terminal import Json, connected, console, show_json, user

app = typer.Typer(no_args_is_help=True, help="Rules that tell people, and what they found.")
Rules = Annotated[list[str], typer.Argument(metavar="RULE...", help="Names of rules.")]


@app.command()
def rules(json: Json = False) -> None:
    """The rules, and what fires now."""
    from mediawatch.store.database import plain

    with connected() as (db, _):
        rows = [plain(row) for row in db.rows("alerts.rules")]
    if json:
        show_json(rows)
        return
    table = _table("rule", "kind", "asks for", "of", "to", "quiet", "firing", "last")
    for row in rows:
        quiet = f"{row['quiet_from']:%H:%M}-{row['quiet_to']:%H:%M} {row['zone']}" if row["quiet_from"] else ""
        asks = "" if row["threshold"] is None else f"{row['threshold']:g}"
        last = f"{row['last_fired_at']:%F %H:%M}" if row["last_fired_at"] else ""
        name = row["rule"] if row["enabled"] else f"{row['rule']} (paused)"
        cells = (name, row["kind"], asks, row["topic"] or row["source"] or "all", ", ".join(row["channels"]), quiet)
        table.add_row(*map(escape, cells), f"{row['firing']:,}", last)
    console.print(table)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A YAML list of rules; docs/monitoring.md says what they hold.")],
    by: Annotated[str, typer.Option(help="Who writes them.")] = "",
) -> None:
    """Write rules: new ones, or new wordings of those of the same name."""
    from mediawatch.alerts.rule import parse_rules
    from mediawatch.stages import alert_rules

    try:
        listed = parse_rules(file.read_text(encoding="utf-8-sig"), file.name)
    except UnicodeDecodeError as error:
        raise AlertError(f"{file.name}: not UTF-8 text ({error.reason})") from None
    with connected() as (db, _):
        alert_rules.put(db, listed, by or user())
    for rule in listed:
        console.print(f"{rule.rule}: {rule.kind}")


@app.command()
def pause(
    names: Rules, resume: Annotated[bool, typer.Option("--resume", help="Let them speak again.")] = False
) -> None:
    """Silence rules, or let them speak again."""
    from mediawatch.stages import alert_rules

    with connected() as (db, _):
        alert_rules.enable(db, names, resume)
    for name in names:
        console.print(f"{escape(name)}: {'speaks again' if resume else 'paused'}")


@app.command("test")
def try_out(
    name: Annotated[str, typer.Argument(metavar="RULE", help="A rule's name; with --channel none is needed.")] = "",
    channel: Annotated[str, typer.Option(help="Send a message to this channel instead, to see that it arrives.")] = "",
    json: Json = False,
) -> None:
    """What a rule would find now; nothing is written and nobody is told. Or try a channel."""
    from dataclasses import asdict

    from mediawatch.stages import alert_rules, alerting

    if bool(name) == bool(channel):
        raise AlertError("name a rule, or give --channel")
    if channel:
        _try(channel)
        return
    with connected() as (db, _):
        rule = next((each for each in alert_rules.stored(db, enabled=False) if each.rule == name), None)
        if rule is None:
            raise AlertError(f"there is no alert rule {name!r}; `mediawatch alerts rules` lists them")
        found = [asdict(each) for each in alerting.ask(db, rule, db.now())]
    if json:
        show_json(found)
        return
    for each in found:
        console.print(f"[bold]{escape(each['title'])}[/]\n  {escape(each['why'])}")
    if not found:
        console.print("it finds nothing")


@app.command("list")
def list_alerts(
    days: Annotated[int, typer.Option(min=1, help="Of so many days.")] = 7,
    firing: Annotated[bool, typer.Option("--firing", help="Only what holds now.")] = False,
    json: Json = False,
) -> None:
    """What the rules found, the newest first, and where it went."""
    from mediawatch.store.database import plain

    with connected() as (db, _):
        since = db.now() - timedelta(days=days)
        rows = [plain(row) for row in db.rows("alerts.list", since=since, firing=firing, limit=500)]
        waiting = [plain(row) for row in db.rows("alerts.waiting")]
    if json:
        show_json({"alerts": rows, "waiting": waiting})
        return
    table = _table("id", "found", "state", "what and why", "sent to")
    for row in rows:
        state = row["state"] + (f", known to {row['acked_by']}" if row["acked_at"] else "")
        held = ["held by quiet hours"] if row["held"] and not row["delivered_at"] else []
        sent = "\n".join([*row["deliveries"], *held])
        what = f"[bold]{escape(row['title'])}[/]\n[dim]{escape(row['why'])}[/]"
        table.add_row(str(row["alert_id"]), f"{row['first_at']:%m-%d %H:%M}", escape(state), what, escape(sent))
    console.print(table)
    for row in waiting:
        error = f"; last error: {row['last_error']}" if row["last_error"] else ""
        console.print(escape(f"{row['alerts']:,} wait for {row['channel']}, next at {row['next_at']:%F %T} UTC{error}"))


@app.command()
def evaluate(json: Json = False) -> None:
    """Ask every rule now, and write what they find; `deliver` sends it."""
    from mediawatch.stages import alerting

    with connected() as (db, settings):
        counts = alerting.evaluate(db, settings)
    _tell(counts, "{rules:,} rules: {found:,} found, {new:,} of it new; {resolved:,} resolved", json)


@app.command()
def deliver(json: Json = False) -> None:
    """Send what is due now."""
    from mediawatch.stages import delivering

    with connected() as (db, settings):
        counts = delivering.deliver(db, settings)
    _tell(
        counts, "{sent:,} alerts sent in {messages:,} messages; {held:,} held by quiet hours, {failed:,} failed", json
    )
    if counts["failed"]:
        raise typer.Exit(1)


@app.command()
def ack(
    alerts: Annotated[list[int], typer.Argument(metavar="ID...", help="Ids, as `alerts list` shows them.")],
    by: Annotated[str, typer.Option(help="Who knows of them.")] = "",
) -> None:
    """Say that alerts are known: what was not sent yet is not sent any more."""
    with connected() as (db, _), db.transaction():
        known = {row.alert_id for row in db.rows("alerts.ack", alerts=alerts, by=by or user())}
        if missing := sorted(set(alerts) - known):
            raise AlertError(f"there is no alert {missing[0]}")
        db.rows("alerts.drop_waiting", alerts=alerts)
    console.print(f"{len(known):,} known")


def _try(channel: str) -> None:
    from mediawatch.alerts.message import Message, page
    from mediawatch.stages.delivering import tell
    from mediawatch.web.channels import Refused

    words = "This is a test: messages of mediawatch arrive here."
    try:
        told = tell(channel, Message("mediawatch: a test", words, page("mediawatch", f"<p>{words}</p>", "A test.")))
    except Refused as error:
        raise AlertError(f"{channel}: {error}") from None
    console.print(escape(f"{channel}: sent{'; ' + told if told else ''}"))


def _tell(counts: dict[str, int], line: str, json: bool) -> None:
    show_json(counts) if json else console.print(line.format(**counts))


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="dim", pad_edge=False)
