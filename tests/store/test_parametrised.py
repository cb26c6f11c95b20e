"""SQL is never put together from values: the code says so, and hostile strings go through every door without harm."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mediawatch.articles.identity import url_key
from mediawatch.errors import MediawatchError, QueryError, TopicError
from mediawatch.feeds.opml import Subscription
from mediawatch.settings import PROJECT
from mediawatch.stages import forget, retention
from mediawatch.stages.publishers import Publishers
from mediawatch.stages.subscribe import subscribe
from mediawatch.stages.verdicts import find_article
from mediawatch.store.database import Database, DataError
from mediawatch.store.explain import explain
from mediawatch.topics.definition import parse_topic
from mediawatch.topics.query import QueryError as TopicQueryError
from mediawatch.topics.query import read_query

RUNS = {"execute", "executemany", "copy_expert", "mogrify", "rows", "row", "value", "many", "execute_values"}
ALLOWED = {
    ("store/migrate.py", "f'select pg_advisory_xact_lock({LOCK})'"): "a constant",
    (
        "stages/regroup.py",
        "f'create table mediawatch_next.{table} (like mediawatch.{table} including all)'",
    ): "names of a constant tuple",
}
PACKAGE = PROJECT / "plugins" / "mediawatch"


def put_together(tree: ast.AST) -> Iterator[ast.expr]:
    """First arguments of calls that run SQL, where they are built from parts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS and node.args:
            first = node.args[0]
            formatted = (
                isinstance(first, ast.Call)
                and isinstance(first.func, ast.Attribute)
                and first.func.attr in ("format", "join", "replace")
                and isinstance(first.func.value, ast.Constant)
            )
            if isinstance(first, ast.JoinedStr | ast.BinOp) or formatted:
                yield first


def test_no_statement_of_the_package_is_put_together() -> None:
    found = {
        (str(path.relative_to(PACKAGE)), ast.unparse(expression))
        for path in PACKAGE.rglob("*.py")
        for expression in put_together(ast.parse(path.read_text("utf-8")))
    }
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    "code",
    [
        "db.execute(f'select {x}')",
        "db.execute('select ' + x)",
        "db.execute('select %s' % x)",
        "db.execute('select {}'.format(x))",
        "cursor.execute(' '.join(parts))",
    ],
)
def test_a_statement_that_is_put_together_is_found(code: str) -> None:
    assert list(put_together(ast.parse(code)))


def test_psycopg2s_composition_is_used_in_the_store_only_and_with_identifiers() -> None:
    users = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if "psycopg2 import sql" in path.read_text("utf-8")
    }
    assert users == {"store/scan.py"}


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "'; drop table mediawatch.article; --",
            '"; drop table mediawatch.article; --',
            "%(url)s %s %% {} $1 \\' E'\\x00'",
            "') or 1=1 --",
            "$$; drop schema mediawatch cascade; $$",
            "\x00\ud800",
            "a" * 3_000,
            "((((" * 500,
            "NEAR/30 " * 50,
            "a NEAR/30 b " * 60,
            "* | & ! <-> :* \\",
        ]
    ),
)


def harmless(db: Database, call: Any) -> None:
    """It ends in a result or in an error that says what is wrong, and the tables are there."""
    with suppress(MediawatchError, ValueError):
        call()
    assert db.execute("select count(*) from mediawatch.article")[0][0] == 0
    assert db.execute("select count(*) from mediawatch.topic")[0][0] == 3


@given(text=HOSTILE)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_strings_through_every_door_do_no_harm(db: Database, text: str) -> None:
    harmless(db, lambda: explain(db, text, url_key(text)))
    harmless(db, lambda: find_article(db, text, url_key(text)))
    harmless(db, lambda: forget.plan(db, text))
    harmless(db, lambda: retention.set_rules(db, text, articles=1, pages=None, archive=0))
    harmless(db, lambda: subscribe(db, [Subscription(url=f"http://h.example/{text}", title=text, tags=(text,))]))
    harmless(db, lambda: Publishers(db).source_of(f"http://h.example/{text}"))
    harmless(db, lambda: searched(db, text))
    harmless(db, lambda: read_query(text))
    harmless(db, lambda: parse_topic(text, "hostile.yaml"))


def searched(db: Database, text: str) -> None:
    try:
        db.execute("select * from analyst.search(%(text)s, topic => %(text)s, source => %(text)s)", {"text": text})
        db.execute("select analyst.search_query('simple', %(text)s)", {"text": text})
    except DataError as error:
        raise QueryError(str(error)) from None


def test_a_search_that_is_too_long_is_refused_before_it_costs_anything(db: Database) -> None:
    with pytest.raises(DataError, match="at most 2,000 characters"):
        db.execute("select analyst.search_query('english', %(text)s)", {"text": "fentanyl or " * 100_000})
    with pytest.raises(DataError, match="at most 10 times"):
        db.execute("select analyst.search_query('english', %(text)s)", {"text": "a NEAR/30 b " * 11})


# ---- a topic as an attacker would write it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("(" * 10_000 + "china" + ")" * 10_000, "at most 5,000 characters"),
        ("(" * 2_000 + "china" + ")" * 2_000, "nested deeper than 20"),
        ("china OR " * 120_000 + "china", "at most 5,000 characters"),
        (" AND ".join(f"(a{i} OR near/5(b{i}, c{i}))" for i in range(60)), "more than 30 combinations"),
    ],
)
def test_a_huge_or_deeply_nested_query_is_refused_with_a_clear_error(query: str, message: str) -> None:
    with pytest.raises(TopicQueryError, match=message):
        read_query(query)


def bomb(levels: int) -> str:
    """YAML that would unfold to 10 to the power of `levels` words."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "source",
    [
        "[" * 10_000 + "]" * 10_000,
        bomb(9),
        "id: x\nlists:\n  a: [" + ", ".join(["w"] * 400_000) + "]\n",
        "!!python/object/apply:os.system ['true']",
        "id: &a [*a]",
    ],
    ids=["nested", "bomb", "huge", "python", "circle"],
)
def test_a_hostile_topic_file_is_refused_with_a_clear_error_and_bounded_cost(source: str) -> None:
    with pytest.raises(TopicError):
        parse_topic(source, "hostile.yaml")
