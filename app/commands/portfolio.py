"""pyroquant portfolio: many symbols and strategies on one account."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from app.commands.backtest_spec import moment
from app.output import Json, say, say_json, table
from engine.clock import iso
from engine.contracts.backtests import Costs, Sizing
from engine.contracts.errors import BadInput
from engine.contracts.portfolios import Lane, PortfolioResult, PortfolioSpec


def portfolio(
    ctx: typer.Context,
    lanes: Annotated[
        list[str], typer.Argument(metavar="STRATEGY@SYMBOL[@TIMEFRAME]...", help="One lane each; at least one.")
    ],
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; included.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601, UTC; not included.")] = "",
    size: Annotated[float, typer.Option(help="Fraction of the account's equity a trade.")] = 0.1,
    cash: Annotated[float | None, typer.Option(help="Cash to start with.")] = None,
    max_positions: Annotated[int, typer.Option(help="Most open at once; 0 = no limit.")] = 0,
    gross_cap: Annotated[float, typer.Option(help="Most that all positions are worth, of the equity.")] = 1.0,
    symbol_cap: Annotated[float, typer.Option(help="Most that those of one symbol are worth, of the equity.")] = 1.0,
    account: Annotated[str, typer.Option(help="Currency of the account; empty = that of all lanes.")] = "",
    json: Json = False,
) -> None:
    """Back-test lanes that share their cash."""
    from engine.runtime.kept import TaskContext
    from engine.runtime.tasks_portfolio import portfolio as run

    settings = ctx.obj.settings.backtest
    spec = PortfolioSpec(
        lanes=[lane_of(text) for text in lanes],
        from_ms=moment(from_, "--from"),
        to_ms=moment(to, "--to"),
        costs=Costs(fee=settings.fee_taker if settings.fee_taker >= 0 else None, slippage_bps=settings.slippage_bps),
        sizing=Sizing(value=size, cash=settings.cash if cash is None else cash),
        max_positions=max_positions,
        gross_cap=gross_cap,
        symbol_cap=symbol_cap,
        account=account,
    )
    context = TaskContext(ctx.obj.stored, ctx.obj.settings.store.state, ctx.obj.settings.store.lake)
    try:
        result = run(spec, context, lambda *_: None, lambda: False)
    finally:
        context.close()
    if json:
        say_json(as_object(result))
    else:
        _words(result)


def lane_of(text: str) -> Lane:
    """STRATEGY@SYMBOL[@TIMEFRAME]."""
    parts = text.split("@")
    if not (2 <= len(parts) <= 3 and all(parts)):
        raise BadInput(f'"{text}" is not a lane.', where="LANE", fix="Write e.g. turtle_slow@binance-spot:BTCUSDT@1h")
    return Lane(strategy=parts[0], symbol=parts[1], timeframe=parts[2] if len(parts) == 3 else "")


def as_object(result: PortfolioResult) -> dict[str, Any]:
    """A result as plain JSON: trades as objects with their lane, curves as lists."""
    from engine.runtime.results import portfolio_lists

    plain = {name: getattr(result, name) for name in result.__struct_fields__}
    for name in ("trades", "trade_lanes", "day_ts", "equity", "returns"):
        del plain[name]
    return plain | portfolio_lists(result)


def _words(result: PortfolioResult) -> None:
    say(f"{len(result.spec.lanes)} lanes, {iso(result.first_ms)} to {iso(result.last_ms)}, {result.seconds:.2f} s")
    shown = ("final_equity", "total_return", "cagr", "sharpe", "max_drawdown", "trades", "profit_factor", "fees")
    for name in shown:
        value = result.metrics[name]
        say(f"  {name:16} {'n/a' if value != value else f'{value:,.4f}'}")
    rows = [
        (lane.strategy, lane.symbol, lane.timeframe, int(own["trades"]), f"{own['net_profit']:,.2f}",
         " ".join("n/a" if r != r else f"{r:.2f}" for r in row))
        for lane, own, row in zip(result.spec.lanes, result.lane_metrics, result.correlation, strict=True)
    ]  # fmt: skip
    table(["strategy", "symbol", "timeframe", "trades", "profit", "correlation"], rows, numeric=[3, 4])
    if result.skipped:
        say(f"{result.skipped:,} entries were not taken.")
    say(f"figures: {result.convention}")
    for sentence in result.assumptions:
        say(f"  - {sentence}")
    say(f"trade hash {result.trade_hash}, code {result.code_version}")
