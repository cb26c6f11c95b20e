"""Shipped topic files → topics: a file is loaded if it is new and nobody has edited the topic since."""

from __future__ import annotations

from mediawatch import data
from mediawatch.stages import topic_versions
from mediawatch.store.database import Database


def sync_topics(db: Database) -> list[str]:
    """Load what is new; ids of the topics that got a new version. Postgres stays the truth for the others."""
    return topic_versions.sync(db, data.topics())
