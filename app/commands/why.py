"""pyroquant why: which conditions of a strategy held on a bar, with their numbers."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands.backtest_spec import moment, parameters
from app.output import Json, say, say_json
from engine.clock import iso
from engine.contracts.commands import Explain
from engine.contracts.why import Line, Operand, Why

HELD, FAILED = "✓", "✗"


def why(
    ctx: typer.Context,
    strategy: Annotated[str, typer.Argument(help="See: pyroquant strategies list")],
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="MARKET:NAME, or NAME where it is unique.")],
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="A moment of the bar, ISO 8601 UTC; empty = the newest bar.")
    ] = "",
    timeframe: Annotated[str, typer.Option(help="Empty = the strategy's own.")] = "",
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="K=V", help="A parameter; may be repeated.")
    ] = None,
    json: Json = False,
) -> None:
    """Say why STRATEGY gave a signal on a bar of SYMBOL, or why it did not."""
    from engine.runtime.kept import TaskContext
    from engine.runtime.why import why as answer

    ask = Explain(
        strategy=strategy, symbol=symbol, timeframe=timeframe, at_ms=moment(at, "--at"), params=parameters(sets or [])
    )
    context = TaskContext(ctx.obj.stored, ctx.obj.settings.store.state, ctx.obj.settings.store.lake)
    try:
        found = answer(ask, context)
    finally:
        context.close()
    if json:
        say_json(found)
    else:
        _words(found)


def _words(found: Why) -> None:
    say(f"{found.strategy} ({found.params or 'no parameters'}) on {found.symbol} {found.timeframe}")
    say(
        f"bar of {iso(found.bar_ts)}: open {found.open:g}  high {found.high:g}  low {found.low:g}  "
        f"close {found.close:g}  volume {found.volume:g}"
    )
    say("")
    say(found.summary)
    for rule in found.rules:
        say("")
        say(f"{rule.rule}{'  SIGNAL' if rule.fired else ''}")
        for line in rule.lines:
            say("  " + _line(line))
    if found.levels:
        say("")
        for name, value in found.levels.items():
            say(f"  {name:20} {value:g}")


def _line(line: Line) -> str:
    mark = HELD if line.held else FAILED
    numbers = ", ".join(_operand(o) for o in line.operands)
    return f"{'  ' * line.depth}{mark} {line.text}" + (f"    [{numbers}]" if numbers else "")


def _operand(operand: Operand) -> str:
    def shown(value: float) -> str:
        return "not defined" if value != value else f"{value:.8g}"

    return f"{operand.text} = {shown(operand.now)}, before {shown(operand.before)}"
