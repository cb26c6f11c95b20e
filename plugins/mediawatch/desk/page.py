"""Templates to answers: Jinja2 with escaping always on, undefined names refused, and the filters of all pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from mediawatch.desk import files
from mediawatch.desk.marking import changes
from mediawatch.desk.rights import User

NAVIGATION = (
    ("", "Overview"),
    ("search", "Search"),
    ("topics", "Topics"),
    ("feeds", "Feeds"),
    ("outcomes", "Outcomes"),
)
NOBODY = User("", may_write=False)


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. Templates know `values`, and: url(path, **query), here(**changes of the query), airflow_url, user, at."""
    place = _place(request)

    def url(path: str = "", **query: object) -> str:
        return address(request, path, **query)

    def here(**changes: object) -> str:
        return url(place, **{**request.query_params, **changes})

    def airflow_url(path: str) -> str:
        return f"{request.scope.get('app_root_path', '')}/{path}"

    frame = {
        "url": url,
        "airflow_url": airflow_url,
        "here": here,
        "user": getattr(request.state, "desk_user", NOBODY),
        "section": place.partition("/")[0],
        "at": datetime.now(timezone.utc),
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render(frame | values), status)


def address(request: Request, path: str = "", **query: object) -> str:
    """The address of a page of ours, from the root of the host."""
    return f"{request.scope.get('root_path', '')}/{path}{_query(query)}"


def refusal(request: Request, status: int, detail: str) -> HTMLResponse:
    """A page that says what is wrong, and what to do."""
    return render(request, "refusal.html", status=status, code=status, phrase=HTTPStatus(status).phrase, detail=detail)


def _place(request: Request) -> str:
    """The page's own path, below wherever Airflow (or a proxy before it) has put the desk."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return ""
    return route.path_format.format(
        **{name: quote(str(value), safe="") for name, value in request.path_params.items()}
    )[1:]


def _query(values: Mapping[str, object]) -> str:
    told = {name: value for name, value in values.items() if value not in (None, "", False)}
    return "?" + urlencode(told) if told else ""


# ---- filters --------------------------------------------------------------------------------------------------------


def number(value: float | None) -> str:
    """1234567 → 1,234,567; — for nothing."""
    return "—" if value is None else f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def percent(share: float | None) -> str:
    """0.125 → 12.5%; — for nothing."""
    return "—" if share is None else f"{share:.1%}" if 0 < share < 0.0995 else f"{share:.0%}"


def when(moment: datetime | None, precision: str | None = "minute") -> str | Markup:
    """A moment in UTC as a time element; the day only where no more is known."""
    if moment is None:
        return "—"
    moment = moment.astimezone(timezone.utc)
    shown = f"{moment:%Y-%m-%d}" if precision == "day" else f"{moment:%Y-%m-%d %H:%M}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        moment.isoformat(), f"{moment:%a %d %b %Y %H:%M:%S}", shown
    )


def span(value: timedelta | float | None) -> str:
    """A duration (seconds) in its two largest units: 95 → 1 min 35 s; — for nothing. A number stays with its unit."""
    if value is None:
        return "—"
    left = round(value.total_seconds() if isinstance(value, timedelta) else float(value))
    sign, left = ("−" if left < 0 else ""), abs(left)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        parts.append((count, unit))
    first = next((i for i, (count, _) in enumerate(parts) if count), 3)
    return sign + " ".join(
        f"{count}\u00a0{unit}" for count, unit in parts[first : first + 2] if count or (unit == "s" and first == 3)
    )


def ago(moment: datetime | None, at: datetime) -> str | Markup:
    """How long ago, or in how long, as a time element."""
    if moment is None:
        return "never"
    passed = (at - moment).total_seconds()
    said = "now" if abs(passed) < 1 else f"{_largest(passed)} ago" if passed > 0 else f"in {_largest(-passed)}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        moment.isoformat(), f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S}", said
    )


def _largest(seconds: float) -> str:
    return span(seconds).partition(" ")[0]


def web(url: str | None) -> str | None:
    """The address if a browser may be led there (http, https with a host), else None: feeds hold javascript: links."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def host(url: str | None) -> str:
    """The host of an address, for a short look."""
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""


def day(value: date | datetime | None) -> str:
    """2024-02-01."""
    return "—" if value is None else f"{value:%Y-%m-%d}"


def clock(moment: datetime | None, precision: str | None = "minute") -> str:
    """17:30 UTC; nothing for nothing, and where no more than the day is known."""
    return "" if moment is None or precision == "day" else f"{moment.astimezone(timezone.utc):%H:%M} UTC"


def words(value: str) -> str:
    """not_found → not found."""
    return value.replace("_", " ")


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("mediawatch.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (number, percent, when, span, ago, web, host, day, clock, words, changes)
    made.filters |= {each.__name__: each for each in filters} | {"path": lambda value: quote(str(value), safe="")}
    made.globals |= {"navigation": NAVIGATION, "version": files.version}
    return made


_TEMPLATES = _environment()
