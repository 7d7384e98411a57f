"""Finding an engine, attaching to it, or starting one: what the window and the command line use to reach it."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from engine.bus.client import BusClient
from engine.contracts.commands import Command, EngineInfo, Hello, StopEngine, Subscribe
from engine.contracts.errors import PyroError
from engine.contracts.events import TOPICS, Event
from engine.runtime.first_start import progress
from engine.runtime.folder import DataFolder, Endpoint
from engine.runtime.spawn import ENGINE_LOG, Given, begin_engine

E = TypeVar("E", bound=Event)
#: s in which an engine that starts must answer, or come further with compiling its kernels (the first start ever)
START_TIMEOUT = 400.0


class EngineClient:
    """One attached engine. `owned`: this process started it and stops it on close unless told otherwise."""

    def __init__(self, bus: BusClient, info: EngineInfo, process: subprocess.Popen[bytes] | None) -> None:
        self.info = info
        self._bus = bus
        self._process = process

    @property
    def owned(self) -> bool:
        return self._process is not None

    async def ask(self, command: Command) -> Any:
        return await self._bus.ask(command)

    def on(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        return self._bus.on(kind, handler)

    def on_close(self, handler: Callable[[str], None]) -> None:
        self._bus.on_close(handler)

    async def subscribe(self, *topics: str) -> None:
        await self._bus.ask(Subscribe(topics=list(topics) or list(TOPICS)))

    async def close(self) -> None:
        """Detach; the engine goes on."""
        await self._bus.close()

    async def stop_engine(self) -> None:
        """Ask the engine to stop, wait for its end, and end it by force only when it does not."""
        with contextlib.suppress(PyroError):
            await self._bus.ask(StopEngine())
        await self._bus.close()
        if self._process is None:
            return
        for wait_s, act in ((8.0, self._process.terminate), (4.0, self._process.kill)):
            if await _ended(self._process, wait_s):
                return
            act()
        await _ended(self._process, 60.0)


async def _ended(process: subprocess.Popen[bytes], wait_s: float) -> bool:
    """Whether a process ends within this time."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    while process.poll() is None:
        if loop.time() > until:
            return False
        await asyncio.sleep(0.02)
    return True


async def attach(folder: DataFolder, name: str) -> EngineClient:
    """Attach to the engine that runs on this folder; PyroError when there is none."""
    endpoint = folder.read_endpoint()
    if endpoint is None:
        raise PyroError("no engine runs on this data folder", where=str(folder.root), fix="Start: pyroquant --headless")
    return await _connect(endpoint, name, None)


async def _connect(endpoint: Endpoint, name: str, process: subprocess.Popen[bytes] | None) -> EngineClient:
    bus = await BusClient.connect(endpoint.host, endpoint.port, endpoint.token, name)
    try:
        info: EngineInfo = await bus.ask(Hello(client=name))
    except BaseException:
        await bus.close()
        raise
    return EngineClient(bus, info, process)


async def attach_or_start(
    data_folder: Path,
    *,
    demo: bool | None,
    given: Given | None = None,
    name: str = "window",
    on_compiling: Callable[[float], None] = lambda _share: None,
    begun: subprocess.Popen[bytes] | None = None,
) -> EngineClient:
    """Attach to a running engine or start one and wait until it answers.

    demo: True/False force the demo market or the real one, None lets the engine decide. given: for an engine that has
    to be started. on_compiling(share 0..1): called while a first start compiles its kernels. begun: an engine that was
    started ahead, see `begin_ahead`. PyroError with the engine's own last words when it does not start.
    """
    folder = DataFolder(data_folder)
    if begun is not None:
        # it may have met another engine that had just been started
        with contextlib.suppress(PyroError):
            return await _wait_for(begun, folder, name, on_compiling)
    with contextlib.suppress(PyroError):
        return await attach(folder, name)
    folder.prepare()
    folder.remove_endpoint()
    process = begin_engine(folder.root, folder.logs, demo, given)
    return await _wait_for(process, folder, name, on_compiling)


def begin_ahead(folder: DataFolder, demo: bool | None, given: Given | None) -> subprocess.Popen[bytes] | None:
    """Start an engine while nobody waits for it yet; None where one seems to run, or the folder is not writable (which
    `attach_or_start` then says)."""
    if folder.endpoint.exists():
        return None
    try:
        folder.prepare()
        return begin_engine(folder.root, folder.logs, demo, given)
    except (PyroError, OSError):
        return None


async def _wait_for(
    process: subprocess.Popen[bytes], folder: DataFolder, name: str, on_compiling: Callable[[float], None]
) -> EngineClient:
    loop = asyncio.get_running_loop()
    known, until = -1.0, loop.time() + START_TIMEOUT
    try:
        while process.poll() is None:
            endpoint = folder.read_endpoint()
            if endpoint is not None and endpoint.pid == process.pid:
                return await _connect(endpoint, name, process)
            if (share := progress(folder)) >= 0:
                on_compiling(share)
            if share != known:
                known, until = share, loop.time() + START_TIMEOUT
            if loop.time() > until:
                process.kill()
            await asyncio.sleep(0.02 if share < 0 else 0.2)
    except asyncio.CancelledError:
        # nobody will use it
        process.terminate()
        raise
    log_path = folder.logs / ENGINE_LOG
    tail = log_path.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise PyroError(f"the engine did not start: {tail[0]}", where=str(log_path), fix="The whole text is in this file.")
