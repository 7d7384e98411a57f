"""Run by test_store_kill: writes to a lake and a state in a loop until it is killed, saying what it does.

Arguments: folder, seed, number of the first operation. Each line of stdout is one JSON list; 'begin' comes before an
operation touches anything, 'done' after it has returned.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.contracts.signals import Signal, SignalBatch
from engine.store.lake import Lake
from engine.store.recent import flush_to_lake
from engine.store.state import SeriesBars, State

SYMBOL = "binance-spot:BTCUSDT"
MINUTE = 60_000
#: 2023-12-31T20:00Z, so that the bars soon cross into another year's folder.
START = 1_704_052_800_000


def bars(first: int, count: int, value: float) -> np.ndarray:
    """`count` bars from minute `first` on, all at one price."""
    out = np.full(count, value, CANDLE_DTYPE)
    out["ts"] = START + (first + np.arange(count)) * MINUTE
    return out


def signal(number: int) -> Signal:
    return Signal(
        strategy="s",
        version="v",
        params="",
        symbol=SYMBOL,
        timeframe="1m",
        bar_ts=START + number * MINUTE,
        side="long",
        action="entry",
        kind="confirmed",
        price=1.0,
        event_ms=0,
        received_ns=0,
        emitted_ns=0,
    )


def say(*words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main(folder: Path, seed: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    lake, state = Lake(folder / "lake"), State(folder / "state.db")
    state.prepare_journal()
    say("ready")
    while True:
        number += 1
        kind = rng.choice(["write", "commit", "flush", "compact"], p=[0.5, 0.25, 0.15, 0.1])
        first, count = int(rng.integers(0, 2000)), int(rng.integers(1, 400))
        say("begin", str(kind), number, first, count)
        if kind == "write":
            lake.write(SYMBOL, "1m", bars(first, count, number))
        elif kind == "commit":
            block = SeriesBars(SYMBOL, "1m", bars(first, count, number))
            state.commit([block], SignalBatch.of(signal(number * 1000 + i) for i in range(count)))
        elif kind == "flush":
            flush_to_lake(state, lake, SYMBOL)
        else:
            lake.compact(SYMBOL, "1m")
        say("done", number)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
