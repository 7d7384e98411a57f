"""The options of a back-test that say what fills cost and how large trades are, and what they make of a spec."""

from __future__ import annotations

import math
from typing import Annotated, Any, get_args, get_type_hints

import typer

from engine.clock import parse_iso
from engine.contracts.backtests import BacktestSpec, Costs, Sizing
from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.settings import Backtest

Direction = Annotated[str, typer.Option(help="long, short or both")]
SizingMode = Annotated[str, typer.Option(metavar="MODE", help="amount, fraction, volatility, risk or kelly.")]
Size = Annotated[
    float | None,
    typer.Option(
        metavar="VALUE",
        help="Money a trade, fraction of equity, volatility a year, fraction lost at the stop, or share of Kelly.",
    ),
]
Cap = Annotated[float, typer.Option(help="Most that a trade is worth in the last three modes, x equity.")]
Bars = Annotated[int, typer.Option(help="Bars that the volatility is measured over.")]
Leverage = Annotated[float | None, typer.Option(help="Largest value of a position x equity; with margin.")]
Maintenance = Annotated[float | None, typer.Option(help="Maintenance margin, fraction of the value.")]
Pyramiding = Annotated[int, typer.Option(help="Most entries of one side in one position.")]
Account = Annotated[str, typer.Option(metavar="CURRENCY", help="Currency of the account.")]
Fee = Annotated[float | None, typer.Option(help="Fraction of the traded value per fill.")]
MakerFee = Annotated[float | None, typer.Option(help="The same for limit orders that rested.")]
Maker = Annotated[str, typer.Option(metavar="WHICH", help="Fills with the maker fee: none, entries or targets.")]
SlippageBps = Annotated[float | None, typer.Option(help="Basis points per fill.")]
SlippageTicks = Annotated[float, typer.Option(help="Ticks per fill, besides.")]
SlippageRange = Annotated[float, typer.Option(help="Share of the minute's high - low per fill, besides.")]
SpreadBps = Annotated[float | None, typer.Option(help="Spread in basis points; half of it per fill.")]
FundingRate = Annotated[float | None, typer.Option("--funding", help="Rate per 8 h where a history lacks one.")]
Financing = Annotated[bool, typer.Option("--financing", help="Charge OANDA's interest at 17:00 New York.")]
FinancingLong = Annotated[float | None, typer.Option(help="Interest a year on long positions, received if positive.")]
FinancingShort = Annotated[float | None, typer.Option(help="The same on short positions.")]


def spec_of(settings: Backtest, asked: dict[str, Any]) -> BacktestSpec:
    """The spec of a command line, its parameters by name; what is not said is as the strategy and the settings have
    it."""
    from engine.runtime.strategies import strategy as find

    return BacktestSpec(
        strategy=asked["strategy"],
        symbol=asked["symbol"],
        timeframe=asked["timeframe"] or find(asked["strategy"]).timeframe,
        from_ms=moment(asked["from_"], "--from"),
        to_ms=moment(asked["to"], "--to"),
        params=parameters(asked["sets"] or []),
        costs=costs_of(settings, asked),
        sizing=sizing_of(settings, asked),
        direction=_one_of(asked["direction"], BacktestSpec, "direction", "--direction", "direction"),
        pyramiding=asked["pyramiding"],
        account=asked["account"],
    )


def costs_of(settings: Backtest, asked: dict[str, Any]) -> Costs:
    """The costs asked for."""
    fee, bps = asked["fee"], asked["slippage_bps"]
    interest = asked["financing_long"], asked["financing_short"]
    same = (
        "maker_fee",
        "slippage_ticks",
        "slippage_range",
        "spread_bps",
        "funding",
        "financing_long",
        "financing_short",
    )
    return Costs(
        fee=settings.fee_taker if fee is None and settings.fee_taker >= 0 else fee,
        maker=_one_of(asked["maker"], Costs, "maker", "--maker"),
        slippage_bps=settings.slippage_bps if bps is None else bps,
        financing=asked["financing"] or interest != (None, None),
        **{name: asked[name] for name in same},
    )


def sizing_of(settings: Backtest, asked: dict[str, Any]) -> Sizing:
    """The size asked for; a mode other than a fraction of equity needs its value."""
    mode, value, cash = _one_of(asked["sizing"], Sizing, "mode", "--sizing"), asked["size"], asked["cash"]
    if value is None and mode != "fraction":
        raise BadInput(f"Sizing by {mode} needs a size.", where="--size", fix="See: pyroquant backtest --help")
    return Sizing(
        mode=mode,
        value=1.0 if value is None else value,
        cash=settings.cash if cash is None else cash,
        cap=asked["cap"],
        bars=asked["sizing_bars"],
        leverage=asked["leverage"],
        maintenance=asked["maintenance"],
    )


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


def _one_of(text: str, owner: type, field: str, option: str, noun: str = "choice") -> Any:
    """The text where it is one of the field's words; BadInput names them."""
    known = get_args(get_type_hints(owner)[field])
    if text in known:
        return text
    fix = f"Use {', '.join(known[:-1])} or {known[-1]}."
    raise BadInput(f'"{text}" is not a {noun}.{did_you_mean(text, known)}', where=option, fix=fix)
