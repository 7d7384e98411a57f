"""What holds for every indicator of the catalogue, whatever the bars are."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import INPUTS, Node
from engine.indicators.spec import OVERLAY, PANE, SOURCE, Indicator, OwnBars
from engine.rules.machine import Machine, run_series
from engine.rules.program import Program, compile_program
from tests.property.rules_support import bits, made_bars, run_blocks

#: undefined while there is no such event, whatever the bars (the catalogue says so)
MAY_BE_UNDEFINED = {"SWING"}
SEEDS = st.integers(0, 2**32 - 1)
HOURS = OwnBars("1h")


def nodes(spec: Indicator, choice: str = "default") -> list[Node]:
    params = {p.name: getattr(p, choice) for p in spec.params}
    return list(spec.build(params, {}, HOURS).values())


@cache
def everything() -> tuple[Program, list[tuple[str, str]]]:
    """One program of all outputs with the default parameters, on hours, and whose outputs they are."""
    values, names = [], []
    for spec in INDICATORS.values():
        values += nodes(spec)
        names += [(spec.name, output) for output in spec.outputs]
    return compile_program([], values), names


def walk(total: int, seed: int = 1, price: float = 100.0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Bars without holes that move all the time."""
    rng = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(rng.normal(0.0, 2e-3, total)))
    opened = np.concatenate([close[:1], close[:-1]]) * np.exp(rng.normal(0.0, 2e-4, total))
    above, below = np.exp(rng.random((2, total)) * 2e-3)
    high, low = np.maximum(opened, close) * above, np.minimum(opened, close) / below
    volume = rng.random(total) * 10.0 + 0.1
    return np.arange(total) + 400_000, np.stack([opened, high, low, close, volume, np.full(total, np.nan)])


