"""Every column that can hold text, of every table, searched for words: whether anything is left of what was removed."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg2 import sql

from mediawatch.store.database import Database

COLUMNS = """
select n.nspname as schema, c.relname as "table", a.attname as "column"
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
join pg_type t on t.oid = a.atttypid
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'm') and n.nspname !~ '^(pg_|information_schema$)'
  and (t.typcategory = 'S' or t.typname in ('json', 'jsonb', 'xml', 'bytea') or (t.typcategory = 'A' and t.typelem in (
      select oid from pg_type where typcategory = 'S')))
order by 1, 2, 3
"""
"""Tables and materialized views; other views show what these hold. Bytes are looked into as UTF-8."""


def find(db: Database, words: Sequence[str]) -> list[tuple[str, int]]:
    """(`schema.table.column`, rows) where one of the words stands; reads everything."""
    found = []
    for row in db.execute(COLUMNS):
        table, column = sql.Identifier(row.schema, row.table), sql.Identifier(row.column)
        query = sql.SQL(
            "select count(*) from {} where exists (select from unnest(%s::text[]) word where "
            "position(word in {}::text) > 0 or position(substr(convert_to(word, 'UTF8')::text, 3) in {}::text) > 0)"
        )
        with db.cursor() as cursor:
            cursor.execute(query.format(table, column, column), (list(words),))
            (rows,) = cursor.fetchone()
        if rows:
            found.append((f"{row.schema}.{row.table}.{row.column}", int(rows)))
    return found
