"""pyroquant sql: read-only SQL over candles, signals and runs."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from app.output import Json, say, say_json, table


def sql(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="One SELECT over candles, signals and runs.")],
    limit: Annotated[int, typer.Option(help="Rows at most.", min=1, max=1_000_000)] = 1_000,
    json: Json = False,
) -> None:
    """Ask the lake and the state in SQL (DuckDB's dialect; read-only)."""
    from engine.runtime import tasks

    settings = ctx.obj.settings.store
    with contextlib.closing(tasks.TaskContext(ctx.obj.stored, settings.state, settings.lake)) as context:
        found = tasks.query(query, limit, context)
    if json:
        say_json(found)
        return
    table(found.columns, found.rows)
    say(f"{len(found.rows)} rows{' (cut)' if found.truncated else ''} in {found.seconds:.2f} s")
