"""A result taken apart: by month, hour, weekday, side and exit; rolling figures, distributions, time in the market.

Pure functions of a BacktestResult, so that everything can be made anew from what is kept of a run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.backtest.conventions import NAN, Curve, ratio
from engine.backtest.metrics_days import DAY_MS, month_returns
from engine.backtest.metrics_trades import r_multiples, shares
from engine.contracts.backtests import BacktestResult
from engine.contracts.dtypes import EXIT_NAMES, TRADE_DTYPE
from engine.contracts.markets import market, split_symbol
from engine.contracts.reports import Excursions, Histogram, Line, MonthRow, TradeGroup

HOUR_MS = 3_600_000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: daily returns in a window of the rolling Sharpe
ROLLING_DAYS = 90


def trades_of(result: BacktestResult) -> np.ndarray:
    """TRADE_DTYPE[t]."""
    return np.frombuffer(result.trades, TRADE_DTYPE)


def values_of(result: BacktestResult) -> np.ndarray:
    """float64[t]: worth of the trades at their entry in the account's currency."""
    if result.trade_values:
        return np.frombuffer(result.trade_values, "<f8")
    trades = trades_of(result)
    return np.asarray(trades["quantity"] * trades["entry_price"], np.float64)


def curve_of(result: BacktestResult) -> Curve:
    """The daily curve that the figures were made from. Of a result without one (kept by an older version) it is made
    from the drawn curve: the last point at or before the end of each UTC day."""
    days = market(split_symbol(result.spec.symbol)[0]).days_per_year
    pnl = trades_of(result)["pnl"].astype(np.float64)
    if result.daily:
        return Curve(
            equity=np.frombuffer(result.daily, "<f8"),
            span_days=result.span_days,
            pnl=pnl,
            days_per_year=days,
            ends=np.frombuffer(result.daily_ts, "<i8"),
            benchmark=np.frombuffer(result.daily_benchmark, "<f8"),
        )
    ts = np.frombuffer(result.equity_ts, "<i8")
    ends = np.arange(result.first_ms // DAY_MS + 1, result.last_ms // DAY_MS + 2, dtype=np.int64) * DAY_MS
    at = np.maximum(np.searchsorted(ts, ends) - 1, 0)
    cash = result.spec.sizing.cash
    equity, held = (np.append(cash, np.frombuffer(b, "<f8")[at]) for b in (result.equity, result.benchmark))
    span = (result.last_ms - result.first_ms) / DAY_MS
    return Curve(equity=equity, span_days=span, pnl=pnl, days_per_year=days, ends=ends, benchmark=held)


def month_table(curve: Curve) -> list[MonthRow]:
    """A row a year, oldest first."""
    months, own = month_returns(curve.ends, curve.equity)
    held = month_returns(curve.ends, curve.benchmark)[1] if len(curve.benchmark) else np.full(len(own), NAN)
    rows = []
    for year in np.unique(months // 12).tolist():
        chosen = months // 12 == year
        cells: list[float | None] = [None] * 12
        for month, value in zip((months[chosen] % 12).tolist(), own[chosen].tolist(), strict=True):
            cells[month] = value
        total, benchmark = (float(np.prod(1.0 + r[chosen]) - 1.0) for r in (own, held))
        rows.append(MonthRow(year=1970 + year, months=cells, total=total, benchmark=benchmark))
    return rows


def by_hour(trades: np.ndarray) -> list[TradeGroup]:
    """24 groups, by the UTC hour of the entry."""
    return grouped(trades, trades["entry_ts"] // HOUR_MS % 24, [f"{h:02d}" for h in range(24)])


def by_weekday(trades: np.ndarray) -> list[TradeGroup]:
    """7 groups from Monday, by the UTC day of the entry."""
    # the epoch was a Thursday
    return grouped(trades, (trades["entry_ts"] // DAY_MS + 3) % 7, WEEKDAYS)


def by_side(trades: np.ndarray) -> list[TradeGroup]:
    """Long and short, those that there are."""
    found = grouped(trades, (trades["side"] < 0).astype(np.int64), ("long", "short"))
    return [group for group in found if group.trades]


def by_exit(trades: np.ndarray) -> list[TradeGroup]:
    """By the reason of the exit, the most frequent first."""
    found = [g for g in grouped(trades, trades["reason"].astype(np.int64), EXIT_NAMES) if g.trades]
    return sorted(found, key=lambda g: -g.trades)


def grouped(trades: np.ndarray, key: np.ndarray, labels: Sequence[str]) -> list[TradeGroup]:
    """One group a label; key: int64[t], the label's number of each trade."""
    made = []
    for number, label in enumerate(labels):
        rows = trades[key == number]
        pnl = rows["pnl"]
        won, lost = float(pnl[pnl > 0].sum()), float(-pnl[pnl < 0].sum())
        made.append(
            TradeGroup(
                label=label,
                trades=len(rows),
                wins=int((pnl > 0).sum()),
                profit=float(pnl.sum()),
                mean=float(pnl.mean()) if len(rows) else NAN,
                profit_factor=ratio(won, lost),
                avg_bars=float(rows["bars"].mean()) if len(rows) else NAN,
                fees=float(rows["fees"].sum()),
            )
        )
    return made


def rolling_sharpe(curve: Curve, days: int = ROLLING_DAYS) -> Line:
    """Annualised Sharpe of the last `days` daily returns at the end of each day from the first full window on."""
    x = curve.returns
    if len(x) < days or len(curve.ends) != len(x):
        return Line()
    windows = np.lib.stride_tricks.sliding_window_view(x, days)
    mean, spread = windows.mean(axis=1), windows.std(axis=1, ddof=1)
    # days without a position have no spread but rounding
    fine = spread > 1e-14
    values = np.divide(mean, spread, out=np.full(len(mean), NAN), where=fine) * np.sqrt(curve.days_per_year)
    return Line(ts=curve.ends[days - 1 :].tobytes(), values=values.tobytes())


def exposure(curve: Curve, trades: np.ndarray, first_ms: int) -> Line:
    """Share of each trading day spent in a position, at the day's end; short counts negative, overlapping trades add
    up."""
    if not len(curve.ends):
        return Line()
    last = max(first_ms + round(curve.span_days * DAY_MS), first_ms + 1)
    borders = np.minimum(np.append(first_ms, curve.ends), last)
    held = np.diff(
        _held(trades["entry_ts"], trades["side"], borders) - _held(trades["exit_ts"], trades["side"], borders)
    )
    length = np.diff(borders)
    values = np.divide(held, length, out=np.zeros(len(held)), where=length > 0)
    return Line(ts=curve.ends.tobytes(), values=values.tobytes())


def _held(starts: np.ndarray, sides: np.ndarray, at: np.ndarray) -> np.ndarray:
    """float64: ms since each start, with its side, summed over the starts before each of the moments `at`."""
    order = np.argsort(starts, kind="stable")
    side = np.append(0.0, np.cumsum(sides[order].astype(np.float64)))
    origin = int(at[0])
    moment = np.append(0.0, np.cumsum(sides[order] * (starts[order] - origin).astype(np.float64)))
    count = np.searchsorted(starts[order], at)
    return np.asarray(side[count] * (at - origin) - moment[count], np.float64)


def distribution(trades: np.ndarray, values: np.ndarray) -> Histogram:
    """Results of the trades as fractions of their worth at entry; 0 is an edge, and what lies beyond the central 99 %
    is counted in the outermost bins."""
    x = shares(trades["pnl"].astype(np.float64), values)
    x = x[np.isfinite(x)]
    if not len(x):
        return Histogram()
    low, high = np.percentile(x, (0.5, 99.5))
    low, high = min(float(low), 0.0), max(float(high), 0.0)
    if high - low <= 0:
        return Histogram(edges=[-0.01, 0.0, 0.01], counts=[0, len(x)])
    width = (high - low) / min(40, max(8, int(2 * np.sqrt(len(x)))))
    below, above = int(np.ceil(-low / width - 1e-9)), int(np.ceil(high / width - 1e-9))
    edges = np.arange(-max(below, 1), max(above, 1) + 1) * width
    counts, _ = np.histogram(np.clip(x, edges[0], edges[-1]), edges)
    return Histogram(edges=edges.tolist(), counts=counts.tolist())


def excursions(trades: np.ndarray, values: np.ndarray) -> Excursions:
    """A point a trade."""
    result = shares(trades["pnl"].astype(np.float64), values)
    mae, mfe = (np.ascontiguousarray(trades[name]).tobytes() for name in ("mae", "mfe"))
    side = np.ascontiguousarray(trades["side"]).tobytes()
    return Excursions(mae=mae, mfe=mfe, result=result.tobytes(), r=r_multiples(trades).tobytes(), side=side)


def points(line: Line) -> dict[str, list[float]]:
    """ts (ms) and values of a curve as lists."""
    return {"ts": np.frombuffer(line.ts, "<i8").tolist(), "values": np.frombuffer(line.values, "<f8").tolist()}
