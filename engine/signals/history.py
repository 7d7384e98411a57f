"""The same pipeline over a whole history: what a back-test reads, and what live is checked against."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.contracts.timeframes import timeframe_ms
from engine.indicators.graph import INPUTS, Node
from engine.rules.history_machine import WORD, HistoryMachine, Series
from engine.rules.history_program import HistoryProgram, compile_history
from engine.rules.machine import Machine
from engine.rules.program import Program, compile_program
from engine.rules.strategy import Bound, StrategyProgram
from engine.signals.kernels import columns_of
from engine.signals.kernels_events import events_of, events_of_bits
from engine.signals.types import AT_MARKET, LIMIT_ORDER, MARKET, N_LEVELS, SLOTS, STOP_ORDER, Orders

#: bars whose columns and outputs stay in the cache between the passes over them; any split gives the same bits
BLOCK = 16_384
_KINDS = {"": MARKET, "stop": STOP_ORDER, "limit": LIMIT_ORDER}


class Events(NamedTuple):
    """The bars with an edge: events int64[e] ascending, edges uint8[e] (bits of signals.types), levels
    float64[r, N_LEVELS], a row for each of them with an entry."""

    events: np.ndarray
    edges: np.ndarray
    levels: np.ndarray


class Block(NamedTuple):
    """Bars start .. stop-1 of a series: their columns float64[c, stop-start] in the order of INPUTS, of which high,
    low and close are always filled, and the events among them. The arrays are overwritten by the next block."""

    start: int
    stop: int
    columns: np.ndarray
    found: Events


class Decisions(NamedTuple):
    """Of one strategy over n bars: masks uint8[4, n], the edges of SLOTS in order, 0 while warming; the events of
    them, with the levels at the bars with an entry; and how they become orders."""

    masks: np.ndarray
    found: Events
    orders: Orders = AT_MARKET

    def blocks(self, bars: np.ndarray, timeframe: str) -> Iterator[Block]:
        """The same in blocks. bars: CANDLE_DTYPE[n], those it was decided on."""
        events, edges, levels = self.found
        rows = np.concatenate([[0], np.cumsum((edges & 5) != 0)])
        for start, stop, _, columns in _columns(bars, timeframe, BLOCK):
            a, b = np.searchsorted(events, (start, stop))
            yield Block(start, stop, columns[:, 0], Events(events[a:b], edges[a:b], levels[rows[a] : rows[b]]))


class Levels(NamedTuple):
    """Where the levels of one strategy stand: columns int64[N_LEVELS], row of the program's values or -1, then it is
    that of constants float64[N_LEVELS]."""

    columns: np.ndarray
    constants: np.ndarray


@dataclass(frozen=True)
class Plan:
    """The conditions of some strategies, four each in the order of SLOTS, and those of their levels that change.

    program: for the machine of lanes; history: for the history machine. Both say the same; each is compiled when it is
    first asked for."""

    conditions: tuple[Node, ...]
    values: tuple[Node, ...]
    levels: tuple[Levels, ...]
    orders: tuple[Orders, ...]

    @cached_property
    def program(self) -> Program:
        return compile_program(self.conditions, self.values)

    @cached_property
    def history(self) -> HistoryProgram:
        return compile_history(self.conditions, self.values)


class Stream:
    """One strategy decided block by block while it is read: nothing of it is kept."""

    def __init__(self, bound: Bound, funding: np.ndarray | None = None) -> None:
        """bound: to the timeframe of the bars. funding: as decide() takes it."""
        self.plan = plan([bound])
        self.funding = funding

    @property
    def orders(self) -> Orders:
        return self.plan.orders[0]

    def blocks(self, bars: np.ndarray, timeframe: str) -> Iterator[Block]:
        """Decide as the blocks are asked for. bars: CANDLE_DTYPE, final bars, oldest first."""
        series, levels = SERIES.of(bars, timeframe, self.funding), self.plan.levels[0]
        machine = prepare(self.plan, series, size=2 * BLOCK)
        room = _room(machine.size)
        for start in range(0, series.size, machine.size):
            stop = min(series.size, start + machine.size)
            machine.run(start, stop)
            bits = machine.bits[:, : -(-(stop - start) // WORD)]
            count, entries = events_of_bits(bits, machine.values, levels.columns, levels.constants, start, *room)
            found = Events(room.events[:count], room.edges[:count], room.levels[:entries])
            yield Block(start, stop, series.columns[:, start:stop], found)


def orders_of(bound: Bound) -> Orders:
    """How the entries of a bound strategy are made."""
    return Orders(_KINDS[bound.long_order], _KINDS[bound.short_order], bound.entry_valid, bound.time_stop)


def plan(bounds: Sequence[Bound]) -> Plan:
    """One program of all of them; what they share is computed once, levels that never change not at all."""
    rows: dict[Node, int] = {}
    found = []
    for bound in bounds:
        columns, constants = np.full(N_LEVELS, -1, np.int64), np.full(N_LEVELS, math.nan)
        for number, node in enumerate(bound.levels):
            if node.is_const:
                constants[number] = node.value
            else:
                columns[number] = rows.setdefault(node, len(rows))
        found.append(Levels(columns, constants))
    conditions = tuple(node for bound in bounds for node in bound.conditions)
    return Plan(conditions, tuple(rows), tuple(found), tuple(orders_of(bound) for bound in bounds))


def decide(
    strategies: StrategyProgram, bars: np.ndarray, timeframe: str, funding: np.ndarray | None = None
) -> list[Decisions]:
    """Decisions of every strategy of the program over one series (CANDLE_DTYPE, final bars, oldest first).

    The program is bound to this timeframe. funding: float64[n], the last settled rate known at each bar's close."""
    made = plan(strategies.bounds)
    masks = np.empty((len(strategies.bounds), len(SLOTS), len(bars)), np.uint8)
    kept: list[list[Events]] = [[] for _ in made.levels]
    room = _room(BLOCK)
    for start, stop, _, conditions, values in run_blocks(made.program, bars, timeframe, funding=funding):
        parts = conditions.reshape(len(made.levels), len(SLOTS), stop - start)
        masks[:, :, start:stop] = parts
        for part, levels, keep in zip(parts, made.levels, kept):
            found = _found(part, values, levels, start, room)
            if len(found.events):
                keep.append(Events(*(column.copy() for column in found)))
    return [Decisions(m, _joined(k), o) for m, k, o in zip(masks, kept, made.orders, strict=True)]


