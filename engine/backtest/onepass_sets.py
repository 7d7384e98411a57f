"""One pass of all sets over the series: the arrays of kernels_windows, and what they leave."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from engine.backtest import kernels_onepass, kernels_windows
from engine.backtest.data import BarData
from engine.backtest.days import TradingDays
from engine.backtest.fills import FLOATS, INTS, Ledger, Tape, Terms, new_ledger
from engine.backtest.kernels_onepass import COARSE, FINE, FIXED, MOVING, PLAIN, Range, new_found
from engine.backtest.kernels_onepass_money import A_FLOATS, A_INTS, Money
from engine.backtest.kernels_wide import MARGIN
from engine.backtest.onepass_types import PassSpec, WindowSeries
from engine.backtest.windows_arrays import (
    ANYHOW,
    AT_LEVELS,
    AT_OPENS,
    C_KEPT,
    F_KEPT,
    Borders,
    Results,
    Room,
    Rules,
    States,
    Trace,
)
from engine.contracts.errors import Cancelled
from engine.rules.history_machine import HistoryMachine, Series
from engine.signals.history import SERIES, Levels, Plan, plan, prepare
from engine.signals.types import EVEN_AFTER, LONG_STOP, MARKET, N_LEVELS, SHORT_TARGET, TRAIL_BY, Orders

#: most bars of a block, and bytes that its prices and levels may take, so that they stay in the second-level cache
SIZE, _CACHE = 8192, 1 << 19
#: bars between two looks at whether to stop
_STEP = 1 << 17
_NEVER = 1 << 62


class Ground(NamedTuple):
    """What the passes of all strategies over one series share; arrays are only read."""

    series: Series
    span: Range


class Grounds:
    """The ground of each series, made once and kept as long as the series is."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[BarData, tuple[np.ndarray | None, tuple[float, ...], Ground]]
        self._kept = WeakKeyDictionary()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, data: BarData, rates: np.ndarray | None, terms: Terms) -> Ground:
        """The ground of this series with these funding rates (None: without) and these terms. One kind of them is kept
        at a time: 56 bytes a bar and 16 a minute, above one minute another 24."""
        fills = (terms.slip, terms.tick, terms.tick_scale)
        with self._lock:
            known = self._kept.get(data)
            if known is None or known[0] is not rates or known[1] != fills:
                known = rates, fills, _ground(data, rates, terms)
                self._kept[data] = known
            return known[2]


GROUNDS = Grounds()


def _ground(data: BarData, rates: np.ndarray | None, terms: Terms) -> Ground:
    series = SERIES.of(data.bars, data.timeframe, rates)
    bars = [series.columns[row] for row in range(3)]
    minutes, count = bars, len(data.minutes)
    if len(data.first_minute):
        minutes = [np.empty(count + MARGIN) for _ in range(3)]
        for column, name in zip(minutes, ("open", "high", "low"), strict=True):
            column[:count], column[count:] = data.minutes[name], np.nan
    buys, sells = np.empty(count), np.empty(count)
    kernels_onepass.market_fills(minutes[0][:count], terms, buys, sells)
    fine, coarse = (_groups(minutes[1][:count], minutes[2][:count], shift) for shift in (FINE, COARSE))
    span = Range(
        opens=minutes[0], highs=minutes[1], lows=minutes[2], buys=buys, sells=sells, bar_highs=bars[1],
        bar_lows=bars[2], fine_top=fine[0], fine_bottom=fine[1], coarse_top=coarse[0], coarse_bottom=coarse[1],
    )  # fmt: skip
    return Ground(series, span)


