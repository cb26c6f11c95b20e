"""Articles that the method of now finds none on their page → entries without one, as if it had never been read."""

from __future__ import annotations

from mediawatch.errors import Reason
from mediawatch.stages.removal import take_out
from mediawatch.store.database import Database

BY_RULE = (Reason.NO_TEXT, Reason.PAYWALL, Reason.LIST_PAGE, Reason.ERROR_PAGE, Reason.UNSUPPORTED_TYPE)
"""What says that a page holds no article. A limit or a crash says nothing of the page."""


def withdraw(db: Database, replay_id: int, generation: int) -> int:
    """Take back a replay's lost articles that are as they were when it was built; how many. `generation` is of events.

    To be called in a transaction that holds the grouping lock. Their entries end with the reason, entries that had
    ended as the same page are fetched again, and stories and events close up. The pages stay in the archive.
    """
    reasons = {reason.value: reason.status.value for reason in BY_RULE}
    lost = db.rows("replays.lost", replay_id=replay_id, reasons=list(reasons))
    articles = [row.article_id for row in lost]
    if not articles:
        return 0
    stories = [row.story_id for row in db.rows("events.stories", article_ids=articles)]
    said = f"withdrawn by replay {replay_id}"
    ends = [(row.entry_id, reasons[row.reason], row.reason, f"{row.detail}; {said}") for row in lost]
    db.rows("replays.reopen_same_pages", article_ids=articles)
    db.many("replays.end_entries", ends)
    take_out(db, articles, stories, generation)
    return len(articles)
