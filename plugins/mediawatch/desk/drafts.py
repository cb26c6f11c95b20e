"""A topic's query in the making: edit, see what it would add and drop, save as a version, and make a version tag."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from difflib import ndiff
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from mediawatch.desk.connection import Reading, Writing
from mediawatch.desk.page import address, render
from mediawatch.desk.topics import listed
from mediawatch.errors import TopicError
from mediawatch.stages import retag, topic_versions
from mediawatch.stages.topic_glance import Glance, glance
from mediawatch.store.database import Database
from mediawatch.topics.check import failed_tests
from mediawatch.topics.definition import TopicDefinition, parse_topic

router = APIRouter()

LOOKS = {"1000": 1.5, "5000": 6.0, "20000": 20.0}
"""Articles that a preview reads, and the seconds that it may take for them."""
Look = Literal["1000", "5000", "20000"]

TOPIC_ID = re.compile(r"(?=.{1,60}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PLACE = re.compile(r"\bline (\d+)(?:, column (\d+))?")
_AROUND = 2
"""Lines that are shown before and after the one with an error, or with a change."""
_SKIPPED = Markup("…\n")

STARTER = """\
id: {topic}
title: {title}
definition: >
  Say in a sentence or two what belongs to the topic, and what does not.

lists:
  main:
    en: [harbour*, quay]

signals:
  - {{name: named, terms: main, weight: 1, cap: 4, zones: {{title: 3, lead: 2, body: 1}}}}

thresholds: {{tagged: 2, primary: 6}}

tests:
  - {{title: A new harbour, text: The harbour opens on Monday., level: tagged}}
  - {{text: It rains., level: none}}
"""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a draft; `excerpt` are (line number, text, is the line) around the place, if one is told."""

    message: str
    excerpt: list[tuple[int, str, bool]]
    column: int | None


@dataclass(frozen=True)
class Looked:
    """What a preview found, and how long it took."""

    glance: Glance
    seconds: float


@router.get("/new-topic")
def begin(request: Request, db: Reading, topic: str = "") -> Response:
    """To the draft of a topic that is not there yet."""
    topic = topic.strip().lower()
    if not TOPIC_ID.fullmatch(topic):
        raise HTTPException(
            422, "A topic's id is a lower-case word of up to 60 letters, digits and hyphens, such as port-strikes."
        )
    return RedirectResponse(address(request, f"topics/{topic}/draft"), 303)


@router.get("/topics/{topic}/draft")
def edit(request: Request, db: Reading, topic: str, version: int | None = None) -> Response:
    """The form: the newest version's text, or that of the version asked for; for a new topic one to begin with."""
    known = listed(db, topic)
    if known is None and not TOPIC_ID.fullmatch(topic):
        raise HTTPException(404, f"There is no topic {topic!r}.")
    number = version or (known.newest_version if known else None)
    stored = db.row("topics.version", topic_id=topic, version=number)
    body = stored.body if stored else STARTER.format(topic=topic, title=topic.replace("-", " ").capitalize())
    return _form(request, topic, body, base=number)


@router.post("/topics/{topic}/draft")
def work(
    request: Request,
    db: Writing,
    topic: str,
    body: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    look: Annotated[Look, Form()] = "1000",
    do: Annotated[Literal["preview", "save"], Form()] = "preview",
) -> Response:
    """Preview a draft, or save it as a version that does not tag yet."""
    body = body.replace("\r\n", "\n")
    try:
        draft = checked(body, topic)
    except TopicError as error:
        return _form(request, topic, body, note=note, look=look, status=422, fault=fault_of(str(error), body))
    if do == "save":
        version = topic_versions.put(db, draft, body, request.state.desk_user.name, note.strip())
        return RedirectResponse(address(request, f"topics/{topic}/versions/{version}", saved=1), 303)
    looked = look_at(db, draft, look)
    return _form(request, topic, body, note=note, look=look, draft=draft, looked=looked)


