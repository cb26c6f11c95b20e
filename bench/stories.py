"""Finding copies: sketching, the store path and the index, beside MinHash LSH of datasketch and rensa.

python bench/stories.py [articles] [size of the large index]
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import machine
import psutil
import store
from mediawatch.evaluate import database
from mediawatch.evaluate import stories as evaluation
from mediawatch.evaluate.labelled import Labelled
from mediawatch.settings import Settings
from mediawatch.stages.deduplicate import ARTICLES_PER_KEY, LEAST_KEYS, MOST_CANDIDATES, find_links
from mediawatch.store.database import Database, Row
from mediawatch.stories.sketch import sketch

WORDS = 968
"""Length of an article: the mean of a corpus of news."""
SAMPLE = 1_500
COPIES_ONE_IN = 5
WORKERS = 2
SMALL_INDEX = 10_000
KEYS = 28
PROBES = 1_250
ROUNDS = 7
PERMUTATIONS = 128
THRESHOLD = 0.5

Rates = list[Sequence[str]]


def vocabulary() -> tuple[list[str], list[float]]:
    """Invented words and how often each is used: the n-th most frequent in proportion to 1/n, as in any language."""
    dice = random.Random(1)
    words = ["".join(dice.choices("abcdefghilmnoprstuvw", k=dice.randint(2, 9))) for _ in range(30_000)]
    cumulative, total = [], 0.0
    for n in range(len(words)):
        total += 1 / (n + 2)
        cumulative.append(total)
    return words, cumulative


def article(number: int, words: Sequence[str], cumulative: Sequence[float]) -> str:
    """Every fifth is a copy of the one before it, cut to 60%."""
    original = number - 1 if number % COPIES_ONE_IN == COPIES_ONE_IN - 1 else number
    text = random.Random(original).choices(words, cum_weights=cumulative, k=WORDS)
    text = text if original == number else text[: WORDS * 6 // 10]
    return "\n\n".join(" ".join(text[at : at + 60]) for at in range(0, len(text), 60))


def rate(work: Callable[[str], object], texts: Sequence[str]) -> float:
    """Texts a second of processor time."""
    started = time.process_time()
    for text in texts:
        work(text)
    return len(texts) / (time.process_time() - started)


def sketching(texts: Sequence[str]) -> Rates:
    """The sketch, and MinHash signatures of the same five-word shingles."""
    import datasketch
    import rensa

    def shingles(text: str) -> list[str]:
        words = text.lower().split()
        return [" ".join(words[at : at + 5]) for at in range(len(words) - 4)]

    def with_datasketch(text: str) -> object:
        made = datasketch.MinHash(PERMUTATIONS)
        made.update_batch([each.encode() for each in shingles(text)])
        return made

    def with_rensa(text: str) -> object:
        made = rensa.RMinHash(num_perm=PERMUTATIONS, seed=1)
        made.update(shingles(text))
        return made

    works = {"`stories.sketch`": sketch, "datasketch MinHash, 128": with_datasketch, "rensa RMinHash, 128": with_rensa}
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(3):
        for name, work in works.items():
            rates[name].append(rate(work, texts))
    best = {name: max(each) for name, each in rates.items()}
    return [
        (name, f"{value:,.0f}", f"{value / best['datasketch MinHash, 128']:.1f}", "≥ 1,500" if name[0] == "`" else "")
        for name, value in best.items()
    ]


def recall(texts: Sequence[str]) -> Rates:
    """How many of the copies each finds, by candidates alone: 60% cuts have a Jaccard likeness of .6."""
    import datasketch

    lsh = datasketch.MinHashLSH(THRESHOLD, PERMUTATIONS)
    copies = found = ours = 0
    index: dict[int, set[int]] = {}
    for number, text in enumerate(texts):
        words = text.lower().split()
        made = datasketch.MinHash(PERMUTATIONS)
        made.update_batch([" ".join(words[at : at + 5]).encode() for at in range(len(words) - 4)])
        keys = sketch(text).keys
        if number % COPIES_ONE_IN == COPIES_ONE_IN - 1:
            copies += 1
            found += str(number - 1) in lsh.query(made)
            ours += sum(number - 1 in index.get(key, ()) for key in keys) >= LEAST_KEYS
        lsh.insert(str(number), made)
        for key in keys:
            index.setdefault(key, set()).add(number)
    return [
        ("candidate keys", f"{ours / copies:.3f}"),
        (f"datasketch MinHashLSH, {THRESHOLD}", f"{found / copies:.3f}"),
    ]


def store_path(db: Database, settings: Settings, count: int) -> Rates:
    """Articles through `stages.deduplicate`, two processes at once; wall time, and processor time of all of it."""
    words, cumulative = vocabulary()
    batches = []
    for at in range(0, count, settings.batch_entries):
        numbers = range(at, min(count, at + settings.batch_entries))
        rows = [
            Labelled(str(n), f"source {n % 200}", None, "", article(n, words, cumulative), "en", None, "", "")
            for n in numbers
        ]
        batches.append(database.insert(db, rows, at))
    db.execute("analyze")
    server = server_time(db)
    shares = [batches[worker::WORKERS] for worker in range(WORKERS)]
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        took = list(pool.map(partial(_work, settings), shares))
        busy = sum(each[2] for each in took) + server_time(db) - server
    wall = max(each[1] for each in took) - min(each[0] for each in took)
    size = db.execute("select pg_total_relation_size('story_key') as bytes")[0].bytes / count
    stories = db.execute("select count(distinct story_id) as n from article")[0].n
    expected = count - count // COPIES_ONE_IN
    return [
        (f"{count:,} articles, {WORKERS} processes", f"{count / wall:,.0f} articles/s", "≥ 1,000"),
        ("the same, processor time of clients and server", f"{count / busy:,.0f} articles/s a core", ""),
        ("index", f"{size:,.0f} bytes an article", "≤ 2,000"),
        ("stories found", f"{stories:,} of {expected:,}", ""),
    ]


def _work(settings: Settings, batches: Sequence[int]) -> tuple[float, float, float]:
    began_cpu = time.process_time()
    began, ended = evaluation.work(settings, batches)
    return began, ended, time.process_time() - began_cpu


def server_time(db: Database) -> float:
    """Processor seconds of the postmaster and of every server process so far, ended ones too."""
    backend = psutil.Process(db.execute("select pg_backend_pid() as pid")[0].pid)
    postmaster = backend.parent()
    assert postmaster
    processes = [postmaster, *postmaster.children()]
    of = [process.cpu_times() for process in processes]
    ended = postmaster.cpu_times()
    return sum(each.user + each.system for each in of) + ended.children_user + ended.children_system


def lookup(db: Database, large: int) -> Rates:
    """Time to find an article's copies, by the size of the index. Keys of other articles are random, as keys are."""
    db.execute("truncate story_key")
    rows = db.execute("select article_id, text from article order by article_id limit %(n)s", {"n": PROBES})
    db.rows("stories.insert_keys", article_ids=[row.article_id for row in rows])
    db.execute("analyze")
    alone: list[float] = []
    whole: list[float] = []
    for more in (SMALL_INDEX, large - SMALL_INDEX):
        for at in range(0, more, FILL):
            db.execute(FILLING, {"n": min(FILL, more - at), "keys": KEYS})
        db.execute("vacuum analyze story_key")
        alone.append(min(_timed(partial(_candidates, db, rows)) for _ in range(ROUNDS)))
        whole.append(min(_timed(partial(_copies, db, rows)) for _ in range(ROUNDS)))
    return [
        (what, *(f"{each * 1e3 / len(rows):.3f} ms" for each in times), f"{times[1] / times[0]:.2f}", target)
        for what, times, target in (("candidates alone", alone, ""), ("sketch, candidates, verified", whole, "≤ 2"))
    ]


