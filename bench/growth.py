"""What each stage costs an entry, by how much is stored already; draws docs/growth.svg.

    python bench/growth.py build FOLDER ARTICLES [SENTENCES]     a database of that size, kept, its server stopped
    python bench/growth.py measure LIKE FOLDER...               the table and the picture; LIKE a folder of pages

A database is `million.py`'s with what only stages read besides: candidate keys (random, as keys are), and the terms
of its newest stories as `load` reads them; older stories, which nobody asks for, have random ones. Then feeds announce
PAGES new articles with the words of real pages, and each stage takes them in turn, in one process.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import log10
from pathlib import Path
from tempfile import TemporaryDirectory

import loopback
import machine
import million
import pages
import psutil
import stories
from mediawatch import stages
from mediawatch.feeds.opml import Subscription
from mediawatch.local import postgres
from mediawatch.settings import PROJECT, Settings
from mediawatch.stages import events
from mediawatch.stages.subscribe import subscribe
from mediawatch.stages.sync_topics import sync_topics
from mediawatch.store.database import Database
from mediawatch.store.migrate import migrate

PAGES, EACH = 5_000, 10
"""New articles, and how many a host announces."""
RECENT = "14 days"
PICTURE = PROJECT / "docs" / "growth.svg"
STEPS = ("poll", "claim", *stages.STAGES)
KEPT_WAITING = """
update entry set ready_at = now() + interval '1 year' where status = 'pending';
update feed set next_poll_at = now() + interval '1 year'"""
OLD_TERMS = """
insert into story_term
select (random() * 4294967295 - 2147483648)::bigint::int, story_id from story, generate_series(1, %(terms)s)
where created_at <= now() - %(recent)s::interval order by 1, 2 on conflict do nothing"""
NEW_STORIES = """
select array_agg(canonical_article_id order by story_id) as ids from story
where created_at > now() - %(recent)s::interval group by story_id / 1000 order by story_id / 1000"""


def build(folder: Path, size: int, sentences: Path | None) -> None:
    """Make a database of `size` articles."""
    server = postgres.start(folder, durable=False)
    try:
        with Database(server.url("postgres")) as db:
            migrate(db)
            sync_topics(db)
            ids = million.versions(db)
            million.fill(db, server.url("postgres"), size, sentences, ids, 2)
        with Database(server.url("postgres")) as db:
            for at in range(0, size, stories.FILL):
                db.execute(stories.FILLING, {"n": min(stories.FILL, size - at), "keys": stories.KEYS})
            db.execute(OLD_TERMS, {"terms": events.INDEXED_TERMS, "recent": RECENT})
            for row in db.execute(NEW_STORIES, {"recent": RECENT}):
                with db.transaction():
                    events.group_stories(db, events.read_stories(db, row.ids), ids["group"])
            db.execute("vacuum (analyze)")
    finally:
        server.stop()


@contextmanager
def started(folder: Path) -> Iterator[tuple[Database, Settings]]:
    """The database of a folder, written durably, while the block runs."""
    server = postgres.start(folder)
    try:
        with Database(server.url("postgres")) as db, TemporaryDirectory() as home:
            migrate(db)
            yield db, Settings(home=home, database_url=server.url("postgres"), host_spacing_s=0, extract_workers=1)
    finally:
        server.stop()


def costs(db: Database, settings: Settings, root: Path) -> dict[str, float]:
    """{step: ms of processor time an entry, the server's and of our processes}."""
    hosts = PAGES // EACH
    with loopback.serving("folder", "0", str(hosts), str(root), str(EACH)) as port:
        names = [f"growth{number}-{int(time.time())}.example" for number in range(hosts)]
        places = zip(names, loopback.addresses(hosts), strict=True)
        settings = replace(settings, hosts=",".join(f"{name}={address}:{port}" for name, address in places))
        db.execute(KEPT_WAITING)
        subscribe(db, [Subscription(url=f"http://{name}/feed/{number}.xml") for number, name in enumerate(names)])
        db.execute("checkpoint")
        found: dict[str, float] = {}
        with timed(db, found, "poll"):
            for shard in stages.poll.claim_feeds(db, settings, "bench"):
                stages.poll.poll(db, settings, shard)
        with timed(db, found, "claim"):
            batches = stages.claim.claim(db, settings, "bench")
        for stage in stages.STAGES:
            with timed(db, found, stage):
                for batch_id in batches:
                    stages.run(stage, db, settings, batch_id, "bench")
    loaded = db.execute(
        "select count(*) from article join entry using (entry_id) where entry.batch_id = any(%(ids)s) "
        "and article.loaded_at is not null",
        {"ids": batches},
    )[0][0]
    if loaded < PAGES * 0.9:
        sys.exit(f"only {loaded} of {PAGES} were loaded")
    return found


@contextmanager
def timed(db: Database, found: dict[str, float], step: str) -> Iterator[None]:
    """Add to `found` what the block takes of all processors, ms an entry."""
    before = busy(db)
    yield
    found[step] = (busy(db) - before) * 1e3 / PAGES


def busy(db: Database) -> float:
    """Processor seconds so far: this process, its ended children, and the server."""
    own = psutil.Process().cpu_times()
    return own.user + own.system + own.children_user + own.children_system + stories.server_time(db)


def main(like: Path, folders: list[Path]) -> None:
    """Print the table and draw it."""
    measured: dict[int, dict[str, float]] = {}
    with TemporaryDirectory() as name:
        pages.write(like, Path(name), PAGES)
        for folder in folders:
            with started(folder) as (db, settings):
                size = db.execute("select count(*) from article")[0][0]
                measured[size] = costs(db, settings, Path(name))
    sizes = sorted(measured)
    rows = [
        (
            step,
            *(f"{measured[size][step]:.2f}" for size in sizes),
            f"{measured[sizes[-1]][step] / measured[sizes[0]][step]:.2f}",
        )
        for step in STEPS
    ]
    machine.print_table(
        "What each stage costs, by how much is stored",
        ("stage", *(f"{size:,} articles, ms" for size in sizes), "largest / smallest"),
        rows,
        f"Processor time an entry, Postgres' and ours, over {PAGES:,} new entries; one process; batches of "
        f"{Settings().batch_entries}.",
    )
    PICTURE.write_text(picture(measured), encoding="utf-8")


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 60, 120, 20, 50
COLOURS = ("#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#a6761d", "#444444")
LEAST_GAP = 14
"""Between two names at the right edge."""


def picture(measured: Mapping[int, Mapping[str, float]]) -> str:
    """Cost against size as SVG, both axes by powers of ten."""
    sizes = sorted(measured)
    costs = [measured[size][step] for size in sizes for step in STEPS]
    low, high = 10 ** int(log10(min(costs)) - 1), 10 ** int(log10(max(costs)) + 1)

    def x(size: float) -> float:
        return LEFT + log10(size / sizes[0]) / log10(sizes[-1] / sizes[0]) * (WIDTH - LEFT - RIGHT)

    def y(cost: float) -> float:
        return HEIGHT - BOTTOM - log10(cost / low) / log10(high / low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12"><title>Processor time an entry of each stage, by how many articles are stored</title>',
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    tick = low
    while tick <= high * 1.001:
        parts.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end" fill="#555">{tick:g} ms</text>')
        tick *= 10
    for size in sizes:
        parts.append(f'<path d="M{x(size):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        place = f'x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#555"'
        parts.append(f"<text {place}>{size:,}</text>")
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">articles stored</text>')
    below = float("inf")
    for colour, step in sorted(zip(COLOURS, STEPS, strict=True), key=lambda each: measured[sizes[-1]][each[1]]):
        points = [f"{x(size):.1f},{y(measured[size][step]):.1f}" for size in sizes]
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        below = min(y(measured[sizes[-1]][step]) + 4, below - LEAST_GAP)
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{below:.1f}" fill="{colour}">{step}</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    if sys.argv[1] == "build":
        build(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]) if sys.argv[4:] else None)
    else:
        main(Path(sys.argv[2]), [Path(each) for each in sys.argv[3:]])
