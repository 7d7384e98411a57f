"""pyroquant data funding: a perpetual's settlements beside its candles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.data import opened
from app.output import Json, say, say_json


def funding(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, Parquet or Feather with times and rates.")],
    market: Annotated[str, typer.Option(help="Whose symbols these are.")] = "binance-futures",
    symbol: Annotated[str, typer.Option(metavar="NAME", help="Where the file has no column `symbol`.")] = "",
    json: Json = False,
) -> None:
    """Bring funding rates into the lake; back-tests charge them at their times, and rules read them."""
    from engine.runtime.known import bring_funding

    with opened(ctx, write=True) as context:
        added = bring_funding(context, file, market, symbol.rpartition(":")[2])
    if json:
        say_json({"series": [{"symbol": name, "added": count} for name, count in sorted(added.items())]})
    else:
        say(f"{sum(added.values()):,} settlements of {len(added):,} symbols are new.")
