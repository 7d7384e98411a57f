"""What a walk-forward is asked and what it answers; promoted parameter sets. Frozen, JSON-able."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec
import numpy as np

from engine.contracts.backtests import Costs, Sizing
from engine.contracts.commands_base import Command, JobStarted, Ok
from engine.contracts.robustness import Limits, MonteCarloFan, Verdict


class WindowSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a range is cut into train and test parts.

    mode 'advanced': train, test, step are lengths as '12mo', '90d' or '5000bars' (step '' = the test's length, which
    the stitched equity needs). mode 'easy': `windows` of them, each with this share of its length as test. kind
    'anchored': every train part begins at the range's start. purge: length left out at the end of each train part, next
    to its test; embargo: length left out at the beginning of each train part that follows an earlier test. Both shorten
    train, never test. Borders are trading-day borders.
    """

    mode: Literal["easy", "advanced"] = "advanced"
    kind: Literal["rolling", "anchored"] = "rolling"
    train: str = "12mo"
    test: str = "3mo"
    step: str = ""
    purge: str = ""
    embargo: str = ""
    windows: int = 8
    test_share: float = 0.2


class SearchSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which parameter sets are tried and which one is chosen, in the train part alone.

    method 'grid': all sets of the strategy's grids (most_sets > 0: that many, spread evenly over them); 'random':
    `samples` of them, or of `ranges`; 'optuna': a guided search of `samples` steps in each train part. ranges:
    parameter -> 'from:to:step', instead of the strategy's own grid. objective: sharpe, sortino, calmar, profit_factor,
    sqn, return_over_drawdown, net_return, or a formula over the figures. choice 'plateau': the best mean over a set and
    its neighbours in the grid. min_trades: fewer in a train part and the set is not chosen there.
    """

    method: Literal["grid", "random", "optuna"] = "grid"
    samples: int = 200
    most_sets: int = 0
    seed: int = 1
    ranges: dict[str, str] = {}
    objective: str = "sharpe"
    min_trades: int = 10
    choice: Literal["best", "plateau"] = "best"


class WalkForwardSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One symbol. strategies [] = all of them. timeframe '' = each strategy's own. from_ms/to_ms: half-open range of
    open times. rounded: quantities are rounded to the lot and orders have a smallest size, as in a single back-test
    (then every window is run on its own, which takes much longer). run_id names the job ('' = made by it)."""

    symbol: str
    strategies: list[str] = []
    timeframe: str = ""
    from_ms: int | None = None
    to_ms: int | None = None
    windows: WindowSpec = WindowSpec()
    search: SearchSpec = SearchSpec()
    costs: Costs = Costs()
    sizing: Sizing = Sizing()
    direction: Literal["long", "short", "both"] = "both"
    limits: Limits = Limits()
    rounded: bool = False
    run_id: str = ""


class FoldResult(msgspec.Struct, frozen=True, kw_only=True):
    """One window: its parts (ms, half-open), the set chosen in train (index into `sets` of the strategy, -1 = none was
    fit: the test stays in cash) with its parameters, and the figures of the chosen set in both parts: annualised
    Sharpe, net return, largest drawdown by day, trades."""

    train_from_ms: int
    train_to_ms: int
    test_from_ms: int
    test_to_ms: int
    chosen: int
    params: dict[str, float]
    value: float
    train: dict[str, float]
    test: dict[str, float]
    note: str = ""


class WalkSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy's row in the ranking. metrics: of the stitched out-of-sample part (sharpe, net_return, cagr,
    max_drawdown, profit_factor, trades, psr, dsr, dsr_effective, pbo, efficiency, profitable_windows, stability, ...),
    nan = not defined. level: of the verdict. error: why it failed; then the rest is empty."""

    strategy: str
    timeframe: str
    sets: int = 0
    windows: int = 0
    metrics: dict[str, float] = {}
    passed: bool = False
    level: str = ""
    words: str = ""
    seconds: float = 0.0
    error: str = ""


class WalkResult(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one strategy. sets: the parameter sets tried. day_ms, returns: bytes of <i8 and <f8, one
    stitched out-of-sample return per trading day. values, test_values: bytes of <f8 [windows, sets], the objective in
    train and in test (nan = not defined); the test part of sets that were not chosen is shown, never used."""

    summary: WalkSummary
    folds: list[FoldResult] = []
    sets: list[dict[str, float]] = []
    verdict: Verdict | None = None
    day_ms: bytes = b""
    returns: bytes = b""
    values: bytes = b""
    test_values: bytes = b""


