"""What the small engine answers about strategies that are written, questioned and tuned."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.contracts import commands as cmd
from engine.contracts import studio as st
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.why import Line, Operand, RuleWhy, Why
from engine.rules.mistakes import read_all
from engine.runtime.study_files import stamp

HOUR = 3_600_000
START = 1_790_000_000_000 - 1_790_000_000_000 % HOUR


class Studio:
    """files: the person's folder; `busy` holds the answers to what-ifs back."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, str] = {}

    def _GetLanguage(self, _c: cmd.GetLanguage) -> cmd.Language:
        from engine.rules.reference import language

        return language()

    def _GetStrategyStats(self, c: st.GetStrategyStats) -> st.StrategyStats:
        return st.StrategyStats(
            stats=[
                st.StrategyStat(
                    strategy="macd_cross", signals=812, symbols=300, last_ms=START - 30_000, last_symbol="x:BTCUSDT",
                    judged=700, move=0.0012, hits=0.54, promoted=2, muted=2,
                ),
                st.StrategyStat(
                    strategy="rsi_revert", signals=90, symbols=40, last_ms=START, judged=80, move=-0.0004, hits=0.4
                ),
            ],
            live=1040,
            at_ms=START,
            bars=c.bars,
            hours=c.hours,
        )  # fmt: skip

    def _ListStrategyFiles(self, _c: st.ListStrategyFiles) -> st.StrategyFiles:
        found = []
        for name, text in sorted(self.files.items()):
            strategies, wrong = read_all(text)
            found.append(
                st.StrategyFile(
                    name=name, size=len(text), changed_ms=START, stamp=stamp(text.encode()),
                    strategies=[s.id for _, s in strategies], error=wrong[0].what if wrong else "",
                )
            )  # fmt: skip
        return st.StrategyFiles(folder="strategies", files=found)

    def _ReadStrategyFile(self, c: st.ReadStrategyFile) -> st.FileText:
        text = self.files[c.name]
        return st.FileText(name=c.name, text=text, stamp=stamp(text.encode()))

    def _SaveStrategyFile(self, c: st.SaveStrategyFile) -> st.FileText:
        if c.name in self.files and stamp(self.files[c.name].encode()) != c.stamp and not c.force:
            raise BadInput("it was not overwritten.", fix="Save under another name, or overwrite it.")
        self.files[c.name] = c.text
        return st.FileText(name=c.name, text=c.text, stamp=stamp(c.text.encode()))

    def _RenameStrategyFile(self, c: st.RenameStrategyFile) -> cmd.Ok:
        self.files[c.to] = self.files.pop(c.name)
        return cmd.Ok()

    def _DeleteStrategyFile(self, c: st.DeleteStrategyFile) -> cmd.Ok:
        del self.files[c.name]
        return cmd.Ok()

    def _TryStrategy(self, c: st.TryStrategy) -> st.Tried:
        strategies, wrong = read_all(c.text)
        marks = [st.TextMark(line=m.line, column=m.column, length=m.length, what=m.what, fix=m.fix) for m in wrong]
        if not strategies or not c.symbol:
            return st.Tried(marks=marks)
        ts = START - np.arange(20, 0, -1) * HOUR
        side = np.where(np.arange(20) % 4, 1, -1).astype(np.int8)
        return st.Tried(
            marks=marks, strategies=[s.id for _, s in strategies], strategy=strategies[0][1].id, timeframe=c.timeframe,
            ts=ts.tobytes(), side=side.tobytes(), bars=3000, available=3000, first_ms=START - 3000 * HOUR,
            last_ms=START, longs=15, shorts=5, figures={"trades": 18.0, "total_return": 0.12}, ms=12.0,
        )  # fmt: skip

    def _ExplainAll(self, c: st.ExplainAll) -> st.WhyAll:
        def row(strategy: str, rule: str, **more: Any) -> st.WhyRow:
            usual = {"fired": False, "held": False, "held_before": False, "missing": 1, "parts": 2}
            return st.WhyRow(strategy=strategy, title=strategy.title(), family="f", rule=rule, **(usual | more))

        return st.WhyAll(
            symbol=c.symbol, timeframe=c.timeframe, bar_ts=START if c.at_ms is None else c.at_ms,
            open=1.0, high=2.0, low=0.5, close=1.5, volume=9.0, bars=300, ms=20.0,
            rows=[
                row("macd_cross", "long entry", fired=True, held=True, missing=0),
                row("rsi_revert", "long entry", failed="RSI(14) < 30", left=31.0, right=30.0, moves=0.4),
                row("gap_fade", "short entry", missing=2, parts=3, failed="close < open"),
                row("gap_fade", "short exit", missing=0, held=True, held_before=True),
            ],
        )  # fmt: skip

    def _Explain(self, c: cmd.Explain) -> Why:
        lines = [
            Line(depth=0, text="RSI(14) < 30 and close > open", held=False, held_before=False),
            Line(
                depth=1, text="RSI(14) < 30", held=False, held_before=True,
                operands=[Operand(text="RSI(14)", now=31.0, before=29.0)],
            ),
            Line(
                depth=1, text="close > open", held=True, held_before=False,
                operands=[Operand(text="close", now=1.5, before=1.0), Operand(text="open", now=1.0, before=1.2)],
            ),
        ]  # fmt: skip
        rules = [
            RuleWhy(
                rule="long entry", text=lines[0].text, fired=False, summary="Long entry: no, RSI did not.", lines=lines
            ),
            RuleWhy(rule="short entry", text="close < open", fired=True, summary="Short entry: yes.", lines=lines[1:]),
        ]
        return Why(
            strategy=c.strategy, version="1", params="n=14", symbol=c.symbol, timeframe=c.timeframe,
            bar_ts=c.at_ms or START, open=1.0, high=2.0, low=0.5, close=1.5, volume=9.0, bars=300, needed=30,
            summary=rules[0].summary, rules=rules, levels={"long stop": 0.3},
        )  # fmt: skip

    def _FindSignal(self, c: st.FindSignal) -> st.NextSignal:
        return st.NextSignal(ts=c.at_ms + 5 * c.way * HOUR if c.way > 0 else -1, side=1)

    def _WhatIf(self, c: st.WhatIf) -> st.Followed:
        """The better the wider the stop; slower the longer the period."""
        stop = float(c.spec.rules.get("stop", "2 * ATR(14)").partition(" ")[0])
        n = c.spec.params.get("n", 14.0)
        trades = np.zeros(3, TRADE_DTYPE)
        trades["entry_ts"], trades["exit_ts"] = (
            START - np.array([30, 20, 10]) * HOUR,
            START - np.array([28, 18, 8]) * HOUR,
        )
        trades["side"], trades["entry_price"], trades["exit_price"], trades["pnl"] = 1, 100.0, 101.0, 5.0
        curve = 10_000 * (1 + np.linspace(0, stop / 10, 50))
        knobs = [
            st.Knob(key="rule:stop", kind="level", title="stop", value=2.0, low=0.05, high=20.0, step=0.05, rule="stop",
                    form="{} * ATR(14)", reach=4.0),
            st.Knob(key="param:n", kind="period", title="n", value=14.0, low=1.0, high=60.0, step=1.0, param="n"),
        ]  # fmt: skip
        return st.Followed(
            figures={
                "total_return": stop / 10, "sharpe": stop, "max_drawdown_bar": 0.2, "trades": 100 - n, "win_rate": 0.5,
                "profit_factor": 1.2,
            },
            trade_hash=f"{stop}:{n}",
            equity_ts=(START - np.arange(50, 0, -1) * 86_400_000).tobytes(), equity=curve.tobytes(),
            trades=trades.tobytes(), cut=False, bars=26_000, first_ms=START - 50 * 86_400_000, last_ms=START,
            knobs=knobs if c.knobs else [], ms=40.0,
            anchor=st.Anchor(
                entry_ts=START - 10 * HOUR, exit_ts=START - 8 * HOUR, side=1, entry_price=100.0, open=False
            ),
        )  # fmt: skip