def _groups(highs: np.ndarray, lows: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Highest and lowest of each 2^shift."""
    size = (len(highs) >> shift) + 1
    top, bottom = np.empty(size), np.empty(size)
    kernels_onepass.heap_up(highs, lows, top, bottom, shift)
    return top, bottom


class Pass:
    """All sets of one strategy through the series; feed it every block in order, then finish()."""

    def __init__(self, spec: PassSpec, made: Plan, days: TradingDays, out: WindowSeries, trace: int = 0) -> None:
        """made: the plan of spec's sets. out: filled. trace: keep so many trades."""
        self._out, self._bars, self.ground = out, len(spec.data.bars), GROUNDS.of(spec.data, spec.rates, spec.terms)
        sets, windows = len(made.levels), len(spec.windows)
        self.borders, patches = _borders(spec, days)
        self.states = _states(sets, len(self.borders.fork_day), len(days.ts), patches)
        self.trace = Trace(np.zeros((trace, 9), np.int64), np.zeros((trace, 2)), np.zeros(1, np.int64))
        self._alone = np.zeros((sets, windows + 1), np.uint8)
        results = Results(out.returns, out.trades, out.sums, self._alone)
        tape, rules = spec.data.tape(spec.funding), rules_of(made, spec.data)
        # trades without money, each of the same amount, so that none is ever too large: their money is counted apart
        self._terms = spec.terms._replace(by_fraction=False, size=1.0)
        self._money, self._tape = _money(spec, tape, days), tape
        self._given = (
            rules, self.ground.span, tape, self._terms, self._money, self.borders, self.states,
            _room(SIZE, full=bool((rules.ways == ANYHOW).any())), results, self.trace,
        )  # fmt: skip
        kernels_windows.begin(self.states)
        kernels_windows.pass_border(0, tape, self._terms, self._money, self.borders, self.states, results)

    def block(self, start: int, stop: int, bits: np.ndarray, values: np.ndarray) -> None:
        """The bars start .. stop-1, at most SIZE, from what history.run_bits has of them."""
        kernels_windows.pass_block(start, stop, bits, values, *self._given)

    def series(self, start: int, stop: int, machine: HistoryMachine) -> None:
        """The bars start .. stop-1 by a machine that stands at start; the interpreter's lock is not held."""
        kernels_windows.pass_series(start, stop, machine.size, *machine.runner, *self._given)

    def finish(self) -> list[tuple[int, int]]:
        """After the last bar. Returns the (set, window) pairs whose equity was gone, which are to be run on their own;
        window -1 is the whole series."""
        kernels_windows.finish(
            self._bars - 1, self._tape, self._terms, self._money, self.states, np.empty(6), self._alone
        )
        self._out.whole[:] = self.states.returns
        whole = self._alone.shape[1] - 1
        return [(int(s), int(w) if w < whole else -1) for s, w in np.argwhere(self._alone)]


def run(
    spec: PassSpec,
    days: TradingDays,
    out: WindowSeries,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[tuple[int, int]]:
    """Fill `out`; returns what Pass.finish() does."""
    made, n = plan(spec.bounds), len(spec.data.bars)
    passed = Pass(spec, made, days, out)
    size = min(max(_CACHE // (8 * (6 + len(made.values))), 2048), SIZE)
    machine = prepare(made, passed.ground.series, size=size)
    step = _STEP // machine.size * machine.size
    for start in range(0, n, step):
        if cancelled is not None and cancelled():
            raise Cancelled("The walk-forward was stopped.", where=f"bar {start} of {n}")
        stop = min(start + step, n)
        passed.series(start, stop, machine)
        if progress is not None:
            progress(stop / n)
    return passed.finish()


def rules_of(made: Plan, data: BarData) -> Rules:
    """The sets of a plan as the kernels take them."""
    return Rules(
        columns=np.array([level.columns for level in made.levels]),
        constants=np.array([level.constants for level in made.levels]),
        kinds=np.array([_kind(level) for level in made.levels], np.int64),
        orders=np.array(made.orders, np.int64),
        ways=np.array([_way(order, data) for order in made.orders], np.int64),
    )


def _way(orders: Orders, data: BarData) -> int:
    """AT_OPENS, AT_LEVELS or ANYHOW."""
    if len(data.real) == 0:
        if orders.long_kind == orders.short_kind == MARKET:
            return AT_OPENS
        if MARKET not in (orders.long_kind, orders.short_kind):
            return AT_LEVELS
    return ANYHOW


def _kind(levels: Levels) -> int:
    """PLAIN, FIXED or MOVING."""
    given = (levels.columns >= 0) | ~np.isnan(levels.constants)
    if given[TRAIL_BY] or given[EVEN_AFTER]:
        return MOVING
    return FIXED if given[LONG_STOP : SHORT_TARGET + 1].any() else PLAIN


def _money(spec: PassSpec, tape: Tape, days: TradingDays) -> Money:
    terms = spec.terms
    price = spec.data.minutes["open"][tape.fund_minute]
    rate = tape.fund_rate * (price * (1.0 / price) if terms.inverse else price)
    return Money(
        fee=terms.fee,
        share=terms.size / (1.0 + terms.fee),
        inverse=terms.inverse,
        day_end=np.append(days.end, _NEVER).astype(np.int64),
        fund_minute=tape.fund_minute,
        fund_sum=np.concatenate([[0.0], np.cumsum(rate)]),
    )


def _borders(spec: PassSpec, days: TradingDays) -> tuple[Borders, int]:
    """The borders, and the columns of `patches`."""
    windows, data = spec.windows, spec.data
    firsts = np.unique(windows[:, 0])
    forks = firsts[firsts > 0]
    bars = np.unique(np.concatenate([windows[:, 1], forks]))
    closing = np.argsort(windows[:, 1], kind="stable")
    stops = np.array([windows[windows[:, 0] == first, 1].max() for first in forks], np.int64)
    spans = [days.span(data.first_of(int(a)), data.first_of(int(b)) - 1) for a, b in zip(forks, stops, strict=True)]
    lengths = np.array([stop - first for first, stop in spans], np.int64)
    shift = np.array([first for first, _ in spans], np.int64) - (np.cumsum(lengths) - lengths)
    day = np.array([days.span(data.first_of(int(first)), 0)[0] for first in windows[:, 0]], np.int64)
    places = np.searchsorted(forks, windows[:, 0])
    borders = Borders(
        bar=bars,
        fork=np.array([int(np.searchsorted(forks, bar)) if bar in forks else -1 for bar in bars], np.int64),
        ends=np.searchsorted(windows[closing, 1], np.append(bars, _NEVER)),
        closing=closing,
        fork_day=np.array([first for first, _ in spans], np.int64),
        fork_shift=shift,
        fork_stop=stops,
        window_fork=np.where(windows[:, 0] > 0, places, -1),
        window_day=day,
        window_column=np.concatenate([[0], np.cumsum(_lengths(spec, days))[:-1]]).astype(np.int64),
    )
    return borders, int(lengths.sum())


def _lengths(spec: PassSpec, days: TradingDays) -> np.ndarray:
    spans = [days.span(spec.data.first_of(a), spec.data.first_of(b) - 1) for a, b in spec.windows.tolist()]
    return np.array([stop - first for first, stop in spans], np.int64)


def _states(sets: int, forks: int, days: int, patches: int) -> States:
    return States(
        ints=np.zeros((sets, 1 + forks, INTS), np.int64),
        floats=np.zeros((sets, 1 + forks, FLOATS)),
        whole=np.zeros((sets, 1 + forks, A_INTS), np.int64),
        part=np.zeros((sets, 1 + forks, A_FLOATS)),
        returns=np.zeros((sets, days)),
        patches=np.zeros((sets, patches)),
        mode=np.zeros((sets, forks), np.int64),
        merged=np.zeros((sets, forks, F_KEPT)),
        cuts=np.zeros((sets, 2 * forks + 1, C_KEPT)),
        made=np.zeros(sets, np.int64),
        at=np.zeros(3, np.int64),
    )


def _room(size: int, *, full: bool) -> Room:
    rest = size if full else 0
    ledger: Ledger = new_ledger(rest + 2)
    return Room(
        words=np.zeros((kernels_onepass.ROWS, size // 64 + 1), np.uint64),
        found=new_found(size + 2),
        events=np.empty(rest, np.int64),
        edges=np.empty(rest, np.uint8),
        levels=np.empty((rest, N_LEVELS)),
        ledger=ledger,
    )
