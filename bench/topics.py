"""Tagging articles of 4 kB, beside the bare scan of its automaton over text that is folded already."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from itertools import accumulate

import machine
from mediawatch import data
from mediawatch.topics.definition import TopicDefinition, parse_topic
from mediawatch.topics.fold import fold
from mediawatch.topics.matcher import Matcher

ARTICLES = 500
SIZE = 4_000
WORDS = 20_000
TERMS = 30
"""Terms of each invented topic."""

Article = tuple[str, str]


def main() -> None:
    """Print the table for 3, 100 and 1,000 topics."""
    rng = random.Random(6)
    vocabulary = [invented_word(rng) for _ in range(WORDS)]
    shipped = [parse_topic(body, name) for name, body in data.topics()]
    articles = [article(rng, vocabulary, shipped) for _ in range(ARTICLES)]
    invented = [invented_topic(rng, vocabulary, number) for number in range(1_000)]
    rows = []
    for topics, target in (
        (shipped, 2_000),
        ([*shipped, *invented[:97]], None),
        ([*shipped, *invented[:997]], 1_000),
    ):
        matcher = Matcher(topics)
        texts = [fold(text).text for _, text in articles]
        scan = matcher._automaton.find_matches_as_indexes
        scan_us, fold_us, match_us = timed(
            lambda index, scan=scan, texts=texts: scan(texts[index], overlapping=True),
            lambda index: fold(articles[index][1]),
            lambda index, matcher=matcher: matcher.match(*articles[index], "en"),
        )
        terms = len({term.folded for topic in topics for each in topic.lists.values() for term in each})
        tags = sum(len(matcher.match(*each, "en")) for each in articles)
        rows.append(
            (
                *(f"{len(topics):,}", f"{terms:,}", f"{scan_us:.0f}", f"{fold_us:.0f}", f"{match_us:.0f}"),
                *(f"{1e6 / match_us:,.0f}", f"≥ {target:,}" if target else "", f"{tags / ARTICLES:.1f}"),
            )
        )
    machine.print_table(
        "Tagging articles",
        (
            "topics",
            "terms",
            "bare scan, µs",
            "folding, µs",
            "`Matcher.match`, µs",
            "articles/s a core",
            "target",
            "tags each",
        ),
        rows,
        f"{ARTICLES} articles of {SIZE // 1000} kB, one in five on a shipped topic; invented topics have {TERMS} "
        "terms, half of them phrases. Best of 5 rounds, interleaved, by processor time.",
    )


def timed(*works: Callable[[int], object]) -> list[float]:
    """Microseconds an article of each work, the best of five interleaved rounds."""
    best = [float("inf")] * len(works)
    for _ in range(5):
        for place, work in enumerate(works):
            started = time.process_time()
            for index in range(ARTICLES):
                work(index)
            best[place] = min(best[place], time.process_time() - started)
    return [seconds / ARTICLES * 1e6 for seconds in best]


def invented_word(rng: random.Random) -> str:
    """A pronounceable word of two to four syllables; few are part of another."""
    return "".join(
        rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") + rng.choice(("", "l", "n", "r", "s"))
        for _ in range(rng.randint(2, 4))
    )


def article(rng: random.Random, vocabulary: Sequence[str], shipped: Sequence[TopicDefinition]) -> Article:
    """Prose with words as frequent as Zipf has it, in paragraphs; every fifth holds a passage on a shipped topic."""
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(vocabulary))))
    paragraphs: list[str] = []
    if rng.random() < 0.2:
        topic = rng.choice(shipped)
        paragraphs += [test.text for test in topic.tests if test.expected in ("primary", "tagged")][:2]
    while sum(map(len, paragraphs)) < SIZE:
        sentences = []
        for _ in range(3):
            words = rng.choices(vocabulary, cum_weights=weights, k=20)
            sentences.append(" ".join(words).capitalize() + ".")
        paragraphs.append(f"“{sentences[0]}” " + " ".join(sentences[1:]))
    return " ".join(rng.choices(vocabulary, cum_weights=weights, k=9)).title(), "\n\n".join(paragraphs)[:SIZE]


def invented_topic(rng: random.Random, vocabulary: Sequence[str], number: int) -> TopicDefinition:
    """A topic of words that are not among the 3,000 most frequent, with a signal of one list and one of two."""
    rarer = vocabulary[3_000:]
    terms = [rng.choice(rarer) if place % 2 else " ".join(rng.sample(rarer, 2)) for place in range(TERMS)]
    half = TERMS // 2
    return parse_topic(
        f"""
id: invented-{number}
title: Invented {number}
definition: A topic that exists to be measured.
lists: {{one: {{en: [{", ".join(terms[:half])}]}}, two: {{en: [{", ".join(terms[half:])}]}}}}
signals:
  - {{name: both, near: [one, two], within: sentence, weight: 2, cap: 4}}
  - {{name: one named, terms: one, weight: 0.5, cap: 2, zones: {{title: 3}}}}
thresholds: {{tagged: 2, primary: 6}}
tests: [{{text: x, level: none}}, {{text: y, level: tagged}}]
""",
        "invented.yaml",
    )


if __name__ == "__main__":
    main()
