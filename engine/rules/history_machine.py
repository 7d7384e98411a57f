"""The history machine: a history program, its state, and the series that it is run through, block by block."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.indicators.graph import INPUTS
from engine.rules import kernels_history as h
from engine.rules.history_program import HistoryProgram
from engine.rules.kernels_doubling import room

#: bars of a word of bits
WORD = 64
#: bytes that all registers may take: they stay in the second-level cache
CACHE = 1 << 19
#: bars of a tile
NARROWEST, WIDEST = 2048, 16_384
#: numbers beside a row that may be read (never written) in groups of eight
_MARGIN = 64
#: numbers of a cache line
_LINE = 8


def _lines(rows: int, width: int, value: float = 0.0) -> NDArray[np.float64]:
    """float64 (rows, at least width), each row at the beginning of a cache line: a read across two takes longer."""
    width = -(-width // _LINE) * _LINE
    room = np.full(rows * width + _LINE, value)
    begin = -room.ctypes.data % (8 * _LINE) // 8
    return room[begin : begin + rows * width].reshape(rows, width)


class Series(NamedTuple):
    """One series as the history machine reads it; many machines may share it.

    at float64 (n + 64): open time // length of the timeframe, increasing; what is behind its n bars says nothing.
    columns float64 (6, n + 64 at least): open, high, low, close, volume, funding. size: n.
    """

    at: NDArray[np.float64]
    columns: NDArray[np.float64]
    size: int

    @classmethod
    def empty(cls, size: int) -> Series:
        """Of that many bars, all nan."""
        return cls(np.zeros(size + _MARGIN), _lines(len(INPUTS), size + _MARGIN, np.nan), size)


class Runner(NamedTuple):
    """What a kernel needs to run a machine (see kernels_history.enter): address of the kernel and of its table, and
    what is written: bits uint64 (conditions, words), values float64 (values, bars)."""

    entry: int
    table: int
    bits: NDArray[np.uint64]
    values: NDArray[np.float64]


def series_of(index: NDArray[np.int64], columns: NDArray[np.float64]) -> Series:
    """index (T,), columns (6, T)."""
    made = Series.empty(index.size)
    made.at[: made.size], made.columns[:, : made.size] = index, columns
    return made


class HistoryMachine:
    """Runs one program once through one series, in blocks of at most `size` bars, each where the last one ended.

    Of one thread at a time. It must live as long as its runner is used.
    """

    def __init__(self, program: HistoryProgram, series: Series, size: int) -> None:
        self.program, self.series = program, series
        self.size = -(-size // WORD) * WORD
        tile = CACHE // (8 * max(1, program.n_registers + program.n_values)) // WORD * WORD
        tile = min(max(tile, NARROWEST), WIDEST, self.size)
        #: uint64 (conditions, words): bit i of word w is bar 64 w + i of the block; 0 beyond its end and while warming
        self.bits = np.zeros((program.n_conditions, self.size // WORD), np.uint64)
        #: float64 (values, bars)
        self.values = _lines(program.n_values, self.size, np.nan)
        width = tile + _MARGIN
        self._registers = _lines(max(1, program.n_registers), width)
        for register, value in program.filled:
            self._registers[register] = value
        self._words = np.zeros((program.n_words, width // WORD + 1), np.uint64)
        for row, truth in program.truths:
            self._words[row] = np.uint64(0xFFFFFFFFFFFFFFFF) if truth else 0
        self._state = program.initial.copy()
        self._when, self._work = np.empty(width), np.empty(width, np.int64)
        spare = max(room(program.window, tile), 3 * (tile + 2 * program.window + _MARGIN))
        self._spare = _lines(1, spare)[0]
        self._seen = np.zeros(len(program.sections), np.int64)
        first, last = program.sections[-1, 4:]
        places = program.n_registers + len(program.constants) + int(last - first) + program.n_values
        self._places, self._steps = np.zeros(places, np.int64), np.full(places, 64, np.int64)
        row = self._registers.strides[0]
        self._places[: program.n_registers] = self._registers.ctypes.data + np.arange(program.n_registers) * row
        begin = program.n_registers
        for number in range(len(program.constants)):
            self._places[begin + number] = program.constants.ctypes.data + 64 * number
            self._steps[begin + number] = 0
        self._kernel = h.history_kernel()
        self._table = self._made_table(tile)
        self._reached = 0

    def _made_table(self, tile: int) -> NDArray[np.int64]:
        program, series = self.program, self.series
        table = np.zeros(h.N_TABLE, np.int64)
        arrays: list[tuple[int, NDArray[Any]]] = [
            (h.CODE, program.code), (h.SECTIONS, program.sections), (h.PARAMS, program.params),
            (h.INPUTS, program.inputs), (h.STATE, self._state), (h.PLACES, self._places), (h.STEPS, self._steps),
            (h.REGISTERS, self._registers), (h.WORDS, self._words), (h.WHEN, self._when), (h.WORK, self._work),
            (h.SPARE, self._spare), (h.SEEN, self._seen), (h.AT, series.at), (h.COLUMNS, series.columns),
            (h.BITS, self.bits), (h.VALUES, self.values),
        ]  # fmt: skip
        for slot, array in arrays:
            table[slot] = array.ctypes.data
        counts = {
            h.LINES: len(program.code), h.N_SECTIONS: len(program.sections), h.N_PARAMS: program.params.size,
            h.N_INPUTS: len(program.inputs), h.N_STATE: self._state.size, h.N_PLACES: self._places.size,
            h.N_REGISTERS: len(self._registers), h.WIDTH: self._registers.shape[1],
            h.WORD_WIDTH: self._words.shape[1], h.N_SPARE: self._spare.size, h.TILE: tile,
            h.COLUMN_STEP: series.columns.shape[1], h.BITS_STEP: self.bits.shape[1],
            h.VALUES_STEP: self.values.shape[1], h.N_VALUES: program.n_values, h.N_BITS: program.n_conditions,
        }  # fmt: skip
        for slot, count in counts.items():
            table[slot] = count
        return table

    @property
    def runner(self) -> Runner:
        """For a kernel, which then has the duties of run()."""
        return Runner(self._kernel.address, self._table.ctypes.data, self.bits, self.values)

    def run(self, start: int, stop: int) -> None:
        """The next block of the series into `bits` and `values`: start is where the last one stopped, and a multiple of
        64."""
        if start != self._reached or start % WORD or not start <= stop <= min(start + self.size, self.series.size):
            raise ValueError(f"bars {start} to {stop} do not follow {self._reached} in blocks of {self.size}")
        self._reached = stop
        h.enter(self._kernel.address, self._table.ctypes.data, start, stop)
