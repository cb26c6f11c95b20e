"""What a table of measurements has to say of the machine, and how it is printed."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

Row = Sequence[str]


def describe() -> str:
    """Cores, processor, Python, date; one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    processor = model or platform.processor() or platform.machine()
    today = datetime.now(timezone.utc).date()
    return f"{os.cpu_count()} cores, {processor}, Python {platform.python_version()}, {today}"


def print_table(title: str, header: Row, rows: Sequence[Row], note: str) -> None:
    """A Markdown table, as docs/performance.md holds it."""
    print(f"## {title}\n\n{describe()}\n")
    for line in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(line) + " |")
    print(f"\n{note}\n", flush=True)


def memory_mb(pid: int | str, key: str) -> float:
    """A process's resident memory in megabytes: VmRSS now, VmHWM at the peak. OSError when it has ended."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), 0.0)
