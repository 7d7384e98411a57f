"""Kept runs: searched, sorted, and compared with what differs first."""

from __future__ import annotations

import math

from engine.contracts.backtests import BacktestSpec
from engine.contracts.commands import RunSummary
from engine.contracts.reports import Comparison, Difference
from widgets.viewmodels import runs as vm


def run(job: str, strategy: str, sharpe: float, created: int) -> RunSummary:
    spec = BacktestSpec(strategy=strategy, symbol="binance-spot:BTCUSDT", timeframe="1h", params={"n": 14.0})
    return RunSummary(
        job=job,
        created_ms=created,
        spec=spec,
        trade_hash="00",
        metrics={"sharpe": sharpe, "total_return": 0.5, "trades": 12.0},
    )


def model() -> vm.RunsModel:
    made = vm.RunsModel()
    made.load([run("a", "rsi", 1.0, 10), run("b", "macd", math.nan, 30), run("c", "turtle", 2.0, 20)])
    return made


def test_newest_first_and_undefined_figures_last():
    m = model()
    assert [r.job for r in m.rows] == ["b", "c", "a"]
    for descending, order in ((True, ["c", "a", "b"]), (False, ["a", "c", "b"])):
        m.sorted_by = (5, descending)
        m.arrange()
        assert [r.job for r in m.rows] == order
    assert m.cells(0)[:6] == ["rsi", "BTCUSDT", "1h", "50.00%", "n/a", "1.00"]


def test_search_takes_all_words_and_deleted_runs_are_gone():
    m = model()
    m.wanted = "n=14 TUR"
    m.arrange()
    assert [r.job for r in m.rows] == ["c"]
    m.wanted, m.gone = "", {"c"}
    m.arrange()
    assert [r.job for r in m.rows] == ["b", "a"]


def comparison() -> Comparison:
    return Comparison(
        jobs=["a", "c"],
        titles=["rsi on X 1h", "turtle on X 1h"],
        created_ms=[1, 2],
        metrics=[
            ("sharpe", [1.0, 2.0]),
            ("max_drawdown", [0.1, 0.3]),
            ("trades", [5.0, 5.0]),
            ("sharpe@vnpy", [1.0, 9.0]),
        ],
        differences=[Difference(what="strategy", values=["rsi", "turtle"])],
        same_inputs=["symbol"],
        assumptions=[("fee 0.1 %", [True, False])],
        growth=[],
        correlation=[],
    )


def test_inputs_that_differ_come_first_and_the_best_stands_out():
    rows = vm.compare_rows(comparison())
    assert [r.title for r in rows if r.kind == "head"] == [
        "Inputs that differ", "Risk-adjusted", "Drawdown", "Trades", "Assumed of some only",
    ]  # fmt: skip
    figures = {r.title: r for r in rows if r.kind == "figure"}
    assert figures["Sharpe"].best == [1], "more is better"
    assert figures["Largest drawdown, daily"].best == [0], "less is better"
    assert not figures["Trades"].differs
    assert not figures["Trades"].best
    assert "Trades" not in [r.title for r in vm.compare_rows(comparison(), only_differences=True)]
    assert rows[-1].values == ["✓", "–"]
