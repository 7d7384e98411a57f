"""One back-test from bars and edges to the result: checks, the simulation in chunks, marking, figures, provenance."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from engine.backtest import kernels
from engine.backtest.conventions import Curve
from engine.backtest.costs import NO_FUNDING, Funding, fee_and_slip, funding_events, funding_sentence, is_perpetual
from engine.backtest.data import BarData, Window, frozen
from engine.backtest.days import day_borders
from engine.backtest.fills import BAR, CASH, FUNDING, SKIPPED, TRADES, Terms, new_state
from engine.backtest.hash import trade_hash
from engine.backtest.metrics import convention_text, metrics
from engine.backtest.sizing import fill_terms
from engine.clock import Clock, iso
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.instruments import Instrument
from engine.contracts.markets import Market

#: bars between two looks at `cancelled`
CHUNK = 262_144
#: an equity curve for drawing has at most twice as many points
BUCKETS = 2000

_CONTRACT = (
    "Decided on the close of a bar, filled at the next open; stops and targets act from the entry on, resolved on "
    "{resolution}; where both could have been hit, the stop was; what opens beyond a level fills at that open.",
    "Signals only from inside the window, which starts flat; what is open at its end is closed at the last close, "
    "with costs.",
)


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What the kernel made of one window. trades: TRADE_DTYPE[t]; where, book: see fills.close_trade. funding: money
    paid in all; skipped: entries not taken because too small or no money was left; fund_minute, fund_rate: events
    charged."""

    trades: np.ndarray
    where: np.ndarray
    book: np.ndarray
    cash: float
    funding: float
    skipped: int
    fund_minute: np.ndarray
    fund_rate: np.ndarray


