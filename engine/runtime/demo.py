"""The demo market: whether this start needs it, and the simulator's process that serves it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
from urllib.parse import urlsplit

import msgspec

from engine.contracts.errors import PyroError
from engine.runtime.config import EngineConfig, VenueHosts
from engine.runtime.spawn import child

log = logging.getLogger(__name__)
#: s; the simulator answers within about two
START_TIMEOUT = 30.0
#: s between two looks at whether it still runs
LOOK_S = 0.1


async def reachable(rest_url: str, timeout_s: float) -> str:
    """'' when the host accepts a connection within timeout_s, else why not, for a person."""
    parts = urlsplit(rest_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except TimeoutError:
        return f"{parts.hostname} did not answer within {timeout_s:g} s"
    except OSError as error:
        return f"{parts.hostname} cannot be reached ({error.strerror or error})"
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return ""


class SimulatorProcess:
    """The simulator as a child, begun at once; it ends when this process does."""

    def __init__(self, config: EngineConfig) -> None:
        symbols = min(500, config.feed.symbols_per_connection * config.feed.max_shards)
        self._process = subprocess.Popen(
            child("simulator", speed=config.simulator_speed, symbols=symbols, candles=config.simulator_data),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def hosts(self) -> dict[str, VenueHosts]:
        """Hosts by real market id, once it answers; PyroError when it does not come up."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_TIMEOUT):
                line = await asyncio.to_thread(self._process.stdout.readline)
            said: dict[str, VenueHosts] = msgspec.json.decode(line, type=dict[str, VenueHosts])
        except (TimeoutError, msgspec.DecodeError) as error:
            await self.stop()
            raise PyroError("the demo market did not start", fix="See the log; try: pyroquant simulator") from error
        return said

    async def ended(self) -> int:
        """Wait for its end (a fault, when it was not asked to)."""
        while (code := self._process.poll()) is None:  # noqa: ASYNC110 - the system tells by polling
            await asyncio.sleep(LOOK_S)
        return code

    async def stop(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self.ended(), 3.0)
        except TimeoutError:
            self._process.kill()
            await self.ended()
