"""What a run knows beside its bars, and what of it the kernels need beyond the terms: More, with its sentences."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np

from engine.backtest.costs import Funding
from engine.backtest.data import BarData, frozen
from engine.backtest.fills import Terms
from engine.backtest.margin import Bracket, margin_of
from engine.backtest.more import More
from engine.backtest.sizing import MODES, account_of, size_of
from engine.contracts.backtests import BacktestSpec, Costs
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market

_NONE = np.empty(0, np.float64)


class Quotes(msgspec.Struct, frozen=True, kw_only=True):
    """ask, bid float64[k]: how far the ask lies above and the bid below the open of each of the data's minutes, >= 0;
    nan where not known."""

    ask: np.ndarray
    bid: np.ndarray


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """rate float64[c]: account currency for one of the quote currency, each known from ts int64[c] (ms, ascending) on,
    which is the close of its bar. symbol: of the series, as said in the result."""

    ts: np.ndarray
    rate: np.ndarray
    symbol: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a symbol beside its bars. funding: its history; brackets: of its margin."""

    funding: Funding | None = None
    quotes: Quotes | None = None
    conversion: Conversion | None = None
    brackets: tuple[Bracket, ...] = ()


NOTHING = Known()


def quotes_of(opens: np.ndarray, bid: np.ndarray | None, ask: np.ndarray | None, symbol: str = "") -> Quotes:
    """Quotes of a series from the opens of its own price, of the bid and of the ask (float64[k]). None where the file
    has none of them: its price is then that side itself."""
    nothing = np.zeros(len(opens))
    above = nothing if ask is None else np.asarray(ask, np.float64) - opens
    below = nothing if bid is None else opens - np.asarray(bid, np.float64)
    bad = np.flatnonzero((above < -1e-9 * opens) | (below < -1e-9 * opens))
    if len(bad):
        raise BadInput(
            f"The price {opens[bad[0]]:g} lies outside bid and ask.", where=f"{symbol} bar {bad[0]}",
            fix="Run the data check on this symbol, or leave bid and ask away.",
        )  # fmt: skip
    return Quotes(ask=frozen(np.maximum(above, 0.0)), bid=frozen(np.maximum(below, 0.0)))


def more_of(
    spec: BacktestSpec,
    terms: Terms,
    data: BarData,
    decisions: object,
    instrument: Instrument,
    market: Market,
    known: Known = NOTHING,
    *,
    always: bool = False,
) -> tuple[More | None, list[str]]:
    """(what the kernels need beyond the terms, None where the terms say it all unless `always`; sentences). BadInput:
    impossible costs, sizes or leverage, a size by the stop without a stop, a currency that cannot be converted."""
    costs, sizing = spec.costs, spec.sizing
    wide = _costs(costs, instrument, market, known)
    volatility, said = size_of(spec, data.bars, decisions, market)
    margin, margins = margin_of(sizing, known.brackets, market)
    conversion, converted = _conversion(spec, data, instrument, known.conversion)
    if not 1 <= spec.pyramiding <= 1000:
        raise BadInput(
            f"{spec.pyramiding} entries in one position are not possible.", where="pyramiding", fix="Give 1 to 1000."
        )
    several = []
    if spec.pyramiding > 1:
        several = [
            f"Up to {spec.pyramiding} market entries of one side add up to a position, at their mean price; its levels "
            "are those of the first. Entries that rest do not add."
        ]
    sentences = [*wide.sentences, *said, *margins, *converted, *several]
    if not (always or wide.any or said or margins or len(conversion) or several or costs.financing):
        return None, sentences
    more = More(
        offset=costs.slippage_ticks * instrument.tick_size,
        range_share=float(costs.slippage_range),
        half=(costs.spread_bps or 0.0) / 2e4,
        ask=_NONE if known.quotes is None else known.quotes.ask,
        bid=_NONE if known.quotes is None else known.quotes.bid,
        maker=terms.fee if costs.maker == "none" else wide.maker,
        target_fee=wide.maker if costs.maker == "targets" else terms.fee,
        target_rests=costs.maker == "targets",
        mode=MODES[sizing.mode],
        cap=float(sizing.cap),
        volatility=frozen(volatility),
        kelly_trades=int(sizing.min_trades),
        kelly_start=float(sizing.start),
        leverage=margin.leverage,
        most=margin.most,
        floors=frozen(margin.floors),
        rates=frozen(margin.rates),
        amounts=frozen(margin.amounts),
        entries=int(spec.pyramiding),
        conversion=frozen(conversion),
        short_rate=frozen(_NONE),
    )
    return more._replace(ask=frozen(more.ask), bid=frozen(more.bid)), sentences


