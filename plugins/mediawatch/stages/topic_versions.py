"""Topic files → versions of topics, and versions → what tags from now on."""

from __future__ import annotations

from collections.abc import Sequence

from mediawatch.errors import TopicError
from mediawatch.stages import retag, tagging
from mediawatch.store.database import Database, Row
from mediawatch.topics.check import failed_tests
from mediawatch.topics.definition import TopicDefinition, parse_topic

PACKAGE = "package"
"""The author of the versions that ship."""


def parse_checked(body: str, name: str) -> TopicDefinition:
    """The topic in a file; TopicError when it is unsound or fails a test of its own."""
    topic = parse_topic(body, name)
    if failures := failed_tests(topic):
        raise TopicError(f"{name} fails its own tests:\n" + "\n".join(f"  {each}" for each in failures))
    return topic


def put(db: Database, topic: TopicDefinition, body: str, author: str, note: str = "") -> int:
    """Store a topic file as a version that does not tag yet; its number. The newest version is not stored again."""
    with db.transaction():
        db.rows("topics.serialise_sync")
        return _put(db, topic, body, author, note)


def _put(db: Database, topic: TopicDefinition, body: str, author: str, note: str = "") -> int:
    newest = {row.topic_id: row for row in db.rows("topics.latest")}.get(topic.id)
    if newest and bytes(newest.definition_hash).hex() == topic.definition_hash:
        return int(newest.version)
    version = newest.version + 1 if newest else 1
    known = {"topic_id": topic.id, "version": version}
    db.rows("topics.put_topic", **known, title=topic.title, definition=topic.definition)
    digest = bytes.fromhex(topic.definition_hash)
    db.rows("topics.put_version", **known, body=body, definition_hash=digest, author=author, note=note)
    return version


def sync(db: Database, shipped: Sequence[tuple[str, str]]) -> list[str]:
    """Load shipped files (name, YAML) that are new, if nobody has edited the topic since; ids of topics that tag anew.

    Also begins to read the stored articles again for topics whose tags come from another version of the engine.
    """
    with db.transaction():
        db.rows("topics.serialise_sync")
        latest = {row.topic_id: row for row in db.rows("topics.latest")}
        fresh = []
        for name, body in shipped:
            topic = parse_topic(body, name)
            known = latest.get(topic.id)
            if known and (known.author != PACKAGE or bytes(known.definition_hash).hex() == topic.definition_hash):
                continue
            fresh.append((topic.id, _put(db, topic, body, PACKAGE)))
        behind = [(row.topic_id, row.version) for row in _of_another_engine(db) if row.topic_id not in dict(fresh)]
        if fresh or behind:
            retag.begin(db, [*fresh, *behind], PACKAGE)
    return [topic_id for topic_id, _ in fresh]


def _of_another_engine(db: Database) -> list[Row]:
    taggings = db.rows("topics.taggings")
    building = {row.topic_id for row in taggings if row.state == "building"}
    return [row for row in taggings if row.engine != tagging.ENGINE_VERSION and row.topic_id not in building]
