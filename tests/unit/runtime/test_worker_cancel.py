"""A task that does not let itself be stopped takes its process along, and none of those that waited behind it."""

from __future__ import annotations

import asyncio
import sys

import pytest

from engine.contracts.commands import SqlResult
from engine.contracts.errors import Cancelled
from engine.runtime import worker
from engine.runtime.worker_wire import SqlTask

#: does one task after the other, hears no cancel, and never ends one whose query is "stuck"
CHILD = """
import os, time
import msgspec
from engine.bus.wire import FrameReader, encode_body, pack
from engine.contracts.commands import SqlResult
from engine.runtime.worker_wire import AnyTask, Done, SqlTask
frames, decoder = FrameReader(), msgspec.msgpack.Decoder(AnyTask)
while data := os.read(0, 1 << 16):
    for body in frames.feed(data):
        task = decoder.decode(body)
        while isinstance(task, SqlTask) and task.query == "stuck":
            time.sleep(0.05)
        if isinstance(task, SqlTask):
            answer = SqlResult(columns=["pid"], rows=[[os.getpid()]])
            os.write(1, pack(Done(id=task.id, body=encode_body(answer))))
"""


def test_what_waits_behind_a_stuck_task_is_done_by_the_next_process(monkeypatch):
    monkeypatch.setattr(worker, "child", lambda *_words, **_told: [sys.executable, "-c", CHILD])
    monkeypatch.setattr(worker, "CANCEL_GRACE", 0.2)

    async def play():
        process = worker.WorkerProcess("query", "nowhere")

        def ask(name, query):
            return asyncio.ensure_future(process.run(SqlTask(id=name, query=query, limit=1), SqlResult))

        first = (await ask("before", "1")).rows[0][0]
        stuck, behind, dropped = ask("stuck", "stuck"), ask("behind", "2"), ask("dropped", "3")
        while process.waiting < 3:
            await asyncio.sleep(0.01)
        await process.cancel("dropped")
        with pytest.raises(Cancelled):
            await dropped
        assert not stuck.done(), "one that waited does not end the process"
        assert process.pid == first
        await process.cancel("stuck")
        with pytest.raises(Cancelled):
            await stuck
        assert (await behind).rows[0][0] == process.pid != first
        assert not process.waiting
        await process.close()

    asyncio.run(asyncio.wait_for(play(), 60))
