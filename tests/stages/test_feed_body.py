"""The body that a feed gives with an entry: kept while the entry waits, and no longer."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from mediawatch import stages
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import claim, poll, replay
from mediawatch.stages.again import refetch_once
from mediawatch.stages.flow import run_once
from mediawatch.stages.poll import MOST_CONTENT_CHARS
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from small_site import HOME, serving

STORY = [f"Member number {n} of the harbour council spoke for the pier and was heard in full." for n in range(9)]
HTML = "".join(f"<p>{line}</p>" for line in STORY)
SHELL = b"<html><head><title>The pier</title></head><body><div id=app></div><script src=/app.js></script></body></html>"


def feed(*contents: str) -> bytes:
    items = "".join(
        f"<item><link>{HOME}/{n}</link><title>The pier</title><content:encoded>{escape(content)}</content:encoded></item>"
        for n, content in enumerate(contents)
    )
    return f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Small</title>
        {items}</channel></rss>""".encode()


def _poll(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url=f"{HOME}/rss")])
    for shard in poll.claim_feeds(db, settings, "test"):
        poll.poll(db, settings, shard)


def test_a_script_shell_with_a_whole_feed_body_becomes_an_article_and_a_replay_keeps_it(
    db: Database, settings: Settings
) -> None:
    with serving() as site:
        site.pages |= {"/rss": feed(HTML, "<p>Too little.</p>"), "/0": SHELL, "/1": SHELL}
        settings = replace(settings, hosts=site.hosts)
        _poll(db, settings)
        batch_id = claim.claim(db, settings, "test")[-1]
        kept = "select url, content from entry where content is not null order by url"
        assert [tuple(row) for row in db.execute(kept)] == [(f"{HOME}/0", HTML), (f"{HOME}/1", "<p>Too little.</p>")]
        for stage in ("fetch", "extract"):
            stages.run(stage, db, settings, batch_id, "test")
        assert db.execute(kept) == []
        (article,) = db.execute("select url, text, engine from article")
        assert tuple(article) == (f"{HOME}/0", "\n\n".join(STORY), "feed")
        assert [row.reason for row in db.execute("select reason from entry where stage = 'done'")] == ["no_text"]
        for stage in ("deduplicate", "tag", "load"):
            stages.run(stage, db, settings, batch_id, "test")
    made = replay.begin(db, settings, "extract", "test")
    for part in replay.parts(db, made):
        replay.build(db, settings, made, part)
    outcomes = db.execute("select outcome from replay_article order by outcome")
    assert [row.outcome for row in outcomes] == ["none", "same"]


def test_what_is_announced_again_or_is_too_long_is_not_kept(db: Database, settings: Settings) -> None:
    with serving() as site:
        site.pages["/rss"] = feed("<p>As first said.</p>", "x" * (MOST_CONTENT_CHARS + 1))
        settings = replace(settings, hosts=site.hosts)
        _poll(db, settings)
        site.pages["/rss"] = feed("<p>As said later.</p>", "short", "<p>New.</p>")
        db.execute("update feed set next_poll_at = now()")
        _poll(db, settings)
    kept = db.execute("select content from entry order by url")
    assert [row.content for row in kept] == ["<p>As first said.</p>", None, "<p>New.</p>"]


def test_a_shell_that_is_another_shell_later_is_no_edit_and_a_page_that_has_the_text_then_is_read(
    db: Database, settings: Settings
) -> None:
    with serving() as site:
        site.pages |= {"/rss": feed(HTML), "/0": SHELL}
        settings = replace(settings, hosts=site.hosts, refetch_days=36_500, extract_workers=1)
        subscribe(db, [Subscription(url=f"{HOME}/rss")])
        run_once(db, settings, "test")
        site.pages["/0"] = SHELL.replace(b"app.js", b"app.2.js")
        assert refetch_once(db, settings, "test", [f"{HOME}/0"])["same_text"] == 1
        edited = HTML.replace("number 4", "number 40")
        site.pages["/0"] = SHELL.replace(b"<div id=app></div>", f"<article>{edited}</article>".encode())
        assert refetch_once(db, settings, "test", [f"{HOME}/0"])["revised"] == 1
    (article,) = db.execute("select text, engine from article")
    assert ("number 40" in article.text, article.engine) == (True, "blocks")