@router.get("/topics/{topic}/versions/{version}")
def version_page(
    request: Request, db: Reading, topic: str, version: int, look: Look = "1000", saved: bool = False
) -> Response:
    """One version: its text, what it would add and drop beside the one that tags, and the button that makes it tag."""
    stored, known = db.row("topics.version", topic_id=topic, version=version), listed(db, topic)
    if stored is None or known is None:
        raise HTTPException(404, f"There is no version {version} of a topic {topic!r}.")
    draft = parse_topic(stored.body, topic)
    is_live = known.version == version
    tags = None if is_live or not known.version else db.row("topics.version", topic_id=topic, version=known.version)
    return render(
        request,
        "topic_version.html",
        topic=known,
        stored=stored,
        draft=draft,
        is_live=is_live,
        saved=saved,
        look=look,
        looks=LOOKS,
        looked=None if is_live else look_at(db, draft, look),
        failed=[str(each) for each in failed_tests(draft)],
        against=changed_lines(tags.body, stored.body) if tags else None,
    )


@router.post("/topics/{topic}/versions/{version}")
def activate(
    request: Request, db: Writing, topic: str, version: int, sure: Annotated[bool, Form()] = False
) -> Response:
    """Make a version tag: the DAG retag_articles reads the stored articles, then the views switch."""
    if db.row("topics.version", topic_id=topic, version=version) is None:
        raise HTTPException(404, f"There is no version {version} of a topic {topic!r}.")
    if not sure:
        raise HTTPException(422, "Tick the box that says that you have seen what changes.")
    retag.activate(db, [(topic, version)], request.state.desk_user.name)
    return RedirectResponse(address(request, f"topics/{topic}", activated=version), 303)


def checked(body: str, topic: str) -> TopicDefinition:
    """The topic that a draft defines; TopicError when it is unsound, fails its own tests or has another id."""
    draft = topic_versions.parse_checked(body, "the draft")
    if draft.id != topic:
        raise TopicError(
            f"the draft, line 1: its id is {draft.id}, and this page edits {topic}; another id is another topic"
        )
    return draft


def changed_lines(was: str, now: str) -> Markup:
    """The lines that were taken out and put in, marked, with some around them; nothing where both files are alike."""
    shapes = {"- ": Markup("<del>{}</del>\n"), "+ ": Markup("<ins>{}</ins>\n"), "  ": Markup("{}\n")}
    lines = [line for line in ndiff(was.splitlines(), now.splitlines()) if line[:2] in shapes]
    changes = (place for place, line in enumerate(lines) if line[0] != " ")
    near = {place for change in changes for place in range(change - _AROUND, change + _AROUND + 1)}
    shown, at = [], 0
    for place, line in enumerate(lines):
        if place in near:
            shown += [_SKIPPED] if place > at else []
            shown.append(shapes[line[:2]].format(line[2:]))
            at = place + 1
    return Markup().join(shown)


def look_at(db: Database, draft: TopicDefinition, look: Look) -> Looked:
    """What a draft would add and drop among the newest articles, as far as the time allows."""
    begun = time.monotonic()
    found = glance(db, draft, int(look), lambda: time.monotonic() - begun < LOOKS[look])
    return Looked(found, time.monotonic() - begun)


def fault_of(message: str, body: str) -> Fault:
    """An error of a draft with the lines that it points to."""
    place = _PLACE.search(message)
    if place is None:
        return Fault(message, [], None)
    line = int(place[1])
    lines = enumerate(body.split("\n"), 1)
    excerpt = [(number, text[:200], number == line) for number, text in lines if abs(number - line) <= _AROUND]
    return Fault(message, excerpt, int(place[2]) if place[2] else None)


def _form(
    request: Request,
    topic: str,
    body: str,
    *,
    base: int | None = None,
    note: str = "",
    look: Look = "1000",
    status: int = 200,
    fault: Fault | None = None,
    draft: TopicDefinition | None = None,
    looked: Looked | None = None,
) -> Response:
    values = {"topic": topic, "body": body, "base": base, "note": note, "look": look, "looks": LOOKS}
    return render(request, "topic_draft.html", status=status, **values, fault=fault, draft=draft, looked=looked)
