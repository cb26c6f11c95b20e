"""The desk as an ASGI app: every page behind Airflow's rights, under a policy that runs nothing but our own script."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from mediawatch.desk import (
    article,
    batch,
    drafts,
    event,
    feeds,
    files,
    outcomes,
    overview,
    saved,
    search,
    story,
    topics,
)
from mediawatch.desk.page import refusal
from mediawatch.desk.rights import User, same_origin
from mediawatch.errors import MediawatchError
from mediawatch.store.database import BadValue, Database, TooLong

PAGES: tuple[APIRouter, ...] = tuple(
    page.router
    for page in (overview, topics, drafts, story, event, search, saved, feeds, article, batch, outcomes, files)
)
READS = {"GET", "HEAD"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers then send a form with `Origin: null`, and ours could not be told from others'.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(
    connect: Callable[[], Database],
    *,
    reading: Callable[..., Any],
    writing: Callable[..., Any],
    who: Callable[..., User],
) -> FastAPI:
    """The app. `connect` opens mediawatch's database; `reading` and `writing` are dependencies that raise 401 or 403,
    `who` is one that gives the user.

    Every route asks `reading`; every one that is not only a GET asks `writing` too, and for a form of our own.
    """

    def named(request: Request, user: User = Depends(who)) -> None:  # noqa: B008 - FastAPI's way
        request.state.desk_user = user

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.connect = connect
    for router in PAGES:
        for route in router.routes:
            if isinstance(route, APIRoute):
                rights = [reading] if route.methods <= READS else [reading, writing, same_origin]
                _add(app, route, [*rights, named])
    app.middleware("http")(_headed)
    app.add_exception_handler(HTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(TooLong, _too_long)
    app.add_exception_handler(BadValue, _no_value)
    app.add_exception_handler(MediawatchError, _unavailable)
    return app


def _add(app: FastAPI, route: APIRoute, needed: list[Callable[..., Any]]) -> None:
    depends = [Depends(each) for each in needed]
    methods = sorted(route.methods)
    app.add_api_route(route.path, route.endpoint, methods=methods, dependencies=depends, response_model=None)


async def _headed(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await answer(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(request, error.status_code, str(error.detail))


async def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
    return refusal(request, 422, places)


async def _too_long(request: Request, _: Exception) -> Response:
    return refusal(
        request, 503, "The database did not answer within the time limit. Ask for less: fewer days, more words."
    )


async def _no_value(request: Request, _: Exception) -> Response:
    """An id beyond all ids, or the place in a list that somebody made up."""
    return refusal(request, 400, "The address holds a value that nothing here can have.")


async def _unavailable(request: Request, error: Exception) -> Response:
    """No database, or none that is named."""
    return refusal(request, 503, f"{error}.")
