"""`mediawatch replay …`: archived pages under the current methods, compared before a person publishes the result."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Archived pages under the current methods.")
