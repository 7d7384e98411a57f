"""pyroquant sql: read-only SQL over candles, signals and kept runs."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from app.output import Json, say, say_json, table
from engine.contracts.commands import SqlResult
from engine.contracts.errors import BadInput

FORMATS = ("table", "json", "csv")


def sql(
    ctx: typer.Context,
    query: Annotated[
        str, typer.Argument(help="One SELECT over candles, signals, trades, runs, metrics and equity (daily).")
    ],
    limit: Annotated[int, typer.Option(help="Rows at most.", min=1, max=1_000_000)] = 1_000,
    kind: Annotated[str, typer.Option("--format", help="table, json or csv; empty = by the file, else table.")] = "",
    out: Annotated[str, typer.Option(metavar="FILE", help="Write the answer to this file.")] = "",
    timeout: Annotated[float, typer.Option(help="Seconds at most.", min=0.1, max=3600)] = 30.0,
    json: Json = False,
) -> None:
    """Ask the lake and the state in SQL (DuckDB's dialect; read-only)."""
    from engine.runtime import tasks
    from engine.runtime.kept import TaskContext
    from engine.runtime.tasks_reports import write_aside

    chosen = _format(kind or ("json" if json else ""), out)
    settings = ctx.obj.settings.store
    with contextlib.closing(TaskContext(ctx.obj.stored, settings.state, settings.lake)) as context:
        found = tasks.query(query, limit, context, timeout)
    told = f"{len(found.rows)} rows{' (cut)' if found.truncated else ''} in {found.seconds:.2f} s"
    if out:
        text = msgspec.json.encode(found).decode() + "\n" if chosen == "json" else as_csv(found)
        path = Path(out).expanduser()
        write_aside(path, text.encode())
        if json:
            say_json({"files": [str(path)], "rows": len(found.rows), "truncated": found.truncated})
        else:
            say(f"written: {path}, {told}")
    elif chosen == "json":
        say_json(found)
    elif chosen == "csv":
        say(as_csv(found).removesuffix("\n"))
    else:
        numeric = [k for k in range(len(found.columns)) if any(isinstance(row[k], int | float) for row in found.rows)]
        table(found.columns, [["" if cell is None else cell for cell in row] for row in found.rows], numeric)
        say(told)


def _format(kind: str, out: str) -> str:
    """The format named, or that of the file's ending; a table on the terminal is CSV in a file."""
    ending = Path(out).suffix.lower().removeprefix(".")
    chosen = kind or (ending if ending in FORMATS else "csv" if out else "table")
    if chosen not in FORMATS or (out and chosen == "table"):
        known = FORMATS[1:] if out else FORMATS
        raise BadInput(f'"{chosen}" is not a format here.', where="--format", fix=f"Use {' or '.join(known)}.")
    return chosen


def as_csv(found: SqlResult) -> str:
    """A header and a line a row; nothing = empty."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(found.columns)
    writer.writerows(
        [msgspec.json.encode(cell).decode() if isinstance(cell, list | dict) else cell for cell in row]
        for row in found.rows
    )
    return made.getvalue()
