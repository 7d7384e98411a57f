"""Expressions of a person over all symbols of a market: watchlist columns and filters, live.

Nothing here is part of the signals: it reads what they read (closed bars, the running ones) and keeps its own state, so
it can be changed at any moment. One thread does all of it, but for `Recent.begin`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.timeframes import timeframe_ms
from engine.rules.context import Context
from engine.rules.machine import Machine, bar_columns
from engine.rules.series import series_program

#: bars of every lane that are kept in memory, so that a new expression has its values at once
DEPTH = 500
#: rows that are given their history in one call
CHUNK = 64


class Edge(NamedTuple):
    """A condition that has become true with a bar's close. ts: open time of the bar."""

    item: int
    row: int
    ts: int
    price: float


class Recent:
    """The newest DEPTH closed bars of every lane, in memory."""

    def __init__(self, lanes: int, depth: int = DEPTH) -> None:
        self.depth = depth
        self._bars = np.zeros((lanes, depth), CANDLE_DTYPE)
        #: bars that a lane has been given
        self._count = np.zeros(lanes, np.int64)
        self._last = np.full(lanes, -1, np.int64)
        self._begun: set[int] = set()
        self._waiting: deque[tuple[int, np.ndarray]] = deque()

    def begin(self, lane: int, bars: np.ndarray) -> None:
        """A lane's history anew: final bars (CANDLE_DTYPE), oldest first; before any bar closes that follows them. May
        be called on any thread."""
        self._waiting.append((lane, bars[-self.depth :].copy()))

    def begun(self) -> set[int]:
        """Lanes that were begun since the last call."""
        found, self._begun = self._begun, set()
        return found

    def close(self, lanes: np.ndarray, bars: np.ndarray) -> None:
        """Closed bars (any records with a candle's fields), in order; what a lane has seen already is passed over."""
        while self._waiting:
            lane, part = self._waiting.popleft()
            self._bars[lane, : len(part)] = part
            self._count[lane] = len(part)
            self._last[lane] = part["ts"][-1] if len(part) else -1
            self._begun.add(lane)
        for at in rounds(lanes):
            fresh = at[(bars["ts"][at] > self._last[lanes[at]]) & (self._count[lanes[at]] > 0)]
            where, place = lanes[fresh], self._count[lanes[fresh]] % self.depth
            for name in CANDLE_DTYPE.names or ():
                self._bars[name][where, place] = bars[name][fresh]
            self._last[where] = bars["ts"][fresh]
            self._count[where] += 1

    def blocks(self, lanes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(lanes, bars[lanes, n]) in blocks of equal length; lanes without bars are left out."""
        have = np.minimum(self._count[lanes], self.depth)
        for length in np.unique(have[have > 0]).tolist():
            same = lanes[have == length]
            for k in range(0, len(same), CHUNK):
                some = same[k : k + CHUNK]
                first = np.maximum(self._count[some] - self.depth, 0)
                yield some, self._bars[some[:, None], (first[:, None] + np.arange(length)) % self.depth]


class Screen:
    """Values of some expressions for all rows of one market on one timeframe.

    closed, values: float32[items, rows], of the last closed bar and of the running one; nan while a row's history is
    too short. A condition is 1 or 0.
    """

    def __init__(self, expressions: Sequence[str], timeframe: str, day: str, rows: int) -> None:
        program = series_program(expressions, Context(timeframe, day))
        self._machine = Machine(program, rows)
        self._needed = program.value_warmup
        self._length = timeframe_ms(timeframe)
        self._last = np.full(rows, -1, np.int64)
        self.closed = np.full((len(expressions), rows), np.nan, np.float32)
        self.values = self.closed.copy()
        self._price = np.full(rows, np.nan)

    def begin(self, rows: np.ndarray, bars: np.ndarray, funding: np.ndarray) -> None:
        """Give rows their history: bars CANDLE_DTYPE[rows, n], n > 0. funding: by row of the market."""
        self._machine.reset(rows)
        values = self._run(rows, bars, funding, commit=True)
        self.closed[:, rows] = self.values[:, rows] = values
        self._last[rows], self._price[rows] = bars["ts"][:, -1], bars["close"][:, -1]

    def close(self, rows: np.ndarray, bars: np.ndarray, funding: np.ndarray) -> list[Edge]:
        """Closed bars, in order; those that a row has seen, and those of rows without a history, are passed over.
        Returns what has become true that was not on the bar before."""
        edges: list[Edge] = []
        for at in rounds(rows):
            at = at[(bars["ts"][at] > self._last[rows[at]]) & (self._last[rows[at]] >= 0)]
            if not len(at):
                continue
            some = rows[at]
            now = self._run(some, bars[at][:, None], funding, commit=True)
            before = self.closed[:, some]
            for item, k in zip(*np.nonzero((before == 0) & (now == 1)), strict=True):
                edges.append(Edge(int(item), int(some[k]), int(bars["ts"][at[k]]), float(bars["close"][at[k]])))
            self.closed[:, some] = self.values[:, some] = now
            self._last[some] = bars["ts"][at]
        return edges

    def preview(self, rows: np.ndarray, bars: np.ndarray, funding: np.ndarray) -> None:
        """`values` with the running bars (one a row) of these rows; state stays as it is."""
        usable = np.flatnonzero((bars["ts"] > self._last[rows]) & (self._last[rows] >= 0) & ~np.isnan(bars["close"]))
        if len(usable):
            some = rows[usable]
            self.values[:, some] = self._run(some, bars[usable][:, None], funding, commit=False)

    def _run(self, rows: np.ndarray, bars: np.ndarray, funding: np.ndarray, *, commit: bool) -> np.ndarray:
        """float32[items, rows] after bars[rows, n]."""
        flat = bars.reshape(-1)
        columns = bar_columns(flat, np.repeat(funding[rows], bars.shape[1])).reshape(-1, *bars.shape)
        index = np.ascontiguousarray(bars["ts"] // self._length)
        _, values = self._machine.run(rows, index, columns, commit=commit)
        seen = self._machine.bars_seen[rows] + (0 if commit else 1)
        with np.errstate(over="ignore"):
            last = values[:, :, -1].astype(np.float32)
        last[seen[None, :] <= self._needed[:, None]] = np.nan
        return last


def rounds(lanes: np.ndarray) -> Iterator[np.ndarray]:
    """Positions, each round with a lane at most once, so that a lane's bars keep their order."""
    left = np.arange(len(lanes))
    while len(left):
        first = np.sort(np.unique(lanes[left], return_index=True)[1])
        yield left[first]
        left = np.delete(left, first)


class Screens:
    """The screens of one market, a timeframe each, and the bars they begin with."""

    def __init__(self, recent: Recent, timeframes: Sequence[str], day: str, rows: int) -> None:
        self._recent = recent
        self._timeframes = tuple(timeframes)
        self._day = day
        self._rows = rows
        self._asked: dict[str, tuple[str, ...]] = {}
        self.made: dict[str, Screen] = {}

    def read(self, closed: np.ndarray) -> None:
        """Closed bars (CLOSED_DTYPE) while nothing is asked: they are only kept."""
        self._recent.close(self._lanes(closed), closed)

    def step(
        self,
        asked: Mapping[str, tuple[str, ...]],
        closed: np.ndarray,
        running: np.ndarray,
        joined: np.ndarray,
        funding: np.ndarray,
    ) -> dict[str, list[Edge]]:
        """Bring everything up to now. asked: expressions by timeframe. running: CANDLE_DTYPE[lanes], and whether each
        directly follows what has closed. Returns, by timeframe, what became true with the closed bars."""
        count = len(self._timeframes)
        self.read(closed)
        begun = np.array(sorted(self._recent.begun()), np.int64)
        edges: dict[str, list[Edge]] = {}
        for timeframe in self.made.keys() - asked.keys():
            del self.made[timeframe]
        for timeframe, expressions in asked.items():
            tf = self._timeframes.index(timeframe)
            screen, anew = self.made.get(timeframe), begun[begun % count == tf]
            if screen is None or self._asked.get(timeframe) != expressions:
                screen = self.made[timeframe] = Screen(expressions, timeframe, self._day, self._rows)
                anew = np.arange(self._rows) * count + tf
            for lanes, bars in self._recent.blocks(anew):
                screen.begin(lanes // count, bars, funding)
            mine = closed[closed["tf"] == tf]
            edges[timeframe] = screen.close(mine["row"].astype(np.int64), mine, funding)
            lanes = np.flatnonzero(joined[tf::count]) * count + tf
            screen.preview(lanes // count, running[lanes], funding)
        self._asked = dict(asked)
        return edges

    def _lanes(self, closed: np.ndarray) -> np.ndarray:
        return closed["row"].astype(np.int64) * len(self._timeframes) + closed["tf"]
