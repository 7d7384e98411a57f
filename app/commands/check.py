"""pyroquant strategies check: does any strategy look ahead, or change its mind about the past?"""

from __future__ import annotations

from typing import Annotated

import typer

from app.output import Json, say, say_json, table
from engine.contracts.checks import CheckReport


def check(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[STRATEGY]...", help="Nothing = all.")] = None,
    symbol: Annotated[
        str, typer.Option(metavar="SYMBOL", help="Run on this symbol's candles; empty = on an invented market.")
    ] = "",
    json: Json = False,
) -> None:
    """Compare what each strategy says on histories cut off at many points with what it says on the whole."""
    from engine.clock import SYSTEM_CLOCK
    from engine.runtime.checks import BARS, check_strategies
    from engine.runtime.kept import TaskContext, all_minutes
    from engine.runtime.strategies import every, strategy

    chosen = [strategy(name) for name in names] if names else list(every())
    minutes = None
    if symbol:
        context = TaskContext(ctx.obj.stored, ctx.obj.settings.store.state, ctx.obj.settings.store.lake)
        try:
            # enough minutes for the bars of the longest timeframe, and no more: a check takes seconds
            minutes = all_minutes(context, context.resolve(symbol))[-BARS * 60 :]
        finally:
            context.close()
    report = check_strategies(chosen, SYSTEM_CLOCK, minutes=minutes)
    if json:
        say_json(as_object(report))
    else:
        _words(report)
    if any(c.leak for c in report.checks):
        raise typer.Exit(1)


def as_object(report: CheckReport) -> dict[str, object]:
    """The report with each verdict's badge."""
    checks = [{name: getattr(c, name) for name in c.__struct_fields__} | {"badge": c.badge} for c in report.checks]
    return {name: getattr(report, name) for name in report.__struct_fields__} | {"checks": checks}


def _words(report: CheckReport) -> None:
    leaking = [c for c in report.checks if c.leak]
    silent = [c.strategy for c in report.checks if not c.edges and not c.leak]
    edges = sum(c.edges for c in report.checks)
    if leaking:
        table(["strategy", "leak"], [(c.strategy, c.leak) for c in leaking])
        say("")
    if len(report.checks) <= 12:
        table(
            ["strategy", "verdict", "signals compared"],
            [(c.strategy, c.badge, f"{c.edges:,}") for c in report.checks],
            [2],
        )
        say("")
    if silent:
        say(f"Said nothing, so that nothing could be compared: {', '.join(silent)}.")
    say(
        f"{len(report.checks)} strategies on {', '.join(report.timeframes)}, {report.cuts} cuts each: "
        f"{f'{len(leaking)} look ahead' if leaking else 'none looks ahead or repaints'}. "
        f"{edges:,} signals compared in {report.seconds:.1f} s."
    )
