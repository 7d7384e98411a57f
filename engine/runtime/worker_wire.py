"""What the engine and its workers say to each other over pipes: the bus's framing, JSON-able specs, no pickles."""

from __future__ import annotations

import msgspec

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import Explain, SeriesRequest
from engine.contracts.errors import BadInput, Cancelled, PyroError


class Task(msgspec.Struct, frozen=True, kw_only=True, tag_field="task"):
    """Base of what a worker can be asked. id: the job's name, also for Cancel."""

    id: str


class BacktestTask(Task, frozen=True, kw_only=True, tag="backtest"):
    spec: BacktestSpec


class ImportTask(Task, frozen=True, kw_only=True, tag="import"):
    path: str
    symbol: str
    timeframe: str


class ChartTask(Task, frozen=True, kw_only=True, tag="chart"):
    """Kept bars, with series computed over them after `warm` further bars on the left."""

    symbol: str
    timeframe: str
    limit: int
    before_ms: int | None
    from_ms: int | None
    series: list[SeriesRequest]


class SqlTask(Task, frozen=True, kw_only=True, tag="sql"):
    query: str
    limit: int


class WhyTask(Task, frozen=True, kw_only=True, tag="why"):
    ask: Explain


class CheckTask(Task, frozen=True, kw_only=True, tag="check"):
    """The look-ahead detector over these strategies."""

    strategies: list[str]


class ListTask(Task, frozen=True, kw_only=True, tag="list"):
    pass


class CompactTask(Task, frozen=True, kw_only=True, tag="compact"):
    symbol: str
    timeframe: str


class ReportTask(Task, frozen=True, kw_only=True, tag="report"):
    """A kept run taken apart."""

    job: str
    convention: str


class CompareTask(Task, frozen=True, kw_only=True, tag="compare"):
    """Kept runs side by side."""

    jobs: list[str]


class ExportTask(Task, frozen=True, kw_only=True, tag="export"):
    """A kept run as files; format '' = by the path's ending."""

    job: str
    path: str
    format: str


class CancelTask(Task, frozen=True, kw_only=True, tag="cancel"):
    """Not queued: stops the task of this id, running or waiting."""


AnyTask = (
    BacktestTask
    | ImportTask
    | ChartTask
    | SqlTask
    | WhyTask
    | CheckTask
    | ListTask
    | CompactTask
    | CancelTask
    | ReportTask
    | CompareTask
    | ExportTask
)


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="progress"):
    id: str
    fraction: float


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """body: msgpack of the task's reply."""

    id: str
    body: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    id: str
    kind: str
    what: str
    where: str
    fix: str

    def error(self) -> PyroError:
        kinds: dict[str, type[PyroError]] = {"BadInput": BadInput, "Cancelled": Cancelled}
        return kinds.get(self.kind, PyroError)(self.what, where=self.where, fix=self.fix)


FromWorker = Progress | Done | Failed


def failed(task_id: str, error: PyroError) -> Failed:
    """A PyroError as a message."""
    kind = "BadInput" if isinstance(error, BadInput) else "Cancelled" if isinstance(error, Cancelled) else "PyroError"
    return Failed(id=task_id, kind=kind, what=error.what, where=error.where, fix=error.fix)
