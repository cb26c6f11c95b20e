"""The sample corpus's expected records, and what the pipeline made of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from mediawatch.articles.identity import url_key
from mediawatch.local.corpus import ROOT
from mediawatch.store.database import Database

Record = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one entry."""

    outcome: str
    title: str | None = None
    day: str | None = None
    language: str | None = None
    story: int | None = None
    topics: dict[str, str] | None = None
    text: str = ""


def records() -> list[Record]:
    """Every record of every publisher."""
    return [
        record for file in sorted(ROOT.glob("*/expected.yaml")) for record in yaml.safe_load(file.read_text("utf-8"))
    ]


def outcome_of(db: Database, record: Record) -> Outcome:
    """The outcome of a record's entry; LookupError when no feed announced it."""
    if record["url"]:
        rows = db.execute("select * from mediawatch.entry where identity = %(k)s", {"k": url_key(record["url"])})
    else:
        rows = db.execute("select * from mediawatch.entry where url is null and title = %(t)s", {"t": record["title"]})
    if len(rows) != 1:
        raise LookupError(f"{len(rows)} entries for {record['url'] or record['title']}")
    entry = rows[0]
    if entry.status != "loaded":
        return Outcome(f"{entry.status}: {entry.reason}" if entry.reason else entry.status)
    article = db.execute("select * from analyst.articles where article_id = %(a)s", {"a": entry.article_id})[0]
    tags = db.execute(
        "select topic, level from analyst.article_topics where article_id = %(a)s", {"a": entry.article_id}
    )
    return Outcome(
        "loaded",
        title=article.title,
        day=article.published_on and article.published_on.isoformat(),
        language=article.language,
        story=article.story_id,
        topics={row.topic: row.level for row in tags},
        text=article.text,
    )
