"""pyroquant parity: does the journal of a day say what the back-test says on the candles kept of it?"""

from __future__ import annotations

from typing import Annotated

import typer

from app.output import Json, say, say_json, table
from engine.clock import iso
from engine.contracts.errors import BadInput
from engine.contracts.parity import ParityReport, RunParity

NAMED = 40


def parity(
    ctx: typer.Context,
    day: Annotated[str, typer.Option(metavar="D", help="As 2026-11-22, UTC; empty = yesterday.")] = "",
    symbol: Annotated[
        list[str] | None, typer.Option("--symbol", metavar="SYMBOL", help="Only this one; may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """Replay a day's candles through the back-test and compare with the signals that were live. Exit code 1 where they
    differ without a known reason."""
    from engine.clock import SYSTEM_CLOCK
    from engine.runtime.kept import TaskContext
    from engine.runtime.parity import compare

    settings = ctx.obj.settings
    context = TaskContext(ctx.obj.stored, settings.store.state, settings.store.lake)
    try:
        ask = RunParity(day_ms=_day(day), symbols=symbol or [])
        report = compare(context, ask, settings.candles.timeframes, SYSTEM_CLOCK)
    finally:
        context.close()
    if json:
        say_json(report)
    else:
        _words(report)
    if report.unexplained:
        raise typer.Exit(1)


def _day(text: str) -> int | None:
    from engine.clock import parse_iso

    try:
        return parse_iso(text) if text else None
    except ValueError:
        raise BadInput(f'"{text}" is no date.', where="--day", fix="Write it as 2026-11-22.") from None


def _words(report: ParityReport) -> None:
    if report.differences:
        table(
            ["bar", "symbol", "tf", "strategy", "signal", "what", "reason"],
            [
                (iso(d.bar_ts), d.symbol, d.timeframe, d.strategy, f"{d.side} {d.action}", d.kind, d.reason or "?")
                for d in report.differences[:NAMED]
            ],
        )
        if report.differ > NAMED:
            say(f"... and {report.differ - NAMED:,} more; --json names {len(report.differences):,} of them.")
        say("")
    reasons = ", ".join(f"{n:,} {name}" for name, n in report.by_reason.items())
    say(
        f"{iso(report.day_ms)[:10]}: {report.symbols:,} symbols, {report.strategies} strategies on "
        f"{', '.join(report.timeframes)}: {report.compared:,} signals compared, {report.unexplained:,} differ"
        f"{f' without a known reason, and {reasons}' if reasons else ''}. {report.seconds:.1f} s."
    )
    left = [
        (report.beyond, "whose memory reaches back beyond the kept candles"),
        (report.other, "of other versions or parameters than are live now"),
    ]
    for count, why in left:
        if count:
            say(f"{count:,} signals {why} are not compared.")
    if report.idle:
        say(f"{report.idle:,} symbols have candles of this day and no signals: they were not live.")
