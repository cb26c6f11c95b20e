"""The frame of all pages: rights, headers, where a form may come from, escaping, and what is said to a wrong address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import HTTPException, Request
from fastapi.routing import APIRoute
from mediawatch.desk import connection
from mediawatch.desk.app import PAGES, create_app
from mediawatch.desk.rights import User, same_origin
from mediawatch.store.database import Database
from mediawatch.store.queries import statements
from starlette.testclient import TestClient

Desk = Callable[..., TestClient]


def stranger() -> None:
    raise HTTPException(401, "Not authenticated")


def test_every_address_asks_for_the_right_to_read(desk: Desk) -> None:
    client = desk(reading=stranger)
    routes = [route for router in PAGES for route in router.routes if isinstance(route, APIRoute)]
    assert routes
    for route in routes:
        for method in route.methods:
            path = "/mediawatch" + route.path.replace("{", "").replace("}", "")
            assert client.request(method, path).status_code in (401, 422), (method, path)
    answer = client.get("/mediawatch/")
    assert answer.status_code == 401
    assert "Log in to Airflow" in answer.text


def test_a_page_may_run_and_be_framed_by_nothing_but_its_own_origin(reader: TestClient) -> None:
    for path in ("/mediawatch/", "/mediawatch/static/desk.js", "/mediawatch/nowhere"):
        headers = reader.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert reader.get("/mediawatch/").headers["cache-control"] == "no-store"


def test_links_lead_below_where_airflow_has_put_the_desk(reader: TestClient) -> None:
    text = reader.get("/mediawatch/").text
    assert 'href="/mediawatch/feeds"' in text
    assert 'href="/mediawatch/" aria-current="page"' in text


def test_an_address_that_is_none_answers_in_words(reader: TestClient) -> None:
    answer = reader.get("/mediawatch/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site", "origin": "http://airflow.example"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "http://airflow.example"}, True),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(headers: dict[str, str], taken: bool) -> None:
    sent = [(b"host", b"airflow.example"), *((name.encode(), value.encode()) for name, value in headers.items())]
    request = Request({"type": "http", "method": "POST", "headers": sent})
    if taken:
        same_origin(request)
    else:
        with pytest.raises(HTTPException) as refusal:
            same_origin(request)
        assert refusal.value.status_code == 403


def test_a_question_that_takes_too_long_is_told_to_ask_for_less(
    reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LIMITS", "set local statement_timeout = 1")
    monkeypatch.setitem(statements(), "desk_feeds.counts", "select pg_sleep(1)")
    answer = reader.get("/mediawatch/feeds")
    assert answer.status_code == 503
    assert "Ask for less" in answer.text


def test_a_database_that_is_not_there_is_said() -> None:
    def nowhere() -> Database:
        return Database("postgresql://nobody@127.0.0.1:1/nothing")

    nobody = User("", may_write=False)
    app = create_app(nowhere, reading=lambda: None, writing=lambda: None, who=lambda: nobody)
    with TestClient(app) as client:
        answer = client.get("/")
    assert answer.status_code == 503
    assert "cannot connect" in answer.text
