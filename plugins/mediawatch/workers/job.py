"""What a pool's processes do, and which reasons tell that a task could not be done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mediawatch.errors import Reason


@dataclass(frozen=True)
class Job:
    """`program` is what the interpreter runs as a worker; it calls :func:`mediawatch.workers.serve.serve`.

    A task over its limit of time or memory fails with `over_limit`, one that raises or ends the process with `crash`.
    `again` makes of such a task the cheaper one that is tried once, within the same limits, before it fails.
    """

    program: tuple[str, ...]
    over_limit: Reason
    crash: Reason
    again: Callable[[Any], Any] | None = None