def simulate(
    data: BarData,
    window: Window,
    masks: np.ndarray,
    distances: np.ndarray,
    terms: Terms,
    cash: float,
    funding: Funding = NO_FUNDING,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Simulation:
    """Trades of one window. masks uint8[4, n] and distances float64[3, n] over all bars of data, rows as
    kernels.simulate has them.

    Raises Cancelled between two chunks of CHUNK bars when cancelled() says so; progress gets 0..1.
    """
    first, last = window.first, window.last
    masks, distances = frozen(masks), frozen(distances)
    fund_minute = np.empty(len(funding.ts), np.int64)
    kernels.first_at(data.minutes, funding.ts, fund_minute)
    inside = fund_minute < len(data.minutes)
    fund_minute, fund_rate = fund_minute[inside], np.ascontiguousarray(funding.rate[inside])
    room = int(np.count_nonzero(masks[0, first:last])) + int(np.count_nonzero(masks[2, first:last])) + 1
    trades = np.empty(room, TRADE_DTYPE)
    where, book = np.empty((room, 4), np.int64), np.empty((room, 2), np.float64)
    ints, floats = new_state(first, cash)
    for end in [*range(first + CHUNK, last + 1, CHUNK), last + 1]:
        if cancelled is not None and cancelled():
            raise Cancelled("The back-test was stopped.", where=f"bar {int(ints[BAR]) - first} of {last - first + 1}")
        kernels.simulate(
            ints, floats, end, last, data.bars, data.minutes, data.first_minute, data.real, masks, distances,
            fund_minute, fund_rate, terms, trades, where, book,
        )  # fmt: skip
        if progress is not None:
            progress((end - first) / (last + 1 - first))
    k = int(ints[TRADES])
    return Simulation(
        trades=trades[:k].copy(),
        where=where[:k].copy(),
        book=book[:k].copy(),
        cash=float(floats[CASH]),
        funding=float(floats[FUNDING]),
        skipped=int(ints[SKIPPED]),
        fund_minute=fund_minute,
        fund_rate=fund_rate,
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
    kernels.first_at(data.minutes, borders, ends)
    ends = np.minimum(ends - 1, m_last)
    if market.days_per_year < 365:
        has_bars = np.diff(ends, prepend=m_first - 1) > 0
        ends, borders = ends[has_bars], borders[has_bars]
    equity = np.empty(len(ends) + 1, np.float64)
    equity[0] = cash
    kernels.daily(
        ends, cash, sim.trades, sim.where, sim.book, sim.fund_minute, sim.fund_rate, data.minutes, terms, equity[1:]
    )
    return borders, equity


def drawn_curve(
    data: BarData, window: Window, sim: Simulation, terms: Terms, cash: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(bar index, equity, drawdown) of at most 2 * BUCKETS bars; the largest drawdown of all bars is among them."""
    bars = window.last - window.first + 1
    width = -(-bars // BUCKETS)
    buckets = -(-bars // width)
    curve, at = np.empty((buckets, 2, 2), np.float64), np.empty((buckets, 2), np.int64)
    fund_bar = np.searchsorted(data.first_minute, sim.fund_minute, side="right") - 1
    kernels.mark(
        data.bars, window.first, window.last, cash, sim.trades, sim.where, sim.book, fund_bar, sim.fund_minute,
        sim.fund_rate, data.minutes, terms, width, curve, at,
    )  # fmt: skip
    index = at.ravel()
    keep = np.append(np.diff(index) > 0, True)
    points = curve.reshape(-1, 2)[keep]
    return index[keep], np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])


def run_backtest(
    spec: BacktestSpec,
    *,
    data: BarData,
    masks: np.ndarray,
    distances: np.ndarray,
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

    data: data.bar_data(); all its bars before the window are there for warming up. masks: uint8[4, n] edges at each bar
    (long entry, long exit, short entry, short exit); distances: float64[3, n] of stop, target and trailing stop at the
    decision bar in price units, nan = none. warmup: bars that the strategy needs before it can speak. funding: known
    history (None = the default rate on perpetual markets).
    BadInput: empty or unknown range, too few bars, arrays that do not fit, impossible costs or sizes. Cancelled:
    stopped.
    """
    started = clock.monotonic_ns()
    _check_arrays(masks, distances, len(data.bars))
    window = data.window(spec, warmup)
    fee, slip, sentences = fee_and_slip(spec.costs, market)
    terms, sizes = fill_terms(spec, instrument, fee, slip)
    cash = float(spec.sizing.cash)
    m_last = window.minutes(data)[1]
    first_ms, last_ms = int(data.bars[window.first]["ts"]), int(data.bars[window.last]["ts"])
    perpetual = is_perpetual(instrument, market)
    events = funding_events(funding, first_ms, int(data.minutes[m_last]["ts"])) if perpetual else NO_FUNDING
    sim = simulate(data, window, masks, distances, terms, cash, events, progress, cancelled)
    _, equity = daily_equity(data, window, sim, terms, cash, market)
    index, drawn, down = drawn_curve(data, window, sim, terms, cash)
    curve = Curve(
        equity=equity,
        span_days=(int(data.minutes[m_last]["ts"]) + data.minute_length - first_ms) / 86_400_000,
        pnl=sim.trades["pnl"].astype(np.float64),
        days_per_year=market.days_per_year,
    )
    held = data.bars["close"][index] / float(data.bars[window.first]["open"])
    figures = _figures(curve, sim, window, down, held)
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
        assumptions=[*_contract(data), *sentences],
        seconds=(clock.monotonic_ns() - started) / 1e9,
        trades=sim.trades.tobytes(),
        equity_ts=data.bars["ts"][index].tobytes(),
        equity=drawn.tobytes(),
        drawdown=down.tobytes(),
        benchmark=(cash * held).tobytes(),
    )


def _figures(curve: Curve, sim: Simulation, window: Window, down: np.ndarray, held: np.ndarray) -> dict[str, float]:
    return metrics(curve, sim.trades) | {
        "max_drawdown_bar": float(down.max()),
        "exposure": min(float(sim.trades["bars"].sum()) / (window.last - window.first + 1), 1.0),
        "funding": sim.funding,
        "skipped_entries": float(sim.skipped),
        "buy_hold_return": float(held[-1]) - 1.0,
    }


def _contract(data: BarData) -> list[str]:
    """The fill contract in sentences."""
    resolution = (
        "1-minute bars" if data.minute_length == 60_000 else "the bars themselves, as there are no 1-minute bars"
    )
    return [line.format(resolution=resolution) for line in _CONTRACT]


def _check_arrays(masks: np.ndarray, distances: np.ndarray, bars: int) -> None:
    """The kernels trust their arrays, so shapes and types are settled here."""
    wanted = ((masks, (4, bars), np.uint8, "masks"), (distances, (3, bars), np.float64, "distances"))
    for array, shape, dtype, name in wanted:
        if array.shape != shape or array.dtype != dtype:
            raise BadInput(
                f"{name} is {array.dtype}{list(array.shape)}, not {np.dtype(dtype)}{list(shape)}.",
                where="back-test",
                fix="Edges and distances must be computed on the same bars.",
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
