"""What a client may ask. Each command names its reply type; a failure comes back as PyroError with its three parts."""

from __future__ import annotations

from typing import Any, ClassVar, get_args

import msgspec

from engine.contracts.alerting import AnyAlertCommand
from engine.contracts.backtests import BacktestResult, BacktestSpec
from engine.contracts.checks import CheckReport
from engine.contracts.commands_base import Command as Command
from engine.contracts.commands_base import JobStarted as JobStarted
from engine.contracts.commands_base import Ok as Ok
from engine.contracts.console import CancelSql
from engine.contracts.coverage import AnyCoverageCommand
from engine.contracts.data import AnyDataCommand
from engine.contracts.history import HistoryFiles
from engine.contracts.instruments import Instrument
from engine.contracts.listed import IndicatorInfo as IndicatorInfo
from engine.contracts.listed import IndicatorList as IndicatorList
from engine.contracts.listed import Language as Language
from engine.contracts.listed import LanguageWord as LanguageWord
from engine.contracts.listed import StrategyInfo as StrategyInfo
from engine.contracts.listed import StrategyList as StrategyList
from engine.contracts.parity import GetParity, RunParity
from engine.contracts.portfolios import RunPortfolio
from engine.contracts.replay import AnyReplayCommand
from engine.contracts.reports import AnyReportCommand
from engine.contracts.reports import CompareRuns as CompareRuns
from engine.contracts.reports import DeleteRun as DeleteRun
from engine.contracts.reports import ExportRun as ExportRun
from engine.contracts.reports import GetReport as GetReport
from engine.contracts.signals import Signal, SignalBatch, SignalBlock
from engine.contracts.studio import AnyStudyCommand
from engine.contracts.walk_views import GetFold, JudgeWalkForward
from engine.contracts.walkforward import (
    Demote,
    EstimateWalkForward,
    GetMonteCarlo,
    GetWalk,
    GetWalkForward,
    GetWalkMatrix,
    GetWalkPage,
    ListPromoted,
    ListWalkForwardQueue,
    ListWalkForwards,
    Promote,
    RunWalkForward,
    RunWalkForwardQueue,
    SetWalkForwardQueue,
)
from engine.contracts.watch import SetWatch
from engine.contracts.why import Why


class EngineInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers. instruments: row i has id i in Quotes. timeframes: those kept live. demo: invented prices."""

    version: str
    pid: int
    started_ms: int
    demo: bool
    state: str
    markets: list[str]
    timeframes: list[str]
    instruments: list[Instrument]
    data_folder: str
    note: str = ""


class Hello(Command, frozen=True, kw_only=True, tag="hello"):
    reply: ClassVar[Any] = EngineInfo
    client: str = ""


class Subscribe(Command, frozen=True, kw_only=True, tag="subscribe"):
    """Topics to receive from now on (replaces the earlier list)."""

    reply: ClassVar[Any] = Ok
    topics: list[str]


class StopEngine(Command, frozen=True, kw_only=True, tag="stop"):
    reply: ClassVar[Any] = Ok


class SeriesRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator in the rules language's text, as 'RSI(14)' or 'MACD(12, 26, 9).signal'.

    symbol: another symbol, whose closes are asked for at the bars of the same open times (nan where it has none);
    the expression is then 'close'.
    """

    name: str
    expression: str
    symbol: str = ""


class Candles(msgspec.Struct, frozen=True, kw_only=True):
    """Bars of one symbol and timeframe, oldest first.

    bars: bytes of CANDLE_DTYPE, final ones only unless `running`. series: aligned with bars. more: there are older
    bars than the first. signals: those of the journal that fall on these bars. file: instead of bytes, the path of
    a memory-mappable .npy with the bars, when the block is big and both sides share a host.

    whole: these are all bars that are stored. history: files with those that come before the bars here, when they are
    too many for a message.
    """

    symbol: str
    timeframe: str
    bars: bytes
    series: dict[str, bytes] = {}
    running: bool = False
    more: bool = False
    signals: SignalBlock = SignalBlock()
    file: str = ""
    whole: bool = False
    history: HistoryFiles | None = None


class GetCandles(Command, frozen=True, kw_only=True, tag="candles"):
    """Newest `limit` bars that open before before_ms (None = now), or from from_ms on."""

    reply: ClassVar[Any] = Candles
    symbol: str
    timeframe: str
    limit: int = 2000
    before_ms: int | None = None
    from_ms: int | None = None
    series: list[SeriesRequest] = []


class OpenChart(Command, frozen=True, kw_only=True, tag="open_chart"):
    """Stream Bars for this chart id from now on; the reply is the history to begin with. Its symbol is warmed first.

    whole: the client can read the engine's files: where all is in them the reply is what GetHistory would give; where
    it is not, a quick first page for GetHistory to follow."""

    reply: ClassVar[Any] = Candles
    chart: str
    symbol: str
    timeframe: str
    limit: int = 2000
    series: list[SeriesRequest] = []
    whole: bool = False


class GetHistory(Command, frozen=True, kw_only=True, tag="history"):
    """All stored bars of an open chart, and its series over all of them; the chart's stream goes on from their end.
    For clients that can read the engine's files; what is not in files yet is computed first."""

    reply: ClassVar[Any] = Candles
    chart: str
    symbol: str
    timeframe: str
    series: list[SeriesRequest] = []


class CloseChart(Command, frozen=True, kw_only=True, tag="close_chart"):
    reply: ClassVar[Any] = Ok
    chart: str


class ListStrategies(Command, frozen=True, kw_only=True, tag="strategies"):
    reply: ClassVar[Any] = StrategyList


