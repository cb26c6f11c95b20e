"""analyst.search: the words of each language, phrases, nearness, scripts without spaces."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import Settings
from mediawatch.stages.flow import run_once
from mediawatch.stages.subscribe import subscribe
from mediawatch.store.database import Database
from psycopg2 import errors

Search = Callable[..., list[str]]
TEXTS = {
    "en": (
        "Ports",
        "Officials seized the fentanyl precursors in a container. The two countries had agreed on inspections.",
    ),
    "en2": ("Fentanyl", "The seizure of a precursor at the airport was announced by the customs service on Monday."),
    "es": ("Puertos", "El gobierno anunció nuevas sanciones contra las empresas navieras."),
    "de": ("Häfen", "Die Regierung verhängte Sanktionen gegen mehrere Reedereien."),
    "ru": ("Порты", "Правительство объявило о новых санкциях против судоходных компаний."),
    "zh": ("港口", "两国政府讨论了中美关系和芬太尼前体的管制问题。"),
    "zh2": ("中美洲", "中美洲国家的领导人举行了会议。"),
    "th": ("ท่าเรือ", "รัฐบาลประกาศมาตรการคว่ำบาตรใหม่"),
    "xx": ("Unknown", "Gobbledygook of unknown tongue, sanctions included."),
}


@pytest.fixture
def search(db: Database) -> Search:
    """Names (of TEXTS) that a query finds, the best first; run as the role analyst."""
    db.execute("insert into source (name) values ('Test')")
    db.execute("insert into generation (stage, version, config_hash, state) values ('extract', 'test', 'test', 'live')")
    for number, (name, (title, text)) in enumerate(TEXTS.items()):
        db.execute(
            """with e as (insert into entry (identity, source_id, url, first_seen_at, stage, status, ready_at, settled_at)
                   values (%(key)s, 1, %(name)s, now(), 'done', 'loaded', now(), now()) returning entry_id),
               p as (insert into page (entry_id, url, http_status, fetched_at, elapsed_ms, size_bytes, sha256, warc_file, warc_offset, warc_length)
                   select entry_id, %(name)s, 200, now(), 1, 1, %(key)s, 'x', 0, 0 from e returning page_id, entry_id),
               s as (insert into story default values returning story_id)
               insert into article (entry_id, page_id, source_id, generation_id, url, url_key, title, text, text_sha256, language,
                   language_confidence, word_count, first_seen_at, fetched_at, published_at, engine, story_id, loaded_at)
               select entry_id, page_id, 1, (select min(generation_id) from generation), %(name)s, %(key)s, %(title)s, %(text)s, %(key)s, %(language)s, 1, 9, now(), now(),
                   timestamptz '2024-01-01' + make_interval(days => %(number)s), 'test', story_id, now() from p, s""",
            {
                "key": name.encode().ljust(16),
                "name": name,
                "title": title,
                "text": text,
                "number": number,
                "language": None if name == "xx" else name[:2],
            },
        )
    db.rows("search.index", article_ids=[row.article_id for row in db.execute("select article_id from article")])

    def find(query: str, **options: object) -> list[str]:
        more = "".join(f", {name} => %({name})s" for name in options)
        db.execute("set role analyst")
        rows = db.execute(f"select url, snippet from analyst.search(%(q)s{more})", {"q": query, **options})
        db.execute("reset role")
        return [row.url for row in rows]

    return find


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("precursor", {"en", "en2"}),
        ("precursors seized", {"en"}),
        ('"fentanyl precursors"', {"en"}),
        ('"precursors fentanyl"', set()),
        ("fentanyl -container", {"en2"}),
        ("airport or container", {"en", "en2"}),
        ("sanción", {"es"}),
        ("Sanktion", {"de"}),
        ("санкции", {"ru"}),
        ("sanctions", {"xx"}),
        ("中美关系", {"zh"}),
        ('"中美关系"', {"zh"}),
        ("中美", {"zh", "zh2"}),
        ("芬太尼 管制", {"zh"}),
        ("芬太尼 -管制", set()),
        ("คว่ำบาตร", {"th"}),
        ("fentanyl NEAR/2 precursors", {"en"}),
        ("container NEAR/2 fentanyl", set()),
        ("container NEAR/5 fentanyl", {"en"}),
        ("container NEAR fentanyl inspections", {"en"}),
        ("container NEAR fentanyl airport", set()),
        ("", set()),
        ("the", set()),
        ("' \" ( & | ! :*", set()),
    ],
)
def test_a_query_finds_what_it_means_in_every_language(query: str, names: set[str], search: Search) -> None:
    assert set(search(query)) == names


def test_the_title_weighs_more(search: Search) -> None:
    assert search("fentanyl")[:2] == ["en2", "en"]


def test_results_are_bounded_by_time_language_and_number(search: Search) -> None:
    assert search("precursor", since="2024-01-02") == ["en2"]
    assert search("precursor", until="2024-01-02") == ["en"]
    assert search("中美", language="zh", source="Test", most=1) in (["zh"], ["zh2"])
    assert search("precursor", language="de") == search("precursor", source="Nobody") == []
    assert search("precursor", topic="fentanyl") == []


def test_the_words_found_are_marked_in_the_snippet(search: Search, db: Database) -> None:
    search("x")
    (row,) = db.execute("select snippet from analyst.search('airport')")
    assert "«airport»" in row.snippet


def test_loaded_articles_are_findable_and_the_index_is_used(db: Database, settings: Settings) -> None:
    subscribe(db, [Subscription(url="http://northwire.example/rss/world.rss")])
    run_once(db, settings, "test")
    assert (
        db.execute("select count(*) from article_search")[0][0]
        == db.execute("select count(*) from analyst.articles")[0][0]
        > 5
    )
    assert len(db.execute("select * from analyst.search('sanctions', topic => 'sanctions')")) >= 1


def test_the_analyst_cannot_reach_the_table_behind(db: Database) -> None:
    db.execute("set role analyst")
    with pytest.raises(errors.InsufficientPrivilege):
        db.execute("select * from mediawatch.article_search")


LONGEST = 2_000
"""Characters of a query; more are refused in words."""
SIGNS = (
    "-",
    "--",
    "- ",
    '"',
    '""',
    "|",
    "&",
    "!",
    "(",
    ")",
    ":",
    ":*",
    "<->",
    "<5>",
    "*",
    "\\",
    "'",
    "%",
    "$$",
    ";",
    "\t",
)
WORDS = ("or", "OR", "NEAR", "NEAR/3", "NEAR/99", "fentanyl", "-the", "中美", "คว่ำบาตร", "санкции", "a'b", "e\u0301")
SPACES = ("\u00a0", "\u2003", "\u2028", "\u3000", "\ufeff", "\x1f", "\x85", "\v")
PIECE = st.one_of(st.sampled_from(SIGNS + WORDS + SPACES), st.text(max_size=5))
RUN = st.tuples(st.lists(PIECE, min_size=1, max_size=4), st.integers(1, 70)).map(lambda it: "".join(it[0]) * it[1])
TEXT = st.lists(st.one_of(PIECE, RUN), max_size=12).map("".join).map(lambda text: text[:LONGEST])


@given(text=TEXT, other=TEXT)
@hypothesis.settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("-" * LONGEST, "")
@example("- " * 1_000, "")
@example("-(" * 1_000, "")
@example("-\u3000" * 1_000, "")
@example("-!" * 900 + "fentanyl", "-")
@example('-"' * 999, "")
@example("é" * LONGEST, "")
def test_any_text_can_be_searched_for(search: Search, text: str, other: str) -> None:
    asked = text.replace("NEAR", "near") if text.count("NEAR") > 10 else text
    search(asked)
    search(asked, language=other, source=other, topic=other)


@pytest.mark.parametrize("query", ["-" * 40 + " airport", "airport " + "- " * 40, "airport --"])
def test_many_dashes_leave_no_word_out(query: str, search: Search) -> None:
    assert search(query) == ["en2"]
