"""Running the simulator as a process of its own: until a signal, or until a pipe closes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable

from engine.simulator.config import SimulatorConfig
from engine.simulator.server import Simulator, announce

__all__ = ["SimulatorConfig", "serve"]


async def serve(
    config: SimulatorConfig, started: Callable[[dict[str, dict[str, str]]], None], *, stop_descriptor: int | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, or until the other end of stop_descriptor (a pipe) is closed.

    started: told the URLs once they answer.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    if sys.platform != "win32":
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, stop.set)
    if stop_descriptor is not None:
        threading.Thread(target=_watch, args=(stop_descriptor, loop, stop), name="parent watch", daemon=True).start()
    async with Simulator(config) as simulator:
        started(announce(simulator))
        await stop.wait()


def _watch(descriptor: int, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # os.read on the bare descriptor: a daemon thread inside a buffered reader aborts the interpreter at exit
    while os.read(descriptor, 4096):
        pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop.set)
