"""pyroquant data download, repair, export: candles from the venues, mended by them, and out into files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.backtest import moment
from app.commands.data import data, opened
from app.context import Context
from app.output import Json, say, say_json
from engine.clock import iso
from engine.contracts.data import DownloadData, ExportData, RepairData


class Progress:
    """One line on a terminal, rewritten; nothing where stderr is none."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, fraction: float, step: str = "", /) -> None:
        if sys.stderr.isatty():
            self._shown = True
            sys.stderr.write(f"\r\x1b[K{100 * fraction:5.1f} %  {step[:60]}")
            sys.stderr.flush()

    def end(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")


def _sites(context: Context):  # type: ignore[no-untyped-def]  # its module is loaded by the commands that need it
    from engine.runtime.worker_wire import venue_sites

    feeds = context.settings.feeds
    return venue_sites(feeds.spot_rest, feeds.futures_rest, feeds.archive_url, feeds.oanda_rest, feeds.proxy)


@data.command("download")
def download_data(
    ctx: typer.Context,
    symbols: Annotated[list[str], typer.Argument(metavar="SYMBOL...", help="MARKET:NAME, several at once.")],
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; empty = the listing.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="TIME", help="Not included; now when left out.")] = "",
    timeframe: Annotated[str, typer.Option(help="Minutes serve all others.")] = "1m",
    source: Annotated[str, typer.Option(help="auto, archive (closed months and days) or rest")] = "auto",
    json: Json = False,
) -> None:
    """Fetch what the lake lacks from the venue. Stopped or killed, the same command goes on. Exit code 1 when a symbol
    failed."""
    from engine.runtime.download import download
    from engine.runtime.tasks_data import download_words

    ask = DownloadData(
        symbols=symbols,
        timeframe=timeframe,
        from_ms=moment(from_, "--from"),
        to_ms=moment(to, "--to"),
        source=source,
    )
    progress = Progress()
    with opened(ctx, write=True) as context:
        try:
            done = download(ask, context, _sites(ctx.obj), progress, lambda: False)
        finally:
            progress.end()
    if json:
        say_json(done)
    else:
        for s in done.symbols:
            span = f"{iso(s.first_ms)} to {iso(s.last_ms)}" if s.last_ms else ""
            text = f"{s.symbol}: {s.missing:,} bars were missing, {s.written:,} came"
            text += f" ({s.files} files)" if s.files else ""
            text += f", {s.empty:,} in {s.holes} holes are not there at the source" if s.holes else ""
            say(f"{text}  {span}".rstrip())
            for note in [*s.notes, *([s.error] if s.error else [])]:
                say(f"  {note}")
        say(f"{download_words(done)}; {done.requests:,} requests, {done.seconds:.1f} s")
    if done.failed:
        raise typer.Exit(1)


@data.command("repair")
def repair_data(
    ctx: typer.Context,
    symbols: Annotated[list[str] | None, typer.Argument(metavar="[SYMBOL]...", help="All when left out.")] = None,
    timeframe: Annotated[str, typer.Option(help="All that are stored when left out.")] = "",
    fetch: Annotated[bool, typer.Option("--fetch/--no-fetch", help="Ask the venue for what is missing.")] = True,
    json: Json = False,
) -> None:
    """Move damaged files aside, ask the venue again for holes and impossible bars, compact. Exit code 1 when something
    is left."""
    from engine.runtime.tasks_data import repair_data as mend
    from engine.runtime.tasks_data import repair_words

    ask = RepairData(symbols=symbols or [], timeframe=timeframe, fetch=fetch)
    progress = Progress()
    with opened(ctx, write=True) as context:
        try:
            done = mend(ask, context, _sites(ctx.obj), progress, lambda: False)
        finally:
            progress.end()
    if json:
        say_json(done)
    else:
        for s in done.series:
            parts = [f"score {s.score_before:g} -> {s.score_after:g}"]
            if s.asked:
                parts.append(f"asked for {s.asked:,} bars, {s.written:,} came, {s.empty:,} are not there at the source")
            parts += [f"{s.left:,} impossible bars are left"] if s.left else []
            parts += [f"{s.compacted} files compacted away"] if s.compacted else []
            say(f"{s.symbol} {s.timeframe}: {'; '.join(parts)}")
            for path in s.aside:
                say(f"  damaged, moved aside: {path}")
            if s.error:
                say(f"  {s.error}")
        say(repair_words(done))
    if done.failed:
        raise typer.Exit(1)


@data.command("export")
def export_data(
    ctx: typer.Context,
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="MARKET:NAME, or NAME where it is unique.")],
    file: Annotated[Path, typer.Option("--to", metavar="FILE", help="Ends in .csv, .parquet or .feather.")],
    timeframe: Annotated[str, typer.Option(help="Aggregated from minutes where it is not stored.")] = "1m",
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; included.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Not included.")] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file.")] = False,
    json: Json = False,
) -> None:
    """Write bars to one file."""
    from engine.runtime.tasks_data import export, export_words

    ask = ExportData(
        symbol=symbol,
        path=str(file),
        timeframe=timeframe,
        from_ms=moment(from_, "--from"),
        to_ms=moment(until, "--until"),
        overwrite=overwrite,
    )
    with opened(ctx) as context:
        done = export(ask, context)
    if json:
        say_json(done)
    else:
        say(f"wrote {export_words(done)}")
