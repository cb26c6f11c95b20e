"""Refetching unchanged pages beside fetching them, and what a replay costs that decides all stories anew.

python refetch.py [PAGES]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import loopback
import machine
import store
from fetch import CONCURRENCY, announced, fetch_rate, host_map
from mediawatch.settings import Settings
from mediawatch.stages import publish, replay
from mediawatch.stages.refetch import claim, refetch
from mediawatch.store.database import Database


def main(count: int) -> None:
    """Print both tables."""
    latency, hosts = str(loopback.LATENCY_S), str(loopback.HOSTS)
    with store.fresh() as (db, settings), loopback.serving("pages", latency, hosts) as port:
        settings = replace(settings, hosts=host_map(port), fetch_concurrency=CONCURRENCY, refetch_shard=1_250)
        announced(db, 0, count)
        cpu_s = -time.process_time()
        rates = {"`stages.fetch`": (fetch_rate(db, settings, 0, count), cpu_s + time.process_time())}
        loaded(db, count)
        claim(db, settings, "bench")  # takes the articles up
        for what, checks in (("`stages.refetch`, 304", 0), ("`stages.refetch`, same body by digest", 2)):
            rates[what] = again(db, settings, count, checks)
        first = next(iter(rates.values()))
        machine.print_table(
            "Refetching pages that have not changed",
            ("what", "pages/s", "ms of CPU a page", "CPU beside fetching"),
            [
                (what, f"{rate:,.0f}", f"{cpu / count * 1000:.2f}", f"{cpu / first[1]:.2f}")
                for what, (rate, cpu) in rates.items()
            ],
            f"{count:,} pages of {loopback.PAGE_BYTES // 1000} kB from {hosts} hosts with {latency} s latency, "
            f"concurrency {CONCURRENCY}, one process, Postgres' own time left out; each robots.txt is asked again too.",
        )
        show_replay(db, settings, count)


ARTICLE = """
    insert into article (entry_id, page_id, source_id, generation_id, url, url_key, title, text, text_sha256,
        language_confidence, word_count, first_seen_at, fetched_at, engine, loaded_at)
    select e.entry_id, p.page_id, e.source_id, max(g.generation_id), e.url, e.identity, 'A title', %(text)s,
        sha256(convert_to(%(text)s, 'UTF8')), 0, 1, now(), now(), 'bench', now()
    from entry e join page p using (entry_id), generation g where e.entry_id = %(entry)s group by 1, 2, e.url
"""
DONE = "update entry e set stage = 'done', status = 'loaded', article_id = a.article_id from article a"


def loaded(db: Database, count: int) -> None:
    """Articles for the pages, as if extracted and loaded: some hundred words of prose each, every tenth a copy."""
    db.execute("insert into generation (stage, version, config_hash, state) values ('extract', 'bench', '', 'live')")
    for number, row in enumerate(db.execute("select entry_id from entry order by 1")):
        prose = loopback.sentences(f"article {number - (number % 10 == 1)}")
        text = "\n\n".join(f"{next(prose)} {next(prose)}" for _ in range(12))
        db.execute(ARTICLE, {"entry": row.entry_id, "text": text})
    db.execute(f"{DONE} where a.entry_id = e.entry_id")


def again(db: Database, settings: Settings, count: int, checks: int) -> tuple[float, float]:
    """Pages a second and seconds of CPU of one round in which every article is due."""
    db.execute("update refetch set due_at = now(), checks = %(c)s", {"c": checks})
    found, cpu_s, started = 0, -time.process_time(), time.perf_counter()
    for shard in claim(db, settings, "bench"):
        counts = refetch(db, settings, shard)
        found += counts.get("not_modified", 0) + counts.get("same_body", 0)
    if found != count:
        raise SystemExit(f"only {found} of {count} pages were found unchanged")
    return count / (time.perf_counter() - started), cpu_s + time.process_time()


def show_replay(db: Database, settings: Settings, count: int) -> None:
    """How long the candidate index is held while stories are decided anew."""
    replay_id = replay.begin(db, settings, "deduplicate", "bench")
    steps: list[tuple[str, Callable[[], object]]] = [
        ("build", lambda: [replay.build(db, settings, replay_id, part) for part in replay.parts(db, replay_id)]),
        ("compare (publish and roll back)", lambda: publish.compare(db, settings, replay_id)),
        ("publish", lambda: publish.publish(db, settings, replay_id, "bench")),
    ]
    rows = []
    for what, step in steps:
        started = time.perf_counter()
        step()
        took_s = time.perf_counter() - started
        rows.append((what, f"{took_s:.1f}", f"{count / took_s:,.0f}"))
    machine.print_table(
        "A replay that decides all stories anew",
        ("step", "seconds", "articles/s"),
        rows,
        f"{count:,} articles of 24 sentences; the stage extract adds the extraction of each page to build.",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2_500)
