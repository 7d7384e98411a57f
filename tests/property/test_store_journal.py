"""Any sequence of appended, repeated and revised signals equals a dictionary in order of its keys' first arrival."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.signals import Signal, SignalBatch
from engine.contracts.timeframes import TIMEFRAME_MS, bar_open
from engine.store import signal_codec
from engine.store.kernels import add_keys
from engine.store.state import State

MINUTE = 60_000
START = 1_704_067_200_000
SYMBOLS = ["binance-spot:A", "binance-spot:币"]

one = st.builds(
    Signal,
    strategy=st.sampled_from(["a", "b"]),
    version=st.just("v"),
    params=st.sampled_from(["", "n=1"]),
    symbol=st.sampled_from(SYMBOLS),
    timeframe=st.sampled_from(["1m", "5m"]),
    bar_ts=st.integers(0, 3).map(lambda i: START + i * 50 * MINUTE),
    side=st.sampled_from(["long", "short"]),
    action=st.just("entry"),
    kind=st.sampled_from(["confirmed", "provisional", "withdrawn"]),
    price=st.floats(0.1, 1e6),
    event_ms=st.integers(0, 2**62),
    received_ns=st.integers(0, 2**62),
    emitted_ns=st.integers(0, 2**62),
    late=st.booleans(),
    settling=st.booleans(),
    quiet=st.booleans(),
    backfilled=st.booleans(),
    strength=st.floats(-100, 100, width=32),
)
EXTRA = Signal(
    strategy="c", version="v", params="", symbol=SYMBOLS[0], timeframe="1m", bar_ts=START, side="long", action="exit",
    kind="confirmed", price=1.0, event_ms=0, received_ns=0, emitted_ns=0,
)  # fmt: skip
appended = st.lists(one, max_size=6)
revised = st.integers(0, 200)
#: the next State on the same file goes on
reopened = st.none()
#: housekeeping that keeps everything
tidied = st.just("tidy")
steps = st.lists(st.one_of(appended, revised, reopened, tidied), max_size=10)


def expect(twin: dict[tuple, Signal], step: list[Signal]) -> list[Signal]:
    """What appending must answer; the twin takes it in."""
    batch: dict[tuple, Signal] = {}
    for signal in step:
        batch.setdefault(signal.key, signal)
    fresh = [s for key, s in batch.items() if key not in twin]
    numbered = [msgspec.structs.replace(s, seq=len(twin) + 1 + i) for i, s in enumerate(fresh)]
    twin |= {s.key: s for s in numbered}
    return numbered


def revise(twin: dict[tuple, Signal], minute: int) -> list[Signal]:
    """The signals that a restated minute marks anew."""
    new = []
    for key, signal in twin.items():
        holds = bar_open(minute, TIMEFRAME_MS[signal.timeframe]) == signal.bar_ts
        if holds and signal.symbol == SYMBOLS[0] and not signal.revised:
            twin[key] = msgspec.structs.replace(signal, revised=True)
            new.append(twin[key])
    return new


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(0, 20), st.integers(0, 20))
def test_equals_a_dictionary(script, after, limit):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        state = State(path)
        twin: dict[tuple, Signal] = {}
        for step in script:
            if step is None:
                state.close()
                state = State(path)
            elif step == "tidy":
                assert settle(state, 2**60, 2**60) >= 0
            elif isinstance(step, int):
                minute = START + step * MINUTE
                assert state.mark_revised(SYMBOLS[0], minute).signals() == revise(twin, minute)
            else:
                assert state.append_signals(SignalBatch.of(step)).signals() == expect(twin, step)
        journal = list(twin.values())
        compare(state, journal, after, limit)
        state.close()
        again = State(path, readonly=True)
        compare(again, journal, after, limit)
        again.close()


def settle(state: State, confirmed_ms: int, provisional_ms: int, now_ms: int = 2**59) -> int:
    """All the housekeeping there is to do; how many steps it took."""
    count = 0
    while (step := state.plan_tidying(now_ms, confirmed_ms, provisional_ms)) is not None:
        state.tidy(step)
        count += 1
    return count


@settings(max_examples=60, deadline=None)
@given(st.lists(appended, max_size=8), st.integers(0, 8), st.integers(0, 8))
def test_what_is_old_goes_and_the_rest_stays(script, confirmed, provisional):
    """Batch k is emitted in hour k; everything is looked at in hour 8."""
    hour = 3_600_000
    with tempfile.TemporaryDirectory() as folder:
        state = State(Path(folder) / "state.db")
        twin: dict[tuple, Signal] = {}
        batches = []
        for k, signals in enumerate(script):
            signals = [msgspec.structs.replace(s, emitted_ns=k * hour * 10**6) for s in signals]
            batches.append(state.append_signals(SignalBatch.of(signals)).signals())
            expect(twin, signals)
        settle(state, confirmed * hour, provisional * hour, 8 * hour)
        left = state.signals(after=0, limit=1000)
        written = [b for b in batches if b]
        newest = written[-1] if written else []
        wanted = [
            s
            for b in written
            for s in b
            if b is newest
            or (
                (s.emitted_ns >= (8 - confirmed) * hour * 10**6)
                and (s.kind == "confirmed" or s.emitted_ns >= (8 - provisional) * hour * 10**6)
            )
        ]
        assert left == wanted
        last = newest[-1].seq if newest else 0
        more = state.append_signals(SignalBatch.of([EXTRA])).signals()
        assert [s.seq for s in more] == [last + 1]
        state.close()


def scanned(state: State, after: int = 0, symbol: str = "", from_ms: int = 0, to_ms: int = 1 << 62) -> list[Signal]:
    found: list[Signal] = []
    at: int | None = after
    while at is not None:
        batch, at = state.scan_signals(at, symbol, from_ms, to_ms)
        found += batch.signals()
    return found


def compare(state: State, journal: list[Signal], after: int, limit: int) -> None:
    assert state.signals(after=0, limit=1000) == journal
    assert state.signals(after=after, limit=limit) == [s for s in journal if s.seq > after][:limit]
    assert state.signals(limit=limit) == (journal[-limit:] if limit else [])
    assert scanned(state) == journal
    for symbol in SYMBOLS:
        mine = [s for s in journal if s.symbol == symbol]
        assert state.signals(symbol=symbol, limit=limit) == (mine[-limit:] if limit else [])
        assert state.signals(symbol=symbol, after=after, limit=limit) == [s for s in mine if s.seq > after][:limit]
        first, end = START + after * MINUTE, START + (after + 60) * MINUTE
        assert scanned(state, after, symbol, first, end - 1) == [
            s for s in mine if s.seq > after and first <= s.bar_ts < end
        ]
        found = state.signals_between(symbol, "5m", first, end).signals()
        assert found == [s for s in mine if s.timeframe == "5m" and first <= s.bar_ts < end]


@settings(max_examples=100, deadline=None)
@given(st.lists(one, min_size=1, max_size=40), st.booleans(), st.integers(0, 3))
def test_what_is_packed_comes_back(signals, by_symbol, symbol):
    rows = SignalBatch.of(signals).rows
    rows["seq"] = 10**9 + np.cumsum(np.arange(len(rows)) % 3 + 1)
    directory, data = signal_codec.encode(rows, by_symbol=by_symbol)
    assert np.array_equal(signal_codec.decode(directory, data), rows)
    assert np.array_equal(signal_codec.decode(directory, data, symbol), rows[rows["symbol"] == symbol])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=60), st.data())
def test_the_set_of_keys_equals_a_set(keys, data):
    table = np.zeros(128, np.uint64)
    twin: set[int] = set()
    # far apart as well as neighbours, so that some probe over others
    keys = np.array(keys, np.uint64) * np.uint64(data.draw(st.sampled_from([1, 2**33, 2**58])))
    chosen = np.array(data.draw(st.lists(st.integers(0, max(len(keys) - 1, 0)), max_size=80)) if len(keys) else [], int)
    fresh = np.zeros(len(keys), np.bool_)
    added = add_keys(table, keys, chosen, fresh)
    for i in chosen.tolist():
        twin.add(int(keys[i]))
    assert added == len(twin)
    assert set(table[table != 0].tolist()) == twin
