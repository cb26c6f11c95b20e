"""Alerts on their way to people: retries, quiet hours, acknowledgement, and a process that dies while it sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from mail_server import Hook, MailServer
from mediawatch.alerts.found import Found
from mediawatch.alerts.message import Message
from mediawatch.alerts.rule import parse_rules
from mediawatch.errors import SettingsError
from mediawatch.settings import Settings
from mediawatch.stages import alert_rules, alerting
from mediawatch.stages.delivering import deliver
from mediawatch.store.database import Database
from mediawatch.web.channels import Refused

NOON = datetime(2024, 1, 30, 12, tzinfo=timezone.utc)
SETTINGS = replace(Settings(), alert_retry_s=60.0, desk_url="https://desk.example")
MINUTE = timedelta(minutes=1)
NONE = {"sent": 0, "held": 0, "failed": 0, "messages": 0}


class Channel:
    """Takes messages, or refuses them while `refuses` is set."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refuses = ""

    def send(self, url: str, message: Message) -> str:
        if self.refuses:
            raise Refused(self.refuses)
        self.messages.append(message)
        return ""


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def raised(db: Database) -> Callable[..., int]:
    """Raises an alert with a title, under a rule with this more in its YAML."""
    db.execute("delete from alert_rule")

    def make(title: str, more: str = "", channels: str = "[desk]") -> int:
        text = f"- {{rule: late, kind: run_late, channels: {channels}{more}}}"
        alert_rules.put(db, parse_rules(text, "test"), "test")
        (rule,) = alert_rules.stored(db)
        made = alerting.raise_alert(db, SETTINGS, rule, Found(title, title, "why"), NOON)
        assert made
        return made

    return make


def go(db: Database, channel: Channel, now: datetime = NOON) -> dict[str, int]:
    return deliver(db, SETTINGS, lambda name: f"json://{name}", now, channel.send)


def test_what_is_due_goes_out_once_in_one_message_a_channel(db: Database, channel: Channel, raised: Any) -> None:
    raised("one", channels="[desk, phone]")
    raised("two", channels="[desk, phone]")
    assert go(db, channel) == {"sent": 4, "held": 0, "failed": 0, "messages": 2}
    assert [message.subject for message in channel.messages] == ["mediawatch: one (and 1 more)"] * 2
    assert go(db, channel, NOON + timedelta(days=1)) == NONE


def test_a_failure_is_tried_again_ever_more_rarely_and_arrives(db: Database, channel: Channel, raised: Any) -> None:
    raised("one")
    channel.refuses = "503"
    assert go(db, channel)["failed"] == 1
    assert go(db, channel, NOON + 0.9 * MINUTE) == NONE
    assert go(db, channel, NOON + MINUTE)["failed"] == 1
    assert go(db, channel, NOON + 2.9 * MINUTE) == NONE  # twice as long
    channel.refuses = ""
    assert go(db, channel, NOON + 3 * MINUTE)["sent"] == 1
    (row,) = db.execute("select state, attempts, last_error, sent_at is not null as sent from alert_delivery")
    assert tuple(row) == ("sent", 3, "", True)
    tries = db.execute("select ok, detail from alert_attempt order by attempt_id")
    assert [tuple(row) for row in tries] == [(False, "503"), (False, "503"), (True, "")]


def test_after_a_thousand_failures_it_is_still_tried_four_times_a_day(
    db: Database, channel: Channel, raised: Any
) -> None:
    raised("one")
    db.execute("update alert_delivery set attempts = 1000")
    channel.refuses = "no"
    go(db, channel)
    assert db.execute("select next_at from alert_delivery")[0].next_at == NOON + timedelta(hours=6)


def test_a_failing_channel_does_not_keep_the_others_waiting(db: Database, channel: Channel, raised: Any) -> None:
    raised("one", channels="[broken, desk]")

    def secret(name: str) -> str:
        if name == "broken":
            raise SettingsError("there is no credential 'broken'")
        return name

    assert deliver(db, SETTINGS, secret, NOON, channel.send) == {"sent": 1, "held": 0, "failed": 1, "messages": 1}
    (waiting,) = db.rows("alerts.waiting")
    assert (waiting.channel, waiting.last_error) == ("broken", "there is no credential 'broken'")


