"""`mediawatch …`: everything that a person does by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from mediawatch import (
    cli_alerts,
    cli_ask,
    cli_backfill,
    cli_care,
    cli_digest,
    cli_evaluate,
    cli_export,
    cli_feeds,
    cli_replay,
    cli_revisions,
    cli_stories,
    cli_topics,
)
from mediawatch.errors import MediawatchError
from mediawatch.settings import Settings
from mediawatch.terminal import Json, connected, console, show_json

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False, help=__doc__)
app.add_typer(cli_feeds.app, name="feeds")
app.add_typer(cli_stories.app, name="stories")
app.add_typer(cli_backfill.app, name="backfill")
app.add_typer(cli_evaluate.app, name="evaluate")
app.add_typer(cli_alerts.app, name="alerts")
app.command()(cli_digest.digest)
app.command()(cli_export.export)
app.command()(cli_ask.ask)
app.add_typer(cli_replay.app, name="replay")
app.command("diff")(cli_revisions.diff)
app.command("refetch")(cli_revisions.refetch)
app.add_typer(cli_topics.app, name="topics")
app.command("forget")(cli_care.forget)
app.command("retention")(cli_care.retention)
app.command("backup")(cli_care.backup)
app.command("restore")(cli_care.restore)
app.command("tidy")(cli_care.tidy)


def main() -> None:
    """Run the command line; what a person has to put right is one line on stderr and exit code 1."""
    try:
        app()
    except (MediawatchError, OSError) as error:
        Console(stderr=True, highlight=False).print(f"[red]mediawatch:[/] {escape(str(error))}")
        sys.exit(1)


# ---- the flow ------------------------------------------------------------------------------------------------------


@app.command()
def run(
    force: Annotated[bool, typer.Option("--force", help="Poll every active feed, due or not.")] = False,
    json: Json = False,
) -> None:
    """Do the whole flow once in this process, without Airflow: poll, fetch, extract, deduplicate, tag, load."""
    from mediawatch import stages
    from mediawatch.stages.flow import run_once
    from mediawatch.store.database import plain

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[note]}"),
    )
    with connected() as (db, settings), Progress(*columns, console=Console(stderr=True), disable=json) as bars:
        ready = plain(db.row("status.ready", force=force))
        tasks = {name: bars.add_task(name, total=None, note="") for name in ("poll", *stages.STAGES)}
        bars.update(tasks["poll"], total=ready["feeds"])

        def progress(step: str, counts: dict[str, int]) -> None:
            if step == "claim":
                bars.update(tasks["fetch"], total=(bars.tasks[tasks["fetch"]].total or 0) + counts["entries"])
                return
            done = counts.get("feeds" if step == "poll" else "entries", 0)
            note = ", ".join(f"{n:,} {key}" for key, n in counts.items() if n and key not in ("feeds", "entries"))
            bars.update(tasks[step], advance=done, note=note)
            following = dict(zip(stages.STAGES, [*list(stages.STAGES)[1:], None], strict=True)).get(step)
            if following:
                bars.update(tasks[following], total=(bars.tasks[tasks[following]].total or 0) + counts.get("ok", 0))

        totals = run_once(db, settings, f"cli {os.uname().nodename} {os.getpid()}", force=force, progress=progress)
        waiting = [plain(row) for row in db.rows("status.waiting")]
    if json:
        show_json({**totals, "waiting": waiting})
        return
    console.print("{feeds:,} feeds polled, {entries_new:,} new entries, {ok:,} articles loaded".format(**totals))
    for row in waiting:
        console.print(
            f"{row['entries']:,} entries wait for {row['stage']}; the next is ready at {row['next_at']:%F %T} UTC"
        )


@app.command()
def status(json: Json = False) -> None:
    """How much there is, what became of every entry, and what waits."""
    from mediawatch.reports import status as report
    from mediawatch.stages.regroup import behind

    with connected() as (db, _):
        facts = {**report.status(db), "articles_behind": behind(db)}
    if json:
        show_json(facts)
        return
    console.print(report.render(facts))
    _tell_behind(facts["articles_behind"])


@app.command()
def explain(
    url: Annotated[str, typer.Argument(help="As a feed announced it, or as the page calls itself.")], json: Json = False
) -> None:
    """Everything known about one URL: feed, outcomes, article, story, topics with the words that caused them."""
    from mediawatch.articles.identity import url_key
    from mediawatch.reports import explain as report
    from mediawatch.store.explain import explain as look_up

    with connected() as (db, _):
        found = look_up(db, url, url_key(url))
    if json:
        show_json(found)
    elif found:
        for facts in found:
            console.print(report.render(facts))
    if not found:
        raise MediawatchError(f"no feed has announced {url}")


# ---- the database --------------------------------------------------------------------------------------------------


@app.command()
def migrate() -> None:
    """Bring the database to this version: migrations, views, roles, shipped topics."""
    from mediawatch.stages.alert_rules import sync_rules
    from mediawatch.stages.regroup import behind
    from mediawatch.stages.sync_topics import sync_topics
    from mediawatch.store.migrate import migrate as bring

    with connected(migrated=False) as (db, _):
        applied = bring(db)
        topics = sync_topics(db)
        rules = sync_rules(db)
        articles = behind(db)
    for name in applied:
        console.print(f"[green]applied[/] {name}")
    for name in topics:
        console.print(f"[green]loaded[/]  topic {name}")
    for name in rules:
        console.print(f"[green]loaded[/]  alert rule {name}")
    if not (applied or topics or rules):
        console.print("up to date")
    _tell_behind(articles)


def _tell_behind(articles: int) -> None:
    if articles:
        console.print(
            f"{articles:,} articles were compared by an older method, and copies that come now do not find them: "
            "run `mediawatch stories regroup --publish`"
        )


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def sql(context: typer.Context) -> None:
    """Open psql on the database, in the analyst's schema; what follows is passed on, e.g. -c 'select …'."""
    from mediawatch.local import postgres
    from mediawatch.store.database import without_password

    with connected() as (_, settings):
        psql = shutil.which("psql") or str(postgres.psql_path())
        where, secret = without_password(settings.database_url)
        env = {**os.environ, **secret, "PGOPTIONS": "-c search_path=analyst"}
        ended = subprocess.run([psql, "-X", where, *context.args], env=env, check=False)  # noqa: S603
    raise typer.Exit(ended.returncode)


