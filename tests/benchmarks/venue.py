"""A sender of its own process: the simulator's listing, REST and sockets, but frames at a fixed rate, open loop.

A frame is due at a time that nothing can delay; its stamp is that time, so a slow receiver cannot hide by slowing the
sender. Told over stdin, one word a line: `rate N`, `mark` (log stamps from here), `stop FILE` (write them and end).
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
from array import array
from collections import deque
from pathlib import Path

import msgspec
import numpy as np

from engine.clock import SYSTEM_CLOCK
from engine.simulator.config import FUTURES, SPOT
from engine.simulator.encode import Templates, text_frame
from engine.simulator.server import Simulator, SimulatorConfig, announce
from engine.simulator.subscriber import Subscriber

KINDS = ("kline_1m", "aggTrade", "miniTicker")
#: frames per second of one symbol as the simulator sends them, by kind
MIX = {SPOT: (0.5, 0.33, 1.0), FUTURES: (4.0, 0.33, 0.5)}
MINUTE_MS = 60_000
#: the simulator's own events do not flow
NEVER = 10**9


class Bar:
    """One symbol's running minute, in whole ticks."""

    def __init__(self, market: str, row: int, templates: Templates, price: float, scale: float) -> None:
        self.market, self.row, self.templates = market, row, templates
        self.scale = scale
        self.c = max(price, 50 / scale) * scale
        self.trade_id = 1_000_000
        self.single = 3_000_000
        self.minute = 0
        self.begin(0)

    def begin(self, minute: int) -> None:
        self.minute = minute
        self.o = self.h = self.l = self.c
        self.v = 0.0
        self.n = 0
        self.first = self.single + 1

    def step(self, rng: random.Random) -> None:
        """A trade at a new price: a walk with jumps, so that signals come at a good rate."""
        spread = 0.004 if rng.random() < 0.02 else 0.0004
        self.c = max(50.0, round(self.c * (1.0 + rng.gauss(0.0, spread))))
        self.h, self.l = max(self.h, self.c), min(self.l, self.c)
        self.v += 1.0
        self.n += 1
        self.single += 1

    def frame(self, kind: int, event_ms: int, final: bool) -> bytes:
        t, s = self.templates, self.scale
        if kind == 0:
            start = self.minute * MINUTE_MS
            o, h, low, c = self.o / s, self.h / s, self.l / s, self.c / s
            q = self.v * c
            first = self.first if self.n else -1
            last = self.single if self.n else -1
            body = t.kline % (
                event_ms, start, start + MINUTE_MS - 1, first, last, o, c, h, low, self.v, self.n,
                "true" if final else "false", q, self.v / 2, q / 2,
            )  # fmt: skip
        elif kind == 1:
            self.trade_id += 1
            amounts = (1.0, 1.0) if self.market == FUTURES else (1.0,)
            ids = (self.single, self.single)
            body = t.trade % (event_ms, self.trade_id, self.c / s, *amounts, *ids, event_ms, "false")
        else:
            c = self.c / s
            body = t.ticker % (event_ms, c, c, c, c, 1000.0, 1000.0 * c)
        return text_frame((t.wraps[KINDS[kind]] + body + "}").encode())