class _Wide(NamedTuple):
    any: bool
    maker: float
    sentences: list[str]


def _costs(costs: Costs, instrument: Instrument, market: Market, known: Known) -> _Wide:
    limits = {"slippage_ticks": 10_000.0, "slippage_range": 1.0, "spread_bps": 1000.0, "maker_fee": 0.1}
    for name, most in limits.items():
        value = getattr(costs, name)
        if value is not None and not 0 <= value <= most and not (name == "maker_fee" and -0.01 <= value < 0):
            raise BadInput(f"{value:g} is not possible for {name}.", where=f"costs.{name}", fix=f"Give 0 to {most:g}.")
    if costs.slippage_ticks and not instrument.tick_size:
        raise BadInput(
            "Slippage in ticks needs the tick size of the instrument, which is not known.",
            where="costs.slippage_ticks",
            fix="Give the slippage in basis points.",
        )
    maker = market.maker if costs.maker_fee is None else costs.maker_fee
    lines = []
    if costs.slippage_ticks:
        lines.append(f"Slippage of {costs.slippage_ticks:g} ticks of {instrument.tick_size:g} per fill besides.")
    if costs.slippage_range:
        lines.append(f"Slippage of {costs.slippage_range:.4g} of the range of the fill's minute per fill besides.")
    if known.quotes is not None:
        lines.append(
            "Bought at the ask and sold at the bid: every fill, limit orders too, is worse by the distance that the "
            "series has at the open of the fill's bar; levels are met by its own price."
        )
    if costs.spread_bps is not None:
        where = " where the series has no bid and ask" if known.quotes is not None else ""
        lines.append(f"Spread {costs.spread_bps:g} basis points, half of it per fill, limit orders too{where}.")
    if costs.maker != "none":
        which = "limit entries" if costs.maker == "entries" else "limit entries and targets, which are limit orders,"
        origin = f"maker fee of {market.title}" if costs.maker_fee is None else "as given"
        lines.append(f"Fills of {which} pay {maker:.4%} ({origin}) and no slippage.")
    spread = costs.spread_bps is not None or known.quotes is not None
    return _Wide(bool(costs.slippage_ticks or costs.slippage_range or spread or costs.maker != "none"), maker, lines)


def _conversion(
    spec: BacktestSpec, data: BarData, instrument: Instrument, known: Conversion | None
) -> tuple[np.ndarray, list[str]]:
    account = account_of(spec, instrument)
    if account in (instrument.base, instrument.quote):
        return _NONE, []
    if known is None or len(known.ts) == 0:
        raise BadInput(
            f"Results in {instrument.quote} cannot be converted to {account}.",
            where=instrument.symbol,
            fix=f"Bring candles of {instrument.quote}_{account} or {account}_{instrument.quote}, or keep the account "
            f"in {instrument.quote}.",
        )
    ts = data.minutes["ts"]
    at = np.searchsorted(known.ts, ts, side="right") - 1
    early = int((at < 0).sum())
    line = (
        f"Amounts in {instrument.quote} are converted to {account} by the last close of {known.symbol} known by then."
    )
    if early:
        line += f" {early} minutes before its first bar take that one."
    return known.rate[np.maximum(at, 0)].astype(np.float64), [line]
