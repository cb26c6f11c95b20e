"""Shipped topic files → topics: a file is loaded if it is new and nobody has edited the topic since."""

from __future__ import annotations

from mediawatch import data
from mediawatch.store.database import Database
from mediawatch.topics.definition import TopicDefinition, parse_topic

PACKAGE = "package"


def sync_topics(db: Database) -> list[str]:
    """Load what is new; ids of the topics that got a new version. Postgres stays the truth for the others."""
    with db.transaction():
        db.rows("topics.serialise_sync")
        latest = {row.topic_id: row for row in db.rows("topics.latest")}
        loaded = []
        for name, body in data.topics():
            topic = parse_topic(body, name)
            known = latest.get(topic.id)
            if known and (known.author != PACKAGE or bytes(known.definition_hash).hex() == topic.definition_hash):
                continue
            put(db, topic, body, known.version + 1 if known else 1)
            loaded.append(topic.id)
    return loaded


def put(db: Database, topic: TopicDefinition, body: str, version: int) -> None:
    """Store a version and let it tag from now on."""
    db.rows(
        "topics.put_version",
        topic_id=topic.id,
        version=version,
        body=body,
        definition_hash=bytes.fromhex(topic.definition_hash),
        author=PACKAGE,
        title=topic.title,
        definition=topic.definition,
    )
