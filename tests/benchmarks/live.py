"""A sender, an engine and a receiver, each a process of its own, and what the receiver saw."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.contracts.errors import PyroError
from engine.contracts.events import Health, Signals, WarmupProgress
from engine.contracts.signals import KINDS, SignalBatch
from engine.runtime.client import EngineClient, attach
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.folder import DataFolder
from tests.benchmarks.harness import steal_ticks

#: of each of the two markets
SYMBOLS = 480
WARM_TIMEOUT_S = 240.0
CLOSE_MS = 1_000


class Seen(NamedTuple):
    """arrivals: (ns, batch) in order; stamps int64[n, 4]: id, event ms, due ns, final; batches int64[m, 2]: stamps
    written until then, ns; names: id -> MARKET:NAME; health: the last heard; cpu_s, steal: of the measured span."""

    arrivals: list[tuple[int, SignalBatch]]
    stamps: np.ndarray
    batches: np.ndarray
    burst_ns: int
    names: dict[str, str]
    health: Health
    engine_cpu: float
    steal_s: float


class Bench:
    """What a measurement can do with the three."""

    def __init__(self, sender: asyncio.subprocess.Process, offset_ms: int, client: EngineClient, engine: int) -> None:
        self.arrivals: list[tuple[int, SignalBatch]] = []
        self.health: Health | None = None
        #: symbols that have begun, by market
        self.begun: dict[str, int] = {}
        self.offset_ms = offset_ms
        self.engine = engine
        self.cpu_then, self.steal_then = 0.0, 0
        self._sender = sender
        client.on(Signals, self._signals)
        client.on(Health, self._health)
        client.on(WarmupProgress, self._warmed)

    def _signals(self, event: Signals) -> None:
        now = SYSTEM_CLOCK.now_ns()
        self.arrivals.append((now, event.batch))

    def _health(self, event: Health) -> None:
        self.health = event

    def tell(self, words: str) -> None:
        assert self._sender.stdin is not None
        self._sender.stdin.write(words.encode() + b"\n")

    def begin(self) -> None:
        """From here on it counts."""
        self.tell("mark")
        self.arrivals.clear()
        self.cpu_then, self.steal_then = self.cpu(), steal_ticks()

    def venue_ms(self) -> int:
        return SYSTEM_CLOCK.now_ns() // 1_000_000 + self.offset_ms

    async def warm(self) -> None:
        """Until every symbol has begun. Strategies that need more history than a page of it stay silent."""
        async with asyncio.timeout(WARM_TIMEOUT_S):
            while len(self.begun) < 2 or sum(self.begun.values()) < 2 * SYMBOLS:
                await asyncio.sleep(0.2)
        await asyncio.sleep(2.0)

    def _warmed(self, event: WarmupProgress) -> None:
        self.begun[event.market] = event.done

    def cpu(self) -> float:
        """s of processor time that the engine has used; 0 where it is not told."""
        try:
            fields = Path(f"/proc/{self.engine}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(work: Callable[[Bench], Awaitable[None]], *, start_ms: int = 0, hold_finals: bool = False) -> Seen:
    """Start all three, run `work` once the engine is warm, and stop them. start_ms: the venue's clock, 0 = the real."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), work, start_ms, hold_finals))


async def _measure(folder: Path, work: Callable[[Bench], Awaitable[None]], start_ms: int, hold_finals: bool) -> Seen:
    sender = await _spawn("tests.benchmarks.venue", str(SYMBOLS), str(start_ms), str(int(hold_finals)))
    began_ms = SYSTEM_CLOCK.now_ns() // 1_000_000
    assert sender.stdout is not None
    engine = None
    try:
        hosts = msgspec.json.decode(await sender.stdout.readline(), type=dict[str, VenueHosts])
        config = EngineConfig(hosts=hosts, demo=False, history_bars=1, catch_up_minutes=0)
        engine = await _spawn("tests.benchmarks.engine_process", str(folder), msgspec.json.encode(config).decode())
        client = await _attached(DataFolder(folder), engine)
        await client.subscribe(Signals.topic, Health.topic)
        bench = Bench(sender, start_ms - began_ms if start_ms else 0, client, engine.pid)
        await bench.warm()
        gc.collect()
        gc.freeze()
        gc.disable()
        await work(bench)
        cpu, steal = bench.cpu() - bench.cpu_then, steal_ticks() - bench.steal_then
        out = folder / "stamps.npz"
        bench.tell(f"stop {out}")
        await sender.wait()
        await client.close()
        kept = np.load(out)
        names = msgspec.json.decode(out.with_suffix(".names").read_bytes(), type=dict[str, str])
        assert bench.health is not None
        return Seen(
            bench.arrivals, kept["stamps"], kept["batches"], int(kept["burst_ns"][0]), names,
            bench.health, cpu, steal / os.sysconf("SC_CLK_TCK"),
        )  # fmt: skip
    finally:
        gc.enable()
        for process in (engine, sender):
            await _end(process)


async def _spawn(module: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=None if os.environ.get("PYROQUANT_BENCH_LOG") else asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def _attached(folder: DataFolder, engine: asyncio.subprocess.Process) -> EngineClient:
    while engine.returncode is None:
        try:
            return await attach(folder, "benchmark")
        except PyroError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the engine ended; PYROQUANT_BENCH_LOG=1 shows what it says")


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is None or process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), 15.0)
    except TimeoutError:
        process.kill()
        await process.wait()


def columns(seen: Seen) -> tuple[np.ndarray, np.ndarray, SignalBatch]:
    """(arrival ns int64[n], sender's symbol id int64[n], all signals) of everything that arrived."""
    joined = SignalBatch.join([b for _, b in seen.arrivals])
    ns = np.repeat(np.array([t for t, _ in seen.arrivals], np.int64), [len(b) for _, b in seen.arrivals])
    ids = {name: int(k) for k, name in seen.names.items()}
    of = np.array([ids[s] for s in joined.symbols] or [0], np.int64)
    return ns, of[joined.rows["symbol"]], joined


def delays_ms(seen: Seen) -> dict[str, np.ndarray]:
    """ms from the stamp of the frame that a signal names to its arrival, by kind; `between_closes`, of all kinds that
    did not come in the second after a minute's turn; and `late_ms`, how much later than due the sender wrote. Signals
    without a frame of the measured span (back-filled bars) are left out."""
    ns, ids, signals = columns(seen)
    sent = seen.stamps if len(seen.stamps) else np.full((1, 4), -1)
    sent = sent[np.lexsort((sent[:, 1], sent[:, 0]))]
    # of several frames of a symbol within a millisecond the last counts, as in the engine
    keys = sent[:, 0] << 44 | sent[:, 1]
    wanted = ids << 44 | signals.rows["event_ms"]
    at = np.maximum(np.searchsorted(keys, wanted, "right") - 1, 0)
    known = keys[at] == wanted
    delay = (ns - sent[at, 2]) / 1e6
    made = {kind: delay[known & (signals.rows["kind"] == k)] for k, kind in enumerate(KINDS)}
    made["between_closes"] = delay[known & (ns // 1_000_000 % 60_000 > CLOSE_MS)]
    upto, written = seen.batches[:, 0], seen.batches[:, 1]
    last = np.clip(upto - 1, 0, len(seen.stamps) - 1)
    made["late_ms"] = (written - seen.stamps[last, 2]) / 1e6 if len(seen.stamps) else np.zeros(1)
    return made
