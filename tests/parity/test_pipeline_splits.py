"""The live pipeline, whatever is handed to it at once, says what one pass over the whole history says."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

from engine.candles.minutes import resample
from engine.candles.types import CLOSED_DTYPE
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.rules.machine import bar_columns, run_series
from engine.rules.strategy import StrategyProgram
from engine.runtime.strategies import built_in, market_programs
from engine.signals.history import decide
from engine.signals.pipeline import Pipeline
from engine.signals.types import K_CONFIRMED, K_PROVISIONAL, K_WITHDRAWN, SLOTS

TIMEFRAMES = ("1m", "5m", "15m")
ROWS = 3
MINUTES = 4_000
#: bars of each row that are previewed on their way
PREVIEWED = 900
START = 1_700_000_000_000 // MINUTE_MS * MINUTE_MS
#: (lane, output, bar time, bits of the price)
Edge = tuple[int, int, int, bytes]


@pytest.fixture(scope="module")
def programs() -> list[StrategyProgram]:
    return market_programs(built_in(), TIMEFRAMES)


def walk(seed: int, minutes: int = MINUTES) -> np.ndarray:
    """A random walk in ticks, with holes."""
    rng = np.random.default_rng(seed)
    close = np.cumsum(rng.integers(-9, 10, minutes)) + 20_000
    open_ = np.r_[20_000, close[:-1]]
    bars = np.empty(minutes, CANDLE_DTYPE)
    bars["ts"] = START + np.arange(minutes) * MINUTE_MS
    bars["open"], bars["close"] = open_ / 100, close / 100
    bars["high"] = (np.maximum(open_, close) + rng.integers(0, 8, minutes)) / 100
    bars["low"] = (np.minimum(open_, close) - rng.integers(0, 8, minutes)) / 100
    bars["volume"] = rng.integers(1, 5_000, minutes) * rng.integers(1, 4, minutes) / 10
    return bars[rng.random(minutes) > 0.02]


def walk_in(timeframe: str, bars: int) -> np.ndarray:
    """The same walk, a step a bar."""
    made, length = walk(77, bars), timeframe_ms(timeframe)
    made["ts"] = START // length * length + (made["ts"] - START) // MINUTE_MS * length
    return made


def whole_bars(minutes: np.ndarray, timeframe: str) -> np.ndarray:
    made = resample(minutes, timeframe)
    return made.bars[made.complete]


class Feed(NamedTuple):
    """bars[row][tf]; closed: those of all lanes as the candle book gives them, in processing order."""

    bars: list[list[np.ndarray]]
    closed: np.ndarray


def feed(seed: int) -> Feed:
    bars = [[whole_bars(walk(seed * ROWS + row), name) for name in TIMEFRAMES] for row in range(ROWS)]
    parts = []
    for row, lanes in enumerate(bars):
        for tf, lane in enumerate(lanes):
            part = np.zeros(len(lane), CLOSED_DTYPE)
            part["row"], part["tf"] = row, tf
            for name in CANDLE_DTYPE.names or ():
                part[name] = lane[name]
            parts.append(part)
    closed = np.concatenate(parts)
    lengths = np.array([timeframe_ms(name) for name in TIMEFRAMES])[closed["tf"]]
    return Feed(bars, closed[np.lexsort((closed["row"], -lengths, closed["ts"] + lengths))])


def decided(programs: list[StrategyProgram], bars: list[list[np.ndarray]]) -> set[Edge]:
    found: set[Edge] = set()
    for row, lanes in enumerate(bars):
        for tf, lane in enumerate(lanes):
            for number, made in enumerate(decide(programs[tf], lane, TIMEFRAMES[tf])):
                for slot, at in np.argwhere(made.masks != 0).tolist():
                    key = (row * len(TIMEFRAMES) + tf, number * len(SLOTS) + slot)
                    found.add((*key, int(lane["ts"][at]), lane["close"][at].tobytes()))
    return found


def edges_of(edges: np.ndarray, kind: int = K_CONFIRMED) -> list[Edge]:
    chosen = edges[edges["kind"] == kind]
    return [(int(e["lane"]), int(e["out"]), int(e["bar_ts"]), e["price"].tobytes()) for e in chosen]


def cold(programs: list[StrategyProgram]) -> Pipeline:
    pipeline = Pipeline(programs, ROWS, TIMEFRAMES)
    for lane in range(pipeline.lanes):
        pipeline.warm(lane, np.empty(0, CANDLE_DTYPE))
    return pipeline


def bursts(count: int, most: int, rng: np.random.Generator) -> list[slice]:
    borders = np.unique(np.r_[0, np.cumsum(rng.integers(1, most + 1, count)), count].clip(max=count))
    return [slice(int(a), int(b)) for a, b in pairwise(borders)]


@pytest.mark.parametrize("most", [1, 7, 400])
def test_any_split_gives_the_edges_of_one_pass(programs: list[StrategyProgram], most: int) -> None:
    made, rng = feed(most), np.random.default_rng(most)
    pipeline = cold(programs)
    found = [e for part in bursts(len(made.closed), most, rng) for e in edges_of(pipeline.confirm(made.closed[part]))]
    assert len(found) == len(set(found)) > 1_000
    assert set(found) == decided(programs, made.bars)


def test_edges_come_in_the_order_of_the_bars(programs: list[StrategyProgram]) -> None:
    made = feed(1)
    edges = cold(programs).confirm(made.closed)
    place = {(int(c["row"]) * len(TIMEFRAMES) + int(c["tf"]), int(c["ts"])): i for i, c in enumerate(made.closed)}
    places = [place[lane, ts] for lane, _, ts, _ in edges_of(edges)]
    assert places == sorted(places)


def test_a_bar_seen_before_changes_nothing(programs: list[StrategyProgram]) -> None:
    made = feed(2)
    pipeline, rng = cold(programs), np.random.default_rng(2)
    found: list[Edge] = []
    for part in bursts(len(made.closed), 50, rng):
        found += edges_of(pipeline.confirm(made.closed[max(part.start - 30, 0) : part.stop]))
    assert len(found) == len(set(found))
    assert set(found) == decided(programs, made.bars)


def test_another_beginning_gives_the_same_bits_after_the_memory(programs: list[StrategyProgram]) -> None:
    bars = walk(99, 9_000)
    pipeline = Pipeline(programs[:1], 1, ("1m",))
    begin, live = 1_237, 3_000
    pipeline.warm(0, bars[begin:live])
    assert pipeline.settling()[0] or pipeline.warming()[0]
    closed = np.zeros(len(bars) - live, CLOSED_DTYPE)
    for name in CANDLE_DTYPE.names or ():
        closed[name] = bars[live:][name]
    edges = pipeline.confirm(closed)
    promised = edges[edges["settling"] == 0]
    assert 1_000 < len(promised) < len(edges)
    memory = begin + programs[0].program.condition_memory
    due = np.where(memory < len(bars), bars["ts"][np.minimum(memory, len(bars) - 1)], np.iinfo(np.int64).max)
    assert (due < np.iinfo(np.int64).max).mean() > 0.9
    assert all(int(e["bar_ts"]) >= due[e["out"]] for e in promised)
    tested = {e for e in decided_on_one(programs, bars) if e[2] >= max(due[e[1]], int(bars["ts"][live]))}
    assert set(edges_of(promised)) == tested


@pytest.mark.parametrize("tf", range(len(TIMEFRAMES)))
def test_two_beginnings_agree_after_the_memory_of_each_output(programs: list[StrategyProgram], tf: int) -> None:
    """Also the longest memories: weeks of minutes."""
    program = programs[tf].program
    begin = 1_237
    bars = walk_in(TIMEFRAMES[tf], program.memory + 6_000)
    index, prices = bars["ts"] // timeframe_ms(TIMEFRAMES[tf]), bar_columns(bars)
    whole, _ = run_series(program, np.ascontiguousarray(index), prices)
    later, _ = run_series(program, np.ascontiguousarray(index[begin:]), np.ascontiguousarray(prices[:, begin:]))
    for out, memory in enumerate(program.condition_memory.tolist()):
        assert (whole[out, begin + memory :] == later[out, memory:]).all(), programs[tf].bounds[out // 4].strategy.id
    assert (whole[:, begin:] != later).any(), "the beginning made no difference at all: nothing was tested"


def decided_on_one(programs: list[StrategyProgram], bars: np.ndarray) -> set[Edge]:
    return decided(programs, [[bars]])


def test_provisional_edges_are_given_once_and_end_in_one_way(programs: list[StrategyProgram]) -> None:
    """Each running bar is previewed four times on its way; what closes is not what was previewed."""
    made, rng = feed(3), np.random.default_rng(3)
    pipeline, count = cold(programs), len(TIMEFRAMES)
    given: list[tuple[int, int, int]] = []
    confirmed: list[Edge] = []
    withdrawn: list[tuple[int, int, int]] = []
    for lane_bars in zip(*(lanes[0][:PREVIEWED] for lanes in made.bars), strict=False):
        lanes = np.arange(ROWS, dtype=np.int64) * count
        final = np.array([tuple(b) for b in lane_bars], CANDLE_DTYPE)
        for share in (0.2, 0.5, 0.8, 0.95):
            running = final.copy()
            drift = (final["high"] - final["low"]) * (1.0 - share) * rng.standard_normal(ROWS)
            running["close"] = np.round(final["close"] + drift, 2)
            running["high"] = np.maximum(final["high"], running["close"])
            running["low"] = np.minimum(final["low"], running["close"])
            running["volume"] *= share
            stamp = np.zeros(ROWS, np.int64)
            given += [e[:3] for e in edges_of(pipeline.preview(lanes, running, stamp, stamp), K_PROVISIONAL)]
        closed = np.zeros(ROWS, CLOSED_DTYPE)
        closed["row"] = np.arange(ROWS)
        for name in CANDLE_DTYPE.names or ():
            closed[name] = final[name]
        edges = pipeline.confirm(closed)
        confirmed += edges_of(edges)
        withdrawn += [e[:3] for e in edges_of(edges, K_WITHDRAWN)]
    assert len(given) == len(set(given)) > 1_000
    assert len(withdrawn) == len(set(withdrawn)) > 100
    assert set(withdrawn) == set(given) - {e[:3] for e in confirmed}
    length = min(PREVIEWED, *(len(lanes[0]) for lanes in made.bars))
    whole = {
        (row * count, out, ts, price)
        for row in range(ROWS)
        for _, out, ts, price in decided_on_one(programs, made.bars[row][0][:length])
    }
    assert set(confirmed) == whole
