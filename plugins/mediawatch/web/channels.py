"""Where messages go: a channel is an address that apprise reads (mailto, slack, json and a hundred more).

An operator sets it, so the address guard is not asked. The address holds secrets: it is never logged, stored or shown,
and what a service says of a failure is stripped of it. Mail is written and sent by `mail`, for its own text part beside
the HTML; apprise only reads its address.
"""

from __future__ import annotations

import logging
import re
import smtplib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from mediawatch.alerts.message import Message
from mediawatch.errors import SettingsError
from mediawatch.web import mail
from mediawatch.web.mail import Mailbox

Secret = Callable[[str], str]
"""The name of a channel → its address; SettingsError when there is none of that name."""

SHORTEST = 4
"""Pieces of an address that are shorter are not told from words."""


class Refused(Exception):
    """The channel did not take the message; its text holds no secret."""


def send(url: str, message: Message) -> str:
    """Hand a message to the address; a remark, or nothing. Refused when it was not taken."""
    try:
        return _send(url, message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Refused(f"{type(error).__name__}: {redacted(str(error), url)}"[:500]) from None


def redacted(text: str, url: str) -> str:
    """The text without any piece of the address: names, tokens, passwords, hosts."""
    pieces = {
        piece for whole in (url, unquote(url)) for piece in re.split(r"[/:@?&=,;#\s]+", whole.partition("://")[2])
    }
    for piece in sorted(filter(lambda each: len(each) >= SHORTEST, pieces), key=len, reverse=True):
        text = text.replace(piece, "•••")
    return text.replace(url, "•••")


def _send(url: str, message: Message) -> str:
    service = _service(url)
    if hasattr(service, "smtp_host"):
        return mail.send(_mailbox(service), message)
    from apprise import Apprise, NotifyFormat

    told: list[str] = []
    with _listening(told):
        apprise = Apprise()
        apprise.add(service)
        taken = apprise.notify(title=message.subject, body=message.text, body_format=NotifyFormat.TEXT)
    if not taken:
        raise Refused(redacted("; ".join(told) or "the service did not take it", url)[:500])
    return ""


def _service(url: str) -> Any:
    """What apprise makes of an address; a new one each time, for each paces itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # apprise 2.3 imports imghdr where it is still there
        from apprise import Apprise

        with _listening([]):
            service = Apprise.instantiate(url.strip(), suppress_exceptions=True)
    if service is None:
        raise SettingsError("a channel's address is not one that apprise knows, e.g. mailto://…, slack://…, jsons://…")
    return service


def _mailbox(service: Any) -> Mailbox:
    names = service.from_addr
    return Mailbox(
        host=service.smtp_host,
        port=service.port,
        secure=str(getattr(service.secure_mode, "value", service.secure_mode)),
        user=(service.user or "") if service.password else "",
        password=service.password or "",
        sender=(names[0] or "", names[1]),
        to=tuple(address for _, address in service.targets),
        cc=tuple(sorted(service.cc)),
        bcc=tuple(sorted(service.bcc)),
        verify=bool(service.verify_certificate),
    )


@contextmanager
def _listening(told: list[str]) -> Iterator[None]:
    """Take what apprise and its HTTP client log to ourselves: it names addresses, and many read a task's log."""
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    handler.setLevel(logging.WARNING)
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3")]
    before = [(logger.propagate, logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.propagate, logger.handlers = False, [handler]
    try:
        yield
    finally:
        for logger, kept in zip(loggers, before, strict=True):
            logger.propagate, logger.handlers = kept
