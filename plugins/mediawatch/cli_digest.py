"""`mediawatch digest`: a day in one message."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mediawatch.errors import AlertError
from mediawatch.terminal import connected, console

KINDS = {".txt": "text", ".html": "html", ".htm": "html"}


def digest(
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day; yesterday if not given.")
    ] = None,
    topic: Annotated[str, typer.Option(help="Of this topic only.")] = "",
    to: Annotated[str, typer.Option(help="A file (.html, .txt) or the name of a channel; the terminal if none.")] = "",
) -> None:
    """What was published on each topic on a day, beside what is usual, and what may have been missed."""
    from mediawatch.stages import digest as stage
    from mediawatch.stages.delivering import tell
    from mediawatch.web.channels import Refused

    file = Path(to)
    if to and file.suffix not in KINDS and not re.fullmatch(r"[\w-]{1,100}", to):
        raise AlertError(f"{to}: a file ends in {', '.join(KINDS)}; a channel is a name such as desk")
    with connected() as (db, settings):
        date = day.date() if day else stage.yesterday(db, settings)
        message = stage.make(db, settings, date, topic)
    if not to:
        console.print(message.text, markup=False, soft_wrap=True)
    elif kind := KINDS.get(file.suffix):
        file.write_text(getattr(message, kind), encoding="utf-8")
        Console(stderr=True, highlight=False).print(f"wrote {to}")
    else:
        try:
            tell(to, message)
        except Refused as error:
            raise AlertError(f"{to}: {error}") from None
        console.print(f"sent to {to}")
