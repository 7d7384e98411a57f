"""The vector machine: a program, the state of its lanes, and the scratch it runs in. Not thread-safe: one a thread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.contracts.dtypes import PRICE_COLUMNS
from engine.indicators.graph import INPUTS
from engine.rules.kernels import interpreter
from engine.rules.program import Program

#: elements of a register: registers of a usual program fit the second-level cache
TILE = 2048
#: the same where one lane is run through a history: as many as fit into this many bytes with all registers, since long
#: stretches let a recursion's chunks run side by side
HISTORY_BYTES, WIDEST = 1 << 19, 16_384
#: elements beyond a tile: its bars close at most one longer bar more than they are
ROOM = 8

#: compiled when this is loaded, not with the first bars
execute = interpreter()


def _tile(registers: int) -> int:
    """Elements of each of so many registers of a machine with one lane."""
    fitting = HISTORY_BYTES // (8 * registers)
    return int(min(max(TILE, fitting), WIDEST))


class Machine:
    """Runs one program over any number of lanes, each with its own state.

    Live: lanes = symbols x timeframes, one bar a call. Back-test: one lane, many bars a call. Any split of the bars
    into calls gives the same bits.
    """

    def __init__(self, program: Program, lanes: int, *, filled: bool = True) -> None:
        """filled: False where each lane is set before it is run; filling a thousand of them takes a tenth of a second,
        and their memory is not taken before."""
        self.program = program
        self.lanes = lanes
        self._state = np.empty((program.n_state, lanes))
        #: int64 (lanes): bars committed since the lane's last reset
        self.bars_seen = np.zeros(lanes, np.int64)
        tile = TILE if lanes > 1 else _tile(program.n_registers + 2)
        self._registers = np.zeros((program.n_registers + 2, tile + ROOM))
        for register, value in program.constants:
            self._registers[register] = value
        self._slots = np.empty(program.most_slots)
        self._spare = np.empty(3 * max(program.most_slots, tile + ROOM))
        self._due = np.empty(tile, np.int64)
        self._work = np.empty((3, tile + ROOM), np.int64)
        #: addresses of the registers' values
        self._places = np.empty(len(self._registers), np.int64)
        self._all = np.arange(lanes, dtype=np.int64)
        if filled:
            self.reset()

    def reset(self, lanes: NDArray[np.int64] | None = None) -> None:
        """Forget everything of these lanes (all when None)."""
        where = slice(None) if lanes is None else lanes
        self._state[:, where] = self.program.initial[:, None]
        self.bars_seen[where] = 0

    def lane(self, lane: int) -> tuple[NDArray[np.float64], int]:
        """A copy of one lane's state (slots,), and the bars it has seen."""
        return self._state[:, lane].copy(), int(self.bars_seen[lane])

    def set_lane(self, lane: int, state: NDArray[np.float64], bars_seen: int) -> None:
        """Put what `lane` gave, here or on another machine of the same program, into a lane."""
        self._state[:, lane] = state
        self.bars_seen[lane] = bars_seen

    def state(self) -> NDArray[np.float64]:
        """The live state (slots, lanes); for looking at, not for changing."""
        return self._state

    def run(
        self,
        lanes: NDArray[np.int64] | None,
        index: NDArray[np.int64],
        bars: NDArray[np.float64],
        *,
        commit: bool,
        conditions: NDArray[np.uint8] | None = None,
        values: NDArray[np.float64] | None = None,
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Feed T bars to the given lanes (all when None; each at most once).

        index int64 (L, T): open time // length of the timeframe, increasing along T and from call to call
        (reset a lane before feeding it earlier bars again).
        bars float64 (6, L, T): open, high, low, close, volume, funding. Returns conditions uint8 (n_conditions, L, T)
        and values float64 (n_values, L, T), or fills the given C-contiguous arrays. commit False computes the outputs
        of these bars and leaves all state as it was (the running bar); then T is at most TILE.

        A call costs some microseconds before its first bar: give a back-test 16,000 bars or more at once.
        """
        rows = self._all if lanes is None else np.ascontiguousarray(lanes, np.int64)
        if not rows.flags.writeable:
            rows = rows.copy()
        if rows.size and lanes is not None and not (rows.min() >= 0 and rows.max() < self.lanes):
            raise ValueError(f"lanes from {rows.min()} to {rows.max()}, but there are {self.lanes}")
        shape = (rows.size, index.shape[1])
        if index.shape != shape or bars.shape != (len(INPUTS), *shape):
            raise ValueError(f"index {index.shape} and bars {bars.shape} do not fit {rows.size} lanes")
        if not commit and shape[1] > TILE:
            raise ValueError(f"a preview takes at most {TILE} bars, not {shape[1]}")
        if conditions is None:
            conditions = np.empty((self.program.n_conditions, *shape), np.uint8)
        if values is None:
            values = np.empty((self.program.n_values, *shape))
        if conditions.shape != (self.program.n_conditions, *shape) or values.shape != (self.program.n_values, *shape):
            raise ValueError(f"outputs {conditions.shape} and {values.shape} do not fit the program and {shape}")
        if not (conditions.flags.c_contiguous and values.flags.c_contiguous):
            raise ValueError("outputs must be C-contiguous")
        if index.size:
            execute(
                self.program.code,
                self.program.sections,
                self.program.params,
                self.program.inputs,
                self._state,
                self.bars_seen,
                rows,
                index,
                bars,
                self._registers,
                self._slots,
                self._spare,
                self._due,
                self._work,
                self._places,
                commit,
                conditions,
                values,
            )
        return conditions, values

    def warming(self) -> NDArray[np.bool_]:
        """Lanes (bool, lanes) that have not yet had the bars the whole program needs."""
        return self.bars_seen <= self.program.warmup

    def settling(self) -> NDArray[np.bool_]:
        """Lanes whose bits still depend on where they began."""
        return self.bars_seen <= self.program.memory


def bar_columns(bars: NDArray[np.void], funding: NDArray[np.float64] | float = np.nan) -> NDArray[np.float64]:
    """Records with the candle's fields -> float64 (6, n), the columns that `Machine.run` takes."""
    columns = np.empty((len(INPUTS), len(bars)))
    for row, name in enumerate(PRICE_COLUMNS):
        columns[row] = bars[name]
    columns[len(PRICE_COLUMNS)] = funding
    return columns


def run_series(
    program: Program, index: NDArray[np.int64], bars: NDArray[np.float64]
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A whole history of one lane: index (T,), bars (6, T), or (5, T) without funding -> conditions (n, T), values
    (n, T)."""
    if len(bars) == len(PRICE_COLUMNS):
        bars = np.concatenate([bars, np.full((1, index.size), np.nan)])
    conditions, values = Machine(program, 1).run(None, index[None], bars[:, None], commit=True)
    return conditions[:, 0], values[:, 0]
