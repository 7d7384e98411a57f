"""What a replay says of the past is bit for bit what the back-test says of it, however it was driven there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from engine.contracts.errors import BadInput
from engine.contracts.replay import ReplayChunk
from engine.contracts.signals import CONFIRMED, PROVISIONAL, WITHDRAWN, Signal
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.runtime.replay_world import Programs, World
from engine.runtime.strategies import built_in, market_programs
from tests.parity.series import (
    FROM_MS,
    FUTURES,
    SPOT,
    TIMEFRAMES,
    Series,
    Spans,
    Word,
    backtest_words,
    difference,
    load,
    word,
)

pytestmark = [pytest.mark.shared, pytest.mark.timeout(200)]
BTC, EUR = f"{FUTURES}:BTCUSDT", f"{SPOT}:EURUSDTEST"
HOUR = 60 * MINUTE_MS
#: at half past: inside bars of the longer timeframes
START, END = FROM_MS + 30 * MINUTE_MS, FROM_MS + 3 * HOUR
SPANS = Spans(tested=40_000)


@pytest.fixture(scope="module")
def programs() -> Programs:
    return Programs(market_programs(built_in(), TIMEFRAMES))


@pytest.fixture(scope="module")
def series() -> Series:
    """One without holes, and one with many."""
    found = load(("EURUSDTEST",), SPANS)
    return {key: found[key] for key in ((FUTURES, "BTCUSDT"), (SPOT, "EURUSDTEST"))}


@pytest.fixture(scope="module")
def world(series: Series, programs: Programs) -> Callable[[bool], World]:
    def minutes(symbol: str) -> np.ndarray:
        market, _, name = symbol.partition(":")
        if (market, name) not in series:
            raise BadInput(f"there are no candles of {symbol}")
        return series[market, name]

    return lambda path: World(minutes, lambda day: programs, TIMEFRAMES, path=path)


def signals(*chunks: ReplayChunk) -> list[Signal]:
    return [s for chunk in chunks for s in chunk.block.batch.signals()]


def confirmed(found: Iterable[Signal], from_ms: int, to_ms: int) -> set[Word]:
    """Those on bars that closed in between."""
    words = [word(s) for s in found if s.kind == CONFIRMED and closes(s.bar_ts, s.timeframe, from_ms, to_ms)]
    assert len(words) == len(set(words)), "a signal is doubled"
    return set(words)


def closes(bar_ts: int, timeframe: str, from_ms: int, to_ms: int) -> bool:
    return from_ms < bar_ts + timeframe_ms(timeframe) <= to_ms


def wanted_words(series: Series, to_ms: int) -> set[Word]:
    full = market_programs(built_in(), TIMEFRAMES, values=True)
    words = backtest_words(full, series)
    return {w for w in words if closes(w[5], w[4], START, to_ms)}


@pytest.fixture(scope="module")
def whole(world: Callable[[bool], World]) -> tuple[list[Signal], list[Signal]]:
    """What was said on the way to the start, and then all at once, with the path inside the minutes."""
    made = world(True)
    return signals(made.begin([BTC, EUR], START)), signals(made.advance(END))


@pytest.fixture(scope="module")
def played(whole: tuple[list[Signal], list[Signal]]) -> list[Signal]:
    return whole[1]


def test_its_confirmed_signals_are_those_of_the_back_test(played: list[Signal], series: Series) -> None:
    found = confirmed(played, START, END)
    wanted = wanted_words(series, END)
    # a bar whose last minute is a hole closes with the next one
    late = {w for w in wanted - found if w[3] == EUR and w[5] + timeframe_ms(w[4]) > END - HOUR}
    assert difference(found, wanted - late) == ""
    assert len(late) < 10
    assert len(found) > 5_000
    assert {w[4] for w in found} == set(TIMEFRAMES)
    assert not any(s.late or s.revised or s.backfilled for s in played)


def test_each_provisional_one_is_confirmed_or_withdrawn(whole: tuple[list[Signal], list[Signal]]) -> None:
    lead, played = whole
    since = START - START % HOUR
    done = [s for s in (*lead, *played) if s.bar_ts >= since and s.bar_ts + timeframe_ms(s.timeframe) <= END - HOUR]
    given, gone, sure = ({s.key[:-1] for s in done if s.kind == k} for k in (PROVISIONAL, WITHDRAWN, CONFIRMED))
    assert len(given) > 100
    assert given - sure == gone
    stamps = [(s.event_ms, s.bar_ts) for s in done if s.kind == PROVISIONAL]
    assert all(bar <= at for at, bar in stamps)


def test_pausing_stepping_and_jumping_change_nothing(world: Callable[[bool], World], played: list[Signal]) -> None:
    made = world(True)
    made.begin([BTC, EUR], START)
    chunks = []
    for timeframe, bars in (("1m", 1), ("5m", 1), ("1m", 7), ("15m", 2), ("1h", 1)):
        chunks.append(made.step(timeframe, bars))
        chunks.append(made.advance(made.ts + 7_300))
    chunks.append(made.advance(END))
    assert [s.key for s in signals(*chunks)] == [s.key for s in played]
    # to a moment inside bars
    there = START + 95 * MINUTE_MS
    lead = signals(made.begin([BTC, EUR], there))
    after = signals(made.advance(END))
    since = [s for s in played if s.event_ms > there]
    assert [s.key for s in after] == [s.key for s in since]
    assert [s.price for s in after] == [s.price for s in since]
    # what was said before the start is the same too, where it was played
    assert confirmed(lead, START, there) == confirmed(played, START, there)


@pytest.mark.long
def test_a_symbol_that_comes_later_says_the_same(world: Callable[[bool], World], played: list[Signal]) -> None:
    made = world(True)
    made.begin([BTC], START)
    made.advance(START + 50 * MINUTE_MS + 33_000)
    chunk = made.add(EUR)
    assert chunk is not None
    assert made.add(EUR) is None
    both = signals(made.advance(START + 2 * HOUR))
    wanted = [s for s in played if START + 50 * MINUTE_MS + 33_000 < s.event_ms <= START + 2 * HOUR]
    assert [s.key for s in both] == [s.key for s in wanted]


@pytest.mark.long
def test_without_the_path_the_same_is_confirmed(world: Callable[[bool], World], played: list[Signal]) -> None:
    made = world(False)
    made.begin([BTC, EUR], START)
    found = signals(made.advance(END))
    assert {s.kind for s in found} == {CONFIRMED}
    assert [word(s) for s in found] == [word(s) for s in played if s.kind == CONFIRMED]


def test_a_chart_never_shows_what_comes_later(world: Callable[[bool], World], series: Series) -> None:
    made = world(True)
    made.begin([BTC], START)
    made.advance(START + 3 * MINUTE_MS + 25_000)
    found = made.bars(BTC, "5m", 100)
    bars = np.frombuffer(found.bars, series[FUTURES, "BTCUSDT"].dtype)
    assert int(bars["ts"][-1]) == START - 5 * MINUTE_MS
    assert len(bars) == 100
    assert found.more
    forming, running = (np.frombuffer(part, bars.dtype) for part in (found.forming, found.running))
    assert forming["ts"].tolist() == [START, START + MINUTE_MS, START + 2 * MINUTE_MS]
    minute = series[FUTURES, "BTCUSDT"]
    minute = minute[minute["ts"] == START + 3 * MINUTE_MS][0]
    first_end = minute["low"] if minute["close"] >= minute["open"] else minute["high"]
    assert (running["ts"][0], running["open"][0], running["close"][0]) == (minute["ts"], minute["open"], first_end)


def test_where_nothing_is_kept_it_says_so(world: Callable[[bool], World], series: Series) -> None:
    made = world(True)
    with pytest.raises(BadInput, match="no candles of binance-spot:NOPE"):
        made.begin(["binance-spot:NOPE"], START)
    with pytest.raises(BadInput, match="cannot be replayed from 1970"):
        made.begin([BTC], 0)
    last = int(series[FUTURES, "BTCUSDT"]["ts"][-1])
    made.begin([BTC], last - 2 * MINUTE_MS)
    end = made.advance(last + HOUR)
    assert end.next_ms == -1
    assert end.ts == last + MINUTE_MS
