"""One back-test from bars and decisions to the result: checks, the simulation, figures, provenance."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np

from engine.backtest import kernels_bars
from engine.backtest.conventions import Curve
from engine.backtest.costs import (
    DEFAULT_FUNDING,
    NO_FUNDING,
    Funding,
    fee_and_slip,
    financing_events,
    financing_sentence,
    funding_events,
    funding_sentence,
    is_perpetual,
)
from engine.backtest.data import BarData, Window
from engine.backtest.days import day_borders
from engine.backtest.fills import Terms
from engine.backtest.hash import trade_hash
from engine.backtest.metrics import convention_text, metrics
from engine.backtest.more import More
from engine.backtest.paid import entry_values, held_value, slippage_paid
from engine.backtest.realism import NOTHING, Known, more_of
from engine.backtest.simulation import Decided, Simulation, simulate
from engine.backtest.sizing import fill_terms
from engine.clock import Clock, iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.dtypes import EXIT_DELISTED, EXIT_END
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market
from engine.signals.history import Decisions
from engine.signals.types import LIMIT_ORDER, MARKET, STOP_ORDER, Orders

_CONTRACT = (
    "Decided on the close of a bar, filled at the next open; stops and targets act from the entry on, resolved on "
    "{resolution}; where both could have been hit, the stop was; what opens beyond a level fills at that open.",
    "Trailing stop and break-even move on what has closed and act from then on.",
    "Signals only from inside the window, which starts flat; what is open at its end is closed at the last close, "
    "with costs.",
)
_RESTING = (
    "Entries rest at their level during the next {bars}; a later entry replaces the order, an exit of its side or an "
    "entry of the other cancels it; its fill closes an opposite trade."
)
_STOP_ENTRY = "A stop entry fills at its level, or at the open that lies beyond it, and pays the slippage."
_LIMIT_ENTRY = (
    "A limit entry fills when its level is touched, at the level or a better open, without slippage and at the same "
    "fee."
)
_INSIDE = (
    "Inside the fill's own minute the protective stop counts as hit if the minute went beyond it at any time; the "
    "target acts from the next minute on. Of an order and a stop on the same side of the open the nearer is first, of "
    "one against the trade and one in its favour the former; after a stop or target the order acts from the next "
    "minute on."
)
_STRADDLE = (
    "Entries of both sides decided on one bar rest together; the first fill cancels the other. Where one minute "
    "reaches both, the one nearer to its open was first; equally near, neither fills and both end."
)

#: how long a series may pause: where it trades every day, and where it does not (a weekend with holidays)
PAUSE_MS = {True: 86_400_000, False: 5 * 86_400_000}
#: words of venues for what trades no more
_GONE = frozenset({"break", "close", "delivered", "delivering", "end_of_day", "pre_delivering", "settling"})
#: interest a year on OANDA's positions where none is given, received
DEFAULT_FINANCING = -0.025


def daily_equity(
    data: BarData, window: Window, sim: Simulation, terms: Terms, cash: float, market: Market
) -> tuple[np.ndarray, np.ndarray]:
    """(int64[d] ms, float64[d+1]): ends of the trading days, and the cash at the start followed by the equity at each
    end.

    A crypto market trades every day, so a day without bars counts with no return; elsewhere only days with bars count.
    """
    m_first, m_last = window.minutes(data)
    borders = day_borders(
        int(data.minutes[m_first]["ts"]), int(data.minutes[m_last]["ts"]), market.day_tz, market.day_hour
    )[1:]
    ends = np.empty(len(borders), np.int64)
    kernels_bars.first_at(data.minutes, borders, ends)
    ends = np.minimum(ends - 1, m_last)
    if market.days_per_year < 365:
        has_bars = np.diff(ends, prepend=m_first - 1) > 0
        ends, borders = ends[has_bars], borders[has_bars]
    return borders, np.append(cash, sim.equity_at(ends, terms, cash))


class Conditions(NamedTuple):
    """What a simulation is made under. more: None where the terms say it all; events: funding or interest."""

    terms: Terms
    more: More | None
    events: Funding
    sentences: list[str]


def conditions(
    spec: BacktestSpec,
    data: BarData,
    window: Window,
    decisions: Decided,
    instrument: Instrument,
    market: Market,
    known: Known = NOTHING,
    *,
    always: bool = False,
) -> Conditions:
    """Costs, sizes, margin and funding of a run over a window, with the sentences that state them; BadInput where they
    cannot be."""
    costs = spec.costs
    fee, slip, sentences = fee_and_slip(costs, market)
    terms, sizes = fill_terms(spec, instrument, fee, slip)
    more, wider = more_of(spec, terms, data, decisions, instrument, market, known, always=always)
    first, last = window.minutes(data)
    ends = int(data.minutes[first]["ts"]), int(data.minutes[last]["ts"])
    perpetual = is_perpetual(instrument, market)
    events = NO_FUNDING
    if costs.financing:
        if market.venue != "oanda":
            raise BadInput(
                f"Interest on positions is OANDA's; {market.title} has none.",
                where="costs.financing",
                fix="Leave it off.",
            )
        long = DEFAULT_FINANCING if costs.financing_long is None else costs.financing_long
        short = DEFAULT_FINANCING if costs.financing_short is None else costs.financing_short
        events = financing_events(*ends, long, short)
        given = costs.financing_long is not None and costs.financing_short is not None
        held = financing_sentence(long, short, given)
    else:
        default = DEFAULT_FUNDING if costs.funding is None else costs.funding
        if perpetual:
            events = funding_events(known.funding, *ends, default)
        held = funding_sentence(perpetual, events, market, default)
    return Conditions(terms, more, events, [*sentences, *sizes, *wider, held])


def last_minutes(data: BarData, window: Window, borders: np.ndarray) -> np.ndarray:
    """int64[d]: the last minute of the window before each of these moments."""
    ends = np.empty(len(borders), np.int64)
    kernels_bars.first_at(data.minutes, borders, ends)
    return np.minimum(ends - 1, window.minutes(data)[1])


def _holding(data: BarData, window: Window, sim: Simulation, terms: Terms) -> Callable[[np.ndarray], np.ndarray]:
    """What one unit of cash, put into the symbol at the window's first open, is worth at the close of minutes."""
    opened, first = float(data.bars[window.first]["open"]), window.minutes(data)[0]
    return lambda minutes: held_value(data.minutes["close"][minutes], minutes, opened, first, sim, terms)