class CheckStrategies(Command, frozen=True, kw_only=True, tag="check_strategies"):
    """Run the look-ahead detector over these strategies ([] = all); takes some seconds."""

    reply: ClassVar[Any] = CheckReport
    strategies: list[str] = []


class ListIndicators(Command, frozen=True, kw_only=True, tag="indicators"):
    reply: ClassVar[Any] = IndicatorList


class GetLanguage(Command, frozen=True, kw_only=True, tag="language"):
    """The rules language, for completion and help."""

    reply: ClassVar[Any] = Language


class SignalPage(msgspec.Struct, frozen=True, kw_only=True):
    """In journal order."""

    block: SignalBlock

    @property
    def batch(self) -> SignalBatch:
        return self.block.batch

    @property
    def signals(self) -> list[Signal]:
        """As objects, made when asked for."""
        return self.block.batch.signals()


class ListSignals(Command, frozen=True, kw_only=True, tag="signal_list"):
    """Newest `limit` of the journal, or those with seq > after, oldest first; optionally of one symbol."""

    reply: ClassVar[Any] = SignalPage
    limit: int = 500
    after: int | None = None
    symbol: str = ""


class RunBacktest(Command, frozen=True, kw_only=True, tag="backtest"):
    """Queued in the jobs process; follow it on topic jobs, then ask GetResult."""

    reply: ClassVar[Any] = JobStarted
    spec: BacktestSpec


class CancelJob(Command, frozen=True, kw_only=True, tag="cancel"):
    reply: ClassVar[Any] = Ok
    job: str


class GetResult(Command, frozen=True, kw_only=True, tag="result"):
    reply: ClassVar[Any] = BacktestResult
    job: str


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    job: str
    created_ms: int
    spec: BacktestSpec
    trade_hash: str
    metrics: dict[str, float]


class RunList(msgspec.Struct, frozen=True, kw_only=True):
    runs: list[RunSummary]


class ListRuns(Command, frozen=True, kw_only=True, tag="runs"):
    reply: ClassVar[Any] = RunList
    limit: int = 100


class SeriesStored(msgspec.Struct, frozen=True, kw_only=True):
    """One series of the lake."""

    symbol: str
    timeframe: str
    bars: int
    first_ms: int
    last_ms: int
    files: int
    bytes: int


class DataList(msgspec.Struct, frozen=True, kw_only=True):
    series: list[SeriesStored]


class ListData(Command, frozen=True, kw_only=True, tag="data_list"):
    reply: ClassVar[Any] = DataList


class ImportData(Command, frozen=True, kw_only=True, tag="data_import"):
    """Import one file of candles as MARKET:NAME, or a folder of them; runs as a job, whose last step says what it came
    to. Of a file's symbol, of a folder's market, symbol and timeframe, '' is read off the path or the bars. columns:
    role -> column of the file; zone: of times that name none; pattern: see engine.store.import_folder."""

    reply: ClassVar[Any] = JobStarted
    path: str
    symbol: str = ""
    timeframe: str = ""
    market: str = ""
    pattern: str = ""
    columns: dict[str, str] = {}
    zone: str = "UTC"
    delimiter: str = ""
    no_volume: bool = False


class KeepRun(Command, frozen=True, kw_only=True, tag="keep_run"):
    """Keep a result that was computed outside the engine, as the command line does; job '' = a new one."""

    reply: ClassVar[Any] = JobStarted
    result: BacktestResult
    job: str = ""


class SqlResult(msgspec.Struct, frozen=True, kw_only=True):
    """columns; rows as lists of JSON-able values; truncated when the row limit cut it."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = False
    seconds: float = 0.0


class RunSql(Command, frozen=True, kw_only=True, tag="sql"):
    """id: what CancelSql stops it by. timeout_s: at most 600."""

    reply: ClassVar[Any] = SqlResult
    query: str
    limit: int = 10_000
    id: str = ""
    timeout_s: float = 30.0


class Explain(Command, frozen=True, kw_only=True, tag="why"):
    """Why a strategy gave a signal at a bar, or not. timeframe '' = the strategy's own; at_ms: any moment of the bar,
    None = the newest final one; params override the defaults."""

    reply: ClassVar[Any] = Why
    strategy: str
    symbol: str
    timeframe: str = ""
    at_ms: int | None = None
    params: dict[str, float] = {}


class RestartShard(Command, frozen=True, kw_only=True, tag="restart_shard"):
    """Close one shard's connection; it reconnects and fills the gap like after any other cut."""

    reply: ClassVar[Any] = Ok
    market: str
    shard: int


AnyCommand = (
    Hello
    | Subscribe
    | StopEngine
    | GetCandles
    | OpenChart
    | GetHistory
    | CloseChart
    | ListStrategies
    | ListIndicators
    | ListSignals
    | RunBacktest
    | CancelJob
    | GetResult
    | ListRuns
    | ListData
    | ImportData
    | RunSql
    | RestartShard
    | Explain
    | CheckStrategies
    | RunWalkForward
    | RunWalkForwardQueue
    | ListWalkForwardQueue
    | SetWalkForwardQueue
    | EstimateWalkForward
    | GetWalkForward
    | GetWalk
    | GetWalkPage
    | GetWalkMatrix
    | GetMonteCarlo
    | JudgeWalkForward
    | GetFold
    | ListWalkForwards
    | Promote
    | Demote
    | ListPromoted
    | RunPortfolio
    | KeepRun
    | GetLanguage
    | AnyStudyCommand
    | AnyReportCommand
    | AnyDataCommand
    | AnyCoverageCommand
    | AnyReplayCommand
    | RunParity
    | GetParity
    | AnyAlertCommand
    | SetWatch
    | CancelSql
)
#: the same as a tuple
COMMAND_TYPES: tuple[type[Command], ...] = get_args(AnyCommand)
