"""Texts of invented articles: real sentences put together anew, and what full-text search makes of each.

A sentence's lexemes are asked of Postgres once; an article's tsvector is then put together from those of its sentences
and equals what `search_vector` would make of its text, at a fraction of the cost.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import yaml
from mediawatch import data
from mediawatch.articles.extract import extract
from mediawatch.articles.sentences import count_words
from mediawatch.local.corpus import ROOT
from mediawatch.models import Extracted, ExtractTask
from mediawatch.store.database import Database
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.matcher import Matcher

END = re.compile(r"(?<=[.!?…][\"”’» ])\s*(?=[\"“„«A-ZА-ЯÀ-Þ¿¡])|(?<=[。！？])|\n+")
LONGEST = 400
"""Characters of a sentence; what is longer was cut badly."""
ONSETS, NUCLEI, CODAS = (
    ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "dr", "kr", "tr", "sh"],
    ["a", "e", "i", "o", "u", "ai", "or", "en"],
    ["", "n", "r", "s", "k", "l", "m", "th"],
)
WITNESS = {
    "en": "{} spoke to reporters in {}.",
    "es": "{} habló con la prensa en {}.",
    "de": "{} sprach in {} mit Journalisten.",
    "fr": "{} s'est exprimé à {}.",
    "pt": "{} falou com jornalistas em {}.",
    "ru": "{} выступил перед журналистами в городе {}.",
    "zh": "{}在{}对记者说。",
}
WITNESSES = 30_000
UNPAIRED = "zh"
"""Written without spaces: sentences are joined by none."""


@dataclass(frozen=True)
class Sentence:
    """A sentence; its lexemes with their positions, ready for a tsvector; how many positions it takes; its words."""

    text: str
    lexemes: tuple[tuple[str, tuple[int, ...]], ...]
    length: int
    words: int


@dataclass(frozen=True)
class Material:
    """What a language has: documents as lists of sentences, headlines, and those that topics' evidence stands in."""

    documents: list[list[Sentence]]
    headlines: list[Sentence]
    on_topic: dict[str, list[list[Sentence]]]
    topic_headlines: dict[str, list[Sentence]]
    witnesses: list[Sentence]


def matcher() -> Matcher:
    """The shipped topics."""
    return Matcher([parse_topic(body, name) for name, body in data.topics()])


def material(db: Database, sentences: Path | None) -> dict[str, Material]:
    """{language: material} of the sample corpus, and of a file of English articles (JSON Lines) where there is one."""
    raw: dict[str, list[tuple[str, str]]] = {}
    for language, title, text in [*_corpus(), *_file(sentences)]:
        raw.setdefault(language, []).append((title, text))
    match = matcher()
    return {language: _prepare(db, language, articles, match) for language, articles in raw.items()}


def _prepare(db: Database, language: str, articles: Sequence[tuple[str, str]], match: Matcher) -> Material:
    named = witnesses(language)
    known = analysed(db, language, set(named))
    made = Material([], [], {}, {}, [known[s] for s in named])
    cut = [
        (title, [s for s in map(str.strip, END.split(text)) if 20 < len(s) < LONGEST or (language == UNPAIRED and s)])
        for title, text in articles
    ]
    known = analysed(db, language, {s for title, body in cut for s in (title, *body)})
    for (title, text), (_, body) in zip(articles, cut, strict=True):
        found = match.match(title, text, language)
        proving = {text[slice(*e.sentence)].strip() for m in found for e in m.evidence if e.zone != "title"}
        plain = [known[s] for s in body if not any(s in p or p in s for p in proving)]
        for m in found:
            own = [
                known[s]
                for s in body
                if any(
                    s in p or p in s
                    for p in (text[slice(*e.sentence)].strip() for e in m.evidence if e.zone != "title")
                )
            ]
            if own and m.level == "primary":
                made.on_topic.setdefault(m.topic, []).append(own)
                made.topic_headlines.setdefault(m.topic, []).append(known[title])
        if len(plain) > 3 and (not found or language != "en"):
            made.documents.append(plain)
            made.headlines.append(known[title])
    return made


def analysed(db: Database, language: str, texts: set[str]) -> dict[str, Sentence]:
    """{text: sentence}; the mark at its end tells how many positions a text takes, stop words included."""
    rows = db.execute(
        """select s, array_agg(lexeme) as lexemes, array_agg(positions::int[]::text) as positions
           from unnest(%(texts)s) s,
                unnest(to_tsvector(mediawatch.search_config(%(language)s), mediawatch.search_words(s) || ' qzqzend'))
           group by s""",
        {"texts": list(texts), "language": language},
    )
    made = {}
    for row in rows:
        words = {
            w: tuple(int(p) for p in at.strip("{}").split(","))
            for w, at in zip(row.lexemes, row.positions, strict=True)
        }
        end = next(at for w, at in words.items() if w.startswith("qzqz"))[-1]
        own = tuple(
            (w.replace("\\", "\\\\").replace("'", "''"), at) for w, at in words.items() if not w.startswith("qzqz")
        )
        made[row.s] = Sentence(row.s, own, end - 1, count_words(row.s))
    return made


