"""Who asks, and whether a form comes from our own pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import HTTPException, Request


@dataclass(frozen=True)
class User:
    """Who asks: the name that verdicts and drafts are recorded under, and whether buttons that write are shown."""

    name: str
    may_write: bool


def same_origin(request: Request) -> None:
    """403 unless the browser says that the request comes from this origin.

    Airflow's cookie is SameSite=Lax, which already keeps it out of other sites' forms; a sister host of the same site
    would still get it. Sec-Fetch-Site is not to be forged by a page; browsers leave it out on plain HTTP, where Origin
    tells. A request with neither is no form of ours.
    """
    site = request.headers.get("sec-fetch-site")
    if site == "same-origin" or (site is None and _host_of_origin(request) == request.headers.get("host")):
        return
    raise HTTPException(403, "This form does not come from one of mediawatch's own pages.")


def _host_of_origin(request: Request) -> str | None:
    try:
        return urlsplit(request.headers.get("origin", "")).netloc or None
    except ValueError:
        return None
