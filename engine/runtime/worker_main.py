"""A worker process from within: tasks come on stdin, answers go to stdout; a closed pipe ends all."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from engine.bus.wire import FrameReader, encode_body, pack
from engine.contracts.errors import Cancelled, PyroError
from engine.runtime.folder import DataFolder
from engine.runtime.kept import Report, TaskContext
from engine.runtime.strategies import use_folder
from engine.runtime.tasks import perform
from engine.runtime.worker_wire import AnyTask, CancelTask, Done, Partial, Progress, failed

log = logging.getLogger(__name__)
_decoder: msgspec.msgpack.Decoder[AnyTask] = msgspec.msgpack.Decoder(AnyTask)


class _Pipe:
    """stdin on a thread of its own, so that Cancel is heard while a task runs."""

    def __init__(self, descriptor: int) -> None:
        self.tasks: queue.SimpleQueue[AnyTask | None] = queue.SimpleQueue()
        self.cancelled: set[str] = set()
        self._descriptor = descriptor
        threading.Thread(target=self._read, name="worker-stdin", daemon=True).start()

    def _read(self) -> None:
        frames = FrameReader()
        # os.read, not sys.stdin: a daemon thread inside a buffered reader aborts the interpreter at exit
        while data := os.read(self._descriptor, 1 << 16):
            for body in frames.feed(data):
                task = _decoder.decode(body)
                if isinstance(task, CancelTask):
                    self.cancelled.add(task.id)
                else:
                    self.tasks.put(task)
        self.tasks.put(None)


def serve(data_folder: Path, state_url: str = "", lake: str = "", *, charts: bool = False) -> int:
    """Run until the pipe closes. state_url, lake: '' = those of the folder. charts: somebody waits for one soon."""
    source, sink = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    pipe = _Pipe(source)
    context = TaskContext(DataFolder(data_folder), state_url, lake)
    use_folder(context.folder)
    if charts:
        import engine.runtime.chart_files  # noqa: F401 - its kernels, while nothing is asked yet
    try:
        while (task := pipe.tasks.get()) is not None:
            _write(sink, _answer(task, context, pipe, sink))
    except BrokenPipeError:
        pass
    finally:
        context.close()
    return 0


def _answer(task: AnyTask, context: TaskContext, pipe: _Pipe, sink: int) -> Any:
    try:
        if task.id in pipe.cancelled:
            raise Cancelled("cancelled before it began", where=task.id)
        reply = perform(
            task,
            context,
            _reporter(task.id, sink),
            lambda: task.id in pipe.cancelled,
            lambda part: _write(sink, Partial(id=task.id, body=encode_body(part))),
        )
        return Done(id=task.id, body=encode_body(reply))
    except BrokenPipeError:
        raise
    except PyroError as error:
        return failed(task.id, error)
    except MemoryError:
        return failed(task.id, PyroError("not enough memory", fix="Ask for a shorter range."))
    except Exception as error:
        log.exception("%s failed", type(task).__name__)
        return failed(task.id, PyroError(f"internal error: {error!r}", fix="See the log."))
    finally:
        pipe.cancelled.discard(task.id)


def _reporter(task_id: str, sink: int) -> Report:
    last, said = -1.0, ""

    def report(fraction: float, step: str = "") -> None:
        nonlocal last, said
        if fraction - last >= 0.01 or (step and step != said):
            last, said = max(last, fraction), step or said
            _write(sink, Progress(id=task_id, fraction=min(1.0, last), step=said))

    return report


def _write(sink: int, message: object) -> None:
    data = memoryview(pack(message))
    while data:
        data = data[os.write(sink, data) :]