def run_backtest(
    spec: BacktestSpec,
    *,
    data: BarData,
    decisions: Decided,
    instrument: Instrument,
    market: Market,
    strategy_text: str,
    code_version: str,
    clock: Clock,
    warmup: int = 0,
    funding: Funding | None = None,
    known: Known = NOTHING,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BacktestResult:
    """The result of one run over the bars of `data` that open in [spec.from_ms, spec.to_ms).

    data: data.bar_data(); all its bars before the window are there for warming up. decisions: of the strategy over all
    of these bars (history.Decisions, or history.Stream, which decides as it goes). warmup: bars that the strategy needs
    before it can speak. funding: known history (None = that of `known`, or the default rate on perpetual markets).
    known: what else is known of the symbol.
    BadInput: empty or unknown range, too few bars, masks of other bars, impossible costs or sizes. Cancelled: stopped.
    """
    started = clock.monotonic_ns()
    _check_masks(decisions, len(data.bars))
    window = data.window(spec, warmup)
    if funding is not None:
        known = msgspec.structs.replace(known, funding=funding)
    made = conditions(spec, data, window, decisions, instrument, market, known)
    terms, cash = made.terms, float(spec.sizing.cash)
    m_last = window.minutes(data)[1]
    first_ms, last_ms = int(data.bars[window.first]["ts"]), int(data.bars[window.last]["ts"])
    sim = simulate(
        data, window, decisions, terms, cash, made.events, more=made.more, progress=progress, cancelled=cancelled
    )
    sentences = made.sentences + _listing(spec, data, window, sim, instrument, market)
    ends, equity = daily_equity(data, window, sim, terms, cash, market)
    hold = _holding(data, window, sim, terms)
    benchmark = np.append(cash, cash * hold(last_minutes(data, window, ends)))
    curve = Curve(
        equity=equity,
        span_days=(int(data.minutes[m_last]["ts"]) + data.minute_length - first_ms) / 86_400_000,
        pnl=sim.trades["pnl"].astype(np.float64),
        days_per_year=market.days_per_year,
        ends=ends,
        benchmark=benchmark,
    )
    values = entry_values(sim, terms)
    stop = data.first_minute[sim.index + 1] if len(data.first_minute) else sim.index + 1
    held = hold(stop - 1)
    figures = _figures(curve, sim, window, held, values)
    figures["slippage"] = slippage_paid(sim, terms, decisions.orders)
    sentences += _remarks(window, warmup, sim, data)
    return BacktestResult(
        spec=spec,
        strategy_text=strategy_text,
        bars=window.last - window.first + 1,
        first_ms=first_ms,
        last_ms=last_ms,
        metrics=figures,
        convention=convention_text(market),
        trade_hash=trade_hash(sim.trades, instrument.tick_size, instrument.lot_size),
        data_fingerprint=data.fingerprint(m_last + 1),
        code_version=code_version,
        assumptions=[*contract(data, decisions.orders), *sentences],
        seconds=(clock.monotonic_ns() - started) / 1e9,
        trades=sim.trades.tobytes(),
        equity_ts=data.bars["ts"][sim.index].tobytes(),
        equity=sim.equity.tobytes(),
        drawdown=sim.drawdown.tobytes(),
        benchmark=(cash * held).tobytes(),
        daily_ts=ends.tobytes(),
        daily=equity.tobytes(),
        daily_benchmark=benchmark.tobytes(),
        span_days=curve.span_days,
        trade_values=values.tobytes(),
    )


def _figures(curve: Curve, sim: Simulation, window: Window, held: np.ndarray, values: np.ndarray) -> dict[str, float]:
    return metrics(curve, sim.trades, values) | {
        "max_drawdown_bar": float(sim.drawdown.max()),
        "exposure": min(float(sim.trades["bars"].sum()) / (window.last - window.first + 1), 1.0),
        "funding": sim.funding,
        "skipped_entries": float(sim.skipped),
        "buy_hold_return": float(held[-1]) - 1.0,
    }


def contract(data: BarData, orders: Orders) -> list[str]:
    """The fill contract in sentences."""
    resolution = (
        "1-minute bars" if data.minute_length == 60_000 else "the bars themselves, as there are no 1-minute bars"
    )
    lines = [line.format(resolution=resolution) for line in _CONTRACT]
    kinds = {orders.long_kind, orders.short_kind}
    if kinds - {MARKET}:
        lines.append(_RESTING.format(bars="bar" if orders.valid == 1 else f"{orders.valid} bars"))
    if STOP_ORDER in kinds:
        lines.append(_STOP_ENTRY)
    if LIMIT_ORDER in kinds:
        lines.append(_LIMIT_ENTRY)
    if kinds - {MARKET}:
        lines.append(_INSIDE)
    if MARKET not in kinds:
        lines.append(_STRADDLE)
    if orders.time_stop:
        lines.append(f"What is open after {orders.time_stop} bars is closed at the next open.")
    return lines


def _check_masks(decisions: Decided, bars: int) -> None:
    """The kernels trust their arrays, so decisions of other bars end here."""
    if isinstance(decisions, Decisions) and decisions.masks.shape[1] != bars:
        raise BadInput(
            f"The masks are of {decisions.masks.shape[1]} bars, not of {bars}.",
            where="back-test",
            fix="Edges and levels must be computed on the same bars.",
        )


def _listing(
    spec: BacktestSpec, data: BarData, window: Window, sim: Simulation, instrument: Instrument, market: Market
) -> list[str]:
    """What listing and delisting did; a trade that a delisting closed gets its own reason."""
    lines = []
    first, last = int(data.bars[window.first]["ts"]), int(data.bars[window.last]["ts"])
    if spec.from_ms is not None and first - spec.from_ms > PAUSE_MS[market.days_per_year >= 365]:
        listed = "was listed" if instrument.listed_ms and abs(first - instrument.listed_ms) < 86_400_000 else "begins"
        lines.append(f"{instrument.symbol} {listed} at {iso(first)}, after the range: nothing was traded before.")
    if is_delisted(spec, data, window, instrument, market):
        trades = sim.trades
        closed = len(trades) > 0 and trades[-1]["reason"] == EXIT_END
        if closed:
            trades[-1]["reason"] = EXIT_DELISTED
        lines.append(
            f"{instrument.symbol} ends at {iso(last)}, before the range: taken as delisted"
            + (", what was open was closed at its last close." if closed else ".")
        )
    lines.append(
        "One symbol, chosen today: those that were delisted are easily overlooked, which flatters (survivorship)."
    )
    return lines


def is_delisted(spec: BacktestSpec, data: BarData, window: Window, instrument: Instrument, market: Market) -> bool:
    """Whether the series ends before the range does, by more than a pause of trading; or, with an open range, whether
    the venue says that it no longer trades and the window reaches the last bar."""
    stop = window.last + 1
    if stop < len(data.bars):
        return False
    end = int(data.minutes[-1]["ts"]) + data.minute_length
    if spec.to_ms is None:
        return instrument.status in _GONE
    return spec.to_ms - end > PAUSE_MS[market.days_per_year >= 365]


def _remarks(window: Window, warmup: int, sim: Simulation, data: BarData) -> list[str]:
    remarks = []
    if window.first < warmup:
        speaks = iso(int(data.bars[warmup]["ts"]))
        remarks.append(f"The strategy needs {warmup} bars to warm up: no signal before {speaks}.")
    if sim.skipped:
        remarks.append(
            f"{sim.skipped} entries were not taken: below the smallest quantity or order, or no money was left."
        )
    return remarks
