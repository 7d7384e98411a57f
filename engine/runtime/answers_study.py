"""What an engine answers about strategies that are written, questioned and tuned."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from engine.bus.server import Peer
from engine.contracts.commands import Command, GetLanguage, Language, Ok
from engine.contracts.errors import Cancelled
from engine.contracts.studio import (
    DeleteStrategyFile,
    ExplainAll,
    FileText,
    FindSignal,
    GetStrategyStats,
    ListStrategyFiles,
    ReadStrategyFile,
    RenameStrategyFile,
    SaveStrategyFile,
    StrategyFiles,
    StrategyStats,
    StudyCommand,
    TryStrategy,
    WhatIf,
)
from engine.runtime import catalogue
from engine.runtime.parts import EngineParts
from engine.runtime.study_files import StrategyFolder
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import StudyTask

#: s without a request after which the study process goes, with the bars that it keeps warm
IDLE_S = 300.0
#: of these the newest request of a client wins
_NEWEST = (TryStrategy, WhatIf, ExplainAll)


class StudyAnswers:
    """One method a command. The study process is apart from charts, jobs and live data, and starts when needed."""

    def __init__(self, engine: EngineParts) -> None:
        self._engine = engine
        self._turns: dict[tuple[int, type[Command]], asyncio.Lock] = {}
        self._newest: dict[tuple[int, type[Command]], object] = {}
        self._used = 0.0
        self.methods: dict[type[Command], Callable[[Any, Peer], Awaitable[Any]]] = {
            GetLanguage: self._language,
            ListStrategyFiles: self._files,
            ReadStrategyFile: self._read,
            SaveStrategyFile: self._save,
            RenameStrategyFile: self._rename,
            DeleteStrategyFile: self._delete,
            GetStrategyStats: self._stats,
        }
        self.methods |= dict.fromkeys((TryStrategy, WhatIf, ExplainAll, FindSignal), self._study)

    def left(self, peer: Peer) -> None:
        """A client has gone."""
        for key in [k for k in self._turns if k[0] == id(peer)]:
            self._turns.pop(key, None)
            self._newest.pop(key, None)

    async def run(self) -> None:
        """End the process when it has had nothing to do for a while."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(IDLE_S / 10)
            worker = self._engine.study
            if worker.pid is not None and not worker.waiting and loop.time() - self._used > IDLE_S:
                await worker.close()

    async def _study(self, command: StudyCommand, peer: Peer) -> Any:
        if not isinstance(command, _NEWEST):
            return await self._ask(command)
        key = id(peer), type(command)
        mine = self._newest[key] = object()
        async with self._turns.setdefault(key, asyncio.Lock()):
            if self._newest.get(key) is not mine:
                raise Cancelled("A newer request has come.", where=type(command).__name__)
            return await self._ask(command)

    async def _ask(self, command: StudyCommand) -> Any:
        self._used = asyncio.get_running_loop().time()
        task = StudyTask(id=new_id("study", os.getpid(), 0), ask=command)
        return await self._engine.study.run(task, command.reply)

    async def _stats(self, command: GetStrategyStats, peer: Peer) -> StrategyStats:
        found: StrategyStats = await self._ask(command)
        live = self._engine.live
        return msgspec.structs.replace(found, live=len(live.instruments) if live else 0)

    async def _language(self, command: GetLanguage, peer: Peer) -> Language:
        return await asyncio.to_thread(catalogue.language)

    @property
    def _folder(self) -> StrategyFolder:
        return StrategyFolder(self._engine.folder.strategies)

    async def _files(self, command: ListStrategyFiles, peer: Peer) -> StrategyFiles:
        return await asyncio.to_thread(self._folder.list)

    async def _read(self, command: ReadStrategyFile, peer: Peer) -> FileText:
        return await asyncio.to_thread(self._folder.read, command)

    async def _save(self, command: SaveStrategyFile, peer: Peer) -> FileText:
        return await asyncio.to_thread(self._folder.save, command)

    async def _rename(self, command: RenameStrategyFile, peer: Peer) -> Ok:
        return await asyncio.to_thread(self._folder.rename, command)

    async def _delete(self, command: DeleteStrategyFile, peer: Peer) -> Ok:
        return await asyncio.to_thread(self._folder.delete, command)
