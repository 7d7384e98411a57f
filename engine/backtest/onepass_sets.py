"""One pass of all sets over the series: the arrays of kernels_windows, and what they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.backtest import kernels_onepass, kernels_windows
from engine.backtest.data import BarData
from engine.backtest.days import TradingDays
from engine.backtest.fills import FLOATS, INTS, Ledger, Tape, Terms, new_ledger
from engine.backtest.kernels_onepass import COARSE, FINE, FIXED, MOVING, PLAIN, Range, new_found
from engine.backtest.kernels_onepass_money import A_FLOATS, A_INTS, Money
from engine.backtest.kernels_windows import Borders, Results, Room, Rules, States, Trace
from engine.contracts.errors import Cancelled
from engine.signals.history import Levels, Plan
from engine.signals.types import EVEN_AFTER, LONG_STOP, MARKET, N_LEVELS, SHORT_TARGET, TRAIL_BY

if TYPE_CHECKING:
    from engine.backtest.onepass import PassSpec, WindowSeries

#: bars of a block: prices and levels of so many stay in the second-level cache while all sets pass over them
SIZE = 8192
_NEVER = 1 << 62
#: (start, stop, columns, bits, values), see history.run_bits
Bits = tuple[int, int, np.ndarray, np.ndarray, np.ndarray]


class Passed(NamedTuple):
    """What a pass leaves beside its result. gone: the (set, window) pairs whose equity was gone, which are to be run on
    their own (window -1: the whole series); the first trades, as many as were asked for; the states at the end."""

    gone: list[tuple[int, int]]
    trace: Trace
    states: States
    borders: Borders


def run(
    spec: PassSpec,
    made: Plan,
    blocks: Iterable[Bits],
    days: TradingDays,
    out: WindowSeries,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    trace: int = 0,
) -> Passed:
    """Fill `out`. made: the plan of spec's sets; blocks: as history.run_bits gives them, of at most SIZE bars."""
    data, terms, tape = spec.data, _terms(spec.terms), spec.data.tape(spec.funding)
    rules, money = rules_of(made), _money(spec, tape, days)
    borders, patches = _borders(spec, days)
    states = _states(len(made.levels), len(borders.fork_day), len(days.ts), patches)
    room = _room(SIZE, resting=rules.resting)
    alone = np.zeros((len(made.levels), len(spec.windows) + 1), np.uint8)
    results = Results(out.returns, out.trades, out.sums, alone)
    kept = Trace(np.zeros((trace, 9), np.int64), np.zeros((trace, 2)), np.zeros(1, np.int64))
    spans = Spans(data)
    kernels_windows.begin(states)
    kernels_windows.pass_border(0, tape, terms, money, borders, states, results)
    n = len(data.bars)
    for start, stop, columns, bits, values in blocks:
        if cancelled is not None and cancelled():
            raise Cancelled("The walk-forward was stopped.", where=f"bar {start} of {n}")
        kernels_windows.pass_block(
            start, stop, bits, values, rules, spans.block(start, columns), tape, terms, money, borders, states, room,
            results, kept,
        )  # fmt: skip
        if progress is not None:
            progress(stop / n)
    kernels_windows.finish(n - 1, tape, terms, money, states, np.empty(6), alone)
    out.whole[:] = states.returns
    gone = [(int(s), int(w) if w < len(spec.windows) else -1) for s, w in np.argwhere(alone)]
    return Passed(gone, kept, states, borders)


class Spans:
    """Highs and lows of the minutes of each block, and of groups of minutes of the whole series."""

    def __init__(self, data: BarData) -> None:
        groups = []
        for shift in (FINE, COARSE):
            size = (len(data.minutes) >> shift) + 1
            top, bottom = np.empty(size), np.empty(size)
            kernels_onepass.heap_up(data.minutes, top, bottom, shift)
            groups += [top, bottom]
        self._groups = tuple(groups)
        self._minutes: tuple[np.ndarray, np.ndarray] | None = None
        if len(data.first_minute):
            self._minutes = np.ascontiguousarray(data.minutes["high"]), np.ascontiguousarray(data.minutes["low"])

    def block(self, start: int, columns: np.ndarray) -> Range:
        """Of the block that begins with bar `start`."""
        highs, lows = columns[1, 0], columns[2, 0]
        if self._minutes is None:
            return Range(highs, lows, start, highs, lows, *self._groups)
        return Range(*self._minutes, 0, highs, lows, *self._groups)


def rules_of(made: Plan) -> Rules:
    """The sets of a plan as the kernels take them."""
    return Rules(
        columns=np.array([level.columns for level in made.levels]),
        constants=np.array([level.constants for level in made.levels]),
        kinds=np.array([_kind(level) for level in made.levels], np.int64),
        orders=np.array(made.orders, np.int64),
        resting=any((order.long_kind, order.short_kind) != (MARKET, MARKET) for order in made.orders),
    )


def _kind(levels: Levels) -> int:
    """PLAIN, FIXED or MOVING."""
    given = (levels.columns >= 0) | ~np.isnan(levels.constants)
    if given[TRAIL_BY] or given[EVEN_AFTER]:
        return MOVING
    return FIXED if given[LONG_STOP : SHORT_TARGET + 1].any() else PLAIN


def _terms(terms: Terms) -> Terms:
    """Trades without money: each of the same amount, so that none is ever too large. Their money is counted apart."""
    return terms._replace(by_fraction=False, size=1.0)


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
        merged=np.zeros((sets, forks, kernels_windows.F_KEPT)),
        cuts=np.zeros((sets, 2 * forks + 1, kernels_windows.C_KEPT)),
        made=np.zeros(sets, np.int64),
        at=np.zeros(2, np.int64),
    )


def _room(size: int, *, resting: bool) -> Room:
    rest = size if resting else 0
    ledger: Ledger = new_ledger(rest + 2)
    return Room(
        words=np.zeros((kernels_onepass.ROWS, size // 64 + 1), np.uint64),
        found=new_found(size + 2),
        events=np.empty(rest, np.int64),
        edges=np.empty(rest, np.uint8),
        levels=np.empty((rest, N_LEVELS)),
        ledger=ledger,
    )
