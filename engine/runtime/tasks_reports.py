"""What is made of kept runs: reports, comparisons, files; for the query worker and for commands without an engine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from engine.backtest.export import export
from engine.backtest.report import Run, compare, make_report
from engine.clock import SYSTEM_CLOCK, now_ms
from engine.contracts.backtests import BacktestResult
from engine.contracts.commands import KeepRun
from engine.contracts.commands_base import Command
from engine.contracts.errors import PyroError
from engine.contracts.reports import Comparison, DeleteRun, Exported, Report
from engine.runtime.client import attach
from engine.runtime.folder import DataFolder, FolderLock
from engine.runtime.kept import TaskContext
from engine.runtime.worker import new_id
from engine.runtime.worker_wire import CompareTask, ExportRunTask, ReportTask
from engine.store.state import State

ReportTasks = ReportTask | CompareTask | ExportRunTask


def perform(task: ReportTasks, context: TaskContext) -> Report | Comparison | Exported:
    """Do one of these tasks; BadInput for a run that is not kept."""
    if isinstance(task, ReportTask):
        return make_report(find(task.job, context), task.convention)
    if isinstance(task, CompareTask):
        return compare([find(job, context) for job in task.jobs])
    return export(find(task.job, context), Path(task.path).expanduser(), task.format)


def find(name: str, context: TaskContext) -> Run:
    """A kept run by its id, a part of it, or 'last'."""
    return Run(*context.state.kept_runs.find(name))


async def keep(result: BacktestResult, folder: DataFolder, state_url: str = "") -> str:
    """Keep a result that was computed in this process; its job id. PyroError when it cannot be."""
    job = result.spec.run_id or new_id("backtest", os.getpid(), now_ms(SYSTEM_CLOCK))
    await _write(
        folder, state_url, KeepRun(result=result, job=job), lambda s: s.save_run(result, job, now_ms(SYSTEM_CLOCK))
    )
    return job


async def delete(name: str, folder: DataFolder, state_url: str = "") -> None:
    """Forget a kept run; BadInput when there is none of that name."""
    await _write(folder, state_url, DeleteRun(job=name), lambda s: s.kept_runs.delete(name))


async def _write(folder: DataFolder, state_url: str, command: Command, change: Callable[[State], object]) -> None:
    """One process writes a state: the engine of this folder is asked where one runs, else it is done here."""
    lock = FolderLock(folder)
    try:
        lock.acquire()
    except PyroError:
        client = await attach(folder, "runs")
        try:
            await client.ask(command)
        finally:
            await client.close()
        return
    try:
        with contextlib.closing(State(state_url or folder.state)) as state:
            change(state)
    finally:
        lock.release()
