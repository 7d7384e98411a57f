"""The kernels of back-tests compiled in the background, before anybody asks for one. Loads none of them itself."""

from __future__ import annotations

import asyncio
import logging
import os

from engine.contracts.commands_base import Ok
from engine.contracts.errors import PyroError
from engine.runtime.worker import WorkerProcess, new_id
from engine.runtime.worker_wire import KernelsTask

log = logging.getLogger(__name__)
#: s after the engine's start, when the first candles are live
AFTER_S = 90.0


async def compile_later(data_folder: str) -> None:
    """Once the engine has had time for what a person sees first. Where they are compiled already it takes a second."""
    await asyncio.sleep(AFTER_S)
    worker = WorkerProcess("kernels", data_folder)
    try:
        await worker.run(KernelsTask(id=new_id("kernels", os.getpid(), 0)), Ok)
    except PyroError as error:
        log.warning("the kernels of back-tests were not compiled ahead: %s", error)
    finally:
        await worker.close()