def decisions_of(masks: np.ndarray, levels: np.ndarray, orders: Orders = AT_MARKET) -> Decisions:
    """Decisions from masks uint8[4, n] and levels float64[N_LEVELS, n], for those that have both in full."""
    at, room = Levels(np.arange(N_LEVELS), np.full(N_LEVELS, math.nan)), _room(masks.shape[1])
    found = _found(np.ascontiguousarray(masks), np.ascontiguousarray(levels), at, 0, room)
    return Decisions(masks, found, orders)


def run_blocks(
    program: Program,
    bars: np.ndarray,
    timeframe: str,
    *,
    size: int | None = None,
    funding: np.ndarray | None = None,
) -> Iterator[tuple[int, int, np.ndarray, np.ndarray, np.ndarray]]:
    """(start, stop, columns (c, 1, t), conditions (n, t), values (v, t)) of each block; overwritten by the next."""
    machine = Machine(program, 1)
    size = min(size or BLOCK, max(len(bars), 1))
    # nearly half of the reading is saved where only high, low and close are asked for
    ends = bool(np.isin(program.inputs[:, 0], (INPUTS.index("open"), INPUTS.index("volume"))).any())
    conditions, values = np.empty((program.n_conditions, size), np.uint8), np.empty((program.n_values, size))
    for start, stop, index, columns in _columns(bars, timeframe, size, funding, ends=ends):
        if stop - start < size:
            conditions, values = conditions[:, : stop - start].copy(), values[:, : stop - start].copy()
        machine.run(None, index, columns, commit=True, conditions=conditions[:, None], values=values[:, None])
        yield start, stop, columns, conditions, values


def open_series(bars: np.ndarray, timeframe: str, funding: np.ndarray | None = None) -> Series:
    """CANDLE_DTYPE, final bars, oldest first, as the history machine reads them: 56 bytes a bar. Any number of machines
    and threads may read one series, so a series is opened once for all strategies. funding: as decide() takes it."""
    size = len(bars)
    made = Series.empty(size)
    index, columns = np.empty(size, np.int64), made.columns[:, None, :size]
    rows = np.ascontiguousarray(bars).view()
    rows.flags.writeable = False
    columns_of(rows, timeframe_ms(timeframe), True, index, columns)
    made.at[:size] = index
    if funding is not None:
        made.columns[-1, :size] = funding
    return made


