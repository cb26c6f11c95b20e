"""The process that parses feeds: each ParseTask in gives one FeedData or Failure out."""

from __future__ import annotations

from mediawatch.errors import Reason
from mediawatch.feeds.parse import parse
from mediawatch.models import Failure, FeedData, ParseTask
from mediawatch.workers.job import Job
from mediawatch.workers.serve import serve

Result = FeedData | Failure

JOB = Job(("-m", "mediawatch.feeds.worker"), over_limit=Reason.PARSE_LIMIT, crash=Reason.PARSE_CRASH)


def work(task: ParseTask) -> FeedData:
    """What the body announces."""
    return parse(task.body, url=task.url, content_type=task.content_type)


if __name__ == "__main__":
    serve(JOB, work)
