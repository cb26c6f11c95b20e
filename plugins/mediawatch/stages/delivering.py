"""Alerts → people: what is due goes out, one message a channel; a failure is tried again, ever more rarely, for good.

An alert is marked before it is sent (nobody else sends it for LEASE_S) and after it. A process that is killed between
the sending and the second mark makes it go out twice; none is ever lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mediawatch import credentials
from mediawatch.alerts import message
from mediawatch.alerts.message import Message
from mediawatch.alerts.rule import quiet_until
from mediawatch.errors import SettingsError
from mediawatch.settings import Settings
from mediawatch.stages.batch import Counts
from mediawatch.store.database import Database, plain
from mediawatch.web import channels
from mediawatch.web.channels import Refused, Secret

LEASE_S = 600
LONGEST_WAIT_S = 6 * 3_600
Send = Callable[[str, Message], str]


def deliver(
    db: Database,
    settings: Settings,
    secret: Secret = credentials.secret_of,
    now: datetime | None = None,
    send: Send = channels.send,
) -> Counts:
    """Send what is due. Counts of alerts: sent, held (quiet hours), failed; and of messages that were sent."""
    now = now or db.now()
    counts = {"sent": 0, "held": 0, "failed": 0, "messages": 0}
    due: dict[str, list[int]] = defaultdict(list)
    for row in db.rows("alerts.due", now=now):
        if ends := quiet_until(row.quiet_from, row.quiet_to, row.zone, now):
            counts["held"] += len(db.rows("alerts.hold", alert_id=row.alert_id, channel=row.channel, until=ends))
        else:
            due[row.channel].append(row.alert_id)
    for channel, alerts in due.items():
        rows = db.rows("alerts.claim", channel=channel, alerts=alerts, now=now, lease_s=LEASE_S)
        if not rows:  # another process has them
            continue
        text = message.of_alerts(sorted(map(plain, rows), key=_weight), settings.desk_url)
        taken = _attempt(db, settings, channel, [row.alert_id for row in rows], text, secret, send, now)
        counts["sent" if taken else "failed"] += len(rows)
        counts["messages"] += taken
    return counts


def tell(channel: str, text: Message, secret: Secret = credentials.secret_of, send: Send = channels.send) -> str:
    """Send one message to a channel now; a remark of the channel. SettingsError, Refused."""
    return send(secret(channel), text)


def _attempt(
    db: Database,
    settings: Settings,
    channel: str,
    alerts: list[int],
    text: Message,
    secret: Secret,
    send: Send,
    now: datetime,
) -> bool:
    try:
        taken, detail = True, tell(channel, text, secret, send)
    except (Refused, SettingsError) as error:
        taken, detail = False, str(error)
    with db.transaction():
        db.rows("alerts.attempted", channel=channel, ok=taken, what="alerts", alerts=alerts, detail=detail)
        if taken:
            db.rows("alerts.delivered", channel=channel, alerts=alerts)
        else:
            waits = {"base_s": settings.alert_retry_s, "most_s": LONGEST_WAIT_S}
            db.rows("alerts.undelivered", channel=channel, alerts=alerts, detail=detail, now=now, **waits)
    return taken


def _weight(alert: Mapping[str, Any]) -> tuple[bool, int]:
    """What holds comes first, in the order in which it was found."""
    return alert["state"] == "resolved", alert["alert_id"]
