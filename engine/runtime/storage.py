"""The storage thread: one worker that owns the state store and the lake, and a bounded queue before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from engine.contracts.errors import PyroError

P = ParamSpec("P")
T = TypeVar("T")
#: jobs that may wait; a writer that finds it full waits (nothing is dropped, the feed's table coalesces meanwhile)
QUEUE_LIMIT = 256


class StorageThread:
    """`run` calls a function on the one storage thread, in the order asked."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="storage")
        self._room = asyncio.Semaphore(QUEUE_LIMIT)
        self._waiting = 0
        self._waited = 0
        self.closed = False

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.closed:
            raise PyroError("the store is closed", fix="The engine is stopping.")
        self._waited += self._room.locked()
        async with self._room:
            self._waiting += 1
            try:
                return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*args, **kwargs))
            finally:
                self._waiting -= 1

    @property
    def queue(self) -> tuple[int, int, int]:
        """(waiting, limit, times that a writer had to wait)."""
        return self._waiting, QUEUE_LIMIT, self._waited

    async def close(self) -> None:
        """Finish what waits, then end the thread."""
        self.closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)