def test_a_process_that_dies_between_sending_and_marking_loses_nothing(
    db: Database, channel: Channel, raised: Any
) -> None:
    raised("one")

    class Killed(BaseException):
        pass

    def die(url: str, message: Message) -> str:
        channel.send(url, message)
        raise Killed

    with pytest.raises(Killed):
        deliver(db, SETTINGS, str, NOON, die)
    assert go(db, channel, NOON + 9 * MINUTE) == NONE  # somebody may still be sending it
    assert go(db, channel, NOON + 10 * MINUTE)["sent"] == 1
    assert len(channel.messages) == 2  # doubled, which is what may happen


def test_two_processes_at_once_send_it_once(db: Database, channel: Channel, raised: Any) -> None:
    raised("one")
    with db.another() as other:

        def meanwhile(url: str, message: Message) -> str:
            assert go(other, channel) == NONE
            return channel.send(url, message)

        assert deliver(db, SETTINGS, str, NOON, meanwhile)["sent"] == 1
    assert len(channel.messages) == 1


def test_quiet_hours_hold_it_back_and_it_is_sent_when_they_end(db: Database, channel: Channel, raised: Any) -> None:
    raised("one", ", quiet: '22:00-07:00', zone: Europe/Berlin")
    night = datetime(2024, 1, 30, 23, 30, tzinfo=timezone.utc)
    assert go(db, channel, night) == {**NONE, "held": 1}
    assert go(db, channel, night + timedelta(hours=6)) == NONE  # 06:30 in Berlin
    assert go(db, channel, night + timedelta(hours=6, minutes=30))["sent"] == 1
    (row,) = db.rows("alerts.list", since=NOON - MINUTE, firing=False, limit=9)
    assert (row.held, list(row.deliveries)) == (True, ["desk: sent"])


def test_what_is_over_before_it_could_be_sent_says_so(db: Database, channel: Channel, raised: Any) -> None:
    raised("one")
    db.rows("alerts.resolve", rule="late", keys=[], now=NOON + MINUTE)
    go(db, channel, NOON + 2 * MINUTE)
    assert "resolved, found 2024-01-30 12:00 UTC, over since 2024-01-30 12:01 UTC" in channel.messages[0].text


def test_what_a_person_knows_is_not_sent_any_more(db: Database, channel: Channel, raised: Any) -> None:
    alert = raised("one")
    with db.transaction():
        db.rows("alerts.ack", alerts=[alert], by="ann")
        db.rows("alerts.drop_waiting", alerts=[alert])
    assert go(db, channel) == NONE


def test_mail_and_webhook_get_it_through_real_servers_after_a_failure_and_no_address_is_stored(
    db: Database, raised: Any, mails: MailServer, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "MEDIAWATCH_CREDENTIAL_DESK", f"mailto://127.0.0.1:{mails.port}/?from=a@x.example&to=b@x.example"
    )
    monkeypatch.setenv("MEDIAWATCH_CREDENTIAL_HOOK", f"json://127.0.0.1:{hook.port}/token-abcdef")
    raised("<script>alert(1)</script>\nBcc: c@x.example", channels="[desk, hook]")
    mails.refuse, hook.status = "451 later", 500
    assert deliver(db, SETTINGS, now=NOON)["failed"] == 2
    mails.refuse, hook.status = "", 200
    assert deliver(db, SETTINGS, now=NOON + MINUTE)["sent"] == 2
    (mail,) = mails.mails
    assert mail["Subject"] == "mediawatch: <script>alert(1)</script> Bcc: c@x.example"
    assert mails.recipients == [["b@x.example"]]
    page = mail.get_body(("html",))
    assert page is not None
    assert "<script>" not in page.get_content()
    assert "&lt;script&gt;" in page.get_content()
    assert [body["title"] for body in hook.bodies] == [mail["Subject"]] * 2
    stored = [
        str(row)
        for table in ("alert_rule", "alert", "alert_delivery", "alert_attempt")
        for row in db.execute(f"select * from {table}")
    ]
    assert not [row for row in stored if "x.example/" in row or "token-abcdef" in row or "a@x.example" in row]
