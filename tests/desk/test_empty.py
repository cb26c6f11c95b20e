"""The pages of a database that nothing has come into yet: each says what to do next."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("", "mediawatch feeds add"),
        ("?span=14d", "mediawatch feeds add"),
        ("feeds", "mediawatch feeds add"),
        ("outcomes", "Every entry has become an article."),
        ("batches", "No batch was claimed yet."),
        ("url", "Put the address of an article"),
        ("topics", "fentanyl"),
        ("search", "Type words to look for."),
        ("search?q=harbour", "There are no articles yet."),
    ],
)
def test_an_empty_database_says_what_to_do(reader: TestClient, path: str, said: str) -> None:
    answer = reader.get(f"/mediawatch/{path}")
    assert answer.status_code == 200
    assert said in answer.text
