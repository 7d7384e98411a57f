"""A venue that is out of reach at start is asked again, and its symbols appear without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from engine.contracts.commands import EngineInfo, Hello
from engine.contracts.errors import PyroError
from engine.runtime import engine as engine_module
from engine.runtime.client import EngineClient, attach
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.engine import Engine
from engine.runtime.folder import DataFolder
from engine.simulator.server import Simulator, SimulatorConfig

pytestmark = pytest.mark.timeout(300)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def attached(folder: DataFolder) -> EngineClient:
    while True:
        with contextlib.suppress(PyroError):
            return await attach(folder, "test")
        await asyncio.sleep(0.05)


async def test_a_venue_that_comes_late_is_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "RETRY_S", 0.2)
    ws, rest = free_port(), free_port()
    config = EngineConfig(
        markets=("binance-spot",),
        hosts={"binance-spot": VenueHosts(ws=f"ws://127.0.0.1:{ws}", rest=f"http://127.0.0.1:{rest}")},
        symbols_per_connection=5,
        shards_per_market=1,
        demo=False,
    )
    folder = DataFolder(tmp_path)
    engine = Engine(folder, config)
    running = asyncio.create_task(engine.run())
    try:
        client = await attached(folder)
        assert client.info.state == "offline"
        assert client.info.instruments == []
        assert "127.0.0.1" in client.info.note
        lost = asyncio.Event()
        client.on_close(lambda _: lost.set())
        simulated = SimulatorConfig(
            markets=("binance-spot",), spot_ws_port=ws, spot_rest_port=rest, symbols_per_market=5
        )
        async with Simulator(simulated):
            await asyncio.wait_for(lost.wait(), 60)
            again = await attached(folder)
            info: EngineInfo = await again.ask(Hello())
            assert info.state == "live"
            assert len(info.instruments) == 5
            await again.close()
            engine.stop()
            assert await running == 0
        await client.close()
    finally:
        engine.stop()
        await running
