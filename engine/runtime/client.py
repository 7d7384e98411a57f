"""Finding an engine, attaching to it, or starting one: what the window and the command line use to reach it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from engine.bus.client import BusClient
from engine.contracts.commands import Command, EngineInfo, Hello, StopEngine, Subscribe
from engine.contracts.errors import PyroError
from engine.contracts.events import TOPICS, Event
from engine.runtime.first_start import progress
from engine.runtime.folder import DataFolder, Endpoint
from engine.runtime.spawn import program

E = TypeVar("E", bound=Event)
#: s; the first start ever compiles the kernels before it listens, on a slow or busy computer for minutes
START_TIMEOUT = 400.0


class EngineClient:
    """One attached engine. `owned`: this process started it and stops it on close unless told otherwise."""

    def __init__(self, bus: BusClient, info: EngineInfo, process: asyncio.subprocess.Process | None) -> None:
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
            try:
                await asyncio.wait_for(self._process.wait(), wait_s)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    act()
            else:
                return
        await self._process.wait()


async def attach(folder: DataFolder, name: str) -> EngineClient:
    """Attach to the engine that runs on this folder; PyroError when there is none."""
    endpoint = folder.read_endpoint()
    if endpoint is None:
        raise PyroError("no engine runs on this data folder", where=str(folder.root), fix="Start: pyroquant --headless")
    return await _connect(endpoint, name, None)


async def _connect(endpoint: Endpoint, name: str, process: asyncio.subprocess.Process | None) -> EngineClient:
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
    args: list[str] | None = None,
    name: str = "window",
    on_compiling: Callable[[float], None] = lambda _share: None,
) -> EngineClient:
    """Attach to a running engine or start one and wait until it answers.

    demo: True/False force the demo market or the real one, None lets the engine decide. args: further command-line
    arguments for an engine that has to be started. on_compiling(share 0..1): called while a first start compiles its
    kernels. PyroError with the engine's own last words when it does not start.
    """
    folder = DataFolder(data_folder)
    with contextlib.suppress(PyroError):
        return await attach(folder, name)
    folder.prepare()
    folder.remove_endpoint()
    return await _start(folder, demo, args or [], name, on_compiling)


async def _start(
    folder: DataFolder, demo: bool | None, args: list[str], name: str, on_compiling: Callable[[float], None]
) -> EngineClient:
    flags = {True: ["--demo"], False: ["--no-demo"], None: []}[demo]
    log_path = folder.logs / "engine-start.log"
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            *program("--headless", "--data", str(folder.root), "--owned", *flags, *args),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=os.name == "posix",
        )
    finally:
        os.close(log)
    try:
        async with asyncio.timeout(START_TIMEOUT):
            while process.returncode is None:
                endpoint = folder.read_endpoint()
                if endpoint is not None and endpoint.pid == process.pid:
                    return await _connect(endpoint, name, process)
                if (share := progress(folder)) >= 0:
                    on_compiling(share)
                await asyncio.sleep(0.02 if share < 0 else 0.2)
    except TimeoutError:
        process.kill()
        await process.wait()
    tail = log_path.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise PyroError(f"the engine did not start: {tail[0]}", where=str(log_path), fix="The whole text is in this file.")
