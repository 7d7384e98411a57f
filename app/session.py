"""The window's connection to its engine: found or started, watched, and found again with a growing pause when lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from engine.contracts.commands import Command, EngineInfo, Subscribe
from engine.contracts.errors import PyroError
from engine.contracts.events import TOPICS, Event
from widgets.texts import mark, tr

E = TypeVar("E", bound=Event)
#: s between attempts; the last one repeats. Reset only by an engine that stayed, so a crash at start cannot spin.
BACK_OFF = (0.4, 0.8, 1.6, 3.2, 6.4, 8.0)
STAYED_S = 60.0


class Client(Protocol):
    """What the window needs of engine.runtime.client.EngineClient."""

    info: EngineInfo

    @property
    def owned(self) -> bool: ...
    async def ask(self, command: Command) -> Any: ...
    def on(self, kind: type[E], handler: Callable[[E], None], /) -> Callable[[], None]: ...
    def on_close(self, handler: Callable[[str], None]) -> None: ...
    async def close(self) -> None: ...
    async def stop_engine(self) -> None: ...


Connect = Callable[[], Awaitable[Client]]


#: the reason of a loss that was asked for
RESTART = mark("restart requested")


class Session:
    """Calls `on_up(client)` with each connection and `on_down(reason, next attempt in s)` with each loss."""

    def __init__(
        self,
        connect: Connect,
        on_up: Callable[[Client], None],
        on_down: Callable[[str, float], None],
        seconds: Callable[[], float],
        back_off: tuple[float, ...] = BACK_OFF,
    ) -> None:
        self._connect, self._on_up, self._on_down = connect, on_up, on_down
        self._seconds, self._back_off = seconds, back_off
        self.client: Client | None = None
        self._lost: asyncio.Event = asyncio.Event()
        self._reason = ""
        self._now = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.attempt = 0

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="session")

    def retry_now(self) -> None:
        """Do not wait for the next attempt."""
        self._now.set()

    async def _run(self) -> None:
        while True:
            began = self._seconds()
            try:
                self.client = await self._connect()
                self._lost.clear()
                self.client.on_close(self._on_close)
                # listeners first: the answer to Subscribe is followed at once by a snapshot that comes only once
                self._on_up(self.client)
                await self.client.ask(Subscribe(topics=list(TOPICS)))
                await self._lost.wait()
            except (PyroError, OSError) as error:
                self._reason = str(error)
            self.client = None
            if self._seconds() - began > STAYED_S:
                self.attempt = 0
            pause = self._back_off[min(self.attempt, len(self._back_off) - 1)]
            self.attempt += 1
            self._on_down(self._reason, pause)
            self._now.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), pause)

    def _on_close(self, reason: str) -> None:
        self._reason = reason or mark("it ended without a word")
        self._lost.set()

    async def ask(self, command: Command) -> Any:
        """The engine's reply; PyroError as well while there is none."""
        if self.client is None:
            raise PyroError(tr("There is no engine to ask; it is being started."), fix=tr("Try again in a moment."))
        return await self.client.ask(command)

    async def restart_engine(self) -> None:
        """Stop the engine; the loop above starts it again."""
        if self.client is not None:
            await self.client.stop_engine()
            self._on_close(RESTART)
            self.retry_now()

    async def stop(self, *, keep_engine: bool) -> None:
        """End watching; stop the engine that this window started unless it shall go on."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        client, self.client = self.client, None
        if client is None:
            return
        if client.owned and not keep_engine:
            await client.stop_engine()
        else:
            await client.close()
