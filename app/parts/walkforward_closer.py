"""A closer look at one strategy of a walk-forward: its curves, a window on the chart, Monte Carlo, promotion."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable

import msgspec
import numpy as np

from app.charts import ChartLink
from app.parts.base import Desk
from app.parts.waits import Wait
from engine.contracts.backtests import BacktestResult
from engine.contracts.commands import Candles, GetCandles, IndicatorInfo, IndicatorList, ListIndicators, StrategyInfo
from engine.contracts.dtypes import CANDLE_DTYPE, TRADE_DTYPE
from engine.contracts.errors import Cancelled, PyroError
from engine.contracts.events import JobProgress
from engine.contracts.timeframes import TIMEFRAME_MS
from engine.contracts.walk_views import GetFold, Judged
from engine.contracts.walkforward import (
    FoldResult,
    GetMonteCarlo,
    GetWalk,
    GetWalkMatrix,
    ListPromoted,
    Promote,
    PromotedList,
    WalkForwardResult,
    WalkResult,
)
from widgets.chart.bands import Band
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.walkforward_curves import curve_of, fold_kind, params_text
from widgets.viewmodels.walkforward_rules import simple_indicators
from widgets.walkforward.panel import WalkForwardPanel

DAY_MS = TIMEFRAME_MS["1d"]
#: s that a chart may take to open before its trades are given up
OPENING_S = 10.0


class Closer:
    """Newest request wins: an answer about a strategy or a window that is no longer chosen is dropped."""

    def __init__(self, desk: Desk, panel: WalkForwardPanel) -> None:
        self.desk, self.panel = desk, panel
        self.strategies: dict[str, StrategyInfo] = {}
        self.result: WalkForwardResult | None = None
        self.walk: WalkResult | None = None
        self.strategy, self.fold = "", -1
        self.on_promoted: Callable[[PromotedList], None] = lambda _r: None
        self._catalogue: list[IndicatorInfo] = []
        self._days: tuple[str, np.ndarray, np.ndarray] | None = None
        self._drawn: tuple[object, ...] = ()
        self._on_chart: set[str] = set()
        self._fan = Wait(desk, "montecarlo", panel.detail.fan.lines)
        self._matrix = Wait(desk, "matrix", panel.detail.matrix.lines)
        panel.strategyChosen.connect(self.choose)
        panel.foldChosen.connect(self.choose_fold)
        panel.bandsToggled.connect(lambda _on: self.redraw_bands(anew=True))
        panel.seen.connect(lambda _on: self.redraw_bands())
        panel.detail.fanAsked.connect(self._ask_fan)
        panel.detail.matrix.matrixAsked.connect(self._ask_matrix)
        panel.detail.promoteAsked.connect(self._promote)
        panel.detail.equity.plot.momentClicked.connect(self._moment)

    def connected(self) -> None:
        self.desk.ask(ListIndicators(), self._take_catalogue)

    def _take_catalogue(self, reply: IndicatorList) -> None:
        self._catalogue = list(reply.indicators)

    @property
    def job(self) -> str:
        return self.panel.job

    @property
    def symbol(self) -> str:
        return self.panel.spec.symbol if self.panel.spec is not None else ""

    def clear(self) -> None:
        """Another walk-forward is shown from now on."""
        self.walk, self.result, self.strategy, self.fold = None, None, "", -1
        self._drop()
        self.redraw_bands(anew=True)

    def hear(self, event: JobProgress) -> None:
        self._fan.hear(event)
        self._matrix.hear(event)

    def _drop(self) -> None:
        """Nobody waits any more for what was asked about the strategy before."""
        self._fan.drop()
        self._matrix.drop()

    # one strategy ---------------------------------------------------------------------------------------------------
    def choose(self, strategy: str) -> None:
        if strategy != self.strategy:
            self._drop()
        self.strategy, self.fold = strategy, -1
        self.panel.rank_page.table.select(strategy)
        row = self.panel.ranking.rows.get(strategy)
        if row is not None and row.error:
            self._show(WalkResult(summary=row))
            return
        job = self.job

        def told(walk: WalkResult) -> None:
            if (self.job, self.strategy) == (job, strategy):
                self._show(walk)

        self.desk.ask(GetWalk(job=job, strategy=strategy), told, self._walk_failed)

    def _walk_failed(self, error: PyroError) -> None:
        self.panel.detail.set_error(str(error))

    def show_windows(self, job: str, strategy: str) -> None:
        """The windows of a run of which no strategy is chosen yet; their results are not shown."""

        def told(walk: WalkResult) -> None:
            if self.job == job and not self.strategy:
                self.panel.timeline.set_folds(walk.folds, judged=False)

        self.desk.ask(GetWalk(job=job, strategy=strategy), told, lambda _e: None)

    def _show(self, walk: WalkResult) -> None:
        judged = self.panel.ranking.rows.get(walk.summary.strategy)
        limits = self.panel.spec.limits if self.panel.spec is not None else self.panel.limits
        self.walk = walk
        self.panel.show_walk(walk, limits)
        if judged is not None and self.panel.limits != limits:
            # the card of the edited limits comes from the engine
            self.panel.detail.verdict.limitsChanged.emit(self.panel.limits)
        self.redraw_bands(anew=True)
        self._ask_days(walk)

    def judged(self, reply: Judged) -> None:
        """The chosen strategy's card by other limits."""
        verdict = reply.verdicts.get(self.strategy)
        if self.walk is None or verdict is None:
            return
        row = next((r for r in reply.rows if r.strategy == self.strategy), self.walk.summary)
        self.walk = msgspec.structs.replace(self.walk, summary=row, verdict=verdict)
        self.panel.detail.show_verdict(self.walk, reply.limits)

    # buy and hold ---------------------------------------------------------------------------------------------------
    def _ask_days(self, walk: WalkResult) -> None:
        """Daily closes once a symbol; without them the curve stands alone."""
        symbol = self.symbol
        if self._days is not None and self._days[0] == symbol and self._covers(walk):
            self._show_curve(walk)
            return
        self.panel.detail.show_curve(curve_of(walk))
        if not walk.folds:
            return
        first, last = walk.folds[0].test_from_ms - 2 * DAY_MS, walk.folds[-1].test_to_ms
        limit = (last - first) // DAY_MS + 3

        def told(candles: Candles) -> None:
            bars = np.frombuffer(candles.bars, CANDLE_DTYPE)
            self._days = (symbol, bars["ts"] + DAY_MS, bars["close"].copy())
            if self.walk is not None and self.symbol == symbol:
                self._show_curve(self.walk)

        ask = GetCandles(symbol=symbol, timeframe="1d", limit=int(limit), before_ms=int(last) + 1)
        self.desk.ask(ask, told, lambda _error: None)

    def _covers(self, walk: WalkResult) -> bool:
        assert self._days is not None
        ms = self._days[1]
        return bool(len(ms)) and bool(walk.folds) and ms[0] <= walk.folds[0].test_from_ms + DAY_MS

    def _show_curve(self, walk: WalkResult) -> None:
        assert self._days is not None
        self.panel.detail.show_curve(curve_of(walk, self._days[1], self._days[2]))

    # one window -----------------------------------------------------------------------------------------------------
    def choose_fold(self, number: int) -> None:
        """The chart jumps to the window and shows the trades that its test part stands on."""
        walk = self.walk
        if walk is None or not 0 <= number < len(walk.folds):
            return
        self.fold = number
        self.panel.show_fold(number)
        fold, page = walk.folds[number], self.panel.detail.windows
        self.redraw_bands(anew=True)
        if fold.chosen >= 0:
            self._chart_indicators(fold)
        self.desk.jump(self.symbol, walk.summary.timeframe, fold.test_from_ms)
        if fold.chosen < 0:
            page.status.setText(tr("No parameter set fit in window {n}: its test stayed in cash.").format(n=number + 1))
            self._chart_trades(None)
            return
        page.status.setText(tr("Window {n}: the trades of its test part are computed.").format(n=number + 1))
        asked = (self.job, self.strategy, number)

        def told(result: BacktestResult) -> None:
            if asked == (self.job, self.strategy, self.fold):
                self.desk.spawn(self._load(number, fold, result))

        def failed(error: PyroError) -> None:
            page.status.setText(str(error))

        self.desk.ask(GetFold(job=self.job, strategy=self.strategy, fold=number), told, failed)

    async def _load(self, number: int, fold: FoldResult, result: BacktestResult) -> None:
        """Trades and indicators go onto the chart once it shows the symbol and timeframe."""
        rows = np.frombuffer(result.trades, TRADE_DTYPE)
        net = float(rows["pnl"].sum()) / result.spec.sizing.cash if len(rows) else 0.0
        text = tr("Window {n}: {trades} trades, {net} with {params}, now on the chart.").format(
            n=number + 1, trades=len(rows), net=formats.percent(net, 1), params=params_text(fold.params)
        )
        self.panel.detail.windows.status.setText(text)
        chart = await self._opened(result.spec.symbol, result.spec.timeframe, fold.test_from_ms)
        if chart is None or self.fold != number:
            return
        chart.panel.set_trades(rows)
        chart.panel.show_span(fold.test_from_ms, fold.test_to_ms)
        self.redraw_bands(anew=True)

    async def _opened(self, symbol: str, timeframe: str, ms: int) -> ChartLink | None:
        """The chart as soon as it shows this symbol and timeframe and has loaded a moment, or has tried for long; None
        where it does not come to it."""
        for _ in range(int(OPENING_S / 0.05)):
            chart = self.desk.chart
            if chart is None or chart.symbol != symbol:
                return None
            if (chart.panel.symbol, chart.panel.timeframe) == (symbol, timeframe) and chart.panel.holds(ms):
                return chart
            await asyncio.sleep(0.05)
        chart = self.desk.chart
        there = chart is not None and (chart.panel.symbol, chart.panel.timeframe) == (symbol, timeframe)
        return chart if there else None

    def _chart_trades(self, rows: np.ndarray | None) -> None:
        chart = self.desk.chart
        if chart is not None and chart.panel.symbol == self.symbol:
            chart.panel.set_trades(rows)

    def _chart_indicators(self, fold: FoldResult) -> None:
        """Those that the strategy calls with the window's parameters, in place of the ones of the window before. The
        chart asks for them as it opens, so this comes before the jump."""
        from widgets.chart.indicators import from_info, make

        info, chart = self.strategies.get(self.strategy), self.desk.chart
        if info is None or chart is None or not self.panel.detail.windows.indicators.isChecked():
            return
        wanted = []
        for drawn in simple_indicators(info.text, fold.params, self._catalogue):
            made = make(drawn.info.name, drawn.params, tuple(drawn.info.outputs), drawn.info.scale == "overlay")
            names = {o.key.rpartition(".")[2] for o in from_info(drawn.info).outputs}
            outputs = tuple(o for o in made.outputs if len(made.outputs) == 1 or o.key.rpartition(".")[2] in names)
            wanted.append(dataclasses.replace(made, outputs=outputs))
        have = [i for i in chart.panel.stack.indicators if i.title not in self._on_chart]
        titles = {i.title for i in have}
        added = [i for i in wanted if i.title not in titles]
        self._on_chart = {i.title for i in added}
        if [i.title for i in chart.panel.stack.indicators] != [i.title for i in (*have, *added)]:
            chart.panel.set_indicators([*have, *added])

    def _moment(self, ms: int) -> None:
        """A day of the equity: the chart jumps there."""
        if self.walk is not None:
            self.desk.jump(self.symbol, self.walk.summary.timeframe, int(ms))

    # bands ----------------------------------------------------------------------------------------------------------
    def redraw_bands(self, *, anew: bool = False) -> None:
        """The test parts as bands on the chart of their symbol, with the train part of the chosen window, while the
        panel is on show."""
        chart = self.desk.chart
        if chart is None:
            return
        wanted = self.panel.bands.isChecked() and self.panel.isVisible()
        show = wanted and self.walk is not None and chart.symbol == self.symbol
        state = (id(chart.panel), chart.symbol, self.job, self.strategy, self.fold, show)
        if state == self._drawn and not anew:
            return
        before, self._drawn = self._drawn, state
        if show or (before and before[-1]):
            chart.panel.set_bands(self._bands() if show else [])

    def _bands(self) -> list[Band]:
        assert self.walk is not None
        made = []
        for number, fold in enumerate(self.walk.folds):
            kind = {"good": "good", "bad": "bad", "none": "mark"}[fold_kind(fold)]
            gain = fold.test.get("total_return", float("nan"))
            made.append(Band(fold.test_from_ms, fold.test_to_ms, kind, f"{number + 1}  {formats.percent(gain, 1)}"))
        if 0 <= self.fold < len(self.walk.folds):
            fold = self.walk.folds[self.fold]
            made.append(Band(fold.train_from_ms, fold.train_to_ms, "train", tr("train {n}").format(n=self.fold + 1)))
        return made

    # Monte Carlo, matrix, promotion ---------------------------------------------------------------------------------
    def _ask_fan(self, kind: str, paths: int) -> None:
        page = self.panel.detail.fan
        ask = GetMonteCarlo(job=self.job, strategy=self.strategy, kind=kind, paths=paths)  # type: ignore[arg-type]
        self._fan.ask(
            tr("Drawing the paths"),
            lambda name: msgspec.structs.replace(ask, run_id=name),
            page.set_fan,
            lambda error: page.stopped() if isinstance(error, Cancelled) else page.set_fan(None, str(error)),
        )

    def _ask_matrix(self, trains: list[str], tests: list[str]) -> None:
        page, spec, strategy = self.panel.detail.matrix, self.panel.spec, self.strategy
        if spec is None or not strategy:
            return

        def make(name: str) -> GetWalkMatrix:
            alone = msgspec.structs.replace(spec, strategies=[strategy], run_id=name)
            return GetWalkMatrix(spec=alone, trains=trains, tests=tests)

        def failed(error: PyroError) -> None:
            page.fail(tr("Cancelled.") if isinstance(error, Cancelled) else str(error))

        title = tr("Walking {n} pairs of lengths").format(n=len(trains) * len(tests))
        self._matrix.ask(title, make, page.set_matrix, failed)

    def _promote(self, strategy: str) -> None:
        def done(_reply: PromotedList) -> None:
            text = tr("{name} is live on {symbol}; roll back under Live.")
            self.panel.note(text.format(name=strategy, symbol=self.symbol.partition(":")[2]))
            self.desk.ask(ListPromoted(history=True), self.on_promoted)

        self.desk.ask(Promote(job=self.job, strategies=[strategy]), done)
