"""What is made of kept runs: reports, comparisons, files; for the query worker and for commands without an engine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.backtest.breakdown import points as points
from engine.backtest.export import export
from engine.backtest.export import format_of as format_of
from engine.backtest.export import write_aside as write_aside
from engine.backtest.report import Run, compare, make_report
from engine.backtest.report import warnings as warnings
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

#: what the command line uses of the layers below
report_of, write_run = make_report, export
ReportTasks = ReportTask | CompareTask | ExportRunTask


def perform(task: ReportTasks, context: TaskContext) -> Report | Comparison | Exported:
    """Do one of these tasks; BadInput for a run that is not kept."""
    if isinstance(task, ReportTask):
        return report_of(find(task.job, context), task.convention)
    if isinstance(task, CompareTask):
        return compared(task.jobs, context)
    return write_run(find(task.job, context), Path(task.path).expanduser().absolute(), task.format)


def compared(names: Sequence[str], context: TaskContext) -> Comparison:
    """Kept runs side by side."""
    return compare([find(name, context) for name in names])


def write(job: str, result: BacktestResult, path: Path, kind: str) -> Exported:
    """A result that was just computed as files, as a kept one is exported."""
    return write_run(Run(job, now_ms(SYSTEM_CLOCK), result), path, kind)


def find(name: str, context: TaskContext) -> Run:
    """A kept run by its id, a part of it, or 'last'."""
    return Run(*context.state.kept_runs.find(name))


class Place(NamedTuple):
    """root: the installation's folder, whose engine.json tells of a running engine; folder: that of the state (the demo
    has its own below the root); state_url: '' = the file of that folder."""

    root: DataFolder
    folder: DataFolder
    state_url: str = ""


async def keep(result: BacktestResult, place: Place) -> str:
    """Keep a result that was computed in this process; its job id. PyroError when it cannot be."""
    now = now_ms(SYSTEM_CLOCK)
    job = result.spec.run_id or new_id("backtest", os.getpid(), now)
    await _change(place, KeepRun(result=result, job=job), lambda state: state.save_run(result, job, now))
    return job


async def delete(name: str, place: Place) -> None:
    """Forget a kept run; BadInput when there is none of that name."""
    await _change(place, DeleteRun(job=name), lambda state: state.kept_runs.delete(name))


async def _change(place: Place, command: Command, change: Callable[[State], object]) -> None:
    """One process writes a state: the engine that runs on it is asked; where none does, it is done here."""
    if _runs_here(place.root):
        client = await attach(place.root, "runs")
        try:
            if Path(client.info.data_folder) == place.folder.root:
                await client.ask(command)
                return
        finally:
            await client.close()
    with contextlib.closing(State(place.state_url or place.folder.state)) as state:
        change(state)


def _runs_here(root: DataFolder) -> bool:
    """Whether an engine holds this folder. The lock is given back at once, so that one may start at any time: the
    database itself keeps two writers apart."""
    lock = FolderLock(root)
    try:
        lock.acquire()
    except PyroError:
        return True
    except OSError:
        # no folder, or none that can be written: the database will say it clearly
        return False
    lock.release()
    return False
