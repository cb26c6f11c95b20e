"""`mediawatch stories …`: why articles are one story, and what a person has to say about it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mediawatch.terminal import Json, connected, console, show_json

if TYPE_CHECKING:
    from mediawatch.store.database import Database

app = typer.Typer(no_args_is_help=True, help="Stories: why articles are copies, and verdicts on them.")

Url = Annotated[
    str, typer.Argument(help="An article's URL, as a feed announced it or as the page calls itself; or its id.")
]
Note = Annotated[str, typer.Option(help="Why; kept with the verdict.")]
Author = Annotated[str, typer.Option(help="Who says so.", default_factory=getpass.getuser)]


@app.command("show")
def stories_show(url: Url, json: Json = False) -> None:
    """The story of an article: everywhere it appeared, why each copy is one, and what shares text and is none."""
    from mediawatch.reports import stories as report
    from mediawatch.store.stories import story

    with connected() as (db, _):
        facts = story(db, _article(db, url).story_id)
    show_json(facts) if json else console.print(report.story(facts))


@app.command("diff")
def stories_diff(a: Url, b: Url) -> None:
    """Two articles side by side: what only one of them has is coloured."""
    from mediawatch.reports import stories as report
    from mediawatch.store.database import plain

    with connected() as (db, _):
        console.print(report.side_by_side(plain(_article(db, a)), plain(_article(db, b))))


@app.command("undo")
def stories_undo(a: Url, b: Url, author: Author, note: Note = "") -> None:
    """Say that two articles are no copies; every later run keeps to it."""
    _say(a, b, same=False, author=author, note=note)


@app.command("join")
def stories_join(a: Url, b: Url, author: Author, note: Note = "") -> None:
    """Say that two articles are copies, though no link says so; every later run keeps to it."""
    _say(a, b, same=True, author=author, note=note)


@app.command("retract")
def stories_retract(a: Url, b: Url) -> None:
    """Take back what was said of two articles; their texts decide again."""
    from mediawatch.stages.verdicts import unsay

    with connected() as (db, _):
        known = unsay(db, _article(db, a).article_id, _article(db, b).article_id)
    console.print("taken back" if known else "nothing was said of them")


@app.command("regroup")
def stories_regroup(
    publish: Annotated[bool, typer.Option("--publish", help="Switch to them after they were compared.")] = False,
    json: Json = False,
) -> None:
    """Build all stories anew, beside the live ones, and show what would change; needed after a new version's sketch."""
    from mediawatch.reports import stories as report
    from mediawatch.stages import regroup

    with connected() as (db, _):
        plan = regroup.build(db)
        if publish:
            regroup.publish(db, plan)
    show_json(plan.plain()) if json else console.print(report.changes(plan.plain(), published=publish))


def _say(a: str, b: str, *, same: bool, author: str, note: str) -> None:
    from mediawatch.stages.verdicts import say

    with connected() as (db, _):
        say(db, _article(db, a).article_id, _article(db, b).article_id, same=same, author=author, note=note)
        one, other = (_article(db, each).story_id for each in (a, b))
    console.print(f"one story now: {one}" if one == other else f"two stories now: {one} and {other}")


def _article(db: Database, url: str) -> Any:
    from mediawatch.articles.identity import url_key
    from mediawatch.stages.verdicts import find_article

    return find_article(db, url, url_key(url))
