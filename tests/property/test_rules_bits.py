"""The history machine says what the machine of lanes says, bit for bit: programs made at random, every strategy, any
blocks, bars with holes and numbers that are not there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.rules import history_machine
from engine.rules.history_machine import HistoryMachine, series_of
from engine.rules.history_program import compile_history
from engine.rules.kernels_history import enter
from engine.rules.machine import run_series
from engine.rules.program import compile_program
from engine.runtime.strategies import built_in
from engine.signals.history import open_series, plan, prepare, run_bits, run_blocks
from tests.property.rules_support import bits, made_bars, made_graph
from tests.shared import data

SEEDS = st.integers(0, 2**32 - 1)
Output = tuple[NDArray[np.uint8], NDArray[np.int64]]


def by_words(
    conditions: list[Node], values: list[Node], index: NDArray[np.int64], bars: NDArray[np.float64], size: int
) -> Output:
    """Conditions as 0 and 1 and values as their bits, from the history machine in blocks of `size`."""
    machine = HistoryMachine(compile_history(conditions, values), series_of(index, bars), size)
    said, numbers = [], []
    for start in range(0, index.size, machine.size):
        stop = min(index.size, start + machine.size)
        machine.run(start, stop)
        whole = np.unpackbits(machine.bits.view(np.uint8), axis=1, bitorder="little")
        assert not whole[:, stop - start :].any()
        said.append(whole[:, : stop - start])
        numbers.append(bits(machine.values[:, : stop - start]))
    return np.concatenate(said, 1), np.concatenate(numbers, 1)


def check(conditions: list[Node], values: list[Node], index: NDArray, bars: NDArray, size: int) -> None:
    plain = run_series(compile_program(conditions, values), index, bars)
    found = by_words(conditions, values, index, bars, size)
    for row, node in enumerate(conditions):
        assert np.array_equal(plain[0][row], found[0][row]), node
    for row, node in enumerate(values):
        assert np.array_equal(bits(plain[1])[row], found[1][row]), node


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_machine, "NARROWEST", 64)
    monkeypatch.setattr(history_machine, "WIDEST", 192)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([64, 320, 1024, 100_000]), st.integers(1, 2500))
def test_programs_made_at_random_say_what_the_machine_says(seed: int, size: int, total: int) -> None:
    conditions, values = made_graph(seed, 20, every=True)
    check(conditions, values, *made_bars(seed, total, missing=seed % 3 == 0), size)


@pytest.mark.usefixtures("small_tiles")
def test_tiles_that_end_inside_windows_and_chunks_change_nothing() -> None:
    for seed in range(25):
        conditions, values = made_graph(seed, 20, every=True)
        check(conditions, values, *made_bars(seed, 1100 + seed, missing=seed % 3 == 0), 640)


def _counted(seed: int) -> list[Node]:
    """Comparisons of what counts bars with numbers, on own and on longer bars."""
    rng = np.random.default_rng(seed)
    close = g.source("close", 1 if seed % 2 else 4)
    found = []
    for _ in range(30):
        test = g.greater(close, g.lag(close, int(rng.integers(1, 4))))
        if rng.random() < 0.3:
            test = g.edge(test)
        most = int(rng.choice([1, 2, 5, 63, 64, 65, 130, 1000]))
        limit = g.const(float(rng.choice([-1, -0.5, 0, 0.5, 1, 2, 4.5, 5, 63, 64, 200, np.inf, np.nan])))
        counted = [
            lambda t=test, m=most: g.bars_since(t, m),
            lambda t=test, m=most: g.run_length(t, m),
            lambda t=test, m=most: g.highest(g.number_of(t), m),
            lambda t=test, m=most: g.lowest(g.number_of(t), m),
        ][int(rng.integers(4))]()
        compare = g.greater if rng.random() < 0.5 else g.greater_equal
        pair = (counted, limit) if rng.random() < 0.5 else (limit, counted)
        found.append(g.hold(compare(*pair)))
        found.append(g.hold(g.both(found[-1], g.truth(bool(rng.random() < 0.5)))) if close.frame == 1 else found[-1])
        found.append(g.hold(g.negate(g.rising(close, most))))
        found.append(g.hold(g.within(test, most)))
    return found


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 900), st.sampled_from([64, 256, 100_000]))
def test_counts_of_bars_compared_with_a_number_say_the_same_as_words(seed: int, total: int, size: int) -> None:
    check(_counted(seed), [], *made_bars(seed, total), size)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(2, 300), st.sampled_from([64, 192, 4096]), st.sampled_from([0.0, 0.01, 0.3]))
def test_extremes_and_their_ages_keep_their_bits_among_zeros_and_holes(
    seed: int, n: int, size: int, gaps: float
) -> None:
    rng = np.random.default_rng(seed)
    total = int(rng.integers(1, 1500))
    index, bars = made_bars(seed, total)
    # zeros of both signs, and long stretches of equals
    bars[0] = rng.integers(-2, 3, total) * rng.choice([0.0, 1.0], total, p=[0.7, 0.3])
    bars[1] = np.where(rng.random(total) < gaps, np.nan, bars[0])
    bars[2] = np.repeat(rng.integers(-2, 3, total), 20)[:total]
    values = []
    for name in ("open", "high", "low", "close"):
        x = g.source(name)
        values += [g.highest(x, n), g.lowest(x, n), g.age_of_highest(x, n), g.age_of_lowest(x, n)]
    check([], values, index, bars, size)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.0, 1.0), st.integers(1, 700), st.integers(1, 3), st.sampled_from([1, 3, 64, 100, 5000]))
def test_values_at_events_and_bars_since_them_however_many_there_are(
    seed: int, density: float, total: int, nth: int, most: int
) -> None:
    index, bars = made_bars(seed, total)
    bars[0] = np.random.default_rng(seed).random(total)
    test = g.greater(g.const(density), g.source("open"))
    values = [g.value_at(test, g.source("close"), most, nth), g.bars_since(test, most), g.run_length(test, most)]
    check([test], [*values, g.where(test, g.source("low"), g.const(2.0))], index, bars, 256)


def _candles(total: int, seed: int) -> NDArray[np.void]:
    index, bars = made_bars(seed, total)
    rows = np.zeros(total, CANDLE_DTYPE)
    rows["ts"] = index * 60_000
    for column, name in zip(bars, CANDLE_DTYPE.names[1:], strict=False):
        rows[name] = column
    return rows


def _check_strategies(bars: NDArray[np.void], sets: int, size: int) -> None:
    for strategy in built_in():
        all_sets = strategy.param_sets()
        chosen = [all_sets[i] for i in np.unique(np.linspace(0, len(all_sets) - 1, sets).astype(int))]
        made = plan([strategy.bind(values, "1m") for values in chosen])
        plain = [(c.copy(), v.copy()) for _, _, _, c, v in run_blocks(made.program, bars, "1m")]
        conditions = np.concatenate([c for c, _ in plain], 1)
        values = np.concatenate([v for _, v in plain], 1)
        reached = 0
        for start, stop, columns, words, numbers in run_bits(made, bars, "1m", size=size):
            assert start == reached
            assert start % 64 == 0
            assert np.array_equal(columns[3, 0], bars["close"][start:stop])
            whole = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1, bitorder="little")
            assert np.array_equal(whole[:, : stop - start], conditions[:, start:stop]), strategy.id
            assert not whole[:, stop - start :].any()
            assert np.array_equal(bits(numbers), bits(values[:, start:stop])), strategy.id
            reached = stop
        assert reached == len(bars)


def test_every_strategy_says_the_same_on_made_up_bars() -> None:
    _check_strategies(_candles(7001, 5), 3, 1000)


@pytest.mark.shared
def test_every_strategy_says_the_same_on_real_bars() -> None:
    frame = pl.read_parquet(data("candles/binance-spot/BTCUSDT/1m.parquet")).slice(2_000_000, 40_000)
    bars = np.zeros(len(frame), CANDLE_DTYPE)
    for name in CANDLE_DTYPE.names:
        bars[name] = frame[name].to_numpy()
    _check_strategies(bars, 16, 16_384)


@njit(nogil=True)
def _count(runner, size, total, held):
    """A kernel of someone else: all blocks, and how often each condition held."""
    for start in range(0, total, size):
        enter(runner.entry, runner.table, start, min(total, start + size))
        for row in range(runner.bits.shape[0]):
            for word in runner.bits[row]:
                while word != 0:
                    word &= word - np.uint64(1)
                    held[row] += 1


def test_a_kernel_runs_all_blocks_by_itself() -> None:
    bars = _candles(5000, 3)
    made = plan([built_in()[0].bind(None, "1m"), built_in()[5].bind(None, "1m")])
    machine = prepare(made, open_series(bars, "1m"), size=500)
    assert machine.size == 512
    held = np.zeros(8, np.int64)
    _count(machine.runner, machine.size, 5000, held)
    wanted = sum(c.sum(axis=1, dtype=np.int64) for _, _, _, c, _ in run_blocks(made.program, bars, "1m"))
    assert held.tolist() == wanted.tolist()
    assert held.sum() > 0


def test_blocks_follow_one_another() -> None:
    machine = prepare(plan([built_in()[0].bind(None, "1m")]), open_series(_candles(300, 1), "1m"), size=128)
    machine.run(0, 128)
    for start, stop in ((0, 128), (64, 128), (128, 300), (128, 100)):
        with pytest.raises(ValueError, match="do not follow"):
            machine.run(start, stop)
    machine.run(128, 200)
    with pytest.raises(ValueError, match="do not follow"):
        machine.run(200, 300)