FILL = 50_000
FILLING = """
insert into story_key
select key, rank from (
    select (random() * 4294967295 - 2147483648)::bigint::int as key, r.rank
    from (select (random() * 4294967295 - 2147483648)::bigint::int as rank from generate_series(1, %(n)s)) r,
         generate_series(1, %(keys)s)) k
order by key, rank on conflict do nothing"""


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _candidates(db: Database, rows: Sequence[Row]) -> object:
    bounds = {"per_key": ARTICLES_PER_KEY, "most": MOST_CANDIDATES, "least": LEAST_KEYS}
    return db.rows("stories.candidates", article_ids=[row.article_id for row in rows], **bounds)


def _copies(db: Database, rows: Sequence[Row]) -> object:
    return find_links(db, {row.article_id: sketch(row.text) for row in rows})


def main(count: int, large: int) -> None:
    """Print the tables."""
    words, cumulative = vocabulary()
    texts = [article(number, words, cumulative) for number in range(SAMPLE)]
    note = f"Articles of {WORDS} words, every fifth a copy of the one before, cut to 60%."
    whole = [text for number, text in enumerate(texts) if number % COPIES_ONE_IN != COPIES_ONE_IN - 1]
    machine.print_table("Sketching", ("what", "articles/s a core", "× datasketch", "target"), sketching(whole), note)
    machine.print_table("Copies among the candidates", ("what", "share found"), recall(texts), note)
    with store.fresh() as (db, settings):
        rows = store_path(db, settings, count)
        machine.print_table("The store path of stories", ("what", "measured", "target"), rows, note)
        machine.print_table(
            "Copies of one article",
            ("what", f"index of {SMALL_INDEX:,}", f"of {large:,}", "ratio", "target"),
            lookup(db, large),
            f"{PROBES:,} articles in one statement, {KEYS} keys each; the shortest of {ROUNDS} times.",
        )


if __name__ == "__main__":
    arguments = [int(each) for each in sys.argv[1:]]
    main(*arguments, *(20_000, 1_000_000)[len(arguments) :])
