"""Any sequence of appended, repeated and revised signals equals a dictionary in order of its keys' first arrival."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.signals import Signal
from engine.contracts.timeframes import TIMEFRAME_MS, bar_open
from engine.store.state import State

MINUTE = 60_000
START = 1_704_067_200_000

one = st.builds(
    Signal,
    strategy=st.sampled_from(["a", "b"]),
    version=st.just("v"),
    params=st.sampled_from(["", "n=1"]),
    symbol=st.sampled_from(["binance-spot:A", "binance-spot:币"]),
    timeframe=st.sampled_from(["1m", "5m"]),
    bar_ts=st.integers(0, 3).map(lambda i: START + i * 5 * MINUTE),
    side=st.sampled_from(["long", "short"]),
    action=st.just("entry"),
    kind=st.sampled_from(["confirmed", "provisional", "withdrawn"]),
    price=st.floats(0.1, 1e6),
    event_ms=st.integers(0, 2**62),
    received_ns=st.integers(0, 2**62),
    emitted_ns=st.integers(0, 2**62),
    late=st.booleans(),
    settling=st.booleans(),
)
steps = st.lists(st.one_of(st.lists(one, max_size=6), st.integers(0, 20)), max_size=8)


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(0, 20), st.integers(0, 20))
def test_equals_a_dictionary(script, after, limit):
    with tempfile.TemporaryDirectory() as folder:
        state = State(Path(folder) / "state.db")
        twin: dict[tuple, Signal] = {}
        for step in script:
            if isinstance(step, int):
                minute = START + step * MINUTE
                for key, signal in twin.items():
                    holds = bar_open(minute, TIMEFRAME_MS[signal.timeframe]) == signal.bar_ts
                    if holds and signal.symbol == "binance-spot:A":
                        twin[key] = msgspec.structs.replace(signal, revised=True)
                state.mark_revised("binance-spot:A", minute)
                continue
            batch: dict[tuple, Signal] = {}
            for signal in step:
                batch.setdefault(signal.key, signal)
            fresh = [s for key, s in batch.items() if key not in twin]
            numbered = [msgspec.structs.replace(s, seq=len(twin) + 1 + i) for i, s in enumerate(fresh)]
            assert state.append_signals(step) == numbered
            twin |= {s.key: s for s in numbered}
        journal = list(twin.values())
        assert state.signals(after=0, limit=1000) == journal
        assert state.signals(after=after, limit=limit) == [s for s in journal if s.seq > after][:limit]
        assert state.signals(limit=limit) == (journal[-limit:] if limit else [])
        state.close()
        again = State(Path(folder) / "state.db", readonly=True)
        assert again.signals(after=0, limit=1000) == journal
        again.close()
