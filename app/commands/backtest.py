"""pyroquant backtest: one run over the lake, by the same code as in the window."""

from __future__ import annotations

import math
from typing import Annotated, Any

import typer

from app.output import Json, say, say_json
from engine.clock import iso, parse_iso
from engine.contracts.backtests import BacktestResult, BacktestSpec, Costs, Sizing
from engine.contracts.errors import BadInput


def backtest(
    ctx: typer.Context,
    strategy: Annotated[str, typer.Argument(help="See: pyroquant strategies list")],
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="MARKET:NAME, or NAME where it is unique.")],
    timeframe: Annotated[str, typer.Option(help="Empty = the strategy's own.")] = "",
    from_: Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; included.")] = "",
    to: Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601, UTC; not included.")] = "",
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="K=V", help="A parameter; may be repeated.")
    ] = None,
    fee: Annotated[float | None, typer.Option(help="Fraction of the traded value per fill.")] = None,
    slippage_bps: Annotated[float | None, typer.Option(help="Basis points per fill.")] = None,
    cash: Annotated[float | None, typer.Option(help="Cash to start with.")] = None,
    direction: Annotated[str, typer.Option(help="long, short or both")] = "both",
    json: Json = False,
) -> None:
    """Back-test STRATEGY on SYMBOL."""
    from engine.runtime.kept import TaskContext
    from engine.runtime.strategies import strategy as find
    from engine.runtime.tasks import backtest as run

    if direction not in ("long", "short", "both"):
        raise BadInput(f'"{direction}" is not a direction.', where="--direction", fix="Use long, short or both.")
    settings = ctx.obj.settings.backtest
    if fee is None and settings.fee_taker >= 0:
        fee = settings.fee_taker
    spec = BacktestSpec(
        strategy=strategy,
        symbol=symbol,
        timeframe=timeframe or find(strategy).timeframe,
        from_ms=moment(from_, "--from"),
        to_ms=moment(to, "--to"),
        params=parameters(sets or []),
        costs=Costs(fee=fee, slippage_bps=settings.slippage_bps if slippage_bps is None else slippage_bps),
        sizing=Sizing(cash=settings.cash if cash is None else cash),
        direction=direction,  # type: ignore[arg-type]
    )
    context = TaskContext(ctx.obj.stored, ctx.obj.settings.store.state, ctx.obj.settings.store.lake)
    try:
        result = run(spec, context, lambda _: None, lambda: False)
    finally:
        context.close()
    if json:
        say_json(as_object(result))
    else:
        _words(result)


def moment(text: str, option: str) -> int | None:
    """ms of an ISO 8601 option, None when it is empty."""
    if not text:
        return None
    try:
        return parse_iso(text)
    except ValueError:
        raise BadInput(
            f'"{text}" is not a time.', where=option, fix="Write e.g. 2022-03-01 or 2022-03-01T12:00Z"
        ) from None


def parameters(texts: list[str]) -> dict[str, float]:
    """K=V options as numbers."""
    found: dict[str, float] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        try:
            found[key.strip()] = float(value) if equals else math.nan
        except ValueError:
            found[key.strip()] = math.nan
        if math.isnan(found[key.strip()]):
            raise BadInput(f'"{text}" is not NAME=NUMBER.', where="--set", fix="Write e.g. --set n=14")
    return found


def as_object(result: BacktestResult) -> dict[str, Any]:
    """A result as plain JSON: trades as objects, curves as lists."""
    from engine.runtime.results import curves, trades

    plain = {name: getattr(result, name) for name in result.__struct_fields__}
    for name in ("trades", "equity_ts", "equity", "drawdown", "benchmark"):
        del plain[name]
    return plain | {"trades": trades(result), **curves(result)}


def _words(result: BacktestResult) -> None:
    say(f"{result.spec.strategy} on {result.spec.symbol} {result.spec.timeframe}, {result.bars:,} bars")
    say(f"{iso(result.first_ms)} to {iso(result.last_ms)}, computed in {result.seconds:.2f} s")
    say("")
    for name, value in result.metrics.items():
        say(f"  {name:28} {'n/a' if value != value else f'{value:,.4f}'}")
    say("")
    say(f"figures: {result.convention}")
    for sentence in result.assumptions:
        say(f"  - {sentence}")
    say(f"trade hash {result.trade_hash}, data {result.data_fingerprint}, code {result.code_version}")
