"""pyroquant walkforward: parameters chosen in train parts, strategies ranked by what no choice has seen."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

import msgspec
import typer

from app.commands.backtest import moment
from app.context import Context
from app.output import Json, say, say_json, table
from engine.clock import iso
from engine.contracts.backtests import Costs, Sizing
from engine.contracts.errors import BadInput, Cancelled, PyroError
from engine.contracts.robustness import Limits, MonteCarloFan
from engine.contracts.walkforward import (
    GetMonteCarlo,
    GetWalkMatrix,
    GetWalkPage,
    SearchSpec,
    Trials,
    WalkForwardResult,
    WalkForwardSpec,
    WalkResult,
    WalkSummary,
    WindowSpec,
)

#: rows of the ranking that are printed
SHOWN = 40
_COLUMNS = ["strategy", "bars", "Sharpe", "return", "drawdown", "trades", "won", "luck", "verdict"]


_Named = Annotated[
    list[str] | None, typer.Option("--strategy", help="A strategy, where no symbol is named; may be repeated.")
]
_Symbol = Annotated[str, typer.Argument(metavar="[SYMBOL]", help="MARKET:NAME, or NAME where it is unique.")]
_Strategies = Annotated[list[str] | None, typer.Argument(metavar="[STRATEGY]...")]
_Everything = Annotated[bool, typer.Option("--all", help="Every strategy.")]
_Symbols = Annotated[str, typer.Option(metavar="A,B", help="Many symbols, one after the other.")]
_Market = Annotated[str, typer.Option(help="Every symbol of this market that the lake holds.")]
_Resume = Annotated[bool, typer.Option("--resume", help="Go on with the queue of symbols that was stopped.")]
_Timeframe = Annotated[str, typer.Option(help="Of the decisions; empty = each strategy's own.")]
_From = Annotated[str, typer.Option("--from", metavar="TIME", help="ISO 8601, UTC; included.")]
_To = Annotated[str, typer.Option("--to", metavar="TIME", help="ISO 8601, UTC; not included.")]
_Train = Annotated[str, typer.Option(help="Length of a train part: 12mo, 90d, 5000bars.")]
_Test = Annotated[str, typer.Option(help="Length of a test part.")]
_Anchored = Annotated[bool, typer.Option("--anchored", help="Every train part begins at the start.")]
_Easy = Annotated[int, typer.Option(metavar="N", help="So many windows over the whole range instead.")]
_TestShare = Annotated[float, typer.Option(help="With --easy: the share of a window that is test.")]
_Purge = Annotated[str, typer.Option(help="Left out at the end of each train part.")]
_Embargo = Annotated[str, typer.Option(help="Left out at the start of train parts after a test.")]
_Search = Annotated[str, typer.Option(help="grid, random or optuna")]
_Samples = Annotated[int, typer.Option(help="Sets of a random or guided search.", min=1)]
_MostSets = Annotated[int, typer.Option(help="Sets of a grid at most, 0 = all.", min=0)]
_Ranges = Annotated[
    list[str] | None, typer.Option("--range", metavar="K=FROM:TO:STEP", help="Of a parameter; may be repeated.")
]
_Objective = Annotated[str, typer.Option(help="What train parts maximise: a figure or a formula.")]
_MinTrades = Annotated[int, typer.Option(help="In a train part, else a set is not chosen.", min=0)]
_Choice = Annotated[str, typer.Option(help="best, or plateau: the best neighbourhood")]
_Fee = Annotated[float | None, typer.Option(help="Fraction of the traded value per fill.")]
_SlippageBps = Annotated[float | None, typer.Option(help="Basis points per fill.")]
_Direction = Annotated[str, typer.Option(help="long, short or both")]
_Limits = Annotated[
    list[str] | None, typer.Option("--limit", metavar="K=V", help="Of the verdict; 'none' asks for nothing.")
]
_Threads = Annotated[int, typer.Option(help="0 = as many as there are cores.", min=0)]
_Report = Annotated[str, typer.Option(metavar="FILE.html", help="Write the whole as one page.")]
_Matrix = Annotated[str, typer.Option(metavar='"6mo,12mo x 1mo,3mo"', help="Walk one strategy with every pair.")]
_Paths = Annotated[int, typer.Option("--monte-carlo", metavar="PATHS", help="Of the best strategy.", min=0)]
_Fan = Annotated[str, typer.Option(help="bootstrap, shuffle, resample or candles")]
_Estimate = Annotated[bool, typer.Option("--estimate", help="Only say what it would take.")]


def walkforward(
    ctx: typer.Context,
    symbol: _Symbol = "",
    strategies: _Strategies = None,
    named: _Named = None,
    everything: _Everything = False,
    symbols: _Symbols = "",
    market: _Market = "",
    resume: _Resume = False,
    timeframe: _Timeframe = "",
    from_: _From = "",
    to: _To = "",
    train: _Train = "12mo",
    test: _Test = "3mo",
    anchored: _Anchored = False,
    easy: _Easy = 0,
    test_share: _TestShare = 0.2,
    purge: _Purge = "",
    embargo: _Embargo = "",
    search: _Search = "grid",
    samples: _Samples = 200,
    most_sets: _MostSets = 0,
    ranges: _Ranges = None,
    objective: _Objective = "sharpe",
    min_trades: _MinTrades = 10,
    choice: _Choice = "best",
    fee: _Fee = None,
    slippage_bps: _SlippageBps = None,
    direction: _Direction = "both",
    limits: _Limits = None,
    threads: _Threads = 0,
    report: _Report = "",
    matrix: _Matrix = "",
    paths: _Paths = 0,
    fan: _Fan = "bootstrap",
    estimate: _Estimate = False,
    json: Json = False,
) -> None:
    """Walk STRATEGY... (or --all) forward on SYMBOL and rank them by what they did out of sample."""
    chosen = [*(strategies or []), *(named or [])]
    if not everything and not chosen and not resume:
        raise BadInput("no strategy is named.", fix="Name some, or write --all.")
    parts = _windows(train, test, anchored, easy, test_share, purge, embargo)
    sought = _search(search, samples, most_sets, ranges or [], objective, min_trades, choice)
    spec = _struct(
        WalkForwardSpec,
        symbol=symbol,
        strategies=[] if everything else chosen,
        timeframe=timeframe,
        from_ms=moment(from_, "--from"),
        to_ms=moment(to, "--to"),
        windows=parts,
        search=sought,
        costs=_costs(ctx.obj, fee, slippage_bps),
        sizing=Sizing(cash=ctx.obj.settings.backtest.cash),
        direction=direction,
        limits=limits_of(limits or []),
    )
    with _Runner(ctx.obj, threads, json) as runner:
        runner.carry_out(spec, _Wanted(_split(symbols), market, resume, estimate, matrix, report, paths, fan))


class _Wanted(NamedTuple):
    """What is to be done with a spec."""

    symbols: list[str]
    market: str
    resume: bool
    estimate: bool
    matrix: str
    report: str
    paths: int
    fan: str


def _windows(
    train: str, test: str, anchored: bool, easy: int, test_share: float, purge: str, embargo: str
) -> WindowSpec:
    made: WindowSpec = _struct(
        WindowSpec,
        mode="easy" if easy else "advanced",
        kind="anchored" if anchored else "rolling",
        train=train,
        test=test,
        purge=purge,
        embargo=embargo,
        windows=easy or 8,
        test_share=test_share,
    )
    return made


def _search(
    method: str, samples: int, most_sets: int, ranges: list[str], objective: str, min_trades: int, choice: str
) -> SearchSpec:
    made: SearchSpec = _struct(
        SearchSpec,
        method=method,
        samples=samples,
        most_sets=most_sets,
        ranges=dict(_pair(text, "--range") for text in ranges),
        objective=objective,
        min_trades=min_trades,
        choice=choice,
    )
    return made


def _costs(context: Context, fee: float | None, slippage_bps: float | None) -> Costs:
    """As given, else as the settings have them."""
    settings = context.settings.backtest
    if fee is None and settings.fee_taker >= 0:
        fee = settings.fee_taker
    return Costs(fee=fee, slippage_bps=settings.slippage_bps if slippage_bps is None else slippage_bps)


class _Runner:
    """Runs walk-forwards in this process over the stores of the data folder."""

    def __init__(self, context: Context, threads: int, json: bool) -> None:
        from engine.runtime.kept import TaskContext
        from engine.runtime.walk_results import WalkKeeper

        self._json = json
        self._threads = threads
        self._cluster = context.settings.jobs.cluster
        context.stored.prepare()
        store = context.settings.store
        self._tasks = TaskContext(context.stored, store.state, store.lake)
        self._keeper = WalkKeeper(context.stored, store.state)
        self._stop = threading.Event()

    def __enter__(self) -> _Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self._tasks.close()
        self._keeper.close()

    def carry_out(self, spec: WalkForwardSpec, wanted: _Wanted) -> None:
        if wanted.symbols or wanted.market or wanted.resume:
            self.queue(spec, wanted.symbols, wanted.market)
        elif not spec.symbol:
            raise BadInput("no symbol is named.", fix="Name one, or use --symbols or --market.")
        elif wanted.estimate:
            self.estimate(spec)
        elif wanted.matrix:
            self.matrix(spec, wanted.matrix)
        else:
            self.one(spec, wanted)

    def estimate(self, spec: WalkForwardSpec) -> None:
        from engine.runtime.tasks_walkforward import cores, estimate

        found = estimate(spec, self._tasks, self._threads or cores())
        if self._json:
            say_json(found)
        else:
            say(found.text)

    def one(self, spec: WalkForwardSpec, wanted: _Wanted) -> None:
        """One symbol; its ranking is printed, and on demand a page written and what could have happened drawn."""
        from engine.runtime.tasks_walk_more import monte_carlo, write_page

        result = self._run(spec)
        shown = as_object(result)
        if not self._json:
            ranking(result)
        best = result.rows[0]
        if wanted.paths and not best.error:
            ask = _struct(GetMonteCarlo, job=result.job, strategy=best.strategy, kind=wanted.fan, paths=wanted.paths)
            found = monte_carlo(ask, self._tasks, lambda *_: None, self._stop.is_set)
            shown["monte_carlo"] = msgspec.to_builtins(found)
            if not self._json:
                say(fan_words(best.strategy, found))
        if wanted.report:
            done = write_page(GetWalkPage(job=result.job, path=wanted.report), self._tasks)
            shown["report"] = done.text
            if not self._json:
                say(f"page: {done.text}")
        if self._json:
            say_json(shown)

    def matrix(self, spec: WalkForwardSpec, lengths: str) -> None:
        """Every pair of lengths, as '6mo,12mo x 1mo,3mo'."""
        from engine.runtime.tasks_walk_more import matrix

        trains, times, tests = lengths.partition("x")
        if not times:
            raise BadInput(f'"{lengths}" is no matrix.', where="--matrix", fix='Write "6mo,12mo,24mo x 1mo,3mo,6mo".')
        ask = GetWalkMatrix(spec=spec, trains=_split(trains), tests=_split(tests))
        found = matrix(ask, self._tasks, lambda *_: None, self._stop.is_set)
        if self._json:
            say_json(found)
            return
        say(f"{found.strategy} on {found.symbol} {found.timeframe}: Sharpe out of sample (train down, test across)")
        rows = [
            [train, *(number(c.metrics["sharpe"], 2) if not c.note else "n/a" for c in row)]
            for train, row in zip(found.trains, found.cells, strict=True)
        ]
        table(["", *found.tests], rows, numeric=range(1, len(found.tests) + 1))
        for note in dict.fromkeys(c.note for row in found.cells for c in row if c.note):
            say(f"n/a: {note}")

    def queue(self, spec: WalkForwardSpec, symbols: list[str], market: str) -> None:
        """Symbol after symbol; a failure is told and the next one begun. What is left when stopped goes on later."""
        if symbols or market:
            self._keeper.enqueue(spec, symbols or self._symbols(market))
        told: list[dict[str, Any]] = []
        while (entry := self._keeper.next()) is not None:
            try:
                result = self._run(entry)
            except Cancelled as error:
                raise Cancelled(error.what, where=error.where, fix="Go on: pyroquant walkforward --resume") from error
            except PyroError as error:
                self._keeper.failed(entry, str(error))
                told.append({"symbol": entry.symbol, "error": str(error)})
                if not self._json:
                    say(f"{entry.symbol}: {error}")
                continue
            self._keeper.finished(entry)
            told.append({"symbol": entry.symbol, "job": result.job, "passed": sum(r.passed for r in result.rows)})
            if not self._json:
                best = result.rows[0]
                say(f"{entry.symbol}: {told[-1]['passed']} passed; best {best.strategy}, {best.words or best.error}")
        if self._json:
            say_json({"runs": told})

    def _symbols(self, market: str) -> list[str]:
        from engine.runtime.tasks_walkforward import market_symbols

        return market_symbols(self._tasks, market)

    def _run(self, spec: WalkForwardSpec) -> WalkForwardResult:
        from engine.runtime.tasks_walkforward import walkforward as run
        from engine.runtime.walk_results import queue_entry

        if not spec.run_id:
            # named after itself, so that the same command goes on with a run that was stopped
            _, spec = queue_entry(spec, self._tasks.resolve(spec.symbol))
        done = 0

        def on_walk(walk: WalkResult, tried: Trials | None) -> None:
            nonlocal done
            self._keeper.save_walk(spec.run_id, walk, tried)
            if tried is None and not walk.summary.error:
                return
            done += 1
            if not self._json:
                say(f"{done:4} {line(walk.summary)}")

        with self._stopping():
            result = run(
                spec,
                self._tasks,
                lambda _: None,
                self._stop.is_set,
                on_walk,
                cluster=self._cluster,
                threads=self._threads,
            )
        self._keeper.save(result)
        return result

    @contextlib.contextmanager
    def _stopping(self) -> Iterator[None]:
        """Ctrl-C ends the run in order: what was done is kept."""
        before = signal.signal(signal.SIGINT, lambda *_: self._stop.set())
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def line(summary: WalkSummary) -> str:
    """One row as it comes in."""
    if summary.error:
        return f"{summary.strategy:28} {summary.timeframe:>4}  failed: {summary.error}"
    m = summary.metrics
    return (
        f"{summary.strategy:28} {summary.timeframe:>4}  Sharpe {number(m['sharpe'], 2):>7}  "
        f"{share(m['net_return']):>9}  {m['trades']:>8,.0f} trades  {'PASS' if summary.passed else ''}"
    )


def ranking(result: WalkForwardResult) -> None:
    """The ranking for people."""
    say("")
    say(
        f"{result.spec.symbol}, {iso(result.first_ms)[:10]} to {iso(result.last_ms)[:10]}: "
        f"{len(result.rows)} strategies, {result.trials:,} trials, in {result.seconds:.1f} s"
    )
    rows = []
    for row in result.rows[:SHOWN]:
        m = row.metrics
        if row.error:
            rows.append([row.strategy, row.timeframe, *[""] * 6, "failed"])
            continue
        rows.append(
            [
                row.strategy,
                row.timeframe,
                number(m["sharpe"], 2),
                share(m["net_return"]),
                share(m["max_drawdown"]),
                f"{m['trades']:,.0f}",
                share(m["profitable_windows"]),
                share(m["luck"]),
                "PASS" if row.passed else row.level,
            ]
        )
    table(_COLUMNS, rows, numeric=[2, 3, 4, 5, 6, 7])
    if len(result.rows) > SHOWN:
        say(f"... and {len(result.rows) - SHOWN} more; --json has all")
    say("")
    for row in [r for r in result.rows if r.passed] or result.rows[:1]:
        say(f"{row.strategy}: {row.words or row.error}")
    failed = [r for r in result.rows if r.error]
    for row in failed[:10]:
        say(f"{row.strategy} failed: {row.error}")
    say(f"probability of overfitting over all sets: {share(result.metrics['pbo'])}; figures: {result.convention}")
    for sentence in result.assumptions:
        say(f"  - {sentence}")
    say(f"job {result.job}, data {result.data_fingerprint}, code {result.code_version}")
    passed = [row.strategy for row in result.rows if row.passed]
    if passed:
        say(f"make them live: pyroquant promote {result.job}")


def as_object(result: WalkForwardResult) -> dict[str, Any]:
    """As plain JSON; nan becomes null."""
    plain: dict[str, Any] = msgspec.to_builtins(result)
    return plain


def fan_words(strategy: str, fan: MonteCarloFan) -> str:
    """A Monte Carlo in one line."""
    if not fan.final:
        return f"{strategy}: {fan.note}"
    low, middle, high = fan.final[0], fan.final[len(fan.final) // 2], fan.final[-1]
    return (
        f"{strategy}, {fan.paths:,} paths ({fan.kind}): the equity ends between {share(low - 1)} and {share(high - 1)} "
        f"({share(fan.quantiles[0])} to {share(fan.quantiles[-1])} of them), in the middle {share(middle - 1)}; "
        f"{share(fan.loss)} lose; largest drawdown in the middle {share(fan.drawdown[len(fan.drawdown) // 2])}"
    )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def number(value: float, digits: int) -> str:
    return "n/a" if value != value else f"{value:,.{digits}f}"


def share(value: float) -> str:
    return "n/a" if value != value else f"{100 * value:,.1f} %"


def limits_of(texts: list[str]) -> Limits:
    """K=V options as limits of the verdict."""
    changes: dict[str, float | None] = {}
    for text in texts:
        name, value = _pair(text, "--limit")
        try:
            changes[name] = None if value == "none" else float(value)
        except ValueError:
            raise BadInput(f'"{value}" is not a number.', where="--limit", fix="Write e.g. --limit luck=0.01") from None
    from engine.runtime.tasks_walkforward import edited_limits

    return edited_limits(Limits(), changes)


def _pair(text: str, option: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise BadInput(f'"{text}" is not NAME=VALUE.', where=option)
    return key.strip(), value.strip()


def _struct(made: Any, /, **fields: Any) -> Any:
    """A struct of options; BadInput names the one that cannot be."""
    try:
        return msgspec.convert(fields, made)
    except msgspec.ValidationError as error:
        raise BadInput(f"{error}", fix="See: pyroquant walkforward --help") from None
