"""pyroquant data: what the lake holds, bringing candles into it, and judging them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.output import Json, say, say_json, table
from engine.clock import iso
from engine.contracts.commands import ImportData
from engine.contracts.data import CheckData, DataQuality, SeriesQuality
from engine.contracts.errors import BadInput

#: series that are written out by year without being bad
MOST_IN_FULL = 25

data = typer.Typer(help="Candles in the lake.", no_args_is_help=True)


@contextlib.contextmanager
def opened(ctx: typer.Context, *, write: bool = False) -> Iterator[Any]:
    """The stores of the data folder; write: it is made first."""
    from engine.runtime.kept import TaskContext

    if write:
        ctx.obj.stored.prepare()
    store = ctx.obj.settings.store
    with contextlib.closing(TaskContext(ctx.obj.stored, store.state, store.lake)) as context:
        yield context


@data.command("list")
def list_data(ctx: typer.Context, json: Json = False) -> None:
    """Every series: symbol, timeframe, bars and range."""
    with opened(ctx) as context:
        found = list(context.lake.list())
    if json:
        say_json({"series": found})
        return
    rows = [(s.symbol, s.timeframe, f"{s.bars:,}", iso(s.first_ms), iso(s.last_ms), s.files) for s in found]
    table(["symbol", "timeframe", "bars", "first", "last", "files"], rows, numeric=[2, 5])


@data.command("import")
def import_data(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help="CSV, Parquet, Feather (zip, gz), or a folder of them.")
    ],
    symbol: Annotated[str, typer.Option(metavar="MARKET:NAME", help="Read off the path when left out.")] = "",
    timeframe: Annotated[str, typer.Option(help="Of the file's bars; found out when left out.")] = "",
    market: Annotated[str, typer.Option(help="Of all symbols of a folder.")] = "",
    pattern: Annotated[str, typer.Option(help="How a folder names its files, as {market}/{symbol}/{timeframe}")] = "",
    columns: Annotated[
        str,
        typer.Option(
            metavar="ROLE=NAME,...",
            help="Roles: time, clock, open, high, low, close, volume. By number from 1 where there is no header.",
        ),
    ] = "",
    zone: Annotated[str, typer.Option(help="Time zone of times that name none.")] = "UTC",
    delimiter: Annotated[str, typer.Option(help="Between columns; found out when left out. 'tab' for a tab.")] = "",
    no_volume: Annotated[bool, typer.Option("--no-volume", help="The file has none: 0 in every bar.")] = False,
    json: Json = False,
) -> None:
    """Import candles; nothing of a file is written when anything in it is wrong. Exit code 1 when files of a folder
    failed."""
    from engine.runtime.tasks_data import import_data as bring
    from engine.runtime.tasks_data import words

    ask = ImportData(
        path=str(file), symbol=symbol, timeframe=timeframe, market=market, pattern=pattern,
        columns=_mapping(columns), zone=zone, delimiter=delimiter, no_volume=no_volume,
    )  # fmt: skip
    with opened(ctx, write=True) as context:
        done = bring(ask, context, lambda *_: None, lambda: False)
    if json:
        say_json(done)
    elif file.is_dir():
        for item in done.files:
            if item.report is None:
                place = f" ({item.where})" if item.where and item.where != item.path else ""
                say(f"{item.state} {item.path}{place}: {item.error} {item.fix}".rstrip())
            else:
                for note in item.report.notes:
                    say(f"{item.path}: {note}")
        say(f"imported {words(done)}")
    else:
        say(f"imported {file.name} as {done.symbol} {done.timeframe}: {words(done)}")
        say(f"from {iso(done.first_ms)} to {iso(done.last_ms)}")
        for note in done.notes:
            say(f"  - {note}")
        if done.quotes:
            say(f"  - Kept beside: {', '.join(done.quotes)}.")
    if file.is_dir() and done.failed:
        raise typer.Exit(1)


@data.command("check")
def check_data(
    ctx: typer.Context,
    symbols: Annotated[list[str] | None, typer.Argument(metavar="[SYMBOL]...", help="All when left out.")] = None,
    timeframe: Annotated[str, typer.Option(help="All that are stored when left out.")] = "",
    least: Annotated[float, typer.Option(help="A year's score below this is bad.", min=0, max=100)] = 80.0,
    json: Json = False,
) -> None:
    """Judge candles: holes, doubles, bars that cannot be, jumps; a score from 0 to 100 a year. Exit code 1 when it is
    bad."""
    from engine.runtime.tasks_data import check

    with opened(ctx) as context:
        found: DataQuality = check(
            CheckData(symbols=symbols or [], timeframe=timeframe, least=least), context, lambda *_: None, lambda: False
        )
    if json:
        say_json(found)
    else:
        _quality_words(found)
    if found.negative:
        raise typer.Exit(1)


def _quality_words(found: DataQuality) -> None:
    whole = len(found.series) <= MOST_IN_FULL
    for s in found.series:
        state = "  BAD" if s.negative else ""
        span = f"{s.bars:,} bars, {iso(s.first_ms)} to {iso(s.last_ms)}"
        say(f"{s.symbol} {s.timeframe}: score {s.score:.1f}, {span}{state}")
        for line in s.damaged:
            say(f"  {line}")
        if whole or s.negative:
            _series_words(s)
    bad = sum(s.negative for s in found.series)
    say(f"{len(found.series)} series, {bad} of them bad (least score {found.least:g}), {found.seconds:.1f} s")
    if bad:
        say("Mend what the venue has: pyroquant data repair SYMBOL")


def _series_words(s: SeriesQuality) -> None:
    for y in s.years:
        counted = [("known empty", y.known_empty), ("quiet", y.quiet), ("doubles", y.duplicates)]
        counted += [
            ("off the grid", y.off_grid),
            ("impossible", y.impossible),
            ("jumps", y.jumps),
            ("spikes", y.spikes),
        ]
        counted += [] if y.unpublished else [("without volume", y.zero_volume)]
        words = [f"{y.missing:,} missing in {y.gaps:,} gaps"] if y.missing else []
        words += [f"{count:,} {name}" for name, count in counted if count]
        points = ", ".join(f"{n.replace('_', ' ')} {p:g}" for n, p in y.penalties.items() if p >= 0.05)
        say(
            f"  {y.year}  {y.score:5.1f}  {y.bars:>9,} bars  {', '.join(words)}"
            + (f"  (-: {points})" if points else "")
        )
    for note in s.notes:
        say(f"  {note}")
    if s.impossible:
        say("  impossible: " + ", ".join(iso(t) for t in s.impossible[:5]))
    for a, b in s.gaps[:3]:
        say(f"  gap {iso(a)} to {iso(b)} ({(b - a) / 3_600_000:.3g} h)")
    if s.gap_count > 3:
        say(f"  ... and {s.gap_count - 3:,} more gaps")


def _mapping(text: str) -> dict[str, str]:
    """ROLE=NAME,ROLE=NAME as a table."""
    found: dict[str, str] = {}
    for item in filter(None, text.split(",")):
        role, equals, name = item.partition("=")
        if not equals or not name:
            raise BadInput(
                f'"{item}" is not ROLE=NAME.', where="--columns", fix="Write e.g. --columns time=Date,open=O"
            )
        found[role.strip().lower()] = name.strip()
    return found
