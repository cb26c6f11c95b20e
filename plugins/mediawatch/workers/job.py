"""What a pool's processes do, and which reasons tell that a task could not be done."""

from __future__ import annotations

from dataclasses import dataclass

from mediawatch.errors import Reason


@dataclass(frozen=True)
class Job:
    """`program` is what the interpreter runs as a worker; it calls :func:`mediawatch.workers.serve.serve`.

    A task over its limit of time or memory fails with `over_limit`, one that raises or ends the process with `crash`.
    """

    program: tuple[str, ...]
    over_limit: Reason
    crash: Reason
