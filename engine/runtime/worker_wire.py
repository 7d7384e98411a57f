"""What the engine and its workers say to each other over pipes: the bus's framing, JSON-able specs, no pickles."""

from __future__ import annotations

import msgspec

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import Explain, ImportData, SeriesRequest
from engine.contracts.coverage import PeekFile
from engine.contracts.data import CheckData, DownloadData, ExportData, RepairData
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.history import HistoryFiles
from engine.contracts.parity import RunParity
from engine.contracts.portfolios import PortfolioSpec
from engine.contracts.studio import StudyCommand
from engine.contracts.walk_views import GetFold, JudgeWalkForward
from engine.contracts.walkforward import GetMonteCarlo, GetWalkMatrix, GetWalkPage, WalkForwardSpec


class Sites(msgspec.Struct, frozen=True, kw_only=True):
    """Where history comes from. rest, archive: base URL by market id, the demo's own included; no archive = none."""

    rest: dict[str, str] = {}
    archive: dict[str, str] = {}
    proxy: str = ""


def venue_sites(spot_rest: str, futures_rest: str, archive_url: str, oanda_rest: str, proxy: str) -> Sites:
    """The venues' own hosts by market."""
    rest = {"binance-spot": spot_rest, "binance-futures": futures_rest}
    rest |= {"oanda-forex": oanda_rest, "oanda-commodities": oanda_rest}
    archive = {m: archive_url for m in ("binance-spot", "binance-futures") if archive_url}
    return Sites(rest={m: url for m, url in rest.items() if url}, archive=archive, proxy=proxy)


class Task(msgspec.Struct, frozen=True, kw_only=True, tag_field="task"):
    """Base of what a worker can be asked. id: the job's name, also for Cancel."""

    id: str


class BacktestTask(Task, frozen=True, kw_only=True, tag="backtest"):
    spec: BacktestSpec


class ImportTask(Task, frozen=True, kw_only=True, tag="import"):
    """See contracts.commands.ImportData."""

    ask: ImportData


class ChartTask(Task, frozen=True, kw_only=True, tag="chart"):
    """Kept bars, with series computed over them after `warm` further bars on the left."""

    symbol: str
    timeframe: str
    limit: int
    before_ms: int | None
    from_ms: int | None
    series: list[SeriesRequest]


class HistoryTask(Task, frozen=True, kw_only=True, tag="history"):
    """All kept bars with series over them, as files where they are many. ready: only what is in files already."""

    symbol: str
    timeframe: str
    series: list[SeriesRequest]
    ready: bool = False


class HistoryFound(msgspec.Struct, frozen=True, kw_only=True):
    """files: None where the bars are few (then all are in `bars`), or where not all is in files yet (found False).
    bars: bytes of the CANDLE_DTYPE rows behind the files. states: series -> (float64 bytes, bars seen) of the machine
    at the end of the files. aligned: series of other symbols -> float64 bytes at `bars`. first_ms, last_ms: open times
    of the first and the last bar of all."""

    found: bool = True
    files: HistoryFiles | None = None
    bars: bytes = b""
    states: dict[str, tuple[bytes, int]] = {}
    aligned: dict[str, bytes] = {}
    first_ms: int = -1
    last_ms: int = -1


class SqlTask(Task, frozen=True, kw_only=True, tag="sql"):
    query: str
    limit: int
    timeout_s: float = 30.0


class WhyTask(Task, frozen=True, kw_only=True, tag="why"):
    ask: Explain


class CheckTask(Task, frozen=True, kw_only=True, tag="check"):
    """The look-ahead detector over these strategies."""

    strategies: list[str]


class DataCheckTask(Task, frozen=True, kw_only=True, tag="data_check"):
    ask: CheckData


class DownloadTask(Task, frozen=True, kw_only=True, tag="download"):
    """sites: where each market's history is asked for."""

    ask: DownloadData
    sites: Sites


class RepairTask(Task, frozen=True, kw_only=True, tag="repair"):
    ask: RepairData
    sites: Sites


class ExportTask(Task, frozen=True, kw_only=True, tag="export"):
    ask: ExportData


class ListTask(Task, frozen=True, kw_only=True, tag="list"):
    pass


class CoverageTask(Task, frozen=True, kw_only=True, tag="coverage"):
    """The map of the lake."""


class PeekTask(Task, frozen=True, kw_only=True, tag="peek"):
    ask: PeekFile


class KernelsTask(Task, frozen=True, kw_only=True, tag="kernels"):
    """Compile what back-tests and walk-forwards need."""


