"""What the demo found: the polls, the flow in figures, the two seeds, one story side by side, and what to ask next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule

from mediawatch.alerts.message import many
from mediawatch.articles.identity import url_key
from mediawatch.reports import feeds, status
from mediawatch.reports.explain import date_of, topic
from mediawatch.store.database import Database, plain
from mediawatch.store.explain import explain

Facts = dict[str, Any]
BEGINNING_CHARS = 220
CARD_WIDTH = 39
"""Two fit side by side on a terminal of 80 columns, three on one of 120."""

TRY = (
    (
        "what is on sanctions, and which words say so",
        "select title, level, words from article_topics join articles using (article_id) where topic = 'sanctions'",
    ),
    (
        "which stories spread the furthest",
        "select title, source, articles, sources from stories order by sources desc, articles desc limit 5",
    ),
    ("what is missing, and why", "select reason, url, detail from outcomes where status <> 'loaded' order by reason"),
)


def report(db: Database, before: Facts, first: datetime, second: datetime, seeds: Sequence[str]) -> RenderableType:
    """The whole report; `before` are the totals when the demo began, `first` and `second` when its polls did."""
    facts = status.status(db)
    polls = status.polls_since(db, first)
    again = status.polls_since(db, second)
    return Group(
        Rule("what this run did", align="left"),
        f"first poll:  {polls_line(subtract(polls, again))}",
        f"second poll: {polls_line(again)}",
        news_line(before, facts["totals"]),
        "",
        Rule("what is in the database", align="left"),
        status.totals_line(facts["totals"]),
        "",
        status.endings_table(facts["endings"]),
        "",
        status.topics_table(facts["topics"]),
        "",
        feeds.table([plain(row) for row in db.rows("feeds.list")]),
        "",
        Rule(f"the two seed articles: {groups(db, seeds)}", align="left"),
        *(seed(db, url) for url in seeds),
        Rule("one story, everywhere it appeared", align="left"),
        *story(db),
        "",
        Rule("ask it yourself", align="left"),
    )


def groups(db: Database, urls: Sequence[str]) -> str:
    """`2 stories, 1 event`: what articles at these URLs belong to."""
    articles = [each["article"] for url in urls for each in explain(db, url, url_key(url)) if each["article"]]
    stories, events = ({each[name] for each in articles} - {None} for name in ("story_id", "event_id"))
    return f"{many(len(stories), 'story', 'stories')}, {many(len(events), 'event')}"


def polls_line(polls: Sequence[Facts]) -> str:
    """`18 feeds: 15 new, 1 failed (gone), …; 125 entries, 120 of them new`."""
    parts = [
        f"{row['polls']} {feeds.WORDS.get(row['result'], row['result'])}"
        + (f" ({row['reason']})" if row["reason"] else "")
        for row in polls
    ]
    entries, new = sum(row["entries"] for row in polls), sum(row["entries_new"] for row in polls)
    return f"{sum(row['polls'] for row in polls)} feeds: {', '.join(parts)}; {entries} items read, {new} new entries"


def subtract(polls: Sequence[Facts], later: Sequence[Facts]) -> list[Facts]:
    """The polls without the later ones."""
    keys = ("polls", "entries", "entries_new")
    minus = {(row["result"], row["reason"]): row for row in later}
    left = [
        {
            **row,
            **{key: row[key] - minus.get((row["result"], row["reason"]), dict.fromkeys(keys, 0))[key] for key in keys},
        }
        for row in polls
    ]
    return [row for row in left if row["polls"]]


def news_line(before: Facts, after: Facts) -> str:
    """What was added, or that nothing was."""
    added = {word: after[word] - before[word] for word in ("entries", "pages", "articles", "stories")}
    if not any(added.values()):
        return "[bold green]nothing new:[/] every feed said what it had said before; nothing was added"
    return "added: " + ", ".join(f"[bold]{count:,}[/] {word}" for word, count in added.items())


def seed(db: Database, url: str) -> RenderableType:
    """A seed article: title, date, story, topics and the words that caused each."""
    facts = next((each for each in explain(db, url, url_key(url)) if each["article"]), None)
    if facts is None:
        return f"[red]not loaded:[/] {url}"
    article = facts["article"]
    lines: list[RenderableType] = [
        f"[bold]{escape(article['title'])}[/]",
        f"{date_of(article)}; story {article['story_id']}; {escape(article['url'])}",
        *(Padding(topic(each), (0, 0, 0, 2)) for each in facts["topics"]),
    ]
    return Padding(Group(*lines), (0, 0, 1, 0))


def story(db: Database) -> list[RenderableType]:
    """The widest story: its articles side by side and, for each copy, why it is one."""
    widest = db.row("status.widest_story")
    if widest is None:
        return ["no story has copies"]
    rows = [plain(row) for row in db.rows("status.carriers", story_id=widest.story_id)]
    return [Columns([card(row) for row in rows]), *reasons(db, rows)]


def card(row: Facts) -> Panel:
    """One article of a story."""
    beginning = " ".join(row["beginning"].split())[:BEGINNING_CHARS]
    label = escape(row["source"]) + (" [bold](canonical)[/]" if row["is_canonical"] else "")
    body = f"[bold]{escape(row['title'])}[/]\n[dim]{date_of(row)}, {row['word_count']} words[/]\n{escape(beginning)}…"
    return Panel(body, title=label, title_align="left", width=CARD_WIDTH)


def reasons(db: Database, rows: Sequence[Facts]) -> list[RenderableType]:
    """Why each copy belongs: its link with the canonical article, else its strongest one within the story."""
    names = {row["article_id"]: row["source"] for row in rows}
    canonical = next(row["article_id"] for row in rows if row["is_canonical"])
    lines: list[RenderableType] = []
    for row in rows:
        links = [plain(link) for link in db.rows("explain.links", article_id=row["article_id"])]
        inside = [link for link in links if link["article_id"] in names]
        if inside and not row["is_canonical"]:
            link = next((each for each in inside if each["article_id"] == canonical), inside[0])
            lines.append(
                f"  {escape(row['source'])}: {link['kind']}; {link['covered']:.0%} of its words are in "
                f"{escape(link['source'])}'s article, {link['covered_other']:.0%} of that in it ({link['part']})"
            )
    return lines


def questions() -> list[str]:
    """Three lines of SQL and how to run each; to be copied, so no terminal may break them."""
    return [line for what, sql in TRY for line in (f"[dim]{what}[/]", f'  make psql SQL="{sql}"')]
