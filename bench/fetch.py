"""Fetching pages into the archive, beside a bare aiohttp loop with the same concurrency.

python fetch.py [PAGES]                    the table
python fetch.py bare PORT FIRST PAGES      the bare loop alone; prints pages a second
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from statistics import median

import aiohttp
import loopback
import machine
import store
from mediawatch import stages
from mediawatch.settings import Settings
from mediawatch.store.database import Database

ROUNDS = 3
CONCURRENCY = 100


def main(count: int) -> None:
    """Print the table: the two take turns, so that a busy machine is busy for both."""
    ours, bare = [], []
    latency, hosts = str(loopback.LATENCY_S), str(loopback.HOSTS)
    with store.fresh() as (db, settings), loopback.serving("pages", latency, hosts) as port:
        settings = replace(settings, hosts=host_map(port), fetch_concurrency=CONCURRENCY)
        for number in range(ROUNDS):
            bare.append(alone(port, number, count))
            announced(db, number, count)
            ours.append(fetch_rate(db, settings, number, count))
    share = median(one / other for one, other in zip(ours, bare, strict=True))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    machine.print_table(
        "Fetching pages into the archive",
        ("what", "pages/s", "share", "target", "peak memory"),
        [
            ("bare aiohttp loop, nothing kept", f"{median(bare):,.0f}", "1", "", ""),
            ("`stages.fetch`", f"{median(ours):,.0f}", f"{share:.2f}", "≥ 0.70", f"{peak_mb:,.0f} MB (< 400)"),
        ],
        f"{count:,} pages of {loopback.PAGE_BYTES // 1000} kB from {hosts} hosts with {latency} s latency, concurrency "
        f"{CONCURRENCY}, median of {ROUNDS} rounds. The stage also asks each robots.txt, writes the WARC file and "
        "the rows; spacing is 0.",
    )


def host_map(port: int) -> str:
    """The hosts setting for the server's addresses."""
    places = enumerate(loopback.addresses(loopback.HOSTS))
    return ",".join(f"host{number}.example={address}:{port}" for number, address in places)


def announced(db: Database, round_number: int, count: int) -> None:
    """Entries that wait to be fetched, hosts in turn."""
    source = db.value("feeds.add_source", name="bench", homepage=None, tags=[])
    now, rows = db.now(), []
    for number in range(count):
        host = f"host{number % loopback.HOSTS}.example"
        url = f"http://{host}/{round_number}/{number}"
        key = sha256(url.encode()).digest()
        rows.append((key, source, url, host, "", "", None, None, now, "fetch", "pending", None, now, None, None))
    db.many("entries.announce", rows)


def fetch_rate(db: Database, settings: Settings, round_number: int, count: int) -> float:
    """Pages a second from the claim to the page's row."""
    owner = f"bench {round_number}"
    started = time.perf_counter()
    batches = stages.claim.claim(db, settings, owner)
    fetched = sum(stages.run("fetch", db, settings, batch_id, owner)["ok"] for batch_id in batches)
    took_s = time.perf_counter() - started
    if fetched != count:
        raise SystemExit(f"only {fetched} of {count} pages were fetched")
    return count / took_s


def alone(port: int, first: int, count: int) -> float:
    """The bare loop in a process of its own."""
    command = [sys.executable, __file__, "bare", str(port), str(first), str(count)]
    return float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


async def bare_rate(port: int, first: int, count: int) -> float:
    """Pages a second of the least that a program can do."""
    places = loopback.addresses(loopback.HOSTS)
    slots = asyncio.Semaphore(CONCURRENCY)

    async def one(session: aiohttp.ClientSession, number: int) -> None:
        url = f"http://{places[number % len(places)]}:{port}/{first}/{number}"
        async with slots, session.get(url) as answer:
            await answer.read()

    started = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as session:
        await asyncio.gather(*(one(session, number) for number in range(count)))
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        print(asyncio.run(bare_rate(*map(int, sys.argv[2:5]))))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 2_500)
