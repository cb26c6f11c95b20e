"""Reading stored articles again with the shipped topics, beside matching the same texts from memory."""

from __future__ import annotations

import random
import sys
import time
from hashlib import sha256
from pathlib import Path

import machine
import store
import topics
from mediawatch import data
from mediawatch.stages import retag, tagging, topic_versions
from mediawatch.store.database import Database
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.matcher import Matcher

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from stored_articles import INSERT

TEXTS = 1_000
"""Different articles; they are stored again and again under new addresses."""


def main(count: int) -> None:
    """Print the table for `count` stored articles."""
    rng = random.Random(6)
    vocabulary = [topics.invented_word(rng) for _ in range(topics.WORDS)]
    shipped = [parse_topic(body, name) for name, body in data.topics()]
    articles = [topics.article(rng, vocabulary, shipped) for _ in range(TEXTS)]
    with store.fresh() as (db, _):
        topic_versions.sync(db, data.topics())
        fill(db, articles, count)
        with db.transaction():
            run = retag.begin(db, [(topic.id, 1) for topic in shipped], "bench")
        backend = Path("/proc", str(db.execute("select pg_backend_pid() as pid")[0].pid), "stat")
        ours_s, theirs_s = time.process_time(), server_s(backend)
        for batch in retag.unfinished(db, run):
            retag.do_batch(db, run, batch)
        ours_s, theirs_s = time.process_time() - ours_s, server_s(backend) - theirs_s
        started = time.perf_counter()
        changed = retag.switch(db, run)
        switch_s = time.perf_counter() - started
    matcher = Matcher(shipped)
    started = time.process_time()
    for title, text in articles:
        matcher.match(title, text, "en")
    bare = TEXTS / (time.process_time() - started)
    rate = count / (ours_s + theirs_s)
    machine.print_table(
        "Re-tagging stored articles",
        ("what", "articles", "articles/s a core", "share", "target"),
        [
            ("`Matcher.match`, texts in memory", f"{TEXTS:,}", f"{bare:,.0f}", "1", ""),
            ("`stages.retag`, Postgres included", f"{count:,}", f"{rate:,.0f}", f"{rate / bare:.2f}", "≥ 2,000"),
        ],
        f"3 topics, articles of 4 kB, one in five on a topic; by processor time of both processes. "
        f"The switch took {switch_s:.1f} s for {changed:,} articles that changed their topics.",
    )


def server_s(stat: Path) -> float:
    """Processor time that the server's process for our connection has used."""
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / 100


def fill(db: Database, articles: list[topics.Article], count: int) -> None:
    """Store loaded articles."""
    generation = tagging.current_generation(db)
    with db.transaction():
        for number in range(count):
            title, text = articles[number % TEXTS]
            url = f"http://stored.example/{number}"
            key, digest = sha256(url.encode()).digest()[:16], sha256(text.encode()).digest()
            values = {"url": url, "key": key, "generation": generation, "title": title, "text": text, "digest": digest}
            db.execute(INSERT, {**values, "language": "en", "loaded": True})
    db.execute("analyze")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
