"""Runs of a part of the corpus, stage by stage, and what they leave in the database, told without ids and times."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages import claim, poll
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database

WIRE = "http://northwire.example/rss/world.rss"
REPRINTS = ("http://citycourier.example/rss.xml", "http://lakesidetribune.example/feed.json")
OWNER = "test"


@pytest.fixture
def batch(db: Database, settings: Settings) -> Callable[..., int]:
    """Polls the given feeds and claims what they announced as one batch; its id."""

    def make(*feeds: str) -> int:
        subscribe(db, [Subscription(url=url) for url in feeds])
        for shard in poll.claim_feeds(db, settings, OWNER):
            poll.poll(db, settings, shard)
        return claim.claim(db, settings, OWNER)[-1]

    return make


@pytest.fixture
def worker(settings: Settings) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts a worker process on one stage of a batch."""

    def start(stage: str, batch_id: int = 0, **more: Any) -> subprocess.Popen[bytes]:
        order = {"database_url": settings.database_url, "settings": asdict(settings), "stage": stage} | more
        order |= {"batch_id": batch_id, "owner": OWNER}
        script = Path(__file__).with_name("worker.py")
        return subprocess.Popen([sys.executable, str(script), json.dumps(order)], stdout=subprocess.PIPE)

    return start


@dataclass
class Zygote:
    """A process that forks others with everything imported; each is told what to do and may be killed on the way."""

    process: subprocess.Popen[str]
    pid: int = 0

    @classmethod
    def start(cls, script: str = "zygote.py", **env: str) -> Zygote:
        command = [sys.executable, str(Path(__file__).with_name(script))]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        return cls(subprocess.Popen(command, env={**os.environ, **env}, **pipes))

    def begin(self, settings: Settings, *steps: str, **more: Any) -> None:
        """Fork a process that does these steps: flow, refetch (of `urls`), forget (of `forget`), maintain."""
        order = {"database_url": settings.database_url, "settings": asdict(settings), "steps": steps} | more
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.pid = int(self.expect("pid"))

    def expect(self, word: str) -> str:
        """What is said with a word; lines before it are passed over."""
        assert self.process.stdout
        for line in self.process.stdout:
            said, _, rest = line.strip().partition(" ")
            if said == word:
                return rest
            if said == "end":
                break
        raise EOFError(line)

    def reach(self, stage: str) -> bool:
        """Wait until a stage begins; False when the process ends without it."""
        try:
            while self.expect("at") != stage:
                pass
        except EOFError:
            return False
        return True

    def end(self) -> int:
        """Wait for its end; the exit code."""
        return int(self.expect("end"))

    def run(self, settings: Settings, *steps: str, **more: Any) -> int:
        """Do steps to their end; the exit code."""
        self.begin(settings, *steps, **more)
        return self.end()

    def kill(self) -> None:
        """kill -9, unless it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@pytest.fixture
def started() -> Iterator[list[Zygote]]:
    """Processes that are told to end when the test is over."""
    made: list[Zygote] = []
    yield made
    for each in made:
        each.process.communicate(timeout=60)


@pytest.fixture
def zygote(started: list[Zygote]) -> Callable[[], Zygote]:
    """Starts processes that fork others."""

    def start() -> Zygote:
        started.append(Zygote.start())
        return started[-1]

    return start


@pytest.fixture
def released(started: list[Zygote], last_release: Path) -> Callable[[], Zygote]:
    """Starts processes that work with the last release's code: the steps flow, maintain, poll, and the stages."""
    plugins = last_release / "plugins"

    def start() -> Zygote:
        started.append(Zygote.start("released.py", PYTHONPATH=str(plugins)))
        assert Path(started[-1].expect("from")) == plugins / "mediawatch"
        return started[-1]

    return start


FACTS = {
    "feeds": "select url, state, format, interval_s, failures, etag, lease_owner from feed order by 1",
    "polls": "select f.url, p.result, p.entries, p.entries_new from feed_poll p join feed f using (feed_id) order by 1, 2",
    "announcements": """select encode(e.identity, 'hex') as entry, f.url, n.guid from entry_announcement n
        join entry e using (entry_id) join feed f using (feed_id) order by 1, 2""",
    "entries": "select encode(identity, 'hex') as entry, stage, status, reason, attempts, breaks from entry order by 1",
    "outcomes": """select encode(e.identity, 'hex') as entry, o.stage, o.attempt, o.status, o.reason
        from outcome o join entry e using (entry_id) order by 1, 2, 3""",
    "pages": """select encode(e.identity, 'hex') as entry, p.url, p.http_status, encode(p.sha256, 'hex') as digest
        from page p join entry e using (entry_id) order by 1""",
    "articles": """select url, title, encode(text_sha256, 'hex') as text, language, published_at, word_count,
        loaded_at is not null as loaded from article order by 1""",
    "stories": """select array_agg(a.url order by a.url) as members, s.articles, s.sources, s.first_published_at, c.url as canonical
        from article a join story s using (story_id) left join article c on c.article_id = s.canonical_article_id
        group by s.story_id, s.articles, s.sources, s.first_published_at, c.url order by 1""",
    "events": """select array_agg(a.url order by a.url) as members, e.title, e.terms, e.stories, e.articles, e.sources
        from article a join story s using (story_id) join event e using (event_id)
        group by e.event_id order by 1""",
    "terms": "select language, stories, md5(counts) as counts from term_count order by 1",
    "links": """select least(a.url, b.url) as one, greatest(a.url, b.url) as other, l.kind, score, shared from story_link l
        join article a on a.article_id = l.article_a join article b on b.article_id = l.article_b order by 1, 2""",
    "keys": """select a.url, count(*) as keys, bit_xor(key) as digest
        from story_key join sketch using (rank) join article a using (article_id) group by 1 order by 1""",
    "topics": "select a.url, topic_id, level, score from article_topic join article a using (article_id) order by 1, 2",
    "evidence": """select a.url, t.topic_id, position, matched, zone, start_at from topic_evidence join article_topic t using (tag_id) join article a using (article_id)
        order by 1, 2, 3""",
    "batches": "select state, entries, stage_tries, in_hand from batch order by batch_id",
}


@pytest.fixture
def facts(db: Database) -> Callable[..., dict[str, list[tuple[Any, ...]]]]:
    """Reads everything that a run must leave the same, whatever happened on the way, here or in another database."""

    def read(of: Database = db) -> dict[str, list[tuple[Any, ...]]]:
        return {name: [tuple(row) for row in of.execute(query)] for name, query in FACTS.items()}

    return read


@pytest.fixture
def reset(db: Database) -> Callable[[], None]:
    """Forgets everything but the topics, as if nothing had been subscribed to."""
    empty = "truncate source, batch, story, event, event_change, story_key, story_term, term_count, host, generation, tombstone, removal_record restart identity cascade"

    def forget() -> None:
        db.execute(empty)

    return forget


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections: bound, and never listened on."""
    with closing(socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]
