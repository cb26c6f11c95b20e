"""The front page: what came in, what failed and why, how late, what is unusual."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from mediawatch.desk.connection import Reading
from mediawatch.desk.page import render

router = APIRouter()


@router.get("/")
def overview(request: Request, db: Reading) -> Response:
    """The page."""
    return render(request, "overview.html")
