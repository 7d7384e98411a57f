"""Promoted sets on live lanes: on their symbol and timeframe instead of the defaults, nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from engine.clock import SYSTEM_CLOCK
from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.instruments import Instrument
from engine.contracts.robustness import Verdict
from engine.contracts.walkforward import (
    FoldResult,
    Promoted,
    WalkForwardResult,
    WalkForwardSpec,
    WalkResult,
    WalkSummary,
)
from engine.runtime.core import MarketCore
from engine.runtime.promotions import checked, chosen_of, plan
from engine.runtime.strategies import built_in, market_programs

SYMBOLS = ["binance-spot:AUSDT", "binance-spot:BUSDT"]
TIMEFRAMES = ("1m", "5m")
RSI = next(s for s in built_in() if s.id == "rsi_reversion")
OTHER = next(s for s in built_in() if s.id == "turtle_fast")


def promoted(symbol: str = SYMBOLS[0], timeframe: str = "1m", **params: float) -> Promoted:
    return Promoted(number=1, strategy=RSI.id, params=params, symbol=symbol, timeframe=timeframe, since_ms=1)


def other_set() -> dict[str, float]:
    """One of the grid that is not the defaults."""
    defaults = {name: p.default for name, p in RSI.params.items()}
    return next(s for s in RSI.param_sets() if s != defaults)


def minutes(seed: int, count: int = 4_000) -> np.ndarray:
    rng = np.random.default_rng(seed)
    bars = np.zeros(count, CANDLE_DTYPE)
    bars["ts"] = 1_600_000_200_000 // 300_000 * 300_000 + np.arange(count) * 60_000
    bars["close"] = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.004, count))), 3)
    bars["open"] = np.concatenate([bars["close"][:1], bars["close"][:-1]])
    bars["high"] = np.maximum(bars["open"], bars["close"]) + 0.002
    bars["low"] = np.minimum(bars["open"], bars["close"]) - 0.002
    bars["volume"] = 1.0
    return bars


def core() -> MarketCore:
    instruments = [
        Instrument(market="binance-spot", name=s.split(":")[1], base="", quote="USDT", tick_size=0.001, lot_size=0.001)
        for s in SYMBOLS
    ]
    return MarketCore(
        instruments, TIMEFRAMES, market_programs([RSI, OTHER], TIMEFRAMES), SYSTEM_CLOCK, lambda: 1_700_000_000_000
    )


def signals(made: MarketCore) -> set[tuple[str, str, str, str, int, str]]:
    """What two symbols' last thousand minutes say, after the others as history."""
    out = set()
    for row in range(2):
        bars = minutes(row)
        made.warm(row, bars[:-1_000], {})
        last = int(bars["ts"][-1]) + 60_000
        outcome = made.fill(row, bars[-1_000:], last)
        while True:
            batch = outcome.signals
            for s in batch.signals():
                out.add((s.strategy, s.params, s.symbol, s.timeframe, s.bar_ts, s.side))
            if not outcome.unfinished:
                break
            outcome = made.rest()
    return out


def test_a_promoted_set_speaks_on_its_lane_and_the_default_is_silent_there() -> None:
    plain = signals(core())
    made = core()
    ready = plan([], [promoted(**other_set())], TIMEFRAMES, "utc")
    built = market_programs([RSI, OTHER], TIMEFRAMES)
    made.use_own(ready.programs, ready.muted(TIMEFRAMES, SYMBOLS, built))
    found = signals(made)
    lane = {s for s in found if s[0] == RSI.id and s[2] == SYMBOLS[0] and s[3] == "1m"}
    before = {s for s in plain if s[0] == RSI.id and s[2] == SYMBOLS[0] and s[3] == "1m"}
    default = {s[1] for s in before}
    assert len(before) > 5
    assert lane
    assert not {s[1] for s in lane} & default
    assert found - lane == plain - before


def test_without_promotions_nothing_is_muted() -> None:
    ready = plan([OTHER], [], TIMEFRAMES, "utc")
    assert ready.muted(TIMEFRAMES, SYMBOLS, market_programs([RSI], TIMEFRAMES)) is None


def test_promotions_that_no_longer_fit_are_left_out() -> None:
    gone = [promoted(nonsense=3.0), Promoted(**{**_fields(promoted(**other_set())), "strategy": "not_there"})]
    ready = plan([], gone, TIMEFRAMES, "utc")
    assert not any(p.bounds for p in ready.programs)


def _fields(item: Promoted) -> dict[str, object]:
    return {name: getattr(item, name) for name in item.__struct_fields__}


@pytest.mark.parametrize(
    "item, words",
    [
        (promoted(symbol="AUSDT"), "names no market"),
        (promoted(timeframe="7m"), "7m"),
        (promoted(nonsense=3.0), "no parameter"),
    ],
)
def test_what_cannot_be_live_is_said(item: Promoted, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        checked([item])


def test_the_newest_choice_is_promoted() -> None:
    def fold(chosen: int, n: float) -> FoldResult:
        times = dict.fromkeys(("train_from_ms", "train_to_ms", "test_from_ms", "test_to_ms"), 0)
        return FoldResult(**times, chosen=chosen, params={"n": n}, value=1.0, train={}, test={})

    rows = [
        WalkSummary(strategy="a", timeframe="1h", metrics={"sharpe": 2.0}, passed=True, words="good"),
        WalkSummary(strategy="b", timeframe="1h", metrics={"sharpe": -1.0}),
    ]
    verdict = Verdict(passed=True, level="pass", words="", checks=[])
    walks = [
        WalkResult(summary=rows[0], folds=[fold(0, 1.0), fold(1, 2.0), fold(-1, 0.0)], verdict=verdict),
        WalkResult(summary=rows[1], folds=[fold(0, 7.0)]),
    ]
    result = WalkForwardResult(
        job="j", spec=WalkForwardSpec(symbol="binance-spot:X"), created_ms=0, bars=0, first_ms=0, last_ms=0, rows=rows,
        trials=1, metrics={}, convention="", data_fingerprint="", code_version="", assumptions=[], seconds=0.0,
    )  # fmt: skip
    (found,) = chosen_of(result, walks, [])
    assert (found.strategy, found.params, found.provenance["sharpe"]) == ("a", {"n": 2.0}, 2.0)
    assert [p.strategy for p in chosen_of(result, walks, ["b"])] == ["b"]
    with pytest.raises(BadInput, match="no walk of"):
        chosen_of(result, walks, ["c"])
