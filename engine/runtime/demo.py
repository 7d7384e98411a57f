"""The demo market: whether this start needs it, and the simulator's process that serves it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from urllib.parse import urlsplit

import msgspec

from engine.contracts.errors import PyroError
from engine.runtime.config import VenueHosts
from engine.runtime.spawn import program

log = logging.getLogger(__name__)
#: s; the simulator answers within about two
START_TIMEOUT = 30.0


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
    """The simulator as a child; it ends when this process does."""

    def __init__(self, *, speed: float, data: str, symbols: int) -> None:
        self._arguments = ["--speed", str(speed), "--symbols", str(symbols), *(["--candles", data] if data else [])]
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> dict[str, VenueHosts]:
        """Hosts by real market id; PyroError when it does not come up."""
        self._process = await asyncio.create_subprocess_exec(
            *program("simulator", "--json", "--until-stdin-closes", *self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_TIMEOUT):
                line = await self._process.stdout.readline()
            said: dict[str, VenueHosts] = msgspec.json.decode(line, type=dict[str, VenueHosts])
        except (TimeoutError, msgspec.DecodeError) as error:
            await self.stop()
            raise PyroError("the demo market did not start", fix="See the log; try: pyroquant simulator") from error
        return said

    async def ended(self) -> int:
        """Wait for its end (a fault, when it was not asked to)."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 3.0)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
