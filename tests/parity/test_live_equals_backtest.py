"""What the live engine says at bar t is bit for bit what the back-test says at bar t, for every strategy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.contracts.signals import CONFIRMED, PROVISIONAL, WITHDRAWN
from engine.rules.strategy import StrategyProgram
from engine.runtime.strategies import built_in, market_programs
from tests.parity.rig import Replay, announce_shutdown, cut, lose_frames, replay
from tests.parity.series import (
    FOREX,
    FROM_MS,
    FUTURES,
    SPOT,
    TIMEFRAMES,
    TO_MS,
    Series,
    Spans,
    Word,
    backtest_words,
    difference,
    load,
)

pytestmark = [pytest.mark.shared, pytest.mark.timeout(400)]
SPANS = Spans()
DAY_MS = 86_400_000
#: strategies of certain days of the week, the month or the year
OTHER_DAYS = {"weekday_tilt", "winter_half", "turn_of_month", "monday_range"}


@pytest.fixture(scope="module")
def programs() -> list[StrategyProgram]:
    """As the live engine runs them."""
    return market_programs(built_in(), TIMEFRAMES)


@pytest.fixture(scope="module")
def full() -> list[StrategyProgram]:
    """As a back-test runs them, with the distances of stops and targets."""
    return market_programs(built_in(), TIMEFRAMES, values=True)


@pytest.fixture(scope="module")
def series() -> Series:
    return load(tuple(FOREX), SPANS)


@pytest.fixture(scope="module")
def tested(full: list[StrategyProgram], series: Series) -> set[Word]:
    return backtest_words(full, series)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, programs: list[StrategyProgram], series: Series) -> Replay:
    """Klines only, no fault."""
    return replay(tmp_path_factory.mktemp("plain"), series, programs, SPANS, trades=False)


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory, programs: list[StrategyProgram], series: Series) -> Replay:
    """With aggTrades, and connections cut, announced to close, and silent in the middle."""
    events = {900: cut, 1500: announce_shutdown, 2100: lose_frames}
    return replay(tmp_path_factory.mktemp("rough"), series, programs, SPANS, trades=True, events=events)


def check(found: Replay, tested: set[Word], series: Series) -> None:
    # some memories are longer than the history; what they say is not promised yet, and yet the same here
    promised = Counter(s.settling for s in found.signals)
    assert promised[False] > 5 * promised[True]
    assert not any(s.revised for s in found.signals)
    for (market, name), minutes in series.items():
        inside = minutes[(minutes["ts"] >= FROM_MS) & (minutes["ts"] < TO_MS)]
        assert found.stored[market, name].tobytes() == inside.tobytes(), f"the candles of {market}:{name} differ"
    confirmed = found.confirmed()
    assert difference(set(confirmed), tested) == ""
    assert len(confirmed) == len(set(confirmed)), "a signal is doubled"


def check_provisional(found: Replay) -> None:
    """Each is given once and then either confirmed or withdrawn, never both, and nothing else is withdrawn."""
    given, withdrawn, confirmed = (found.keys(kind) for kind in (PROVISIONAL, WITHDRAWN, CONFIRMED))
    assert len(given) == len(set(given)) > 100
    assert len(withdrawn) == len(set(withdrawn)) > 10
    lasting = set(given) - set(confirmed)
    assert set(withdrawn) <= lasting, "withdrawn without having been given"
    assert lasting <= set(withdrawn), "neither confirmed nor withdrawn"


def test_every_strategy_speaks_on_every_timeframe(tested: set[Word], programs: list[StrategyProgram]) -> None:
    count = Counter((w[0], w[4]) for w in tested)
    silent = [
        (b.strategy.id, t)
        for t, p in zip(TIMEFRAMES, programs, strict=True)
        for b in p.bounds
        if not count[b.strategy.id, t]
    ]
    # these two days are a Wednesday and a Thursday in September: what waits for other days of the calendar is silent
    assert {strategy for strategy, _ in silent} <= OTHER_DAYS, silent
    assert len(silent) < 0.03 * sum(len(p.bounds) for p in programs)
    assert {w[3] for w in tested} == {f"{SPOT}:BTCUSDT", f"{FUTURES}:BTCUSDT", *(f"{SPOT}:{n}" for n in FOREX)}
    assert len(tested) > 10_000


def test_klines_only(plain: Replay, tested: set[Word], series: Series) -> None:
    check(plain, tested, series)
    check_provisional(plain)
    assert "aggTrade" not in plain.streams
    assert plain.reconnects == 0


def test_with_trades_and_broken_connections(rough: Replay, tested: set[Word], series: Series) -> None:
    check(rough, tested, series)
    check_provisional(rough)
    assert {"kline_1m", "aggTrade"} <= rough.streams
    assert rough.reconnects >= rough.shards
    assert rough.handovers >= rough.shards
    assert rough.backfilled > (15 + 20) * 7


@pytest.mark.long
def test_over_restarts(tmp_path: Path, programs: list[StrategyProgram], series: Series, tested: set[Word]) -> None:
    """What the engine missed while it was stopped is said when it is back, from the state and the lake it left."""
    found = replay(tmp_path, series, programs, SPANS, trades=True, restarts=(700, 1903))
    check(found, tested, series)
    assert found.backfilled > 2 * 45 * 7


def _signal_minute(tested: set[Word]) -> int:
    return min(w[5] for w in tested if w[3] == f"{FUTURES}:BTCUSDT" and w[4] == "1m" and w[5] > FROM_MS + DAY_MS // 2)


@pytest.mark.parametrize("change", ["one tick", "one percent", "absent"])
def test_a_single_changed_minute_is_noticed(
    plain: Replay, tested: set[Word], series: Series, full: list[StrategyProgram], change: str
) -> None:
    minutes = series[FUTURES, "BTCUSDT"].copy()
    at = int(np.searchsorted(minutes["ts"], _signal_minute(tested)))
    if change == "absent":
        minutes = np.delete(minutes, at)
    else:
        minutes["close"][at] += 0.1 if change == "one tick" else minutes["close"][at] / 100
        minutes["high"][at] = max(minutes["high"][at], minutes["close"][at])
    altered = backtest_words(full, {**series, (FUTURES, "BTCUSDT"): minutes})
    assert difference(set(plain.confirmed()), altered) != ""
