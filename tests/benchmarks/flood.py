"""A sender at full rate: frames of the simulator's mix, made beforehand, as fast as the reader takes them."""

from __future__ import annotations

import asyncio
import random
import sys

from websockets.asyncio.server import ServerConnection, serve

from engine.simulator.config import FUTURES, SPOT
from engine.simulator.server import Simulator, SimulatorConfig
from tests.benchmarks.venue import MIX, Bar

SYMBOLS, AT_ONCE, MOST_WAITING = 240, 64, 1 << 18


def frames(simulator: Simulator, market: str, part: int, count: int) -> list[bytes]:
    """Frames of the symbols of one connection, in order, with rising ids and event times."""
    exchange, rng = simulator.exchanges[market], random.Random(part)
    rows = range(part % 4 // 2, SYMBOLS, 2)
    bars = [
        Bar(market, row, exchange.payloads.templates(row), 100.0, float(exchange.source.price_scale[row]))
        for row in rows
    ]
    now_ms = simulator.time.now_ms() // 60_000 * 60_000
    for bar in bars:
        bar.begin(now_ms // 60_000)
    slots = [(bar, kind) for bar in bars for kind in range(3)]
    made = []
    chosen = rng.choices(slots, [w for _ in bars for w in MIX[market]], k=count)
    for i, (bar, kind) in enumerate(chosen):
        if kind < 2:
            bar.step(rng)
        made.append(bar.frame(kind, now_ms + i * 50_000 // count, False))
    return made


async def main(count: int) -> None:
    config = SimulatorConfig(symbols_per_market=SYMBOLS)
    simulator = Simulator(config)
    ready = [frames(simulator, market, n, count) for n, market in enumerate([SPOT, FUTURES, SPOT, FUTURES])]

    async def handle(connection: ServerConnection) -> None:
        assert connection.request is not None
        mine = ready[int(connection.request.path.rpartition("/")[2])]
        await connection.recv()
        transport = connection.transport
        for start in range(0, len(mine), AT_ONCE):
            transport.write(b"".join(mine[start : start + AT_ONCE]))
            while transport.get_write_buffer_size() > MOST_WAITING:
                await asyncio.sleep(0.0005)
            await asyncio.sleep(0)
        await connection.wait_closed()

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(next(iter(server.sockets)).getsockname()[1])
        print(*sorted({s.name for e in simulator.exchanges.values() for s in e.source.symbols}), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
