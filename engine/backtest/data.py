"""The bars of a run: checked once, used by any number of runs."""

from __future__ import annotations

import numpy as np

from engine.backtest import kernels_bars as kernels
from engine.backtest.costs import NO_FUNDING, Funding
from engine.backtest.fills import Tape
from engine.backtest.hash import SEED, SPAN, fingerprint
from engine.clock import iso
from engine.contracts.backtests import BacktestSpec
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms


def frozen(array: np.ndarray) -> np.ndarray:
    """A contiguous read-only view (a copy only where it was not contiguous).

    A kernel is compiled once per kind of array. Mapped files are read-only, so everything is.
    """
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


class Window:
    """Indices of the first and last bar of a run, both inside."""

    __slots__ = ("first", "last")

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last

    def minutes(self, data: BarData) -> tuple[int, int]:
        """Indices of the window's first and last minute, both inside."""
        return data.first_of(self.first), data.first_of(self.last + 1) - 1


class BarData:
    """Bars of one symbol and timeframe with the minutes they are made of. Make it with bar_data().

    bars: CANDLE_DTYPE[n]; minutes: CANDLE_DTYPE[k], the same array on 1m; first_minute: int64[n+1], or empty
    where the minutes are the bars; real: bool[k] or empty (all real); minute_length: ms of one row of minutes (the
    timeframe's own where no 1-minute bars exist).
    """

    def __init__(
        self,
        timeframe: str,
        bars: np.ndarray,
        minutes: np.ndarray,
        first_minute: np.ndarray,
        real: np.ndarray,
        minute_length: int,
        lanes: np.ndarray,
    ) -> None:
        self.timeframe = timeframe
        self.bars, self.minutes, self.first_minute, self.real = bars, minutes, first_minute, real
        self.minute_length = minute_length
        self._lanes = lanes
        self._prints: dict[int, str] = {}

    def first_of(self, bar: int) -> int:
        """Index of the first minute of a bar."""
        return int(self.first_minute[bar]) if len(self.first_minute) else bar

    def bar_of(self, minute: np.ndarray) -> np.ndarray:
        """int64: the bars of these minutes."""
        return np.searchsorted(self.first_minute, minute, side="right") - 1 if len(self.first_minute) else minute

    def fingerprint(self, stop: int) -> str:
        """Hash of the minutes before index `stop`, warm-up included; kept, since runs over the same bars ask again."""
        if stop not in self._prints:
            self._prints[stop] = fingerprint(self.minutes, stop, self._lanes)
        return self._prints[stop]

    def tape(self, funding: Funding = NO_FUNDING) -> Tape:
        """What a simulation reads, with these funding events; those after the last minute are left out."""
        minute = self._minutes_of(funding)
        inside = minute < len(self.minutes)
        rate = funding.rate[inside].astype(np.float64)
        return Tape(self.minutes, self.first_minute, self.real, frozen(minute[inside]), frozen(rate))

    def short_rate(self, funding: Funding) -> np.ndarray:
        """float64: what short positions pay beside the rates of tape(); the opposite where nothing else is known."""
        rate = -funding.rate if funding.short_rate is None else funding.short_rate
        return frozen(rate[self._minutes_of(funding) < len(self.minutes)].astype(np.float64))

    def _minutes_of(self, funding: Funding) -> np.ndarray:
        minute = np.empty(len(funding.ts), np.int64)
        # a stamp is some milliseconds after the hour at whose beginning it was due
        kernels.first_at(self.minutes, funding.ts // MINUTE_MS * MINUTE_MS, minute)
        return minute

    def window(self, spec: BacktestSpec, warmup: int = 0) -> Window:
        """The bars that open in [from_ms, to_ms); BadInput names what there is when none do, or fewer than warmup +
        2.
        """
        ts = self.bars["ts"]
        span = f"{iso(int(ts[0]))} to {iso(int(ts[-1]))}"
        if spec.from_ms is not None and spec.to_ms is not None and spec.from_ms >= spec.to_ms:
            raise BadInput(
                f"The range is empty: {iso(spec.from_ms)} is not before {iso(spec.to_ms)}.",
                where=spec.symbol,
                fix=f"There are bars from {span}.",
            )
        wanted = np.array([ts[0] if spec.from_ms is None else spec.from_ms], np.int64)
        border = np.array([int(ts[-1]) + 1 if spec.to_ms is None else spec.to_ms], np.int64)
        first, stop = np.empty(1, np.int64), np.empty(1, np.int64)
        kernels.first_at(self.bars, wanted, first)
        kernels.first_at(self.bars, border, stop)
        if stop[0] - first[0] < 1:
            raise BadInput(
                f"There are no {spec.timeframe} bars in the range asked for.",
                where=spec.symbol,
                fix=f"There are bars from {span}.",
            )
        if stop[0] < warmup + 2:
            raise BadInput(
                f"There are {stop[0]} {spec.timeframe} bars up to the end of the range; "
                f"the strategy needs {warmup} to warm up.",
                where=spec.symbol,
                fix=f"There are bars from {span}; take a later end, more data or a shorter timeframe.",
            )
        return Window(int(first[0]), int(stop[0]) - 1)


def bar_data(
    symbol: str, timeframe: str, bars: np.ndarray, minutes: np.ndarray | None = None, real: np.ndarray | None = None
) -> BarData:
    """Check bars (CANDLE_DTYPE[n], oldest first, distinct times) and tie them to the minutes they are made of.

    minutes: CANDLE_DTYPE[k]; None when the timeframe is 1m, or when there are none and stops must be resolved on the
    bars themselves. real: bool[k], False for a minute that was made up; None = all real.
    BadInput: no bars, a bar that cannot be, or a bar that is not the aggregate of its minutes.
    """
    length = timeframe_ms(timeframe)
    bars, lanes = _checked(bars, symbol, timeframe)
    whole = minutes is None or length == MINUTE_MS or minutes is bars
    minute_rows = bars
    if minutes is not None and not whole:
        minute_rows, lanes = _checked(minutes, symbol, "1m")
    first_minute = np.empty(0 if whole else len(bars) + 1, np.int64)
    if not whole:
        bad = kernels.first_minutes(bars, minute_rows, length, first_minute)
        if bad >= 0:
            raise BadInput(
                f"The {timeframe} bar of {iso(int(bars[bad]['ts']))} is not the aggregate of its 1-minute bars.",
                where=symbol,
                fix="Build the higher timeframe from the same 1-minute bars.",
            )
    flags = frozen(np.empty(0, np.bool_) if real is None else np.asarray(real, np.bool_))
    if len(flags) not in (0, len(minute_rows)):
        raise BadInput(f"{len(flags)} marks of made-up bars for {len(minute_rows)} minutes.", where=symbol)
    return BarData(timeframe, bars, minute_rows, frozen(first_minute), flags, length if whole else MINUTE_MS, lanes)


def _checked(rows: np.ndarray, symbol: str, timeframe: str) -> tuple[np.ndarray, np.ndarray]:
    """The rows, read-only, and the states of their fingerprint."""
    rows = frozen(rows)
    if rows.dtype != CANDLE_DTYPE or rows.ndim != 1:
        raise BadInput(f"Bars must be rows of CANDLE_DTYPE, not {rows.dtype}.", where=symbol)
    if len(rows) == 0:
        raise BadInput(f"There are no {timeframe} bars.", where=symbol, fix="Download or import some first.")
    lanes = np.empty((len(rows) // SPAN + 1, 8), np.uint64)
    lanes[0] = np.arange(1, 9, dtype=np.uint64) * SEED
    bad = kernels.check_and_fold(rows, rows.view(np.uint64), lanes)
    if bad >= 0:
        row = rows[bad]
        raise BadInput(
            f"The {timeframe} bar {bad} ({iso(int(row['ts']))}) cannot be: open {row['open']:g}, high {row['high']:g}, "
            f"low {row['low']:g}, close {row['close']:g}, or its time is not after the one before.",
            where=symbol,
            fix="Run the data check and repair on this symbol.",
        )
    return rows, lanes
