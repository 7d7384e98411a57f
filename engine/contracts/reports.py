"""A finished back-test taken apart for reading, and several of them side by side."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands_base import Command, Ok

ExportFormat = Literal["json", "csv", "parquet", "html"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = ("json", "csv", "parquet", "html")


class TradeGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The trades that have something in common. profit, mean, fees: account's currency; profit_factor: nan = none."""

    label: str
    trades: int
    wins: int
    profit: float
    mean: float
    profit_factor: float
    avg_bars: float
    fees: float

    @property
    def win_rate(self) -> float:
        return self.wins / self.trades if self.trades else float("nan")


class MonthRow(msgspec.Struct, frozen=True, kw_only=True):
    """Compounded returns of the twelve months of a year (None = outside the run), of the year, and of holding in it."""

    year: int
    months: list[float | None]
    total: float
    benchmark: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A curve. ts: bytes of <i8, ms UTC; values: bytes of <f8, as many."""

    ts: bytes = b""
    values: bytes = b""


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """edges: one more than counts, ascending."""

    edges: list[float] = []
    counts: list[int] = []


class Excursions(msgspec.Struct, frozen=True, kw_only=True):
    """One point a trade, bytes of <f8: mae and mfe (fractions of the entry price, >= 0), result (its profit over its
    value at entry), r (nan without a stop); side: bytes of i1."""

    mae: bytes = b""
    mfe: bytes = b""
    result: bytes = b""
    r: bytes = b""
    side: bytes = b""


class ConventionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The same equity as another tool scores it; figures: sharpe, sortino, cagr, calmar, max_drawdown, nan = it has
    none."""

    name: str
    text: str
    figures: dict[str, float]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is read off one result. Daily curves have one point a trading day, the first being the start.

    equity, benchmark: account's currency; drawdown: fraction >= 0. rolling_sharpe: over `rolling_days` daily returns.
    exposure: share of each day with a position, negative while short. by_hour, by_weekday: of the entry, UTC.
    returns: distribution of the trades' results as fractions of their value at entry. metrics: under `convention`.
    """

    job: str
    created_ms: int
    spec: BacktestSpec
    convention: str
    convention_text: str
    metrics: dict[str, float]
    conventions: list[ConventionFigures]
    equity: Line
    drawdown: Line
    benchmark: Line
    rolling_days: int
    rolling_sharpe: Line
    exposure: Line
    months: list[MonthRow]
    by_hour: list[TradeGroup]
    by_weekday: list[TradeGroup]
    by_side: list[TradeGroup]
    by_exit: list[TradeGroup]
    returns: Histogram
    excursions: Excursions
    warnings: list[str]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which runs differ: what it is called, and its value in each of them."""

    what: str
    values: list[str]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Runs side by side, in the order asked. metrics: (name, value in each run). differences: inputs that are not the
    same in all; same_inputs: names of those that are. assumptions: (sentence, whether it is said of each run) of those
    that are not said of all. growth: equity over starting cash at day ends. correlation: of the daily returns on the
    days that two runs share, nan with fewer than three."""

    jobs: list[str]
    titles: list[str]
    created_ms: list[int]
    metrics: list[tuple[str, list[float]]]
    differences: list[Difference]
    same_inputs: list[str]
    assumptions: list[tuple[str, list[bool]]]
    growth: list[Line]
    correlation: list[list[float]]


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """Files that were written, whole."""

    files: list[str]
    bytes: int


class GetReport(Command, frozen=True, kw_only=True, tag="report"):
    """A kept run taken apart. convention: name under which sharpe, sortino, cagr, calmar and max_drawdown are given."""

    reply: ClassVar[Any] = Report
    job: str
    convention: str = "pyroquant"


class CompareRuns(Command, frozen=True, kw_only=True, tag="compare"):
    """Two to twenty kept runs side by side."""

    reply: ClassVar[Any] = Comparison
    jobs: list[str]


class DeleteRun(Command, frozen=True, kw_only=True, tag="delete_run"):
    """Forget a kept run."""

    reply: ClassVar[Any] = Ok
    job: str


class ExportRun(Command, frozen=True, kw_only=True, tag="export_run"):
    """Write a kept run to a file on the engine's host; format '' = by the file's ending. CSV writes NAME-trades,
    NAME-equity and NAME-metrics, Parquet the first two of them."""

    reply: ClassVar[Any] = Exported
    job: str
    path: str
    format: Literal["", "json", "csv", "parquet", "html"] = ""


AnyReportCommand = GetReport | CompareRuns | DeleteRun | ExportRun