class LastSeries:
    """open_series() of the bars asked for last, kept as long as these are: runs over the same bars open them once. Of
    several threads that ask at once each may open its own."""

    def __init__(self) -> None:
        self._kept: tuple[weakref.ref[np.ndarray], str, np.ndarray | None, Series] | None = None

    def of(self, bars: np.ndarray, timeframe: str, funding: np.ndarray | None = None) -> Series:
        """open_series(bars, timeframe, funding), or what it gave before. bars: never changed once handed over."""
        kept = self._kept
        if kept is not None and kept[0]() is bars and kept[1] == timeframe and kept[2] is funding:
            return kept[3]
        self._kept = kept = None
        made = open_series(bars, timeframe, funding)
        self._kept = weakref.ref(bars, self._forget), timeframe, funding, made
        return made

    @property
    def empty(self) -> bool:
        """Whether nothing is kept."""
        return self._kept is None

    def _forget(self, dead: weakref.ref[np.ndarray]) -> None:
        kept = self._kept
        if kept is not None and kept[0] is dead:
            self._kept = None


SERIES = LastSeries()


def prepare(made: Plan, series: Series, *, size: int = BLOCK) -> HistoryMachine:
    """A machine of this plan at the beginning of a series, that runs it in blocks of at most `size` bars (rounded up to
    whole words): run(start, stop) fills its `bits` and `values`, rows as run_bits has them.

    Inside a kernel: `runner = machine.runner` is given to it, and `enter(runner.entry, runner.table, start, stop)` of
    engine.rules.kernels_history runs the next block into runner.bits and runner.values; the machine must be kept alive
    meanwhile, and start is where the last block stopped, a multiple of 64. Bits are only to be read: rows that are
    never true are not written again. One machine is of one thread at a time and goes through its series once."""
    return HistoryMachine(made.history, series, size)


def run_bits(
    made: Plan,
    bars: np.ndarray,
    timeframe: str,
    *,
    size: int = BLOCK,
    funding: np.ndarray | None = None,
) -> Iterator[tuple[int, int, np.ndarray, np.ndarray, np.ndarray]]:
    """(start, stop, columns float64 (c, 1, t), bits uint64 (4 * sets, words), values float64 (v, t)) of each block;
    overwritten by the next.

    Rows in the order of made.levels x SLOTS; bit i of word w is bar start + 64 w + i, 0 from stop on and while warming.
    size: bars of a block, rounded up to whole words."""
    series = open_series(bars, timeframe, funding)
    machine = prepare(made, series, size=size)
    for start in range(0, series.size, machine.size):
        stop = min(series.size, start + machine.size)
        machine.run(start, stop)
        columns = series.columns[:, None, start:stop]
        words = -(-(stop - start) // WORD)
        yield start, stop, columns, machine.bits[:, :words], machine.values[:, : stop - start]


def _columns(
    bars: np.ndarray, timeframe: str, size: int, funding: np.ndarray | None = None, *, ends: bool = False
) -> Iterator[tuple[int, int, np.ndarray, np.ndarray]]:
    """(start, stop, index (1, t), columns (c, 1, t)) of each block of `size` bars: high, low, close, with `ends` also
    open and volume, and the funding; nan where not given."""
    length = timeframe_ms(timeframe)
    size = min(size, max(len(bars), 1))
    index, columns = np.empty(size, np.int64), np.full((len(INPUTS), 1, size), math.nan)
    # read-only whatever is given, so that the kernel is compiled once
    rows = np.ascontiguousarray(bars).view()
    rows.flags.writeable = False
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        if len(part) < size:
            index, columns = index[: len(part)].copy(), columns[:, :, : len(part)].copy()
        columns_of(part, length, ends, index, columns)
        if funding is not None:
            columns[-1, 0] = funding[start : start + len(part)]
        yield start, start + len(part), index[None], columns


def _room(size: int) -> Events:
    return Events(np.empty(size, np.int64), np.empty(size, np.uint8), np.empty((size, N_LEVELS)))


def _found(masks: np.ndarray, values: np.ndarray, levels: Levels, first: int, room: Events) -> Events:
    """The events of a block, in `room`."""
    count, entries = events_of(masks, values, levels.columns, levels.constants, first, *room)
    return Events(room.events[:count], room.edges[:count], room.levels[:entries])


def _joined(parts: list[Events]) -> Events:
    if not parts:
        return _room(0)
    return Events(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
