"""Loaded articles by day, topic, publisher and event, made in the database without the road that leads to them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from mediawatch.store.database import Database

DAY = date(2024, 1, 30)
NOON = datetime.combine(DAY, time(12), timezone.utc)

PUBLISH = """
with s as (insert into source (name) values (%(source)s) on conflict (name) do update set name = excluded.name returning source_id),
g as (insert into generation (stage, version, config_hash, state) values ('extract', 'test', '', 'retired')
      on conflict (stage, version, config_hash) do update set version = excluded.version returning generation_id),
t as (insert into story (event_id) select %(event)s returning story_id),
n as (select md5(random()::text || i) as id from generate_series(1, %(count)s) i),
e as (insert into entry (identity, source_id, url, first_seen_at, stage, status, ready_at, settled_at)
      select decode(id, 'hex'), source_id, 'http://x.example/' || id, %(at)s, 'done', 'loaded', %(at)s, %(at)s from n, s returning entry_id, source_id, url),
p as (insert into page (entry_id, url, http_status, fetched_at, elapsed_ms, size_bytes, sha256, warc_file, warc_offset, warc_length)
      select entry_id, url, 200, %(at)s, 1, 1, '', '', 0, 0 from e returning page_id, entry_id)
insert into article (entry_id, page_id, source_id, generation_id, url, url_key, title, text, text_sha256, language_confidence, word_count,
                     published_at, published_precision, first_seen_at, fetched_at, engine, loaded_at, topics, story_id)
select e.entry_id, p.page_id, source_id, generation_id, url, decode(md5(url), 'hex'), %(title)s, 'text', '', 1, 1,
       %(at)s, 'minute', %(at)s, %(at)s, 'test', %(at)s, %(topics)s, story_id
from e join p using (entry_id), g, t returning story_id
"""


def publish(
    db: Database,
    at: datetime,
    count: int,
    *topics: str,
    source: str = "One",
    event: int | None = None,
    title: str = "A title",
) -> None:
    """So many loaded articles of one story, published at that time; the story's canonical article is one of them."""
    values = {"at": at, "count": count, "topics": list(topics), "source": source, "event": event, "title": title}
    (row, *_) = db.execute(PUBLISH, values)
    db.execute(
        """update story s set canonical_article_id = a.article_id, articles = a.articles, sources = a.sources
           from (select min(article_id) as article_id, count(*) as articles, count(distinct source_id) as sources
                 from article where story_id = %(s)s) a where s.story_id = %(s)s""",
        {"s": row.story_id},
    )


def month(db: Database, topic: str, count: int, *, without: tuple[int, ...] = ()) -> None:
    """So many articles on a topic on each of the 28 days before DAY, and one that is on none; none at all on some days."""
    for back in range(1, 29):
        if back not in without:
            publish(db, NOON - timedelta(days=back), count, topic)
            publish(db, NOON - timedelta(days=back), 1)


def happen(db: Database, *sources: str, topic: str = "sanctions") -> int:
    (row,) = db.execute(
        "insert into event (title, sources) values ('Sites agree', %(n)s) returning event_id", {"n": len(sources)}
    )
    for source in sources:
        publish(db, NOON, 1, topic, source=source, event=row.event_id)
    db.execute(
        "update event set articles = %(n)s, stories = %(n)s, first_published_at = %(at)s where event_id = %(e)s",
        {"n": len(sources), "at": NOON, "e": row.event_id},
    )
    return int(row.event_id)