class Trials(msgspec.Struct, frozen=True, kw_only=True):
    """Parameter sets of one strategy version that were tried over one range of bars. keys: bytes of <u8, a hash of each
    set; sharpes: bytes of <f8, its Sharpe by trading day over the whole range, nan = never moved. correlation: the mean
    one of their daily returns, nan = not known."""

    symbol: str
    timeframe: str
    strategy: str
    version: str
    from_ms: int
    to_ms: int
    keys: bytes
    sharpes: bytes
    correlation: float = float("nan")

    @property
    def sharpe_by_key(self) -> dict[int, float]:
        return dict(zip(np.frombuffer(self.keys, "<u8").tolist(), np.frombuffer(self.sharpes, "<f8").tolist()))


class WalkPart(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy of a walk-forward that is done; its trials come once, its verdict again when all trials are known."""

    walk: WalkResult
    tried: Trials | None = None


class WalkForwardResult(msgspec.Struct, frozen=True, kw_only=True):
    """A finished (or stopped: `complete` is False) walk-forward, best first. trials: distinct parameter sets in the
    ledger for this range; figures of all strategies together in `metrics` (pbo, trials, trials_effective,
    sharpe_variance)."""

    job: str
    spec: WalkForwardSpec
    created_ms: int
    bars: int
    first_ms: int
    last_ms: int
    rows: list[WalkSummary]
    trials: int
    metrics: dict[str, float]
    convention: str
    data_fingerprint: str
    code_version: str
    assumptions: list[str]
    seconds: float
    complete: bool = True


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk-forward would cost before it is started."""

    strategies: int
    sets: int
    windows: int
    bars: int
    seconds: float
    text: str


class MatrixCell(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of lengths; note: why there is no walk, "" where there is one."""

    train: str
    test: str
    windows: int = 0
    metrics: dict[str, float] = {}
    note: str = ""


class WalkMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy walked with many lengths of train (rows) and test (columns) parts: does it hang on them?"""

    strategy: str
    symbol: str
    timeframe: str
    trains: list[str]
    tests: list[str]
    cells: list[list[MatrixCell]]


class Promoted(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter set that is live on one symbol and timeframe instead of the strategy's defaults. number: of the
    promotion, for going back. until_ms: when it was withdrawn, 0 = it is active. provenance: job of the walk-forward
    and the figures it was chosen by."""

    number: int
    strategy: str
    params: dict[str, float]
    symbol: str
    timeframe: str
    since_ms: int
    until_ms: int = 0
    job: str = ""
    provenance: dict[str, float] = {}
    note: str = ""


class PromotedList(msgspec.Struct, frozen=True, kw_only=True):
    promoted: list[Promoted]


class RunWalkForward(Command, frozen=True, kw_only=True, tag="walkforward"):
    """Queued in the jobs process; rows come as WalkRow events, then ask GetWalkForward."""

    reply: ClassVar[Any] = JobStarted
    spec: WalkForwardSpec


class QueueEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol of the queue. state: waiting, running or failed; then error says why."""

    job: str
    spec: WalkForwardSpec
    state: str
    error: str = ""


class WalkForwardQueue(msgspec.Struct, frozen=True, kw_only=True):
    """stopped: nothing new is begun until it is asked to go on."""

    entries: list[QueueEntry]
    stopped: bool = False


class RunWalkForwardQueue(Command, frozen=True, kw_only=True, tag="walkforward_queue"):
    """The same for many symbols ([] = all of `market` that the lake holds), one job each, kept over restarts."""

    reply: ClassVar[Any] = WalkForwardQueue
    spec: WalkForwardSpec
    symbols: list[str] = []
    market: str = ""


class ListWalkForwardQueue(Command, frozen=True, kw_only=True, tag="walkforward_queue_list"):
    reply: ClassVar[Any] = WalkForwardQueue


class SetWalkForwardQueue(Command, frozen=True, kw_only=True, tag="walkforward_queue_set"):
    """stopped: begin nothing new (what runs is cancelled, and goes on from where it is later), or go on. clear: forget
    what waits or has failed."""

    reply: ClassVar[Any] = WalkForwardQueue
    stopped: bool = False
    clear: bool = False


class EstimateWalkForward(Command, frozen=True, kw_only=True, tag="walkforward_estimate"):
    reply: ClassVar[Any] = Estimate
    spec: WalkForwardSpec


class GetWalkForward(Command, frozen=True, kw_only=True, tag="walkforward_result"):
    reply: ClassVar[Any] = WalkForwardResult
    job: str


class GetWalk(Command, frozen=True, kw_only=True, tag="walk"):
    """One strategy of a walk-forward, with its windows."""

    reply: ClassVar[Any] = WalkResult
    job: str
    strategy: str


class WalkForwardSummary(msgspec.Struct, frozen=True, kw_only=True):
    job: str
    created_ms: int
    spec: WalkForwardSpec
    rows: int
    passed: int
    best: WalkSummary | None = None
    complete: bool = True


class WalkForwardList(msgspec.Struct, frozen=True, kw_only=True):
    runs: list[WalkForwardSummary]


class GetMonteCarlo(Command, frozen=True, kw_only=True, tag="walk_monte_carlo"):
    """What could have happened to a strategy of a kept walk-forward. kind: 'bootstrap' of its daily returns out of
    sample, 'shuffle' or 'resample' of its trades, 'candles': the whole walk on made-up candles (fewer paths).
    All but the first are jobs that CancelJob stops by run_id; '' = the engine names it."""

    reply: ClassVar[Any] = MonteCarloFan
    job: str
    strategy: str
    kind: Literal["bootstrap", "shuffle", "resample", "candles"] = "bootstrap"
    paths: int = 1000
    seed: int = 1
    run_id: str = ""


class GetWalkMatrix(Command, frozen=True, kw_only=True, tag="walk_matrix"):
    """Walk the one strategy of the spec with every pair of these lengths, as a job that spec.run_id names."""

    reply: ClassVar[Any] = WalkMatrix
    spec: WalkForwardSpec
    trains: list[str] = msgspec.field(default_factory=lambda: ["6mo", "12mo", "24mo"])
    tests: list[str] = msgspec.field(default_factory=lambda: ["1mo", "3mo", "6mo"])


class GetWalkPage(Command, frozen=True, kw_only=True, tag="walk_page"):
    """The walk-forward as one HTML page, written to a path on the engine's machine; strategies [] = the best ones."""

    reply: ClassVar[Any] = Ok
    job: str
    path: str
    strategies: list[str] = []


class ListWalkForwards(Command, frozen=True, kw_only=True, tag="walkforwards"):
    reply: ClassVar[Any] = WalkForwardList
    limit: int = 100


class Promote(Command, frozen=True, kw_only=True, tag="promote"):
    """Make parameters live. With a job: the newest window's choice of these strategies ([] = all that passed); without:
    strategy, params, symbol and timeframe as given in `sets`."""

    reply: ClassVar[Any] = PromotedList
    job: str = ""
    strategies: list[str] = []
    sets: list[Promoted] = []


class Demote(Command, frozen=True, kw_only=True, tag="demote"):
    """Roll a promotion back: what was active before it (the defaults, or an earlier set) is active again."""

    reply: ClassVar[Any] = PromotedList
    number: int


class ListPromoted(Command, frozen=True, kw_only=True, tag="promoted"):
    """Active ones; with history, withdrawn ones too, newest first."""

    reply: ClassVar[Any] = PromotedList
    history: bool = False
