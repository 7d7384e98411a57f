"""Why of all, what-if and tries against the slow ways that they stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import Explain
from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.signals import Signal, SignalBatch
from engine.contracts.studio import (
    ExplainAll,
    FindSignal,
    GetStrategyStats,
    Tried,
    TryStrategy,
    WhatIf,
)
from engine.rules.changes import put, with_rules
from engine.rules.strategy import compile_strategies
from engine.rules.text import parse_strategy
from engine.runtime import study
from engine.runtime.folder import DataFolder
from engine.runtime.kept import TaskContext
from engine.runtime.strategies import every, strategy, use_folder
from engine.runtime.study_bars import WarmBars
from engine.runtime.study_stats import Counter
from engine.runtime.study_try import Tryer, hits
from engine.runtime.tasks_backtest import backtest, data_of
from engine.runtime.why import why
from engine.signals.history import decide
from engine.signals.repaint import made_up_minutes
from engine.store.lake import Lake
from engine.store.state import State

SYMBOL = "binance-spot:BTCUSDT"
MINE = """strategy mine_alone
timeframe 15m
direction both
param n = 14 in 7, 14, 21
long entry: crosses_above(RSI(n), 35) and close > SMA(3) * 0.5
short entry: crosses_below(RSI(n), 65)
stop: 2.5 * ATR(14)
target: 3 * ATR(14)
"""


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = DataFolder(tmp_path_factory.mktemp("study"))
    folder.prepare()
    State(folder.state).close()
    Lake(folder.lake).write(SYMBOL, "1m", made_up_minutes("15m", 1_500))
    made = TaskContext(folder)
    use_folder(folder)
    yield made
    made.close()
    use_folder(None)


def ask(command, context):
    return study.perform(command, context, lambda: False)


@pytest.mark.parametrize("back", [0, 333])
def test_why_of_all_is_the_why_of_each(context, back):
    bars = data_of(BacktestSpec(strategy="", symbol=SYMBOL, timeframe="15m"), context)[1].bars
    at = int(bars["ts"][-1 - back])
    rows = ask(ExplainAll(symbol="BTCUSDT", timeframe="15m", at_ms=at + 5_000), context)
    assert rows.bar_ts == at
    found = {(r.strategy, r.rule): r for r in rows.rows}
    assert {s.id for s in every()} == {r.strategy for r in rows.rows}
    for each in every()[::12]:
        for rule in why(Explain(strategy=each.id, symbol=SYMBOL, timeframe="15m", at_ms=at), context).rules:
            row = found[each.id, rule.rule]
            assert row.fired == rule.fired, (each.id, rule.rule)
            assert (row.held, row.held_before) == (rule.lines[0].held, rule.lines[0].held_before)
            assert (row.missing == 0) == row.held
            if not row.held:
                assert row.failed
    running = ask(ExplainAll(symbol=SYMBOL, timeframe="15m", at_ms=int(bars["ts"][-1]) + 900_000), context)
    assert running.bar_ts == int(bars["ts"][-1])
    assert "not final yet" in running.note
    kinds = [(r.fired, r.missing) for r in rows.rows]
    assert kinds == sorted(kinds, key=lambda k: not k[0])


def test_why_of_all_says_what_is_missing_and_how_near_it_is(context):
    use_folder(context.folder)
    (context.folder.strategies / "near.txt").write_text(
        "strategy near\ntimeframe 15m\ndirection long\nlong entry: (close > 0 and close > close + 7) or "
        "(volume < 0 and high < 0 and low < 0)\nlong exit: not (close > 0)\n"
    )
    rows = {r.rule: r for r in ask(ExplainAll(symbol=SYMBOL, timeframe="15m"), context).rows if r.strategy == "near"}
    entry, leave = rows["long entry"], rows["long exit"]
    assert (entry.missing, entry.parts) == (1, 2)
    assert entry.failed == "close > close + 7"
    assert entry.right - entry.left == pytest.approx(7)
    assert "against" in entry.nearest
    assert (leave.missing, leave.failed) == (1, "not (close > 0)")
    (context.folder.strategies / "near.txt").unlink()


@pytest.mark.parametrize("changes", [{}, {"params": {"n": 9.0}}, {"rules": {"stop": "1.3 * ATR(14)", "target": ""}}])
def test_what_if_is_the_run_that_is_kept(context, changes):
    spec = BacktestSpec(strategy="rsi_reversion", symbol=SYMBOL, timeframe="15m", **changes)
    kept = backtest(spec, context, lambda *_: None, lambda: False)
    followed = ask(WhatIf(spec=spec, from_ms=0, knobs=True), context)
    assert followed.trade_hash == kept.trade_hash
    assert followed.trades == kept.trades
    assert followed.figures
    for name, value in followed.figures.items():
        assert value == pytest.approx(kept.metrics[name], nan_ok=True), name
    equity = np.frombuffer(followed.equity)
    assert equity[-1] == np.frombuffer(kept.equity)[-1]
    assert len(equity) <= 600
    assert ask(WhatIf(spec=spec, from_ms=kept.last_ms), context).trade_hash == kept.trade_hash


def test_knobs_turn_what_they_name(context):
    spec = BacktestSpec(strategy="rsi_reversion", symbol=SYMBOL, timeframe="15m")
    first = ask(WhatIf(spec=spec, knobs=True), context)
    knobs = {k.key: k for k in first.knobs}
    stop = knobs["rule:stop"]
    assert put(stop.form, stop.value) == "3 * ATR(14)"
    row = np.frombuffer(backtest(spec, context, lambda *_: None, lambda: False).trades, TRADE_DTYPE)
    assert (first.anchor.entry_ts, first.anchor.entry_price) == (row["entry_ts"][-1], row["entry_price"][-1])
    stopped = [r for r in row if r["reason"] == 1]
    assert stopped, "no trade of this run was stopped"
    assert stop.reach > 0
    tight = BacktestSpec(strategy="rsi_reversion", symbol=SYMBOL, timeframe="15m", rules={"stop": put(stop.form, 0.5)})
    assert ask(WhatIf(spec=tight), context).trade_hash != first.trade_hash
    assert knobs["param:n"].kind == "period"
    assert knobs["param:n"].param == "n"


def test_replaced_rules_are_read_like_any_text():
    chosen = strategy("rsi_reversion")
    assert with_rules(chosen, {}) is chosen
    assert "2 * ATR(n)" in with_rules(chosen, {"stop": "2 * ATR(n)"}).text()
    with pytest.raises(BadInput, match="Unknown function") as error:
        with_rules(chosen, {"stop": "2 * ATTR(14)"})
    assert error.value.where == "rules.stop"
    with pytest.raises(BadInput, match='"stopp" is not a rule'):
        with_rules(chosen, {"stopp": "1"})


def tried(text: str, context, **more) -> Tried:
    return ask(TryStrategy(text=text, **({"symbol": SYMBOL, "timeframe": "15m"} | more)), context)


def test_hits_are_the_entries_that_a_back_test_decides(context):
    answer = tried(MINE, context)
    assert not answer.marks
    assert answer.strategy == "mine_alone"
    data = data_of(BacktestSpec(strategy="", symbol=SYMBOL, timeframe="15m"), context)[1]
    (decisions,) = decide(compile_strategies([parse_strategy(MINE).bind()]), data.bars, "15m")
    ts, side = np.frombuffer(answer.ts, np.int64), np.frombuffer(answer.side, np.int8)
    for slot, which in ((0, 1), (2, -1)):
        assert ts[side == which].tolist() == data.bars["ts"][decisions.masks[slot] == 1].tolist()
    assert len(ts) == answer.longs + answer.shorts > 10
    assert answer.bars == answer.available == len(data.bars)
    assert answer.figures["trades"] > 0


def test_a_slow_strategy_is_tried_on_the_newest_bars(context):
    tryer = Tryer(WarmBars())
    command = TryStrategy(text=MINE, symbol=SYMBOL, timeframe="1m")
    whole = tryer.answer(command, context, lambda: False)
    tryer._ns["mine_alone"] = 200 * 1e6 / 8_000
    part = tryer.answer(command, context, lambda: False)
    assert (whole.bars, part.bars, part.available) == (whole.available, 8_000, whole.available)
    assert part.last_ms == whole.last_ms
    later = part.first_ms + 2_000 * 60_000
    whole_ts, part_ts = (np.frombuffer(a.ts, np.int64) for a in (whole, part))
    assert part_ts[part_ts >= later].tolist() == whole_ts[whole_ts >= later].tolist()


def test_every_mistake_has_its_place_and_way_out(context):
    text = MINE.replace("RSI(n), 35", "RSII(n), 35").replace("2.5 * ATR(14)", "2.5 * ATR(14")
    marks = tried(text, context).marks
    first = marks[0]
    assert (first.line, text.split("\n")[4][first.column - 1 :][: first.length]) == (5, "RSII")
    assert 'Did you mean "RSI"?' in marks[0].what
    assert [m.line for m in marks] == [5, 7]
    assert tried("", context).marks == []
    assert tried("hello", context).marks[0].line == 1
    used = tried(MINE.replace("mine_alone", "rsi_reversion"), context).marks
    assert "used by a built-in strategy" in used[0].what
    assert used[0].line == 1
    two = MINE + "\nstrategy second\ndirection long\nlong entry: close > open\nlong exit: close < open\n"
    assert tried(two, context, line=12).strategy == "second"
    assert tried(two, context, line=2).strategies == ["mine_alone", "second"]


def test_what_cannot_run_here_says_why(context):
    text = 'strategy slow\ndirection long\ntimeframe 1m\nlong entry: tf("5m", close) > open\nlong exit: close < open\n'
    answer = tried(text, context, timeframe="15m")
    assert not answer.marks
    assert not answer.ts
    assert "5m" in answer.note
    assert "no candles of" in tried(MINE, context, symbol="binance-spot:NOSUCH").note


def test_python_is_run_in_a_child_and_its_error_has_a_place(context):
    code = (
        "from engine.rules.api import RSI, Strategy, crosses_above\n"
        'mine = Strategy(id="mine_py", title="", family="", idea="", source="", timeframe="15m", direction="long",\n'
        "                long_entry=crosses_above(RSI(14), 30), long_exit=RSI(14) > 60)\n"
    )
    answer = tried(code, context, language="python")
    assert (answer.marks, answer.strategy) == ([], "mine_py")
    assert answer.longs > 0
    (mark,) = tried(code.replace("RSI(14) > 60", "RSJ(14) > 60"), context, language="python").marks
    assert mark.line in (2, 3)
    assert "RSJ" in mark.what
    assert not list((context.folder.cache / "trying").iterdir())


def test_the_next_and_the_last_signal(context):
    data = data_of(BacktestSpec(strategy="", symbol=SYMBOL, timeframe="15m"), context)[1]
    (decisions,) = decide(compile_strategies([strategy("rsi_reversion").bind(timeframe="15m")]), data.bars, "15m")
    ts, _ = hits(data.bars, *decisions.found[:2])
    for here in (0, len(ts) // 2, len(ts) - 1):
        at = int(ts[here])
        for way in (-1, 1):
            command = FindSignal(strategy="rsi_reversion", symbol=SYMBOL, timeframe="15m", at_ms=at, way=way)
            wanted = ts[ts < at][-1:] if way < 0 else ts[ts > at][:1]
            assert ask(command, context).ts == (int(wanted[0]) if len(wanted) else -1)


def test_statistics_are_those_of_the_journal(tmp_path: Path):
    folder = DataFolder(tmp_path)
    folder.prepare()
    minutes = made_up_minutes("1m", 400)
    state = State(folder.state)
    state.save_candles(SYMBOL, "1m", minutes)

    def signal(bar: int, name: str, side: str, **more: object) -> Signal:
        ts = int(minutes["ts"][bar])
        usual = {"action": "entry", "kind": "confirmed", "timeframe": "1m", "symbol": SYMBOL}
        return Signal(
            strategy=name, version="1", params="", bar_ts=ts, side=side, price=float(minutes["close"][bar]),
            event_ms=ts + 60_000, received_ns=0, emitted_ns=(ts + 60_000) * 1_000_000, **(usual | more),
        )  # fmt: skip

    made = [signal(k, "a", "long") for k in range(100, 390, 7)] + [signal(k, "b", "short") for k in (120, 130)]
    made += [signal(120, "a", "long", action="exit"), signal(121, "c", "long", kind="provisional")]
    state.append_signals(SignalBatch.of(sorted(made, key=lambda s: s.emitted_ns)))
    state.close()
    context = TaskContext(folder)
    counter = Counter()
    found = {s.strategy: s for s in counter.answer(GetStrategyStats(bars=10), context).stats}
    # what comes later is added to what was counted
    state = State(folder.state)
    state.append_signals(SignalBatch.of([signal(394, "b", "short")]))
    state.close()
    counter._kept = None
    later = {s.strategy: s for s in counter.answer(GetStrategyStats(bars=10), context).stats}
    context.close()
    assert (found["a"].signals, found["b"].signals, later["b"].signals, later["b"].judged) == (42, 2, 3, 2)
    assert set(later) == {"a", "b"}

    def move(bar: int) -> float:
        """By the clock, since the series has holes."""
        at = int(np.searchsorted(minutes["ts"], minutes["ts"][bar] + 600_000))
        there = at < len(minutes) and minutes["ts"][at] - minutes["ts"][bar] <= 900_000
        return float(minutes["close"][at] / minutes["close"][bar] - 1) if there else float("nan")

    longs = np.array([move(k) for k in range(100, 390, 7)])
    longs = longs[np.isfinite(longs)]
    assert (later["a"].signals, later["a"].judged) == (42, len(longs))
    assert later["a"].move == pytest.approx(longs.mean())
    assert later["a"].hits == pytest.approx((longs > 0).mean())
    assert later["b"].move == pytest.approx(-np.mean([move(120), move(130)]))
