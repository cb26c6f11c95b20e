"""Addresses and forms that no page of the desk has made: each is refused in words, and none of them breaks the desk."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from desk_pages import addresses
from fastapi import HTTPException
from fastapi.routing import APIRoute
from mediawatch.desk.app import PAGES
from mediawatch.store.database import Database
from starlette.testclient import TestClient

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
ROUTES = [route for page in PAGES for route in page.routes if isinstance(route, APIRoute)]
IDS = ["-1", "2147483648", "9" * 30, "9" * 5_000, "%00", "%ED%A0%80", "..%2F..%2Fetc%2Fpasswd"]


def refused() -> None:
    """A right that nobody has."""
    raise HTTPException(403, "Forbidden")


def token(*parts: str | None) -> str:
    """A place in a list, as an address carries it."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


TOKENS = [
    base64.urlsafe_b64encode(b"[" * 40_000).decode(),
    "é",
    *(token(*[part] * count) for part in ("x", "\0", "\ud800", "9" * 30, None) for count in (1, 2, 3)),
    token("2024-01-01T00:00:00+00:00", "9" * 30),
]


@pytest.fixture
def database_url(corpus_url: str) -> str:
    return corpus_url


@pytest.fixture
def stranger(desk: Callable[..., TestClient]) -> Iterator[TestClient]:
    """A client with every right, that gets a page's crash as the answer 500."""
    with TestClient(desk().app, "http://airflow.example", raise_server_exceptions=False, root_path="/mediawatch") as it:
        yield it


def filled(route: APIRoute, value: str) -> str:
    return "/mediawatch" + re.sub(r"\{[^}]*\}", value, route.path)


def test_no_id_breaks_a_page_or_a_form(stranger: TestClient) -> None:
    form = {"article": "1", "other": "²", "do": "also", "sure": "1", "q": "x", "name": "x"}
    answers = {
        (method, route.path, value): stranger.request(
            method, filled(route, value), headers=SAME_ORIGIN, data=form if method == "POST" else None
        ).status_code
        for route in ROUTES
        if "{" in route.path
        for method in route.methods
        for value in IDS
    }
    assert {asked: code for asked, code in answers.items() if not 400 <= code < 500} == {}


def test_no_place_in_a_list_breaks_the_list(stranger: TestClient, db: Database) -> None:
    lists = [path for path in addresses(db).values() if path != "/mediawatch/"]
    asked = [f"{path}{'&' if '?' in path else '?'}after={quote(each)}" for path in lists for each in TOKENS]
    assert [path for path in asked if stranger.get(path).status_code >= 500] == []


@pytest.mark.parametrize("other", ["²", "9" * 5_000, "99999999999", "\0", "javascript:x"])
def test_a_verdict_on_what_is_no_article_is_refused_in_words(stranger: TestClient, db: Database, other: str) -> None:
    (story,) = db.execute("select story_id, canonical_article_id as article from story where articles > 0 limit 1")
    form = {"do": "also", "article": str(story.article), "other": other}
    answer = stranger.post(f"/mediawatch/stories/{story.story_id}/verdicts", data=form, headers=SAME_ORIGIN)
    assert answer.status_code == 422
    assert "No article is known at" in answer.text


@pytest.mark.parametrize(
    "query",
    ["(" * 400, '"' * 399, "a* " * 160, "a NEAR/9 " * 50, "-" * 400, "' or 1=1 --", "\0", "%ED%A0%80", "é*" * 200],
)
def test_no_search_breaks_the_page(stranger: TestClient, query: str) -> None:
    assert stranger.get("/mediawatch/search?q=" + quote(query, safe="%")).status_code in (200, 400, 422)


@pytest.mark.parametrize(
    "narrow",
    ["since=0001-01-01", "until=9999-12-31", "since=9999-99-99", "source=%00", "language=%2e%2e", "topic=%ED%A0%80"],
)
def test_no_narrowing_breaks_the_search(stranger: TestClient, narrow: str) -> None:
    assert stranger.get(f"/mediawatch/search?q=china&{narrow}").status_code in (200, 400, 422)


@pytest.mark.parametrize("origin", ["null", "http://[", "http://airflow.example.evil.example", "http://x@evil.example"])
def test_a_form_of_another_origin_writes_nothing(stranger: TestClient, origin: str) -> None:
    for route in ROUTES:
        if "POST" in route.methods:
            answer = stranger.post(filled(route, "1"), headers={"origin": origin})
            assert answer.status_code == 403, route.path


def test_no_form_is_taken_without_the_right_to_write(desk: Callable[..., TestClient]) -> None:
    client = desk(writing=refused)
    for route in ROUTES:
        if "POST" in route.methods:
            assert client.post(filled(route, "1"), headers=SAME_ORIGIN).status_code == 403, route.path
        for method in {"PUT", "DELETE", "PATCH"}:
            override = {"x-http-method-override": "POST", **SAME_ORIGIN}
            assert client.request(method, filled(route, "1"), headers=override).status_code == 405, route.path