def hole_in_time(total: int) -> NDArray[np.int64]:
    index = np.arange(total) + 400_000
    index[total // 3 :] += 50
    index[total // 2 :] += 20_000
    return index


def kinds() -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    total = 2000
    index, bars = walk(total)
    constant = np.full((6, total), 3.7)
    silent, still, burst = bars.copy(), bars.copy(), bars.copy()
    silent[4] = 0.0
    still[:4, 700:1400] = still[3, 699]
    still[4, 700:1400] = 0.0
    burst[:4, 1000:] *= 1e6
    ticks = np.round(bars * 50.0) / 50.0
    return {
        "walk": (index, bars),
        "constant": (index, constant),
        "zero volume": (index, silent),
        "constant and zero volume": (index, np.vstack([constant[:4], np.zeros((2, total))])),
        "a still stretch": (index, still),
        "coarse ticks": (index, ticks),
        "holes in time": (hole_in_time(total), bars),
        "tiny prices": (index, walk(total, price=1e-8)[1]),
        "huge prices": (index, walk(total, price=1e8)[1]),
        "huge volume": (index, bars * np.array([1, 1, 1, 1, 1e12, 1])[:, None]),
        "a leap": (index, burst),
    }


@pytest.mark.parametrize("kind", kinds())
def test_undefined_only_in_the_stated_warmup_and_within_the_range(kind: str) -> None:
    program, names = everything()
    values = run_series(program, *kinds()[kind])[1]
    for (name, output), row, warmup in zip(names, values, program.value_warmup, strict=True):
        known = row[warmup:]
        if name in MAY_BE_UNDEFINED:
            known = known[~np.isnan(known)]
        assert np.isfinite(known).all(), (name, output, warmup, np.flatnonzero(~np.isfinite(known))[:5])
        low, high = INDICATORS[name].range or (-np.inf, np.inf)
        assert known.min(initial=np.inf) >= low - 1e-9, (name, output, known.min())
        assert known.max(initial=-np.inf) <= high + 1e-9, (name, output, known.max())


def test_the_warmup_is_not_longer_than_needed() -> None:
    program, names = everything()
    values = run_series(program, *walk(2000))[1]
    # what the calendar opens is known from the first border seen; a swing, a pattern or a run from the first bar
    early = {"SWING", "VWAP", "PIVOTS", "DAY_RANGE", "SAR", "HEIKIN_ASHI"} | {
        spec.name for spec in INDICATORS.values() if spec.family == "patterns"
    }
    for (name, output), row, warmup in zip(names, values, program.value_warmup, strict=True):
        if name not in early and warmup:
            assert np.isnan(row[warmup - 1]), (name, output, warmup)


def test_one_bar_is_enough_to_run() -> None:
    program, names = everything()
    index, bars = walk(1)
    values = run_series(program, index, bars)[1][:, 0]
    for (name, _), value, warmup in zip(names, values, program.value_warmup, strict=True):
        assert np.isfinite(value) if warmup == 0 and name not in MAY_BE_UNDEFINED else not np.isinf(value)


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_any_split_into_blocks_gives_the_same_bits(seed: int, sizes: list[int]) -> None:
    program, _ = everything()
    index, bars = made_bars(seed, 1500)
    whole = run_blocks(program, index, bars, [1500])[1]
    assert np.array_equal(run_blocks(program, index, bars, sizes)[1], whole)


@settings(max_examples=5, deadline=None)
@given(SEEDS)
def test_a_preview_says_what_the_closed_bar_says_and_leaves_no_trace(seed: int) -> None:
    program, _ = everything()
    index, bars = made_bars(seed, 300)
    whole = run_blocks(program, index, bars, [300])[1]
    machine = Machine(program, 1)
    for t in range(index.size):
        other = bars[:, None, t : t + 1] * 1.01
        machine.run(None, index[None, t : t + 1], other, commit=False)
        now = np.ascontiguousarray(bars[:, None, t : t + 1])
        preview = machine.run(None, index[None, t : t + 1], now, commit=False)[1]
        closed = machine.run(None, index[None, t : t + 1], now, commit=True)[1]
        assert np.array_equal(bits(preview), bits(closed))
        assert np.array_equal(bits(closed)[:, 0, 0], whole[:, t])


@pytest.mark.parametrize("name", ["EMA", "RSI", "MACD", "ATR"])
def test_chunks_side_by_side_give_the_bits_of_one_after_the_other(name: str) -> None:
    """A long history of one lane runs a recursion's chunks side by side; short blocks do not."""
    index, bars = walk(30_000)
    index[17_000:] += 3
    program = compile_program([], nodes(INDICATORS[name]))
    assert np.array_equal(run_blocks(program, index, bars, [30_000])[1], run_blocks(program, index, bars, [500])[1])


def test_two_starts_give_the_same_bits_once_the_memory_is_full() -> None:
    program, names = everything()
    total = int(program.memory) + 3000
    index, bars = walk(total)
    whole = bits(run_series(program, index, bars)[1])
    for start in (1, 777):
        part = bits(run_series(program, index[start:], np.ascontiguousarray(bars[:, start:]))[1])
        for k, (name, output) in enumerate(names):
            settled = start + int(program.value_memory[k])
            same = whole[k, settled:] == part[k, settled - start :]
            assert same.all(), (name, output, np.flatnonzero(~same)[:5])


def test_lanes_side_by_side_say_what_one_alone_says() -> None:
    program, _ = everything()
    lanes = [made_bars(seed, 400) for seed in range(5)]
    machine = Machine(program, len(lanes))
    index = np.stack([i for i, _ in lanes])
    bars = np.stack([b for _, b in lanes], axis=1)
    got = np.stack(
        [machine.run(None, index[:, t : t + 1], bars[:, :, t : t + 1], commit=True)[1][:, :, 0] for t in range(400)]
    )
    for lane, (one_index, one_bars) in enumerate(lanes):
        alone = run_series(program, one_index, one_bars)[1]
        assert np.array_equal(bits(got[:, :, lane].T), bits(alone))


@pytest.mark.parametrize("name", INDICATORS)
def test_a_spec_says_what_it_reads_and_builds_at_its_bounds(name: str) -> None:
    spec = INDICATORS[name]
    assert spec.title
    assert spec.formula
    assert spec.scale in (OVERLAY, PANE)
    assert all(p.low <= p.default <= p.high for p in spec.params)
    read: set[str] = set()
    stack = nodes(spec)
    while stack:
        node = stack.pop()
        stack.extend(node.args)
        if node.op in INPUTS:
            read.add(node.op)
    expected = {"close" if column == SOURCE else column for column in spec.inputs}
    assert read == expected
    assert len(nodes(spec, "low")) == len(spec.outputs)
    if spec.periodic:
        assert len(nodes(spec, "high")) == len(spec.outputs)


def test_at_the_least_parameters_everything_is_defined_too() -> None:
    index, bars = walk(600)
    for spec in INDICATORS.values():
        program = compile_program([], nodes(spec, "low"))
        values = run_series(program, index, bars)[1]
        for row, warmup in zip(values, program.value_warmup, strict=True):
            known = row[warmup:]
            assert not np.isinf(known).any(), spec.name
            if spec.name not in MAY_BE_UNDEFINED:
                assert not np.isnan(known).any(), spec.name
