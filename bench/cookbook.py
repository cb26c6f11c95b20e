"""Every question of the cookbook, and searches, on a database of a million articles: times, plans, what is scanned.

    python bench/cookbook.py --url postgresql://… [--times 20] [--plans FOLDER]

Each is asked with other parameters every time, as the role analyst under the planner's defaults. It fails where the
slower end (p95) is above a second, or where a plan reads a table of more than 100,000 rows from end to end.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import machine
from mediawatch.store.cookbook import Question, questions, values
from mediawatch.store.database import Database

LIMIT_S = 1.0
LARGE = 100_000
SEARCHES = {
    "rare word": "select * from search(%(name)s)",
    "common word": "select * from search(%(common)s)",
    "two words": "select * from search(%(common)s || ' ' || %(other)s)",
    "phrase": "select * from search('\"' || %(phrase)s || '\"')",
    "NEAR": "select * from search(%(common)s || ' NEAR/5 ' || %(other)s)",
    "one language": "select * from search(%(common)s, language => 'en')",
    "Spanish": "select * from search(%(spanish)s, language => 'es')",
    "Chinese pairs": "select * from search(%(chinese)s)",
    "topic and since": "select * from search(%(common)s, topic => %(topic)s, since => %(day)s::date - 28)",
    "source": "select * from search(%(common)s, source => %(source)s)",
    "a month in the past": "select * from search(%(common)s, since => %(day)s::date - 60, until => %(day)s::date - 30)",
    "nothing": "select * from search('qzqzqz')",
}
WORDS = (
    *("said", "president", "election", "government", "people", "trump", "court", "china"),
    *("police", "money", "house", "campaign", "world", "market"),
)
PHRASES = (
    "white house",
    "united states",
    "supreme court",
    "the president said",
    "health care",
    "new york",
    "prime minister",
)


def main() -> None:
    """Ask everything, print the table, and fail where it is too slow or reads too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--plans", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rng = random.Random(5)
    with Database(options.url, application="bench cookbook") as db:
        large = tables(db)
        world = known(db)
        db.execute("set role analyst; set search_path = analyst; set statement_timeout = 0")
        found = [
            measured(db, name, statement, [draw(rng, world) for _ in range(options.times)], large, options.plans)
            for name, statement, draw in asked()
            if options.only in name
        ]
    rows = [
        (name, f"{p50 * 1000:,.0f}", f"{p95 * 1000:,.0f}", f"{n:,}", ", ".join(scans))
        for name, p50, p95, n, scans in found
    ]
    title = f"Cookbook and search over {large['article']:,} articles"
    machine.print_table(
        title,
        ("what", "p50 ms", "p95 ms", "rows", "whole tables read"),
        rows,
        f"Each {options.times} times with other parameters.",
    )
    if failed := [name for name, _, p95, _, scans in found if p95 > LIMIT_S or scans]:
        sys.exit(f"too slow, or reading too much: {', '.join(failed)}")


def asked() -> Iterator[tuple[str, str, Any]]:
    """(name, statement, what draws its parameters)."""
    for question in questions().values():
        yield question.name, question.statement, lambda rng, world, question=question: parameters(rng, world, question)
    for name, statement in SEARCHES.items():
        yield f"search: {name}", statement, words


def tables(db: Database) -> dict[str, int]:
    """{table: rows} of those with many, and of articles."""
    rows = db.execute(
        "select relname, reltuples::bigint as n from pg_class "
        "where relkind = 'r' and relnamespace = 'mediawatch'::regnamespace"
    )
    return {row.relname: row.n for row in rows if row.n > LARGE or row.relname == "article"}


def known(db: Database) -> dict[str, list[Any]]:
    """What parameters are drawn from."""
    urls = db.execute("select url from article tablesample system (0.01) where loaded_at is not null limit 200")
    sources = db.execute("select name from source order by source_id limit 200")
    names = db.execute(
        r"select substring(text from '(\w+ \w+) spoke to reporters') as name from article tablesample system (0.01) "
        "where text ~ 'spoke to reporters' limit 100"
    )
    agencies = db.execute("select distinct agency from syndication tablesample system (1) where agency is not null")
    return {
        "url": [row.url for row in urls],
        "source": [row.name for row in sources],
        "name": [row.name for row in names],
        "agency": ["", *(row.agency for row in agencies)],
        "topic": [row.topic for row in db.execute("select topic_id as topic from topic")],
    }


def parameters(rng: random.Random, world: dict[str, list[Any]], question: Question) -> dict[str, str]:
    """Values for a question's parameters: its defaults, some of them changed."""
    on = str(today() - timedelta(days=rng.randrange(40)))
    drawn = {
        "on": on,
        "days": str(rng.choice((1, 3, 7, 7, 14))),
        "hours": str(rng.choice((12, 24, 48, 168))),
        "topic": rng.choice(world["topic"]),
        "url": rng.choice(["", *world["url"][:3]]) if question.name != "two_sides" else "",
        "agency": rng.choice(world["agency"]),
        "one": "CN" if question.name == "two_sides" else "",
        "other": "US" if question.name == "two_sides" else "",
        "words": f"{rng.choice(WORDS)} NEAR/8 {rng.choice(WORDS)}",
    }
    return values(question, {each.name: drawn[each.name] for each in question.parameters if each.name in drawn})


def today() -> date:
    """The day, as the server counts."""
    return datetime.now(timezone.utc).date()


def words(rng: random.Random, world: dict[str, list[Any]]) -> dict[str, str]:
    """Values for a search's parameters."""
    common, other = rng.sample(WORDS, 2)
    return {
        "common": common,
        "other": other,
        "phrase": rng.choice(PHRASES),
        "name": rng.choice(world["name"]),
        "spanish": rng.choice(("gobierno", "sanciones", "ciudad", "puerto")),
        "chinese": rng.choice(("中国", "美国", "芬太尼", "制裁", "中美")),
        "topic": rng.choice(world["topic"]),
        "source": rng.choice(world["source"]),
        "day": str(today()),
    }


def measured(
    db: Database, name: str, statement: str, draws: list[dict[str, str]], large: dict[str, int], plans: Path | None
) -> tuple[str, float, float, int, list[str]]:
    """(name, p50 s, p95 s, most rows, large tables that a plan reads whole)."""
    times, most = [], 0
    for drawn in draws:
        began = time.perf_counter()
        with db.cursor() as cursor:
            cursor.execute(statement, drawn)
            most = max(most, len(cursor.fetchall()))
        times.append(time.perf_counter() - began)
    times.sort()
    with db.cursor() as cursor:
        cursor.execute(f"explain (analyze, buffers, format json) {statement}", draws[-1])
        plan = cursor.fetchone()[0][0]
    if plans:
        plans.mkdir(parents=True, exist_ok=True)
        (plans / f"{name.replace(': ', '-').replace(' ', '-')}.json").write_text(json.dumps(plan, indent=1), "utf-8")
    print(f"{name}: {times[len(times) // 2]:.3f} {times[-1]:.3f}", file=sys.stderr, flush=True)
    return (
        name,
        times[len(times) // 2],
        times[min(len(times) - 1, int(len(times) * 0.95))],
        most,
        sorted(whole(plan["Plan"]) & large.keys()),
    )


def whole(node: dict[str, Any]) -> set[str]:
    """Tables that a plan reads from end to end."""
    own = {node["Relation Name"]} if node["Node Type"] == "Seq Scan" and node.get("Actual Loops", 1) else set()
    return own.union(*(whole(each) for each in node.get("Plans", ())))


if __name__ == "__main__":
    main()
