"""The engine's side of a worker process: started when needed, one task at a time, cancellable, replaced if it dies."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable
from typing import Any

import msgspec

from engine.bus.wire import FrameReader, pack
from engine.contracts.errors import Cancelled, PyroError
from engine.runtime.spawn import child
from engine.runtime.worker_wire import AnyTask, CancelTask, Done, Failed, FromWorker, Partial, Progress

log = logging.getLogger(__name__)
#: s; a task that has not stopped by then after Cancel is ended with its process
CANCEL_GRACE = 2.0
_decoder = msgspec.msgpack.Decoder(FromWorker)
_serial = itertools.count(1)


def new_id(kind: str, pid: int, ms: int) -> str:
    """A job id that stays unique over restarts."""
    return f"{kind}-{ms:x}-{pid:x}-{next(_serial)}"


class WorkerProcess:
    """kind: 'query', 'jobs' or 'data'. The child runs on the data folder given and exits when its pipe closes."""

    def __init__(self, kind: str, data_folder: str, state_url: str = "", lake: str = "") -> None:
        self.kind = kind
        self._where = {"data": data_folder, "state": state_url, "lake": lake}
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: dict[str, tuple[asyncio.Future[msgspec.Raw], Callable[[float, str], None] | None]] = {}
        self._parts: dict[str, Callable[[msgspec.Raw], None]] = {}
        #: what is under way, in the order in which the child does it; and what of it is asked anew of the next child
        self._tasks: dict[str, AnyTask] = {}
        self._again: set[str] = set()
        self._starting = asyncio.Lock()
        #: the child has loaded all that it needs: it has answered once
        self.answers = False

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def run(
        self,
        task: AnyTask,
        reply: Any,
        progress: Callable[[float, str], None] | None = None,
        part: Callable[[msgspec.Raw], None] | None = None,
    ) -> Any:
        """The decoded reply of a task; PyroError, BadInput or Cancelled when it fails. part: gets what is done of it
        before, packed."""
        await self._ensure()
        assert self._process is not None
        assert self._process.stdin is not None
        future: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._waiting[task.id] = (future, progress)
        self._tasks[task.id] = task
        if part is not None:
            self._parts[task.id] = part
        try:
            self._process.stdin.write(pack(task))
            await self._process.stdin.drain()
            return msgspec.msgpack.decode(await future, type=reply)
        except ConnectionError as error:
            raise PyroError(f"the {self.kind} process ended", fix="Try again; it is started anew.") from error
        finally:
            self._waiting.pop(task.id, None)
            self._tasks.pop(task.id, None)
            self._parts.pop(task.id, None)

    async def begin(self) -> None:
        """Start the process before it is asked for anything."""
        await self._ensure()

    async def cancel(self, task_id: str) -> None:
        """Stop a task: politely, then with its process. What waited behind it is asked anew of the next one; one that
        waits itself is only forgotten."""
        entry = self._waiting.get(task_id)
        if entry is None or self._process is None or self._process.stdin is None:
            return
        self._process.stdin.write(pack(CancelTask(id=task_id)))
        with contextlib.suppress(TimeoutError, PyroError):
            await asyncio.wait_for(asyncio.shield(entry[0]), CANCEL_GRACE)
        if not entry[0].done():
            begun = next(iter(self._tasks), "") == task_id
            entry[0].set_exception(Cancelled("cancelled", where=task_id))
            if begun:
                await self._replace(task_id)

    async def _replace(self, task_id: str) -> None:
        """End the child that does not let go of a task, and ask the next one for the others."""
        others = [task for name, task in self._tasks.items() if name != task_id]
        self._again = {task.id for task in others}
        await self._kill()
        if self._reader:
            await asyncio.gather(self._reader, return_exceptions=True)
        self._again = set()
        if not others:
            return
        await self._ensure()
        assert self._process is not None
        assert self._process.stdin is not None
        for task in others:
            self._process.stdin.write(pack(task))

    async def close(self) -> None:
        """End the child; a task under way fails as cancelled."""
        for future, _ in list(self._waiting.values()):
            if not future.done():
                future.set_exception(Cancelled("the engine is stopping"))
        if self._process and self._process.stdin:
            self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.wait(), CANCEL_GRACE)
            except TimeoutError:
                await self._kill()
        if self._reader:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _ensure(self) -> None:
        async with self._starting:
            if self._process and self._process.returncode is None:
                return
            self.answers = False
            self._process = await asyncio.create_subprocess_exec(
                *child("worker", kind=self.kind, **self._where),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=1 << 20,
            )
            self._reader = asyncio.create_task(self._read(self._process), name=f"worker-{self.kind}")

    async def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        frames = FrameReader()
        while data := await process.stdout.read(1 << 18):
            for body in frames.feed(data):
                self._receive(_decoder.decode(body))
        code = await process.wait()
        lost = [f for name, (f, _) in self._waiting.items() if not f.done() and name not in self._again]
        for future in lost:
            future.set_exception(
                PyroError(f"the {self.kind} process ended with code {code}", fix="Try again; it is started anew.")
            )
        if lost:
            log.warning("the %s process ended with code %s and %d tasks", self.kind, code, len(lost))

    def _receive(self, message: FromWorker) -> None:
        self.answers = True
        future, progress = self._waiting.get(message.id, (None, None))
        if future is None or future.done():
            return
        if isinstance(message, Progress):
            if progress:
                progress(message.fraction, message.step)
        elif isinstance(message, Partial):
            if part := self._parts.get(message.id):
                part(message.body)
        elif isinstance(message, Done):
            future.set_result(message.body)
        elif isinstance(message, Failed):
            future.set_exception(message.error())
