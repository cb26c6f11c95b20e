"""The desk's own style sheet and script, behind the same rights as the pages."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response

router = APIRouter()
TYPES = {"desk.css": "text/css", "desk.js": "text/javascript"}


@router.get("/static/{name}")
def file(name: str) -> Response:
    """A file of ours; its address carries a digest of it, so a browser may keep it."""
    if name not in TYPES:
        raise HTTPException(404, "There is no such file.")
    kept = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(body(name), media_type=TYPES[name], headers=kept)


@cache
def body(name: str) -> bytes:
    """The file's bytes."""
    return (Path(__file__).parent / "static" / name).read_bytes()


@cache
def version(name: str) -> str:
    """A digest of the file, for its address."""
    return sha256(body(name)).hexdigest()[:12]
