"""The options of a back-test that say what fills cost and how large trades are, and what they make of a spec."""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_type_hints

import typer

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


def costs_of(
    settings: Backtest,
    fee: float | None,
    maker_fee: float | None,
    maker: str,
    slippage_bps: float | None,
    slippage_ticks: float,
    slippage_range: float,
    spread_bps: float | None,
    funding: float | None,
    financing: bool,
    financing_long: float | None,
    financing_short: float | None,
) -> Costs:
    """The costs asked for; what is not said is as the settings have it."""
    if fee is None and settings.fee_taker >= 0:
        fee = settings.fee_taker
    return Costs(
        fee=fee,
        maker_fee=maker_fee,
        maker=_one_of(maker, Costs, "maker", "--maker"),
        slippage_bps=settings.slippage_bps if slippage_bps is None else slippage_bps,
        slippage_ticks=slippage_ticks,
        slippage_range=slippage_range,
        spread_bps=spread_bps,
        funding=funding,
        financing=financing or financing_long is not None or financing_short is not None,
        financing_long=financing_long,
        financing_short=financing_short,
    )


def sizing_of(
    settings: Backtest,
    cash: float | None,
    mode: str,
    value: float | None,
    cap: float,
    bars: int,
    leverage: float | None,
    maintenance: float | None,
) -> Sizing:
    """The size asked for; a mode other than a fraction of equity needs its value."""
    chosen = _one_of(mode, Sizing, "mode", "--sizing")
    if value is None and chosen != "fraction":
        raise BadInput(f"Sizing by {chosen} needs a size.", where="--size", fix="See: pyroquant backtest --help")
    return Sizing(
        mode=chosen,
        value=1.0 if value is None else value,
        cash=settings.cash if cash is None else cash,
        cap=cap,
        bars=bars,
        leverage=leverage,
        maintenance=maintenance,
    )


def direction_of(text: str) -> Any:
    """long, short or both."""
    return _one_of(text, BacktestSpec, "direction", "--direction", "direction")


def _one_of(text: str, owner: type, field: str, option: str, noun: str = "choice") -> Any:
    """The text where it is one of the field's words; BadInput names them."""
    known = get_args(get_type_hints(owner)[field])
    if text in known:
        return text
    fix = f"Use {', '.join(known[:-1])} or {known[-1]}."
    raise BadInput(f'"{text}" is not a {noun}.{did_you_mean(text, known)}', where=option, fix=fix)
