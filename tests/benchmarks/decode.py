"""Frames per second of processor time: receive -> decode -> coalesce, with the drains that go with it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from websockets.asyncio.client import connect

from engine.clock import SYSTEM_CLOCK
from engine.contracts.feed import AggTrade, Kline, MiniTicker
from engine.feeds.coalesce import TickTable
from engine.simulator.config import FUTURES, SPOT
from engine.venues.registry import protocol
from tests.benchmarks.harness import report

#: frames of one connection, and connections; half of them spot
FRAMES, CONNECTIONS = 60_000, 4
DRAIN_S = 0.002
VENUES = {SPOT: "binance_spot", FUTURES: "binance_futures"}


async def _receive(url: str, market: str, table: TickTable) -> tuple[int, int]:
    decode, now_ns = protocol(VENUES[market]).decode, SYSTEM_CLOCK.now_ns
    frames = size = 0
    async with connect(url, compression=None, max_size=1 << 20, max_queue=256, proxy=None) as socket:
        await socket.send("go")
        while frames < FRAMES:
            frame = await socket.recv(decode=False)
            recv_ns = now_ns()
            for message in decode(frame):
                if type(message) is Kline:
                    table.kline(message, recv_ns)
                elif type(message) is AggTrade:
                    table.trade(message, recv_ns)
                elif type(message) is MiniTicker:
                    table.ticker(message)
            frames += 1
            size += len(frame)
    return frames, size


async def _drain(table: TickTable, counts: list[int]) -> None:
    while True:
        await asyncio.sleep(DRAIN_S)
        counts[0] += len(table.drain())
        counts[1] += len(table.tickers())


async def _measure() -> dict[str, Any]:
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.flood", str(FRAMES), stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert sender.stdout is not None
    assert sender.stdin is not None
    try:
        port = int(await sender.stdout.readline())
        names = (await sender.stdout.readline()).decode().split()
        tables = {market: TickTable(names) for market in VENUES}
        counts = [0, 0]
        drains = [asyncio.create_task(_drain(t, counts)) for t in tables.values()]
        began, used = SYSTEM_CLOCK.monotonic_ns(), sum(os.times()[:2])
        markets = [SPOT, FUTURES] * (CONNECTIONS // 2)
        done = await asyncio.gather(
            *(
                _receive(f"ws://127.0.0.1:{port}/{market}/{n}", market, tables[market])
                for n, market in enumerate(markets)
            )
        )
        used = sum(os.times()[:2]) - used
        took = (SYSTEM_CLOCK.monotonic_ns() - began) / 1e9
        for task in drains:
            task.cancel()
        await asyncio.gather(*drains, return_exceptions=True)
    finally:
        sender.stdin.close()
        await sender.wait()
    frames = sum(n for n, _ in done)
    return {
        "frames_per_cpu_s": round(frames / used),
        "frames_per_s": round(frames / took),
        "us_per_frame": round(used / frames * 1e6, 2),
        "frames": frames,
        "bytes_per_frame": round(sum(b for _, b in done) / frames),
        "ticks_drained": counts[0],
        "unknown": sum(t.unknown + t.invalid for t in tables.values()),
    }


def run() -> dict[str, Any]:
    """value: frames a CPU second of the receiving process, drains included; the sender is another process."""
    runs = sorted((asyncio.run(_measure()) for _ in range(3)), key=lambda f: f["frames_per_cpu_s"])
    figures = runs[1] | {"runs": [r["frames_per_cpu_s"] for r in runs]}
    return report(
        "decode", figures["frames_per_cpu_s"], figures, "websockets with msgspec as found at the start: 60,000"
    )
