"""The comparison of a day's journal with the back-test: nothing differs when all is well, and what differs is found."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app.cli import run
from engine.clock import SYSTEM_CLOCK, SimulatedClock
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.parity import ParityReport, RunParity
from engine.contracts.signals import F_SETTLING, K_CONFIRMED, SignalBatch
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.parity import compare
from engine.runtime.replay_world import Programs, World
from engine.runtime.strategies import built_in, market_programs
from engine.store.lake import Lake
from engine.store.state import State
from tests.parity.rig import replay
from tests.parity.series import FROM_MS, FUTURES, TIMEFRAMES, Spans, load

pytestmark = [pytest.mark.shared, pytest.mark.timeout(300)]
BTC = f"{FUTURES}:BTCUSDT"
#: the engine "ran" from here to here
BEGAN, ENDED = FROM_MS + 61 * MINUTE_MS, FROM_MS + 6 * 60 * MINUTE_MS
SPANS = Spans(tested=24_000)
ASK = RunParity(day_ms=FROM_MS, symbols=[BTC])


@pytest.fixture(scope="module")
def minutes() -> np.ndarray:
    bars = load((), SPANS)[FUTURES, "BTCUSDT"]
    return bars[bars["ts"] < ENDED]


@pytest.fixture(scope="module")
def said(minutes: np.ndarray) -> SignalBatch:
    """What the live machine says in these hours."""
    programs = Programs(market_programs(built_in(), TIMEFRAMES))
    world = World(lambda _: minutes, lambda _: programs, TIMEFRAMES, path=False)
    world.begin([BTC], BEGAN, lead=0)
    batch = world.advance(ENDED).block.batch
    return batch.take(batch.rows["kind"] == K_CONFIRMED)


def kept(folder: Path, minutes: np.ndarray, said: SignalBatch) -> TaskContext:
    """A data folder with these candles and this journal."""
    data = DataFolder(folder)
    data.prepare()
    Lake(data.lake).write(BTC, "1m", minutes)
    state = State(data.state)
    state.append_signals(said)
    state.close()
    return TaskContext(data)


def report_of(folder: Path, minutes: np.ndarray, said: SignalBatch) -> ParityReport:
    context = kept(folder, minutes, said)
    try:
        return compare(context, ASK, TIMEFRAMES, SYSTEM_CLOCK)
    finally:
        context.close()


def test_nothing_differs_when_all_is_well(tmp_path: Path, minutes: np.ndarray, said: SignalBatch) -> None:
    steps: list[float] = []
    context = kept(tmp_path, minutes, said)
    found = compare(context, ASK, TIMEFRAMES, SYSTEM_CLOCK, lambda f, s="": steps.append(f))
    context.close()
    assert found.unexplained == 0
    assert found.differences == [d for d in found.differences if d.reason]
    # before the engine began there is nothing to compare with
    assert set(found.by_reason) <= {"warming", "stopped", "settling"}
    assert found.same > 3_000
    assert found.same + found.beyond >= len(said)
    assert found.compared == found.same + found.differ
    assert (found.symbols, found.idle, found.other) == (1, 0, 0)
    assert found.to_ms == ENDED
    assert steps == sorted(steps)


def test_what_differs_is_found_with_its_reason(tmp_path: Path, minutes: np.ndarray, said: SignalBatch) -> None:
    rows = said.rows.copy()
    quick = np.flatnonzero(
        (rows["timeframe"] == list(said.timeframes).index("1m")) & (rows["bar_ts"] > BEGAN + 3_600_000)
    )
    strategies = [said.strategies[k][0] for k in rows["strategy"][quick]]
    candidates = [k for k, name in zip(quick.tolist(), strategies, strict=True) if name in ("macd_cross", "macd_zero")]
    first, gone, moved, second = (candidates[k * (len(candidates) - 1) // 3] for k in range(4))
    rows["price"][moved] += 1e-9
    early, extra = rows[[first]], rows[[second]]
    early["bar_ts"] += MINUTE_MS
    early["flags"] |= F_SETTLING
    extra["bar_ts"] += MINUTE_MS
    left = np.concatenate([np.delete(rows, gone), early, extra])
    batch = SignalBatch(left, said.strategies, said.symbols, said.timeframes)
    before = report_of(tmp_path / "a", minutes, said)
    found = report_of(tmp_path / "b", minutes, batch)
    by = {d.kind: d for d in found.differences if not d.reason}
    assert set(by) == {"missing", "extra", "price"}
    assert found.unexplained == 3
    assert by["missing"].bar_ts == int(said.rows["bar_ts"][gone])
    assert by["missing"].strategy == said.strategies[said.rows["strategy"][gone]][0]
    assert by["extra"].bar_ts == int(extra["bar_ts"][0])
    assert by["price"].journal_price == by["price"].price + 1e-9
    assert found.by_reason.get("settling", 0) == before.by_reason.get("settling", 0) + 1


def test_silence_a_revision_and_old_versions_are_no_differences(
    tmp_path: Path, minutes: np.ndarray, said: SignalBatch
) -> None:
    lengths = np.array([timeframe_ms(t) for t in said.timeframes])
    closes = said.rows["bar_ts"] + lengths[said.rows["timeframe"]]
    out = BEGAN + 120 * MINUTE_MS
    away = (closes > out) & (closes <= out + 40 * MINUTE_MS)
    found = report_of(tmp_path / "a", minutes, said.take(~away))
    assert found.unexplained == 0
    assert found.by_reason["stopped"] > 200

    context = kept(tmp_path / "b", minutes, said.take(closes != out + 2 * MINUTE_MS))
    state = State(DataFolder(tmp_path / "b").state)
    state.mark_revised(BTC, out)
    state.close()
    found = compare(context, ASK, TIMEFRAMES, SYSTEM_CLOCK)
    context.close()
    assert found.unexplained == 0
    assert found.by_reason["revised"] > 5

    older = SignalBatch(said.rows, [(n, "other", p) for n, _, p in said.strategies], said.symbols, said.timeframes)
    both = SignalBatch.join([said, older])
    # what closed while the candles were read is no difference
    late = report_of(tmp_path / "d", minutes[:-30], said)
    assert (late.unexplained, late.extra) == (0, 0)
    assert late.to_ms == ENDED - 30 * MINUTE_MS
    assert report_of(tmp_path / "c", minutes, both).other == len(said)


def test_on_the_command_line(
    tmp_path: Path, minutes: np.ndarray, said: SignalBatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(tmp_path, minutes, said.take(np.arange(len(said)) != len(said) // 2)).close()
    code = run(["--data", str(tmp_path), "parity", "--day", "2022-09-14", "--json"])
    found = msgspec.convert(json.loads(capsys.readouterr().out), dict)
    assert code == (1 if found["unexplained"] else 0)
    assert found["compared"] > 3_000
    assert run(["--data", str(tmp_path), "parity", "--day", "yesterday"]) == 2
    assert "no date" in capsys.readouterr().err
    assert run(["--data", str(tmp_path), "parity"]) == 2
    assert "No candles of this day" in capsys.readouterr().err


def test_it_can_be_stopped_and_says_what_is_missing(tmp_path: Path, minutes: np.ndarray, said: SignalBatch) -> None:
    context = kept(tmp_path, minutes, said)
    with pytest.raises(Cancelled):
        compare(context, ASK, TIMEFRAMES, SYSTEM_CLOCK, stopped=lambda: True)
    with pytest.raises(BadInput, match="there are no candles of"):
        compare(context, RunParity(day_ms=FROM_MS, symbols=["binance-spot:NOPE"]), TIMEFRAMES, SYSTEM_CLOCK)
    # yesterday of that time
    clock = SimulatedClock(FROM_MS + 25 * 3_600_000)
    assert compare(context, RunParity(symbols=[BTC]), TIMEFRAMES, clock).day_ms == FROM_MS
    context.close()


@pytest.mark.long
def test_a_live_engine_of_two_days_agrees_with_the_back_test(tmp_path: Path) -> None:
    """The real wiring: exchange, shards, candles, pipeline, journal; the report reads what it left."""
    series = load((), Spans())
    replay(tmp_path, series, market_programs(built_in(), TIMEFRAMES), Spans(), trades=True)
    context = TaskContext(DataFolder(tmp_path))
    for day in (0, 1):
        found = compare(context, RunParity(day_ms=FROM_MS + day * 86_400_000), TIMEFRAMES, SYSTEM_CLOCK)
        assert found.symbols == 2
        assert found.unexplained == 0, found.differences[:3]
        assert found.same > 30_000
        assert found.differ < 0.02 * found.compared
    context.close()
