"""A message: a subject, a text, and the same as HTML for mail. Whatever comes from outside is escaped here. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

SUBJECT_CHARS = 160
MOST = 25
"""Alerts that one message tells of in full."""
INK, DIM, LINE, LINK, RED, GREEN = "#1c2330", "#5b6675", "#dfe3e8", "#1a5fb4", "#b3261e", "#2e7d32"
FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"


@dataclass(frozen=True)
class Message:
    """What is sent: `subject` is one line, `text` plain, `html` a whole document."""

    subject: str
    text: str
    html: str


def many(count: int, one: str, more: str = "") -> str:
    """`1 story`, `1,200 stories`; `more` where the plural takes more than an s."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def one_line(text: str, most: int = SUBJECT_CHARS) -> str:
    """Text without line breaks, control characters and overrides of its direction (a title could add headers or
    turn the words behind it around), of `most` characters at most."""
    kept = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp", "Cs") else each for each in text)
    kept = re.sub("[\u202a-\u202e\u2066-\u2069]", "", kept)
    kept = " ".join(kept.split())
    return kept if len(kept) <= most else kept[: most - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """One line for plain text, closed in marks of direction (FSI, PDI) where it holds right-to-left script, so that
    it does not turn the words around it."""
    line = one_line(text, 400)
    turns = any(unicodedata.bidirectional(each) in ("R", "AL", "AN") for each in line)
    return f"\u2068{line}\u2069" if turns else line


def span(text: str, style: str = "", tag: str = "span") -> str:
    """Text from outside as an element of its own direction, escaped."""
    return f'<{tag} dir="auto" style="unicode-bidi:isolate;{style}">{escape(one_line(text, 1_000))}</{tag}>'


def link(url: str, text: str, style: str = "") -> str:
    """A link, if the address is one of the web; else the text alone."""
    if not re.match(r"https?://", url, re.IGNORECASE):
        return span(text, style)
    address = escape(one_line(url, 2_000), quote=True)
    return f'<a href="{address}" style="color:{LINK};text-decoration:none;{style}">{span(text)}</a>'


def page(title: str, body: str, foot: str) -> str:
    """A whole HTML document for a mail reader: one column, inline styles, nothing loaded from anywhere."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{escape(one_line(title))}</title></head>"
        f'<body style="margin:0;padding:0;background:#f4f5f7;color:{INK};{FONT};font-size:15px;line-height:1.5">'
        f'<div style="max-width:680px;margin:0 auto;padding:24px 16px">'
        f'<div style="background:#fff;border:1px solid {LINE};border-radius:8px;padding:24px 28px">{body}</div>'
        f'<p style="color:{DIM};font-size:12px;margin:14px 4px">{foot}</p></div></body></html>'
    )


def address(base: str, path: str) -> str:
    """The desk's page at `path`; empty where the desk's address is not known."""
    return f"{base.rstrip('/')}/{path}" if base and path else ""


def of_alerts(alerts: Sequence[Mapping[str, Any]], desk_url: str) -> Message:
    """One message on all alerts that are due for a channel: each with its why, its link and what to do.

    An alert: title, why, path, rule, note, state, first_at, resolved_at.
    """
    first, more = alerts[0], len(alerts) - 1
    subject = one_line(f"mediawatch: {first['title']}" + (f" (and {more:,} more)" if more else ""))
    shown = alerts[:MOST]
    over = [f"{len(alerts) - MOST:,} more are not shown here: `mediawatch alerts list`."] if len(alerts) > MOST else []
    text = "\n\n".join([*(_text(each, desk_url) for each in shown), *over])
    body = "".join(_html(each, desk_url) for each in shown) + "".join(f"<p>{escape(line)}</p>" for line in over)
    foot = "Sent by mediawatch. `mediawatch alerts ack` says that an alert is known, `alerts pause` silences a rule."
    return Message(subject, text + "\n\n-- \nmediawatch alerts ack | pause\n", page(subject, body, foot))


def _text(alert: Mapping[str, Any], desk_url: str) -> str:
    lines = [isolated(alert["title"]), isolated(alert["why"]), address(desk_url, alert["path"])]
    lines += [f"What to do: {one_line(alert['note'], 1_000)}" if alert["note"] else "", _when(alert)]
    return "\n".join(filter(None, lines))


def _html(alert: Mapping[str, Any], desk_url: str) -> str:
    colour = GREEN if alert["state"] == "resolved" else RED
    title = link(address(desk_url, alert["path"]), alert["title"], "font-weight:600;font-size:17px")
    note = f'<p style="margin:6px 0;color:{DIM}">What to do: {span(alert["note"])}</p>' if alert["note"] else ""
    return (
        f'<div style="border-left:4px solid {colour};padding:2px 0 2px 16px;margin:0 0 22px">'
        f'<div>{title}</div><p style="margin:6px 0">{span(alert["why"])}</p>{note}'
        f'<p style="margin:6px 0;color:{DIM};font-size:12px">{escape(_when(alert))}</p></div>'
    )


def _when(alert: Mapping[str, Any]) -> str:
    since = f"{alert['state']}, found {alert['first_at']:%F %H:%M} UTC"
    ended = (
        f", over since {alert['resolved_at']:%F %H:%M} UTC"
        if alert["state"] == "resolved" and alert["resolved_at"]
        else ""
    )
    return f"Rule {alert['rule']}: {since}{ended}"
