"""`mediawatch topics …`: what analysts do with topics, from a draft to tags that they can defend."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mediawatch.errors import MediawatchError, TopicError
from mediawatch.terminal import Json, connected, console, show_json, user

app = typer.Typer(
    no_args_is_help=True, help="Topics: check, compare, activate, explain, label, suggest, import, export."
)

TopicFile = Annotated[Path, typer.Argument(metavar="FILE", help="A topic file (YAML).")]
TopicId = Annotated[str, typer.Argument(metavar="TOPIC", help="A topic's id, e.g. us-china.")]
Author = Annotated[str, typer.Option("--by", help="Who does it; your login name unless given.")]

LEVELS = {"p": "primary", "s": "secondary", "n": "none", "u": "unsure"}


@app.command("list")
def list_topics(
    topic: Annotated[str, typer.Argument(help="Show the versions of one topic.")] = "", json: Json = False
) -> None:
    """The topics, or the versions of one."""
    from mediawatch.reports import topics as report
    from mediawatch.store.database import plain

    with connected() as (db, _):
        rows = [plain(r) for r in (db.rows("topics.versions", topic_id=topic) if topic else db.rows("topics.list"))]
    if topic and not rows:
        raise MediawatchError(f"there is no topic {topic!r}")
    columns = ("topic", "version", "newest_version", "author", "created_at", "articles", "primary_articles", "title")
    versions = ("version", "state", "author", "created_at", "live_at", "retired_at", "engine", "note")
    show_json(rows) if json else console.print(report.table(rows, versions if topic else columns))


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Topic files (YAML).")],
    on: Annotated[list[Path] | None, typer.Option(help="Articles with labels (.jsonl, .jsonl.gz); repeatable.")] = None,
    stored: Annotated[bool, typer.Option("--stored", help="Measure on the labels in the database too.")] = False,
    json: Json = False,
) -> None:
    """Check topic files: form, lists, own tests, and how often they are right on labelled articles."""
    from mediawatch.evaluate import topics as evaluation
    from mediawatch.reports import evaluation as figures
    from mediawatch.topics.check import failed_tests

    found: list[dict[str, Any]] = []
    for file in files:
        topic = _read(file)
        failures = [str(each) for each in failed_tests(topic)]
        terms = sum(len(each) for each in topic.lists.values())
        row: dict[str, Any] = {"file": str(file), "topic": topic.id, "terms": terms, "signals": len(topic.signals)}
        row |= {"tests": len(topic.tests), "failed": failures, "hash": topic.definition_hash, "labelled": {}}
        sets = {str(path): list(evaluation.read_articles(path)) for path in on or ()}
        if stored:
            with connected() as (db, _):
                sets["labels in the database"] = evaluation.stored_articles(
                    topic.id, db.rows("topics.labels", topic_id=topic.id)
                )
        row["labelled"] = {name: evaluation.evaluate([topic], articles).plain() for name, articles in sets.items()}
        found.append(row)
    if json:
        show_json(found)
    for row in [] if json else found:
        console.print(
            f"[bold]{escape(row['topic'])}[/]: {row['terms']:,} terms, {row['signals']} signals, {row['tests']} tests, "
            + (f"[red]{len(row['failed'])} failed[/]" if row["failed"] else "[green]all passed[/]")
        )
        for failure in row["failed"]:
            console.print(f"  {escape(failure)}")
        for name, facts in row["labelled"].items():
            console.print(f"\n{escape(name)}")
            console.print(figures.topics(facts))
    if any(row["failed"] for row in found):
        raise typer.Exit(1)


@app.command()
def query(file: TopicFile) -> None:
    """The signals of a topic file in Boolean form."""
    from mediawatch.topics.definition import points, signal_query

    topic = _read(file)
    for signal in topic.signals:
        console.print(f"[bold]{escape(signal.name)}[/] ({points(signal.weight)})")
        console.print(escape(signal_query(signal, topic)), soft_wrap=True)


@app.command()
def diff(
    file: TopicFile,
    samples: Annotated[int, typer.Option(min=0, help="Articles to show of each kind of change.")] = 5,
    seed: Annotated[int, typer.Option(help="Another number shows another sample.")] = 0,
    json: Json = False,
) -> None:
    """What a draft would add and drop on the stored articles, with a sample of each; changes nothing."""
    from mediawatch.reports import topics as report
    from mediawatch.stages import topic_review

    draft = _read(file)
    with connected() as (db, _), _bar("reading", json) as bars:
        bar = bars.add_task(
            "reading", total=db.execute("select count(*) from article where loaded_at is not null")[0][0]
        )
        found = topic_review.difference(db, draft, samples, seed, lambda n: bars.advance(bar, n))
    facts = {key: getattr(found, key) for key in ("read", "added", "dropped", "raised", "lowered", "kept")}
    facts["samples"] = {
        kind: [
            {"article_id": row.article_id, "title": row.title, "url": row.url}
            | {"level": match.level, "score": match.score, "words": report.words(match)}
            for row, match in sample
        ]
        for kind, sample in found.samples.items()
    }
    show_json(facts) if json else console.print(report.change(facts))


@app.command()
def activate(
    what: Annotated[str, typer.Argument(metavar="FILE|TOPIC", help="A topic file, or a topic's id with --version.")],
    version: Annotated[int | None, typer.Option(help="Activate a version that is stored, also an old one.")] = None,
    note: Annotated[str, typer.Option(help="Why the topic changes; kept with the version.")] = "",
    by: Author = "",
    queue: Annotated[
        bool, typer.Option("--queue", help="Leave the stored articles to the DAG retag_articles.")
    ] = False,
    json: Json = False,
) -> None:
    """Store a topic file as a version, give the stored articles its tags, then switch the views, all at once."""
    from mediawatch.stages import retag, topic_review, topic_versions

    by = by or user()
    file = Path(what)
    topic = None
    if version is None:
        if not file.is_file():
            raise MediawatchError(f"{what} is no file; to activate a stored version, add --version NUMBER")
        topic = topic_versions.parse_checked(_text(file), file.name)
    with connected() as (db, _):
        if topic is not None:
            topic_id, version = topic.id, topic_versions.put(db, topic, _text(file), by, note)
        else:
            topic_id = topic_review.known_version(db, what, version).topic_id
        assert version is not None
        run = retag.activate(db, [(topic_id, version)], by)
        facts: dict[str, Any] = {"topic": topic_id, "version": version, "run": run}
        if not queue:
            facts |= _finish(db, run, quiet=json)
    if json:
        show_json(facts)
    elif queue:
        console.print(f"{topic_id} version {version} waits for the DAG retag_articles (run {run})")
    else:
        console.print(
            "{topic} version {version} tags from now on: {articles:,} articles read, {tags:,} tags, "
            "{changed:,} articles changed their topics".format(**facts)
        )


def _finish(db: Any, run: int, *, quiet: bool) -> dict[str, int]:
    from mediawatch.stages import retag

    with _bar("tagging", quiet) as bars:
        total = db.row("retag.progress", retag_id=run)
        bar = bars.add_task("tagging", total=total.total, completed=total.articles)
        return retag.run(db, run, lambda n: bars.advance(bar, n))


@app.command()
def resume(json: Json = False) -> None:
    """Finish the runs over the stored articles that were interrupted or queued, in this process."""
    from mediawatch.stages import retag

    with connected() as (db, _):
        found = [{"run": run, **_finish(db, run, quiet=json)} for run in retag.open_runs(db)]
    if json:
        show_json(found)
        return
    for row in found:
        console.print("run {run}: {articles:,} articles read, {changed:,} changed their topics".format(**row))
    if not found:
        console.print("nothing to do")


@app.command()
def explain(
    topic: TopicId,
    url: Annotated[str, typer.Argument(help="An article's address.")],
    file: Annotated[Path | None, typer.Option(help="Explain by this draft instead of the live version.")] = None,
    json: Json = False,
) -> None:
    """Why an article is on a topic, or is not: every hit, what it counted for, and what stands there idle."""
    from dataclasses import asdict

    from mediawatch.articles.identity import url_key
    from mediawatch.reports import topics as report
    from mediawatch.stages.topic_review import known_version
    from mediawatch.topics.definition import parse_topic
    from mediawatch.topics.matcher import Matcher

    with connected() as (db, _):
        row = db.row("topics.by_url", key=url_key(url), url=url)
        if row is None:
            raise MediawatchError(f"there is no article of {url}; `mediawatch explain URL` tells what became of it")
        definition = _read(file) if file else parse_topic(known_version(db, topic).body, topic)
    (seen,) = Matcher([definition]).trace(row.title, row.text, row.language)
    if json:
        idle = [each._asdict() for each in seen.idle]
        thresholds = {"tagged": definition.tagged, "primary": definition.primary}
        facts = {"topic": definition.id, "article_id": row.article_id, "url": row.url, "title": row.title}
        facts |= {"level": seen.level, "score": seen.score, "thresholds": thresholds}
        show_json(facts | {"evidence": [asdict(each) for each in seen.evidence], "idle": idle})
        return
    console.print(f"{escape(row.title)}\n[dim]{escape(row.url)}[/]\n")
    console.print(report.trace(definition, seen))


@app.command()
def label(
    topic: TopicId,
    most: Annotated[int, typer.Option("--count", min=1, help="Articles to show.")] = 20,
    by: Author = "",
    file: Annotated[Path | None, typer.Option(help="Choose the articles by this draft.")] = None,
) -> None:
    """Label articles, those first on which the topic is least sure; each answer is stored at once."""
    from mediawatch.reports import topics as report
    from mediawatch.stages.topic_review import known_version, to_label
    from mediawatch.topics.definition import parse_topic

    by, stored = by or user(), 0
    with connected() as (db, _):
        definition = _read(file) if file else parse_topic(known_version(db, topic).body, topic)
        console.print(f"[bold]{escape(definition.title)}[/]: {escape(definition.definition)}\n")
        pairs = to_label(db, definition, most, seed=int(time.time()) % 1_000_000)
        for place, (row, seen) in enumerate(pairs, 1):
            console.rule(f"{place} of {len(pairs)}", style="dim")
            console.print(report.article(row.title, row.text, seen))
            console.print(f"[dim]{escape(row.url)}[/]\n{report.verdict(definition, seen)}")
            answer = _ask(row.text)
            if answer is None:
                break
            if answer:
                level, said = answer
                db.rows("topics.label", topic_id=topic, article_id=row.article_id, level=level, by=by, note=said)
                stored += 1
    console.print(f"{stored:,} labels stored" if pairs else "no article to label")


def _ask(text: str) -> tuple[str, str] | tuple[()] | None:
    """(level, note), () to skip, None to end."""
    words = ("primary", "secondary", "none", "unsure", "text", "quit")
    prompt = ", ".join(f"[bold]{word[0]}[/]{word[1:]}" for word in words) + "; Enter skips; a note may follow: "
    while True:
        try:
            word, _, said = console.input(prompt).strip().partition(" ")
        except (EOFError, KeyboardInterrupt):
            return None
        key = word[:1].lower()
        if not key:
            return ()
        if key == "q":
            return None
        if key in LEVELS:
            return LEVELS[key], said.strip()
        console.print(escape(text) if key == "t" else "one of p, s, n, u, t, q")


@app.command()
def suggest(
    topic: TopicId,
    most: Annotated[int, typer.Option("--count", min=1, help="Terms to show.")] = 30,
    json: Json = False,
) -> None:
    """Terms that set the articles labelled as on the topic apart from those that are not; hints, no more."""
    from mediawatch.reports import topics as report
    from mediawatch.stages.topic_review import known_version, suggestions
    from mediawatch.topics.definition import parse_topic

    with connected() as (db, _):
        rows = [each._asdict() for each in suggestions(db, parse_topic(known_version(db, topic).body, topic), most)]
    rows = [{**row, "z": round(row["z"], 2)} for row in rows]
    show_json(rows) if json else console.print(report.table(rows, ("term", "inside", "outside", "z")))


@app.command()
def export(
    topics: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC...]", help="Ids; all unless given.")] = None,
    to: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
    version: Annotated[int | None, typer.Option(help="That version instead of the live one; with one topic.")] = None,
) -> None:
    """Write topics to files, as their authors wrote them: TOPIC.yaml each."""
    from mediawatch.stages.topic_review import known_version

    if version is not None and len(topics or ()) != 1:
        raise MediawatchError("--version goes with one topic")
    with connected() as (db, _):
        names = topics or [row.topic for row in db.rows("topics.list") if row.version]
        found = [known_version(db, name, version) for name in names]
    to.mkdir(parents=True, exist_ok=True)
    for row in found:
        file = to / f"{row.topic_id}.yaml"
        file.write_text(row.body, encoding="utf-8")
        console.print(f"{escape(str(file))}: version {row.version} by {escape(row.author)}")


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Topic files (YAML).")],
    note: Annotated[str, typer.Option(help="Why they change; kept with the versions.")] = "",
    by: Author = "",
) -> None:
    """Store topic files as versions that do not tag yet; `topics activate` makes them tag."""
    from mediawatch.stages import topic_versions

    read = [(topic_versions.parse_checked(_text(file), file.name), _text(file)) for file in files]
    with connected() as (db, _):
        for topic, body in read:
            version = topic_versions.put(db, topic, body, by or user(), note)
            console.print(f"{topic.id}: version {version}")


def _read(file: Path) -> Any:
    from mediawatch.topics.definition import parse_topic

    return parse_topic(_text(file), file.name)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TopicError(f"{file.name}: not UTF-8 text ({error.reason} at byte {error.start})") from None


def _bar(what: str, quiet: bool) -> Progress:
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), disable=quiet)
