"""Every shipped strategy: honest words, a grid worth searching, one meaning in both forms, trades on real bars."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

import strategies
from engine.contracts.timeframes import timeframe_ms
from engine.rules.api import Strategy
from engine.rules.machine import Machine, run_series
from engine.rules.strategy import compile_strategies
from engine.rules.text import parse_strategy
from tests.shared import data

ALL = strategies.load()
MINUTES = 180 * 1440


def test_ids_are_unique_and_families_many() -> None:
    assert len({s.id for s in ALL}) == len(ALL) >= 6
    assert len({s.family for s in ALL}) >= 6
    assert sum("stop" in s.rules for s in ALL) * 2 >= len(ALL)


@pytest.mark.parametrize("strategy", ALL, ids=lambda s: s.id)
def test_words_grid_and_forms(strategy: Strategy) -> None:
    assert all((strategy.title, strategy.family, strategy.idea, strategy.source))
    sets = strategy.param_sets()
    assert len(sets) >= 16
    assert all(strategy.bind(s).warmup > 0 for s in sets)
    assert strategy.bind().params in [strategy.bind(s).params for s in sets]
    read = parse_strategy(strategy.text())
    assert read == strategy
    assert read.version == strategy.version
    one, two = (compile_strategies([s.bind()]).program for s in (strategy, read))
    assert np.array_equal(one.code, two.code)
    assert np.array_equal(one.params, two.params)
    assert one.constants == two.constants


@pytest.mark.shared
def test_each_trades_now_and_then_on_real_bars() -> None:
    file = pq.ParquetFile(data("candles/binance-spot/BTCUSDT/1m.parquet"))
    table = file.read_row_groups(range(max(0, file.num_row_groups - 6), file.num_row_groups))
    table = table.slice(max(0, table.num_rows - MINUTES))
    ts = table["ts"].to_numpy()
    columns = {name: table[name].to_numpy() for name in ("open", "high", "low", "close", "volume")}
    for strategy in ALL:
        index = ts // timeframe_ms(strategy.timeframe)
        starts = np.flatnonzero(np.diff(index, prepend=-1))
        last = np.append(starts[1:], index.size) - 1
        bars = np.stack(
            [
                columns["open"][starts],
                np.maximum.reduceat(columns["high"], starts),
                np.minimum.reduceat(columns["low"], starts),
                columns["close"][last],
                np.add.reduceat(columns["volume"], starts),
            ]
        )
        program = compile_strategies([strategy.bind()]).program
        entries = run_series(program, index[starts], bars)[0][[0, 2]].sum(1)
        assert 10 <= entries.sum() <= starts.size / 10, strategy.id
        if strategy.direction == "both":
            assert entries.min() >= 5, strategy.id


@pytest.mark.shared
def test_live_bar_by_bar_from_a_later_start_says_what_the_back_test_says() -> None:
    file = pq.ParquetFile(data("candles/binance-spot/BTCUSDT/1m.parquet"))
    table = file.read_row_group(file.num_row_groups - 1)
    table = table.slice(max(0, table.num_rows - 5000))
    index = table["ts"].to_numpy() // 60_000
    bars = np.stack([table[name].to_numpy() for name in ("open", "high", "low", "close", "volume", "volume")])
    compiled = compile_strategies([s.bind() for s in ALL])
    conditions, distances = run_series(compiled.program, index, bars)
    start, machine = 777, Machine(compiled.program, 2)
    both = np.array([1, 0])
    shown = 0
    for t in range(start, index.size):
        block = np.repeat(bars[:, None, t : t + 1], 2, axis=1)
        live = machine.run(both, np.full((2, 1), index[t]), block, commit=True)
        if not machine.settling().any():
            shown += int(conditions[:, t].sum())
            assert np.array_equal(live[0][:, :, 0].T, [conditions[:, t]] * 2)
            assert np.array_equal(live[1][:, 0, 0].view(np.int64), distances[:, t].view(np.int64))
    assert shown > 50
