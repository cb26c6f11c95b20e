"""Secrets by name: what a feed is asked with and where messages go, looked up when needed, and stored nowhere."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Callable

from mediawatch.errors import SettingsError
from mediawatch.settings import PREFIX

Credentials = Callable[[str], str]
"""The name of a secret → the value of the Authorization header; SettingsError when there is none of that name."""

NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def from_environment(name: str) -> str:
    """A feed's secret as a header: it is written `user:password`, a token, or a header's whole value (`Scheme …`)."""
    secret = secret_of(name)
    if " " in secret.partition(":")[0]:
        return secret
    user, colon, password = secret.partition(":")
    return basic(user, password) if colon else f"Bearer {secret}"


def secret_of(name: str) -> str:
    """The secret in MEDIAWATCH_CREDENTIAL_<NAME>, as it stands there; SettingsError when there is none."""
    variable = f"{PREFIX}CREDENTIAL_{re.sub('[^A-Z0-9]', '_', name.upper())}"
    secret = os.environ.get(variable, "").strip()
    if not secret:
        raise SettingsError(f"there is no credential {name!r}: set {variable}")
    return secret


def basic(user: str, password: str) -> str:
    """Basic authentication (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
