"""pyroquant data: what the lake holds, and bringing candles into it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from app.context import Context
from app.output import Json, say, say_json, table
from engine.clock import iso
from engine.contracts.errors import BadInput
from engine.contracts.markets import split_symbol

data = typer.Typer(help="Candles in the lake.", no_args_is_help=True)


@data.command("list")
def list_data(ctx: typer.Context, json: Json = False) -> None:
    """Every series: symbol, timeframe, bars and range."""
    from engine.runtime.kept import TaskContext

    with contextlib.closing(TaskContext(ctx.obj.stored, lake_folder=ctx.obj.settings.store.lake)) as context:
        found = list(context.lake.list())
    if json:
        say_json({"series": found})
        return
    rows = [(s.symbol, s.timeframe, f"{s.bars:,}", iso(s.first_ms), iso(s.last_ms), s.files) for s in found]
    table(["symbol", "timeframe", "bars", "first", "last", "files"], rows, numeric=[2, 5])


@data.command("import")
def import_data(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or Feather.")],
    symbol: Annotated[str, typer.Option(metavar="MARKET:NAME", help="What it is.")],
    timeframe: Annotated[str, typer.Option(help="Of the file's bars.")] = "1m",
    json: Json = False,
) -> None:
    """Import the candles of one file; nothing is written when anything in it is wrong."""
    from engine.runtime.kept import TaskContext
    from engine.runtime.tasks import perform
    from engine.runtime.worker_wire import ImportTask

    if not split_symbol(symbol)[0]:
        raise BadInput(
            f'"{symbol}" names no market.', where="--symbol", fix="Write MARKET:NAME, as binance-spot:BTCUSDT."
        )
    context: Context = ctx.obj
    context.stored.prepare()
    task = ImportTask(id="import", path=str(file), symbol=symbol, timeframe=timeframe)
    with contextlib.closing(TaskContext(context.stored, lake_folder=context.settings.store.lake)) as where:
        done = perform(task, where, lambda _: None, lambda: False)
    if json:
        say(done.text)
    else:
        say(f"imported {file.name} as {symbol} {timeframe}: {done.text}")