class Sender:
    """hold_finals: at the top of an hour, every final frame at once instead of one after the other at the rate."""

    def __init__(self, simulator: Simulator, *, hold_finals: bool) -> None:
        self.rate = 500.0
        self.marked = False
        self.burst_ns = 0
        self.stamps = array("q")
        self.batches = array("q")
        self._sim = simulator
        self._hold = hold_finals
        self._rng = random.Random(11)
        self._bars: list[Bar] = []
        self._finals: deque[Bar] = deque()
        self._minute = 0
        self._to: dict[tuple[str, str], Subscriber] = {}
        minute = simulator.time.now_ms() // MINUTE_MS
        for market, exchange in simulator.exchanges.items():
            for row, _ in enumerate(exchange.source.symbols):
                scale = float(exchange.source.price_scale[row])
                bars = exchange.source.rows(row, minute - 3, minute)
                price = float(bars["c"][-1]) / scale if len(bars) else 100.0
                self._bars.append(Bar(market, row, exchange.payloads.templates(row), price, scale))
        weights = [w for bar in self._bars for w in MIX[bar.market]]
        slots = [(bar, kind) for bar in self._bars for kind in range(3)]
        self._slots = self._rng.choices(slots, weights, k=1 << 18)
        self._next = 0

    def listen(self) -> None:
        """Who hears which symbol, as subscribed by now."""
        self._to = {
            (market, stream): who
            for market, exchange in self._sim.exchanges.items()
            for who in exchange.subscribers
            for stream in who.streams
        }

    async def run(self) -> None:
        offset_ms = self._sim.time.now_ms() - SYSTEM_CLOCK.now_ns() // 1_000_000
        due = float(SYSTEM_CLOCK.now_ns())
        looked = 0
        while True:
            now = SYSTEM_CLOCK.now_ns()
            if now - looked > 500_000_000:
                looked = now
                self.listen()
                if not self.marked:
                    # for REST's running bars; later the turn of a minute would hold up the sender
                    for exchange in self._sim.exchanges.values():
                        exchange.advance(self._sim.time.now_ms())
            sent = 0
            while due <= now:
                self._slot(int(due), offset_ms)
                due += 1e9 / self.rate
                sent += 1
            if sent:
                for exchange in self._sim.exchanges.values():
                    for who in exchange.subscribers:
                        who.flush()
                if self.marked:
                    self.batches.extend((len(self.stamps) // 4, SYSTEM_CLOCK.now_ns()))
            await asyncio.sleep(0.0005)

    def _slot(self, due_ns: int, offset_ms: int) -> None:
        event_ms = due_ns // 1_000_000 + offset_ms
        minute = event_ms // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._finals.extend(self._bars)
            if self._hold and minute % 60 == 0:
                self.burst_ns = SYSTEM_CLOCK.now_ns()
                while self._finals:
                    self._final(self._finals.popleft(), due_ns, event_ms)
                return
        if self._finals:
            self._final(self._finals.popleft(), due_ns, event_ms)
            return
        bar, kind = self._slots[self._next & 0x3FFFF]
        self._next += 1
        if kind < 2:
            bar.step(self._rng)
        self._send(bar, kind, due_ns, event_ms, final=False)

    def _final(self, bar: Bar, due_ns: int, event_ms: int) -> None:
        if bar.minute == self._minute - 1:
            self._send(bar, 0, due_ns, event_ms, final=True)
        bar.begin(self._minute)

    def _send(self, bar: Bar, kind: int, due_ns: int, event_ms: int, *, final: bool) -> None:
        who = self._to.get((bar.market, bar.templates.streams[KINDS[kind]]))
        if who is None:
            return
        who.out.append(bar.frame(kind, event_ms, final))
        if self.marked and kind < 2:
            self.stamps.extend((bar.row + 100_000 * (bar.market == FUTURES), event_ms, due_ns, int(final)))

    def save(self, path: Path) -> None:
        names = {
            str(row + 100_000 * (market == FUTURES)): f"{market}:{symbol.name}"
            for market, exchange in self._sim.exchanges.items()
            for row, symbol in enumerate(exchange.source.symbols)
        }
        np.savez(
            path,
            stamps=np.frombuffer(self.stamps, np.int64).reshape(-1, 4),
            batches=np.frombuffer(self.batches, np.int64).reshape(-1, 2),
            burst_ns=np.array([self.burst_ns]),
        )
        path.with_suffix(".names").write_bytes(msgspec.json.encode(names))


async def main(symbols: int, start_ms: int, *, hold_finals: bool) -> None:
    config = SimulatorConfig(
        symbols_per_market=symbols, start_ms=start_ms or None, enforce_limits=False, slice_ms=NEVER, ping_s=(300, 300)
    )
    async with Simulator(config) as simulator:
        for market, exchange in simulator.exchanges.items():
            for symbol in exchange.source.symbols:
                simulator.silence(symbol.name, market)
        sender = Sender(simulator, hold_finals=hold_finals)
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        print(msgspec.json.encode(announce(simulator)).decode(), flush=True)
        gc.collect()
        gc.freeze()
        gc.disable()
        sending = asyncio.create_task(sender.run())
        while words := (await reader.readline()).decode().split(maxsplit=1):
            if words[0] == "rate":
                sender.rate = float(words[1])
            elif words[0] == "mark":
                sender.marked = True
            elif words[0] == "stop":
                sending.cancel()
                sender.save(Path(words[1].strip()))
                break
            if sending.done():
                await sending


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), hold_finals=sys.argv[3] == "1"))
