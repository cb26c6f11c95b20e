"""Loaded articles without the road that leads to them, for what works on stored ones."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from mediawatch.stages import tagging
from mediawatch.store.database import Database

INSERT = """
with s as (insert into source (name) values ('Stored') on conflict (name) do update set name = excluded.name returning source_id),
e as (insert into entry (identity, source_id, url, first_seen_at, stage, status, ready_at, settled_at)
      select decode(md5(%(url)s), 'hex'), source_id, %(url)s, now(), 'done', 'loaded', now(), now() from s returning entry_id, source_id),
p as (insert into page (entry_id, url, http_status, fetched_at, elapsed_ms, size_bytes, sha256, warc_file, warc_offset, warc_length)
      select entry_id, %(url)s, 200, now(), 1, 1, '', '', 0, 0 from e returning page_id, entry_id)
insert into article (entry_id, page_id, source_id, generation_id, url, url_key, title, text, text_sha256, language, language_confidence, word_count,
                     first_seen_at, fetched_at, engine, loaded_at)
select entry_id, page_id, source_id, %(generation)s, %(url)s, %(key)s, %(title)s, %(text)s, %(digest)s, %(language)s, 1, 1, now(), now(), 'test',
       case when %(loaded)s then clock_timestamp() end
from e join p using (entry_id) returning article_id
"""


def store_articles(
    db: Database, articles: Iterable[tuple[str, str]], *, loaded: bool = True, tagged: bool = True
) -> list[int]:
    """Store English articles (title, text), tagged by what tags now; their ids."""
    generation = tagging.current_generation(db)
    return [_store(db, generation, title, text, loaded, tagged) for title, text in articles]


def _store(db: Database, generation: int, title: str, text: str, loaded: bool, tagged: bool) -> int:
    from mediawatch.articles.identity import url_key

    number = db.execute("select count(*) as n from article")[0].n
    url = f"http://stored.example/{number}.html"
    article_id = db.execute(
        INSERT,
        {
            **{"url": url, "key": url_key(url), "generation": generation, "title": title, "text": text},
            **{"digest": sha256(text.encode()).digest(), "language": "en", "loaded": loaded},
        },
    )[0].article_id
    if tagged:
        tag(db, [article_id])
    return int(article_id)


def tag(db: Database, article_ids: list[int]) -> None:
    """Tag stored articles by what tags now."""
    generation = tagging.current_generation(db)
    rows = db.execute("select * from article where article_id = any(%(ids)s) order by 1", {"ids": article_ids})
    tagger = tagging.Tagger(db.rows("topics.taggings"))
    with db.transaction():
        tagging.store(db, generation, tagger, [(row, tagger.tags(row)) for row in rows])