# ---- everything on this machine ------------------------------------------------------------------------------------


@app.command()
def demo() -> None:
    """Run the sample corpus through the real DAGs in Airflow, print what was found, and stop everything again."""
    from mediawatch.local import demo as show

    show.run(Settings.from_env(), console)


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of Airflow's UI on 127.0.0.1.", min=1, max=65535)] = 8080,
) -> None:
    """Start Postgres, the sample corpus and Airflow, to stay; a database of your own gets no invented feeds."""
    from mediawatch.local import addresses, stack
    from mediawatch.store.database import Database

    settings = Settings.from_env()
    with console.status("starting") as line:
        settings, airflow = stack.start(
            settings, port=port, brisk=False, progress=line.update, subscribed=not settings.database_url
        )
    stack.keep_tidy(settings)
    console.print(f"Airflow    {airflow.url}   user [bold]{airflow.user}[/]   password [bold]{airflow.password}[/]")
    with Database(settings.database_url) as db:
        for name, address in addresses.pages(db, airflow.url):
            console.print(f"{name:10} {address}", soft_wrap=True, highlight=False)
    console.print(f"files      {settings.home}")
    console.print(
        "next       `make psql` to look, `.venv/bin/mediawatch feeds add URL` to add a feed, `make down` to stop"
    )


@app.command()
def down() -> None:
    """Stop everything that `up` started."""
    from mediawatch.local import stack

    stack.stop(Settings.from_env())
    console.print("stopped")
