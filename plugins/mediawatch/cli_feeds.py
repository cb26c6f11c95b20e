"""`mediawatch feeds …`: subscriptions by hand."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.markup import escape

from mediawatch.errors import MediawatchError
from mediawatch.settings import Settings
from mediawatch.terminal import Json, connected, console, show_json

if TYPE_CHECKING:
    from mediawatch.feeds.opml import Subscription

app = typer.Typer(no_args_is_help=True, help="Subscriptions.")

Urls = Annotated[list[str], typer.Argument(help="One feed's URL, or several, as `feeds list` shows them.")]


@app.command("add")
def feeds_add(
    urls: Annotated[list[str], typer.Argument(help="One feed's URL, or several; - reads them from stdin, one a line.")],
    source: Annotated[str, typer.Option(help="Publisher's name; the host name if not given.")] = "",
) -> None:
    """Subscribe to feeds; they are polled at the next round."""
    from mediawatch.articles.url import normalise
    from mediawatch.feeds.opml import Subscription

    wanted = [line for url in urls for line in (_lines_of_stdin() if url == "-" else [url])]
    if bad := [url for url in wanted if normalise(url) is None]:
        raise MediawatchError(f"not an http(s) URL: {', '.join(bad)}")
    _subscribe(Subscription(url=url, source=source) for url in dict.fromkeys(wanted))


@app.command("import")
def feeds_import(
    file: Annotated[Path | None, typer.Argument(help="An OPML file.", exists=True, dir_okay=False)] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="The list of world-news feeds that comes along.")] = False,
) -> None:
    """Subscribe to all feeds of an OPML file; its folders are the publishers."""
    from mediawatch.feeds import opml

    if shipped == (file is not None):
        raise MediawatchError("name an OPML file, or give --shipped")
    _subscribe(opml.read((file or files("mediawatch.data") / "sources.opml").read_bytes()))
    if shipped:
        console.print("this list was not checked against the web: after a round `feeds list` shows which feeds answer")


@app.command("export")
def feeds_export(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; to the terminal if not given.")] = None,
) -> None:
    """Write all subscriptions as OPML."""
    from mediawatch.feeds import opml
    from mediawatch.stages.subscribe import subscriptions

    with connected() as (db, _):
        text = opml.write(subscriptions(db))
    if file is None:
        sys.stdout.buffer.write(text)
    else:
        file.write_bytes(text)
        console.print(f"wrote {file}")


@app.command("list")
def feeds_list(json: Json = False) -> None:
    """Every feed with its state, its rhythm and why, and what the last poll said."""
    from mediawatch.reports import feeds
    from mediawatch.store.database import plain

    with connected() as (db, _):
        rows = [plain(row) for row in db.rows("feeds.list")]
    if json:
        show_json(rows)
    else:
        console.print(feeds.table(rows) if rows else "no feeds yet: `mediawatch feeds add URL`")


@app.command("discover")
def feeds_discover(
    url: Annotated[str, typer.Argument(help="A site's homepage.")],
    add: Annotated[bool, typer.Option("--add", help="Subscribe to all of them.")] = False,
    json: Json = False,
) -> None:
    """Find a site's feeds: what its page advertises and links to, else where feeds usually lie; each one is parsed."""
    from mediawatch.feeds.opml import Subscription
    from mediawatch.reports import feeds
    from mediawatch.stages.discover import discover

    homepage = url if "://" in url else f"https://{url}"
    found = discover(Settings.from_env(), homepage)
    if json:
        show_json([asdict(each) for each in found])
    else:
        console.print(feeds.found(found) if found else f"no feed found at {homepage}")
    if add and found:
        source = (urlsplit(homepage).hostname or "").removeprefix("www.")
        _subscribe((Subscription(each.url, each.title, source, homepage) for each in found), quiet=json)


@app.command("check")
def feeds_check(
    url: Annotated[str, typer.Argument(help="A feed's URL, subscribed or not.")], json: Json = False
) -> None:
    """Poll a feed dry: what it answers, how much of it is new, and when it would be polled next; writes nothing."""
    from mediawatch.reports import feeds
    from mediawatch.stages.check import check

    with connected() as (db, settings):
        facts = check(db, settings, url).plain()
    show_json(facts) if json else console.print(feeds.checked(facts))


@app.command("pause")
def feeds_pause(urls: Urls) -> None:
    """Poll these feeds no more, until they are resumed."""
    from mediawatch.stages.subscribe import change

    with connected() as (db, _):
        change(db, urls, "paused")
    console.print(f"{len(urls)} paused")


@app.command("resume")
def feeds_resume(urls: Urls) -> None:
    """Poll these feeds again, at the next round; their failures are forgotten."""
    from mediawatch.stages.subscribe import change

    with connected() as (db, _):
        change(db, urls, "active")
    console.print(f"{len(urls)} active")


@app.command("credential")
def feeds_credential(
    urls: Urls,
    name: Annotated[str, typer.Option(help="Name of an Airflow Connection, or of MEDIAWATCH_CREDENTIAL_<NAME>.")] = "",
    none: Annotated[bool, typer.Option("--none", help="Ask without, from now on.")] = False,
) -> None:
    """Ask these feeds with a secret. Only its name is stored; it is looked up at each poll."""
    from mediawatch.stages.subscribe import set_credential

    if bool(name) == none:
        raise MediawatchError("give --name NAME, or --none")
    with connected() as (db, _):
        set_credential(db, urls, name or None)
    console.print(f"{len(urls)} asked {f'with {name}' if name else 'without a secret'}")


@app.command("retire")
def feeds_retire(urls: Urls) -> None:
    """Poll these feeds once a week only, whatever they answer, until they are resumed. To silence a feed, pause it."""
    from mediawatch.stages.subscribe import change

    with connected() as (db, _):
        change(db, urls, "retired")
    console.print(f"{len(urls)} retired")


def _lines_of_stdin() -> list[str]:
    """URLs, one a line; empty lines and those that begin with # are left out."""
    lines = (line.strip() for line in sys.stdin)
    return [line for line in lines if line and not line.startswith("#")]


def _subscribe(subscriptions: Iterable[Subscription], *, quiet: bool = False) -> None:
    from mediawatch.stages.subscribe import subscribe

    with connected() as (db, _):
        added, known = subscribe(db, subscriptions)
    if quiet:
        return
    for url in added:
        console.print(f"[green]added[/]  {escape(url)}")
    for url in known:
        console.print(f"[dim]known[/]  {escape(url)}")
    console.print(f"{len(added)} added, {len(known)} known already")