def vector(title: Sentence, body: Sequence[Sentence]) -> str:
    """The tsvector of an article, as Postgres reads it."""
    found: dict[str, list[str]] = {}
    for word, at in title.lexemes:
        found[word] = [f"{p}A" for p in at]
    base = max((p for _, at in title.lexemes for p in at), default=0)  # as || has it: behind the last lexeme
    for sentence in body:
        for word, at in sentence.lexemes:
            if word in found:
                found[word] += [str(base + p) for p in at]
            else:
                found[word] = [str(base + p) for p in at]
        base += sentence.length
    return " ".join(f"'{word}':{','.join(at[:255])}" for word, at in found.items())


def name(rng: random.Random, parts: int = 2) -> str:
    """An invented name: the long tail of words that real news has and a few thousand articles have not."""
    return "".join(rng.choice(ONSETS) + rng.choice(NUCLEI) + rng.choice(CODAS) for _ in range(parts)).capitalize()


def witnesses(language: str) -> list[str]:
    """Sentences with invented names, one for each of many events."""
    rng = random.Random(language)
    template = WITNESS.get(language, WITNESS["en"])
    return [
        template.format(f"{name(rng)} {name(rng, 3)}", name(rng))
        for _ in range(WITNESSES if language == "en" else WITNESSES // 10)
    ]


def compose(
    found: Material, language: str, story: int, event: int, topics: Sequence[str], copy: int
) -> tuple[Sentence, list[list[Sentence]]]:
    """Headline and paragraphs of one article: those of its story, lightly edited or cut when it is a copy."""
    rng = random.Random(story * 7919 + 17)
    theme = random.Random(event).randrange(len(found.documents))
    size = min(90, max(4, int(rng.lognormvariate(2.45, 0.55))))
    home = found.documents[theme]
    body = [rng.choice(home) if rng.random() < 0.6 else rng.choice(rng.choice(found.documents)) for _ in range(size)]
    for topic in topics:
        if topic in found.on_topic:
            which = rng.randrange(len(found.on_topic[topic]))
            own = found.on_topic[topic][which]
            for sentence in own[: rng.randint(2, 6)]:
                body.insert(rng.randrange(0, min(4, len(body)) + 1), sentence)
    body.insert(
        min(len(body), 1 + rng.randrange(3)), found.witnesses[random.Random(event).randrange(len(found.witnesses))]
    )
    headline = rng.choice(found.headlines)
    if topics and topics[0] in found.topic_headlines and rng.random() < 0.8:
        headline = rng.choice(found.topic_headlines[topics[0]])
    if copy:
        rng = random.Random(story * 7919 + copy)
        if rng.random() < 0.3:
            headline = rng.choice(found.headlines) if not topics else headline
        if rng.random() < 0.35:
            body = body[: max(3, int(len(body) * rng.uniform(0.5, 0.95)))]
        elif rng.random() < 0.3:
            body[rng.randrange(len(body))] = rng.choice(home)
    return headline, [body[at : at + 3] for at in range(0, len(body), 3)]


def headline(found: Material, story: int, event: int) -> Sentence:
    """A headline for an entry that has no article."""
    return found.headlines[(story * 31 + event) % len(found.headlines)]


def byline(source: int, article: int) -> str:
    """One of the twenty authors of a source."""
    rng = random.Random(source * 20 + article % 20)
    return f"{name(rng, 1)} {name(rng)}"


def written(paragraphs: Sequence[Sequence[Sentence]], language: str) -> str:
    """The text, paragraphs separated by a blank line."""
    joint = "" if language == UNPAIRED else " "
    return "\n\n".join(joint.join(s.text for s in paragraph) for paragraph in paragraphs)


def _file(path: Path | None) -> Iterator[tuple[str, str, str]]:
    if path and path.exists():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                article = json.loads(line)
                yield "en", article["title"], article["text"]


def _corpus() -> Iterator[tuple[str, str, str]]:
    """(language, title, text) of the sample corpus's pages that are articles."""
    wanted = {
        r["url"]: r
        for f in sorted(ROOT.glob("*/expected.yaml"))
        for r in yaml.safe_load(f.read_text("utf-8"))
        if r.get("outcome") == "loaded"
    }
    now = datetime.now(timezone.utc)
    for url, record in wanted.items():
        host, _, path = str(url).partition("://")[2].partition("/")
        page = ROOT / host / "site" / path
        if page.is_file() and record["language"]:
            found = extract(ExtractTask(page.read_bytes(), url, "text/html", now))
            if isinstance(found, Extracted):
                yield record["language"], found.title, found.text
