"""A small engine in the window's process with the client's methods: real contract types, deterministic events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.backtest.report import Run, make_report
from engine.contracts import alerting, watch
from engine.contracts import commands as cmd
from engine.contracts import events as ev
from engine.contracts.backtests import BacktestResult
from engine.contracts.dtypes import CANDLE_DTYPE, QUOTE_DTYPE, STATE_LIVE, STATE_WARMING, TRADE_DTYPE
from engine.contracts.errors import BadInput, PyroError
from engine.contracts.instruments import Instrument
from engine.contracts.reports import Exported, ExportRun, GetReport, Report
from engine.contracts.signals import Signal, SignalBatch
from engine.contracts.timeframes import TIMEFRAME_MS
from tests.gui.fake_studio import Studio
from tests.gui.fake_walks import FakeWalks

NOW = 1_790_000_000_000
LETTERS = "ABCDEFGHKLMNPRSTUVXYZ"


def instruments(count: int, demo: bool = True) -> list[Instrument]:
    """Invented names on two markets; the first are well known, for people who look at pictures."""
    rng = np.random.default_rng(7)
    known = ["BTC", "ETH", "SOL", "BNB", "XRP", "ADA", "DOGE", "AVAX", "LINK", "DOT"]
    names = list(
        dict.fromkeys(known + ["".join(rng.choice(list(LETTERS), rng.integers(3, 6))) for _ in range(count * 2)])
    )
    prefix = "demo-" if demo else ""
    return [
        Instrument(
            market=prefix + ("binance-futures" if k % 5 < 3 else "binance-spot"),
            name=names[k // 2 if k < 20 else k] + "USDT",
            base=names[k // 2 if k < 20 else k],
            quote="USDT",
            tick_size=float(rng.choice([0.01, 0.1, 0.0001, 0.00001])),
            lot_size=0.001,
            generated=demo,
        )
        for k in range(count)
    ]


def unique(found: list[Instrument]) -> list[Instrument]:
    return list({i.symbol: i for i in found}.values())


def strategies() -> list[cmd.StrategyInfo]:
    rows = [
        ("rsi_revert", "RSI revert", "Mean reversion", {"n": (14.0, [7.0, 14.0, 21.0]), "low": (30.0, [20.0, 30.0])}),
        ("bollinger_fade", "Bollinger fade", "Mean reversion", {"n": (20.0, [20.0]), "k": (2.0, [1.5, 2.0, 2.5])}),
        ("macd_cross", "MACD cross", "Trend", {"fast": (12.0, []), "slow": (26.0, []), "signal": (9.0, [])}),
        ("donchian_breakout", "Donchian breakout", "Breakout", {"n": (20.0, [10.0, 20.0, 55.0])}),
        ("gap_fade", "Gap fade", "Intraday", {}),
    ]
    return [
        cmd.StrategyInfo(
            id=name,
            title=title,
            family=family,
            idea=f"{title}: buys what has gone too far and sells when it is back at its mean.",
            source="general knowledge",
            timeframe="1h",
            direction="both",
            params=params,
            text=f"strategy {name}\nlong when cross_up(RSI(n), low)\nshort when cross_down(RSI(n), 100 - low)",
            version="1f2e3d4c",
        )
        for name, title, family, params in rows
    ]


def bars(symbol: str, timeframe: str, end_ms: int, count: int) -> np.ndarray:
    """A random walk that depends on symbol and time only, so that pages fit together."""
    step = TIMEFRAME_MS[timeframe]
    index = np.arange(end_ms // step - count + 1, end_ms // step + 1)
    seed = sum(map(ord, symbol))
    wave = np.sin(index / 37 + seed) * 0.02 + np.sin(index / 211 + seed * 2) * 0.05 + np.sin(index / 5.3 + seed) * 0.003
    noise = np.sin(index * 12.9898 + seed) * 43758.5453
    noise = noise - np.floor(noise) - 0.5
    close = (50 + seed % 400) * (1 + wave + noise * 0.006)
    out = np.zeros(count, dtype=CANDLE_DTYPE)
    out["ts"], out["close"] = index * step, close
    out["open"] = np.r_[close[0], close[:-1]]
    out["high"] = np.maximum(out["open"], close) * (1 + np.abs(noise) * 0.004)
    out["low"] = np.minimum(out["open"], close) * (1 - np.abs(noise) * 0.004)
    out["volume"] = 1000 * (1 + np.abs(noise) * 6)
    return out


class FakeEngine(Studio, FakeWalks):
    """Offers ask, on, on_close, close, stop_engine like the real client. `asked` holds every command."""

    def __init__(self, count: int = 40, *, demo: bool = True, owned: bool = True) -> None:
        Studio.__init__(self)
        FakeWalks.__init__(self)
        found = unique(instruments(count, demo))
        self.info = cmd.EngineInfo(
            version="0.1.0",
            pid=4242,
            started_ms=NOW,
            demo=demo,
            state="live",
            markets=list(dict.fromkeys(i.market for i in found)),
            timeframes=["1m", "5m", "15m", "1h"],
            instruments=found,
            data_folder=str(Path("data")),
        )
        self.owned = owned
        self.asked: list[cmd.Command] = []
        self.closed = self.stopped = False
        self.fail: dict[type[cmd.Command], PyroError] = {}
        self.seq = 0
        self.journal: list[Signal] = []
        self.jobs: dict[str, cmd.RunBacktest] = {}
        self.hold_jobs = False
        self.rules: list[str] = []
        self.channels = alerting.AlertChannels()
        self._handlers: dict[type[ev.Event], list[Callable[[Any], None]]] = {}
        self._on_close: list[Callable[[str], None]] = []
        rng = np.random.default_rng(3)
        self._price = np.exp(rng.normal(3, 1.5, len(found)))
        self._open = self._price * (1 + rng.normal(0, 0.02, len(found)))
        self._rng = rng

    # the client's face ----------------------------------------------------------------------------------------------
    async def ask(self, command: cmd.Command) -> Any:
        self.asked.append(command)
        await asyncio.sleep(0)
        if type(command) in self.fail:
            raise self.fail[type(command)]
        answer = getattr(self, f"_{type(command).__name__}", None)
        if answer is None:
            raise BadInput(f"this engine does not know {type(command).__name__}", fix="Update it.")
        return answer(command)

    def on(self, kind: type[ev.Event], handler: Callable[[Any], None]) -> Callable[[], None]:
        self._handlers.setdefault(kind, []).append(handler)
        return lambda: self._handlers[kind].remove(handler)

    def on_close(self, handler: Callable[[str], None]) -> None:
        self._on_close.append(handler)

    async def close(self) -> None:
        self.closed = True

    async def stop_engine(self) -> None:
        self.stopped = self.closed = True

    # what a test does with it ---------------------------------------------------------------------------------------
    def emit(self, event: ev.Event) -> None:
        for handler in list(self._handlers.get(type(event), [])):
            handler(event)

    def listeners(self) -> int:
        return sum(map(len, self._handlers.values()))

    def die(self, reason: str = "connection reset") -> None:
        for handler in self._on_close:
            handler(reason)

    def of(self, kind: type[cmd.Command]) -> list[Any]:
        """Commands of one type, in the order in which they were asked."""
        return [c for c in self.asked if type(c) is kind]

    def quote(self, rows: int | None = None) -> None:
        """New prices of the first `rows` instruments (all by default)."""
        n = len(self._price) if rows is None else rows
        ids = np.arange(n)
        self._price[ids] *= 1 + self._rng.normal(0, 0.0008, n)
        block = np.zeros(n, dtype=QUOTE_DTYPE)
        block["id"], block["last"], block["open24"] = ids, self._price[ids], self._open[ids]
        block["high24"], block["low24"] = self._price[ids] * 1.02, self._price[ids] * 0.98
        block["volume24"] = 10 ** (3 + ids % 7)
        block["ts"] = NOW
        block["state"] = np.where(ids % 17 == 5, STATE_WARMING, STATE_LIVE)
        self.emit(ev.Quotes(rows=block.tobytes()))

    def sparks(self, points: int = 40) -> None:
        n = len(self._price)
        walk = np.cumsum(self._rng.normal(0, 1, (n, points)), axis=1).astype("<f4")
        self.emit(ev.Sparks(ids=np.arange(n, dtype="<i4").tobytes(), points=points, closes=walk.tobytes()))

    def signal(self, row: int = 0, *, at_ms: int = NOW, **changes: Any) -> Signal:
        """One new signal, journaled and sent."""
        self.seq += 1
        base = {
            "strategy": strategies()[self.seq % 5].id,
            "version": "1f2e3d4c",
            "params": "n=14",
            "symbol": self.info.instruments[row].symbol,
            "timeframe": "1m",
            "bar_ts": at_ms - at_ms % 60_000,
            "side": "long" if self.seq % 2 else "short",
            "action": "entry",
            "kind": "confirmed",
            "price": float(self._price[row]),
            "event_ms": at_ms,
            "received_ns": at_ms * 1_000_000,
            "emitted_ns": at_ms * 1_000_000 + 3_200_000,
            "seq": self.seq,
        }
        made = Signal(**{**base, **changes})
        self.journal.append(made)
        self.emit(ev.Signals(block=SignalBatch.of([made]).block()))
        return made

    def health(self, lamps: str = "gggggggg", ts: int = NOW) -> None:
        """lamps: one letter a shard (g, a, r, x = grey), the second half on the second market."""
        words = {
            "g": ("green", "streaming"),
            "a": ("amber", "filling a gap"),
            "r": ("red", "down"),
            "x": ("grey", "closed"),
        }
        half = -(-len(lamps) // 2)
        shards = [
            ev.ShardHealth(
                market=self.info.markets[min(k // half, len(self.info.markets) - 1)],
                shard=k % half,
                lamp=words[c][0],  # type: ignore[arg-type]
                state=words[c][1],
                symbols=32,
                frames_per_s=310.0,
                age_ms=14.0,
                reconnects=0,
                gaps_open=int(c == "a"),
                malformed=0,
            )
            for k, c in enumerate(lamps)
        ]
        self.emit(
            ev.Health(
                ts=ts,
                state="live",
                shards=shards,
                symbols=len(self._price),
                warming=3,
                settling=0,
                frames_per_s=4_800.0,
                sweep_ms=3.9,
                latency_p50_ms=2.1,
                latency_p99_ms=8.4,
                loop_lag_ms=0.4,
                gc_pause_ms=1.2,
                rss_mb=612.0,
                cpu_percent=71.0,
                signals_total=self.seq,
                queues={"ticks": (120, 10_000, 0), "journal": (3, 5_000, 0)},
                rest_used={"binance-futures": (310, 2_400)},
            )
        )

    def job(self, job: str, state: str, fraction: float = 0.0, error: str = "") -> None:
        self.emit(
            ev.JobProgress(
                job=job, kind="backtest", title="Back-test", state=state, fraction=fraction, eta_s=4.0, error=error
            )
        )

    # answers --------------------------------------------------------------------------------------------------------
    def _Subscribe(self, command: cmd.Subscribe) -> cmd.Ok:
        return cmd.Ok()

    _CloseChart = _RestartShard = _KeepSecret = _Subscribe  # type: ignore[assignment]

    def _SetWatch(self, c: watch.SetWatch) -> watch.WatchReply:
        wrong = [
            watch.WatchProblem(item=k, what='Unknown function "RSX". Did you mean "RSI"?', at=i.expression.index("RSX"))
            for k, i in enumerate(c.items)
            if "RSX" in i.expression
        ]
        return watch.WatchReply(problems=wrong, conditions=[i.condition for i in c.items])

    def values(self, *rows: list[float]) -> None:
        """Values of the expressions that were asked last, a row an item."""
        asked = [c for c in self.of(watch.SetWatch) if c.view][-1]
        block = np.array(rows, "<f4")
        self.emit(watch.WatchValues(view=asked.view, items=len(rows), values=block.tobytes()))

    def _GetAlerts(self, _c: alerting.GetAlerts) -> alerting.AlertSetup:
        return alerting.AlertSetup(
            rules=self.rules, fixed=[], channels=self.channels, secrets=dict.fromkeys(alerting.SECRETS, False)
        )

    def _SetAlertRules(self, c: alerting.SetAlertRules) -> alerting.AlertSetup:
        self.rules, self.channels = c.rules, c.channels or self.channels
        return self._GetAlerts(alerting.GetAlerts())

    def _TestAlert(self, c: alerting.TestAlert) -> alerting.Delivery:
        return alerting.Delivery(ts=NOW, channel=c.channel, ok=False, text="There is no webhook URL.")

    def _candles(
        self, symbol: str, timeframe: str, end: int, limit: int, series: list[cmd.SeriesRequest]
    ) -> cmd.Candles:
        if symbol not in {i.symbol for i in self.info.instruments}:
            raise BadInput(f'"{symbol}" is not a known symbol.', where=symbol)
        made = bars(symbol, timeframe, end, min(limit, 3000))
        close = made["close"]
        smooth = {r.name: _series(r.expression, close).tobytes() for r in series}
        return cmd.Candles(
            symbol=symbol, timeframe=timeframe, bars=made.tobytes(), series=smooth, more=True, running=True
        )

    def _OpenChart(self, c: cmd.OpenChart) -> cmd.Candles:
        return msgspec.structs.replace(self._candles(c.symbol, c.timeframe, NOW, c.limit, c.series), whole=c.whole)

    def _GetHistory(self, c: cmd.GetHistory) -> cmd.Candles:
        return msgspec.structs.replace(self._candles(c.symbol, c.timeframe, NOW, 2000, c.series), whole=True)

    def _GetCandles(self, c: cmd.GetCandles) -> cmd.Candles:
        return self._candles(c.symbol, c.timeframe, (c.before_ms or NOW) - 1, c.limit, c.series)

    def _ListStrategies(self, _c: cmd.ListStrategies) -> cmd.StrategyList:
        return cmd.StrategyList(strategies=strategies())

    def _ListIndicators(self, _c: cmd.ListIndicators) -> cmd.IndicatorList:
        return cmd.IndicatorList(indicators=[])

    def _ListData(self, _c: cmd.ListData) -> cmd.DataList:
        return cmd.DataList(series=[])

    def _ListSignals(self, c: cmd.ListSignals) -> cmd.SignalPage:
        found = [s for s in self.journal if s.seq > (c.after or 0)][-c.limit :]
        return cmd.SignalPage(block=SignalBatch.of(found).block())

    def _RunBacktest(self, c: cmd.RunBacktest) -> cmd.JobStarted:
        job = f"job-{len(self.jobs) + 1}"
        self.jobs[job] = c
        self.job(job, "queued")
        if not self.hold_jobs:
            asyncio.get_running_loop().call_soon(self.job, job, "done", 1.0)
        return cmd.JobStarted(job=job)

    def _CancelJob(self, c: cmd.CancelJob) -> cmd.Ok:
        (self.walk_state if c.job in self.walk_specs else self.job)(c.job, "cancelled")
        return cmd.Ok()

    def _GetResult(self, c: cmd.GetResult) -> BacktestResult:
        return result(self.jobs[c.job])

    def _GetReport(self, c: GetReport) -> Report:
        made = make_report(Run(c.job, NOW, result(self.jobs[c.job])), c.convention)
        return msgspec.structs.replace(made, job=c.job)

    def _ExportRun(self, c: ExportRun) -> Exported:
        return Exported(files=[c.path], bytes=1234)


def _series(expression: str, close: np.ndarray) -> np.ndarray:
    """Shapes good enough to look at; the figures are not tested here."""
    digits = "".join(c if c.isdigit() else " " for c in expression).split()
    n = int(digits[0]) if digits else 14
    mean = np.convolve(close, np.ones(n) / n, mode="full")[: len(close)]
    mean[: n - 1] = np.nan
    if expression.startswith("RSI"):
        return 50 + np.clip((close / mean - 1) * 900, -45, 45)
    if expression.startswith("MACD"):
        return (close - mean) * 0.3
    return mean


def result(command: cmd.RunBacktest) -> BacktestResult:
    """A finished run of 64 trades over three years."""
    rng = np.random.default_rng(11)
    count = 64
    trades = np.zeros(count, dtype=TRADE_DTYPE)
    trades["entry_ts"] = NOW - np.arange(count, 0, -1) * 3_600_000 * 30
    trades["exit_ts"] = trades["entry_ts"] + 3_600_000 * 9
    trades["side"] = np.where(np.arange(count) % 3, 1, -1)
    trades["entry_price"] = 100 + rng.normal(0, 4, count)
    trades["exit_price"] = trades["entry_price"] * (1 + rng.normal(0.002, 0.02, count))
    trades["quantity"], trades["bars"], trades["fees"] = 3, 9, 0.6
    trades["pnl"] = trades["side"] * (trades["exit_price"] - trades["entry_price"]) * 3 - 0.6
    trades["reason"] = np.arange(count) % 5
    ts = NOW - np.arange(1000, 0, -1) * 86_400_000
    equity = 10_000 * np.exp(np.cumsum(rng.normal(0.0008, 0.011, 1000)))
    peak = np.maximum.accumulate(equity)
    bench = 10_000 * np.exp(np.cumsum(rng.normal(0.0002, 0.016, 1000)))
    return BacktestResult(
        spec=command.spec,
        strategy_text="long when cross_up(RSI(14), 30)",
        bars=26_304,
        first_ms=int(ts[0]),
        last_ms=int(ts[-1]),
        metrics={
            "total_return": float(equity[-1] / 10_000 - 1),
            "cagr": 0.142,
            "sharpe": 1.41,
            "sortino": 2.06,
            "max_drawdown_bar": 0.118,
            "profit_factor": 1.63,
            "win_rate": 0.541,
            "trades": float(count),
            "expectancy": 12.4,
            "exposure": 0.37,
        },
        convention="Daily returns at midnight UTC, ddof 1, 365 days, risk-free 0; CAGR by calendar / 365.25",
        trade_hash="9f3c2a7715d04be1",
        data_fingerprint="a1b2c3d4e5f60718",
        code_version="0.1.0",
        assumptions=["Fee 0.05 % a fill: the market's taker fee.", "Funding assumed 0.01 % where no rate is stored."],
        seconds=0.084,
        trades=trades.tobytes(),
        equity_ts=ts.astype("<i8").tobytes(),
        equity=equity.astype("<f8").tobytes(),
        drawdown=(equity / peak - 1).astype("<f8").tobytes(),
        benchmark=bench.astype("<f8").tobytes(),
    )