class CompactTask(Task, frozen=True, kw_only=True, tag="compact"):
    symbol: str
    timeframe: str


class WalkTask(Task, frozen=True, kw_only=True, tag="walk"):
    """A walk-forward; each strategy that is done comes as a Partial. cluster, threads: where its jobs run."""

    spec: WalkForwardSpec
    cluster: str = ""
    threads: int = 0


class EstimateTask(Task, frozen=True, kw_only=True, tag="estimate"):
    spec: WalkForwardSpec
    threads: int = 0


class MonteCarloTask(Task, frozen=True, kw_only=True, tag="monte_carlo"):
    ask: GetMonteCarlo


class MatrixTask(Task, frozen=True, kw_only=True, tag="matrix"):
    ask: GetWalkMatrix


class WalkPageTask(Task, frozen=True, kw_only=True, tag="walk_page"):
    ask: GetWalkPage


class JudgeTask(Task, frozen=True, kw_only=True, tag="judge"):
    ask: JudgeWalkForward


class FoldTask(Task, frozen=True, kw_only=True, tag="fold"):
    ask: GetFold


class ReportTask(Task, frozen=True, kw_only=True, tag="report"):
    """A kept run taken apart."""

    job: str
    convention: str


class CompareTask(Task, frozen=True, kw_only=True, tag="compare"):
    """Kept runs side by side."""

    jobs: list[str]


class ExportRunTask(Task, frozen=True, kw_only=True, tag="export_run"):
    """A kept run as files; format '' = by the path's ending."""

    job: str
    path: str
    format: str


class PortfolioTask(Task, frozen=True, kw_only=True, tag="portfolio"):
    """Lanes on one account."""

    spec: PortfolioSpec


class ReplayBeginTask(Task, frozen=True, kw_only=True, tag="replay_begin"):
    """The one replay of this process stands at a moment from now on; answers a ReplayChunk. cooldowns: as the settings
    have them."""

    symbols: list[str]
    at_ms: int
    timeframes: list[str]
    provisional: bool
    cooldown_bars: int = 0
    cooldowns: list[str] = []


class ReplayAdvanceTask(Task, frozen=True, kw_only=True, tag="replay_advance"):
    """Answers a ReplayChunk."""

    to_ms: int


class ReplayStepTask(Task, frozen=True, kw_only=True, tag="replay_step"):
    """Answers a ReplayChunk."""

    timeframe: str
    bars: int


class ReplayBarsTask(Task, frozen=True, kw_only=True, tag="replay_bars"):
    """Answers ReplayBars."""

    symbol: str
    timeframe: str
    limit: int


class ParityTask(Task, frozen=True, kw_only=True, tag="parity"):
    """Live against back-test; answers a ParityReport."""

    ask: RunParity
    timeframes: list[str]


class StudyTask(Task, frozen=True, kw_only=True, tag="study"):
    """See contracts.studio."""

    ask: StudyCommand


class CancelTask(Task, frozen=True, kw_only=True, tag="cancel"):
    """Not queued: stops the task of this id, running or waiting."""


ReplayTask = ReplayBeginTask | ReplayAdvanceTask | ReplayStepTask | ReplayBarsTask
DataTask = ImportTask | DataCheckTask | DownloadTask | RepairTask | ExportTask
AnyTask = (
    BacktestTask
    | DataTask
    | ChartTask
    | HistoryTask
    | SqlTask
    | WhyTask
    | CheckTask
    | ListTask
    | CoverageTask
    | PeekTask
    | CompactTask
    | KernelsTask
    | WalkTask
    | EstimateTask
    | MonteCarloTask
    | MatrixTask
    | WalkPageTask
    | JudgeTask
    | FoldTask
    | ReportTask
    | CompareTask
    | ExportRunTask
    | PortfolioTask
    | ReplayTask
    | ParityTask
    | StudyTask
    | CancelTask
)


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="progress"):
    """step: what it does now, in a few words; '' = as before."""

    id: str
    fraction: float
    step: str = ""


class Partial(msgspec.Struct, frozen=True, kw_only=True, tag="partial"):
    """A part of a task's work that is done; body: msgpack of it."""

    id: str
    body: msgspec.Raw


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


FromWorker = Progress | Partial | Done | Failed


def failed(task_id: str, error: PyroError) -> Failed:
    """A PyroError as a message."""
    kind = "BadInput" if isinstance(error, BadInput) else "Cancelled" if isinstance(error, Cancelled) else "PyroError"
    return Failed(id=task_id, kind=kind, what=error.what, where=error.where, fix=error.fix)
