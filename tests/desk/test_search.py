"""The page Search: what is typed, what is found, and what is said when it cannot be understood."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import feedparser
import pytest
from desk_pages import text
from lxml import html
from mediawatch.desk.asking import Question, advice, read
from mediawatch.desk.search import COUNTED, RESULTS, START, STOP, _chart, _hits, _older, snippet
from mediawatch.store.database import Database
from starlette.testclient import TestClient

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def database_url(corpus_url: str) -> str:
    return corpus_url


def asked(reader: TestClient, **query: str) -> html.HtmlElement:
    answer = reader.get("/mediawatch/search", params=query)
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def titles(page: html.HtmlElement) -> list[str]:
    return [text(each) for each in page.xpath("//ol[contains(@class, 'results')]/li/h2")]


def test_results_are_the_newest_first_with_the_words_marked(reader: TestClient, db: Database) -> None:
    page = asked(reader, q='"export controls"')
    assert titles(page) == ["Tape over the clock"]
    assert [text(each) for each in page.xpath("//mark")] == ["export", "controls"]
    assert "makers" in [text(each) for each in asked(reader, q='"chip-tool makers"').xpath("//h2//mark")]
    assert "1 article found." in text(page)


def test_every_match_is_on_one_page_and_in_the_chart(reader: TestClient, db: Database) -> None:
    seen, page = [], asked(reader, q="fentanyl")
    counted = [int(text(each)) for each in page.xpath("//table[@class='figures']//td")]
    while True:
        seen += titles(page)
        following = page.xpath("//a[@rel='next']/@href")
        if not following:
            break
        page = html.fromstring(reader.get(following[0]).text)
    expected = db.execute("select title, published_at from analyst.search('fentanyl', most => 1000)")
    assert sorted(seen) == sorted(row.title for row in expected)
    undated = sum(row.published_at is None for row in expected)
    assert sum(counted) == len(expected) - undated
    assert f"{undated} of them without a date" in text(asked(reader, q="fentanyl"))


def test_topic_source_language_and_days_narrow_it(reader: TestClient, db: Database) -> None:
    found = db.execute(
        "select a.* from analyst.search('fentanyl', most => 99) join analyst.articles a using (article_id)"
    )
    by = {
        "language": ({"language": "de"}, [row.title for row in found if row.language == "de"]),
        "source": ({"source": "northwire"}, [row.title for row in found if row.source == "Northwire"]),
        "topic": ({"topic": "sanctions"}, [row.title for row in found if "sanctions" in row.topics]),
        "days": (
            {"since": "2024-02-13", "until": "2024-02-13"},
            [row.title for row in found if row.published_at and f"{row.published_at:%m-%d}" == "02-13"],
        ),
    }
    for query, expected in by.values():
        assert sorted(titles(asked(reader, q="fentanyl", **query))) == sorted(expected) != []


def test_the_best_come_first_when_asked_for(reader: TestClient, db: Database) -> None:
    best = [row.title for row in db.execute("select title from analyst.search('sanctions bank', most => 20)")]
    assert titles(asked(reader, q="sanctions bank", sort="best")) == best


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"q": "xyzzy"}, "Nothing was found."),
        ({"q": "the"}, "Nothing was found."),
        ({}, "Type words to look for."),
        ({"q": "a", "since": "yesterday"}, "“From” is a day such as 2024-01-31."),
        ({"q": "a", "since": "2024-02-02", "until": "2024-02-01"}, "The first day is after the last one."),
        ({"q": "a", "source": "Nobody"}, "No source is called “Nobody”."),
        ({"q": "a", "source": "er"}, "Did you mean one of these?"),
        ({"q": "a", "language": "english"}, "A language is its two letters"),
        ({"q": "a" * 501}, "longer than 500 characters"),
        (
            {
                "q": 'bank "open',
            },
            "A quotation mark is open",
        ),
    ],
)
def test_it_says_what_is_wrong(reader: TestClient, query: dict[str, str], told: str) -> None:
    assert told in text(asked(reader, **query))


@pytest.mark.parametrize(
    "query", ["'", '"', "((", "\\", "a & | !", "NEAR/5", "a NEAR/99 b", "-a", "a:*", "%s", "\x00", "<->", "́", "🙂" * 20]
)
def test_no_query_breaks_it(reader: TestClient, query: str) -> None:
    asked(reader, q=query, source=query[:1], topic=query)


def test_a_wrong_page_is_refused_and_a_wrong_order_too(reader: TestClient) -> None:
    assert reader.get("/mediawatch/search?q=bank&after=zzz").status_code == 400
    assert reader.get("/mediawatch/search?q=bank&sort=worst").status_code == 422


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ('"a phrase" or word -not', 0),
        ("sanctions NEAR/5 bank", 0),
        ("sanctions NEAR bank", 0),
        ("(a)", 1),
        ("a AND b", 1),
        ("a NOT b", 1),
        ("tax*", 1),
        ("a NEAR/x b", 1),
        ('"a b" NEAR/3 c', 1),
        ('"AND (NOT*)"', 0),
    ],
)
def test_advice_is_given_only_where_it_is_due(query: str, count: int) -> None:
    assert len(advice(query)) == count


def test_the_last_day_is_included() -> None:
    question = read({"q": "a", "since": "2024-02-01", "until": "2024-02-01"})
    assert question.since is not None
    assert question.until is not None
    assert (question.until - question.since).days == 1


class Matches:
    """A database whose search returns a thousand at most, as the real one does."""

    def __init__(self, moments: list[str]) -> None:
        rows = [SimpleNamespace(at=at, article_id=n) for n, at in enumerate(moments)]
        self.all = sorted(rows, key=lambda row: (row.at, row.article_id), reverse=True)

    def rows(self, _: str, *, upto: str | None, with_it: bool, **__: object) -> list[SimpleNamespace]:
        """Those of a moment come in the order in which they are, always the same ones."""
        return [row for row in self.all if upto is None or row.at < upto or (with_it and row.at == upto)][:COUNTED]


def pages(db: Any) -> list[int]:
    hits, seen = _hits(db, Question("a"), None), []
    while hits:
        seen += [row.article_id for row in hits[:RESULTS]]
        last = hits[:RESULTS][-1]
        hits = _older(db, Question("a"), None, _hits(db, Question("a"), None), (last.at, last.article_id))
    return seen


def test_pages_go_on_beyond_the_thousand_that_a_search_returns() -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 32) for _ in range(100)]
    assert pages(Matches(days)) == list(range(3099, -1, -1))


def test_of_more_than_a_thousand_of_one_moment_the_rest_is_passed_over() -> None:
    seen = pages(Matches(["2024-01-01"] * 50 + ["2024-01-02"] * 1500 + ["2024-01-03"] * 10))
    assert seen == list(range(1559, 549, -1)) + list(range(49, -1, -1))


def test_the_chart_shows_no_empty_day_before_the_first_of_those_that_were_counted() -> None:
    days = {date(2024, 2, 1): 3, date(2024, 2, 3): 2}
    assert _chart(days, whole=False).rows == [("2024-02-01", 3), ("2024-02-02", 0), ("2024-02-03", 2)]
    assert _chart(days, whole=True).rows[0] == ("2024-01-14", 0)


def test_only_the_two_characters_mark_words() -> None:
    told = f"«<b>» {START}a&b{STOP} c{STOP} {START}open"
    assert snippet(told) == "«&lt;b&gt;» <mark>a&amp;b</mark> c open"


@pytest.mark.usefixtures("writes")
def test_a_search_is_saved_and_followed_as_a_feed(reader: TestClient, db: Database) -> None:
    form = {"name": "o'chips", "q": '"chip-tool makers"', "source": "lakeside tribune", "since": "2024-02-01"}
    done = reader.post("/mediawatch/search/saved", data=form, headers=SAME_ORIGIN, follow_redirects=False)
    page = html.fromstring(reader.get(done.headers["location"]).text)
    assert "Saved as “o'chips”" in text(page)
    read = feedparser.parse(reader.get(page.xpath("//a[text()='Atom feed']/@href")[0]).content)
    assert not read.bozo
    assert [entry.title for entry in read.entries] == titles(page) == ["Chinese chip-tool makers listed by U.S."]
    assert [(row.name, row.owner) for row in db.rows("saved.list")] == [("o'chips", "ann")]
    assert reader.get("/mediawatch/saved/atom?name=nothing").status_code == 404
    form |= {"source": "Nobody"}
    assert reader.post("/mediawatch/search/saved", data=form, headers=SAME_ORIGIN).status_code == 422


@pytest.mark.usefixtures("writes")
def test_articles_without_a_date_come_last_and_once(reader: TestClient, db: Database) -> None:
    db.execute("update article_search set published_at = null where article_id % 2 = 0")
    seen, address = [], "/mediawatch/search?q=fentanyl"
    while address:
        page = html.fromstring(reader.get(address).text)
        seen += [int(each.rpartition("/")[2]) for each in page.xpath("//ol//h2/a/@href")]
        address = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    none = {row.article_id for row in db.execute("select article_id from article_search where published_at is null")}
    undated = [each in none for each in seen]
    assert len(seen) == len(set(seen)) == 22
    assert undated == sorted(undated)


@pytest.mark.usefixtures("writes")
def test_what_articles_say_is_shown_as_text(reader: TestClient, db: Database) -> None:
    evil = f"zebra <script>alert(1)</script> <img src=x onerror=y> {START}<b>zebra</b>{STOP}"
    rows = db.execute(
        "update article set title = %(e)s, text = %(e)s, url = 'javascript:alert(1)' where article_id < 20 and loaded_at is not null returning article_id",
        {"e": evil},
    )
    db.rows("search.index", article_ids=[row.article_id for row in rows])
    page = asked(reader, q="zebra", source='"><script>')
    page = asked(reader, q="zebra")
    assert len(titles(page)) > 1
    assert not page.xpath(
        "//main//script | //main//img | //main//b | //@onerror | //a[starts-with(@href, 'javascript')]"
    )
