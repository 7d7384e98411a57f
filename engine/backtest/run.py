"""One back-test from bars and decisions to the result: checks, the simulation, figures, provenance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.backtest import kernels_bars, kernels_curve
from engine.backtest.conventions import Curve
from engine.backtest.costs import NO_FUNDING, Funding, fee_and_slip, funding_events, funding_sentence, is_perpetual
from engine.backtest.data import BarData, Window
from engine.backtest.days import day_borders
from engine.backtest.fills import Terms
from engine.backtest.hash import trade_hash
from engine.backtest.metrics import convention_text, metrics
from engine.backtest.simulation import Decided, Simulation, simulate
from engine.backtest.sizing import fill_terms
from engine.clock import Clock, iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
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
    equity = np.empty(len(ends) + 1, np.float64)
    equity[0] = cash
    kernels_curve.daily(ends, cash, len(sim.trades), sim.tape, terms, sim.ledger, equity[1:])
    return borders, equity


def daily_holding(data: BarData, window: Window, borders: np.ndarray, cash: float) -> np.ndarray:
    """float64[d+1]: value of holding from the window's first open on, at the start and these ends of days."""
    ends = np.empty(len(borders), np.int64)
    kernels_bars.first_at(data.minutes, borders, ends)
    ends = np.minimum(ends - 1, window.minutes(data)[1])
    return np.append(cash, cash * (data.minutes["close"][ends] / float(data.bars[window.first]["open"])))


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
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BacktestResult:
    """The result of one run over the bars of `data` that open in [spec.from_ms, spec.to_ms).

    data: data.bar_data(); all its bars before the window are there for warming up. decisions: of the strategy over all
    of these bars (history.Decisions, or history.Stream, which decides as it goes). warmup: bars that the strategy needs
    before it can speak. funding: known
    history (None = the default rate on perpetual markets).
    BadInput: empty or unknown range, too few bars, masks of other bars, impossible costs or sizes. Cancelled: stopped.
    """
    started = clock.monotonic_ns()
    _check_masks(decisions, len(data.bars))
    window = data.window(spec, warmup)
    fee, slip, sentences = fee_and_slip(spec.costs, market)
    terms, sizes = fill_terms(spec, instrument, fee, slip)
    cash = float(spec.sizing.cash)
    m_last = window.minutes(data)[1]
    first_ms, last_ms = int(data.bars[window.first]["ts"]), int(data.bars[window.last]["ts"])
    perpetual = is_perpetual(instrument, market)
    events = funding_events(funding, first_ms, int(data.minutes[m_last]["ts"])) if perpetual else NO_FUNDING
    sim = simulate(data, window, decisions, terms, cash, events, progress=progress, cancelled=cancelled)
    ends, equity = daily_equity(data, window, sim, terms, cash, market)
    benchmark = daily_holding(data, window, ends, cash)
    curve = Curve(
        equity=equity,
        span_days=(int(data.minutes[m_last]["ts"]) + data.minute_length - first_ms) / 86_400_000,
        pnl=sim.trades["pnl"].astype(np.float64),
        days_per_year=market.days_per_year,
        ends=ends,
        benchmark=benchmark,
    )
    values = entry_values(sim.trades, terms)
    held = data.bars["close"][sim.index] / float(data.bars[window.first]["open"])
    figures = _figures(curve, sim, window, held, values)
    sentences += [*sizes, funding_sentence(perpetual, events, market), *_remarks(window, warmup, sim, data)]
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
        assumptions=[*_contract(data, decisions.orders), *sentences],
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


def entry_values(trades: np.ndarray, terms: Terms) -> np.ndarray:
    """float64[t]: what the trades were worth at their entry, in the account's currency."""
    worth = trades["quantity"] if terms.inverse else trades["quantity"] * trades["entry_price"]
    return np.ascontiguousarray(worth, np.float64)


def _figures(curve: Curve, sim: Simulation, window: Window, held: np.ndarray, values: np.ndarray) -> dict[str, float]:
    return metrics(curve, sim.trades, values) | {
        "max_drawdown_bar": float(sim.drawdown.max()),
        "exposure": min(float(sim.trades["bars"].sum()) / (window.last - window.first + 1), 1.0),
        "funding": sim.funding,
        "skipped_entries": float(sim.skipped),
        "buy_hold_return": float(held[-1]) - 1.0,
    }


def _contract(data: BarData, orders: Orders) -> list[str]:
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
