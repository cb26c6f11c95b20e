"""One mail over SMTP: text and HTML side by side."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid
from functools import partial

from mediawatch.alerts.message import Message

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Mailbox:
    """A server that takes mail, and the addresses. `secure`: starttls, ssl or insecure; `user` empty: without login."""

    host: str
    port: int
    secure: str
    user: str
    password: str
    sender: tuple[str, str]
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    verify: bool = True


def send(box: Mailbox, message: Message) -> str:
    """Hand a mail to the server; what it said of addresses that it refused, while it took others.

    OSError or smtplib.SMTPException when it did not take it.
    """
    mail = compose(box, message)
    context = ssl.create_default_context()
    if not box.verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    client = partial(smtplib.SMTP_SSL, context=context) if box.secure == "ssl" else smtplib.SMTP
    with client(box.host, box.port, timeout=TIMEOUT_S) as server:
        if box.secure == "starttls":
            server.starttls(context=context)
        if box.user:
            server.login(box.user, box.password)
        refused = server.send_message(mail, box.sender[1], [*box.to, *box.cc, *box.bcc])
    return f"{len(refused)} of the addresses were refused" if refused else ""


def compose(box: Mailbox, message: Message) -> EmailMessage:
    """The mail: multipart/alternative, its text first. A header cannot hold a line break: the policy refuses it."""
    name, sender = box.sender
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = Address(name or "mediawatch", addr_spec=sender)
    mail["To"] = ", ".join(box.to)
    if box.cc:
        mail["Cc"] = ", ".join(box.cc)
    mail["Date"] = format_datetime(localtime())
    mail["Message-ID"] = make_msgid("mediawatch", domain=sender.rpartition("@")[2] or "localhost")
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers to an alert
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail
