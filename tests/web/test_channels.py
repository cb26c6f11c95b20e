"""Channels: mail through a real SMTP server, JSON to a real HTTP endpoint, and failures that tell no secret."""

from __future__ import annotations

import logging
from datetime import datetime, timezone

import pytest
from mail_server import Hook, MailServer
from mediawatch.alerts.message import Message, of_alerts
from mediawatch.errors import SettingsError
from mediawatch.local.airflow import free_port
from mediawatch.web import channels
from mediawatch.web.channels import Refused, redacted

MESSAGE = Message(
    "sanctions: 41 — عقوبات", "Usually 12.\nhttps://desk.example/a?b=1&c=2\n", "<p>Usually <b>12</b>.</p>"
)


def mailto(port: int, more: str = "") -> str:
    return f"mailto://127.0.0.1:{port}/?from=desk@news.example&to=ann@news.example,bob@news.example&name=The desk{more}"


def test_a_mail_has_its_text_and_the_same_as_html(mails: MailServer) -> None:
    assert channels.send(mailto(mails.port, "&cc=eve@news.example"), MESSAGE) == ""
    (mail,) = mails.mails
    assert mails.recipients == [["ann@news.example", "bob@news.example", "eve@news.example"]]
    assert (mail["Subject"], mail["From"]) == (MESSAGE.subject, "The desk <desk@news.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n") == MESSAGE.text  # type: ignore[attr-defined]
    assert page.get_content_type() == "text/html"
    assert page.get_content().strip() == MESSAGE.html  # type: ignore[attr-defined]


def test_a_title_with_line_breaks_adds_no_header_to_the_mail(mails: MailServer) -> None:
    now = datetime.now(timezone.utc)
    alert = {"alert_id": 1, "title": "Hello\r\nBcc: evil@x.example\r\n\r\nbody", "why": "w", "path": "", "rule": "r"}
    message = of_alerts([alert | {"note": "", "state": "firing", "first_at": now, "resolved_at": None}], "")
    channels.send(mailto(mails.port), message)
    assert mails.recipients == [["ann@news.example", "bob@news.example"]]
    assert mails.mails[0]["Bcc"] is None
    assert mails.mails[0]["Subject"] == "mediawatch: Hello Bcc: evil@x.example body"
    with pytest.raises(Refused, match="ValueError"):  # what has not gone through one_line is refused, not sent
        channels.send(mailto(mails.port), Message("a\r\nBcc: evil@x.example", "", ""))


def test_a_server_that_refuses_and_one_that_is_down_are_told_apart_and_tell_no_secret(mails: MailServer) -> None:
    mails.refuse = "451 desk@news.example: try again later"
    with pytest.raises(Refused, match="451") as refused:
        channels.send(mailto(mails.port), MESSAGE)
    assert "news.example" not in str(refused.value)
    port = free_port()
    with pytest.raises(Refused, match="ConnectionRefusedError") as down:
        channels.send(
            f"mailto://ann:hunter22@127.0.0.1:{port}/?from=x@news.example&to=ann@news.example&mode=insecure", MESSAGE
        )
    assert "hunter22" not in str(down.value)


def test_a_webhook_gets_the_text(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        channels.send(f"json://ann:token99@127.0.0.1:{hook.port}/alerts/secret-path", MESSAGE)
    (body,) = hook.bodies
    assert (body["title"], body["message"]) == (MESSAGE.subject, MESSAGE.text.rstrip("\n"))
    assert "secret-path" not in caplog.text
    assert "token99" not in caplog.text


def test_a_webhook_that_fails_is_refused_without_its_address(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    hook.status = 503
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused, match="503") as refused:
        channels.send(f"json://127.0.0.1:{hook.port}/secret-path", MESSAGE)
    assert "secret-path" not in str(refused.value) + caplog.text


@pytest.mark.parametrize("url", ["", "nonsense", "gopher9://host/secret", "mailto://"])
def test_an_address_of_no_service_is_a_wrong_setting_and_is_not_told(url: str) -> None:
    with pytest.raises(SettingsError, match="not one that apprise knows") as wrong:
        channels.send(url, MESSAGE)
    assert "secret" not in str(wrong.value)


def test_every_piece_of_an_address_is_taken_out_of_what_is_said() -> None:
    url = "slack://T0KENAAAA/T0KENBBBB/p%40ssword?to=general"
    assert redacted("cannot reach T0KENAAAA with T0KENBBBB, p@ssword at " + url, url).count("T0KEN") == 0
    assert "p@ssword" not in redacted("p@ssword", url)
    assert redacted("timed out", url) == "timed out"
