"""A result taken apart, against plain twins; and every figure made anew from what is kept, under any convention."""

from __future__ import annotations

import datetime as dt
import math
import statistics

import msgspec
import numpy as np
import pytest

from engine.backtest import breakdown
from engine.backtest.conventions import CONVENTIONS, FIGURES
from engine.backtest.report import compare, figures_under, make_report
from engine.contracts.backtests import Costs
from engine.contracts.dtypes import EXIT_NAMES, TRADE_DTYPE
from engine.contracts.errors import BadInput
from engine.contracts.metrics import GROUPS, METRICS, grouped, metric, shown
from tests.unit.backtest.result_support import HOUR, START, made, run

UNITS = {"fraction", "money", "ratio", "count", "days", "bars", "R", "a year", "a month"}


@pytest.fixture(scope="module")
def kept():
    return run()


@pytest.fixture(scope="module")
def rows(kept):
    trades = np.frombuffer(kept.result.trades, TRADE_DTYPE)
    assert len(trades) > 60
    return [dict(zip(TRADE_DTYPE.names, row, strict=True)) for row in trades.tolist()]


def day_of(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC)


def test_the_table_declares_what_is_computed_and_nothing_else(kept):
    computed = {name for name in kept.result.metrics if "@" not in name}
    assert computed == set(METRICS)
    for told in METRICS.values():
        assert told.unit in UNITS, told
        assert told.group in GROUPS
        assert told.formula.endswith("."), told
        assert told.source
        assert told.title
    assert [m.name for _, members in grouped(computed) for m in members] == list(METRICS)
    foreign = {name.partition("@")[2] for name in kept.result.metrics if "@" in name}
    assert foreign == set(CONVENTIONS) - {"pyroquant"}


def test_figures_are_shown_in_their_units():
    assert shown("total_return", 0.12345) == "12.35%"
    assert shown("sharpe@lean-252", 1.239) == "1.24"
    assert shown("trades", 3225.0) == "3,225"
    assert shown("net_profit", -1234.5) == "-1,234.50"
    assert shown("kelly", math.nan) == "n/a"
    assert (shown("var_95", -0.0), shown("gross_loss", -0.001), shown("best_r", -0.0)) == ("0.00%", "0.00", "0.00 R")
    assert shown("drawdown_days", 12.0) == "12"
    assert metric("sharpe@lean-252").title == "Sharpe (lean-252)"
    assert metric("of_my_own").title == "of_my_own"


def test_a_kept_result_gives_the_same_figures_under_every_convention(kept):
    packed = msgspec.msgpack.decode(msgspec.msgpack.encode(kept.result), type=type(kept.result))
    for name in CONVENTIONS:
        found = figures_under(packed, name)
        suffix = "" if name == "pyroquant" else f"@{name}"
        assert found == pytest.approx({f: kept.result.metrics[f + suffix] for f in FIGURES}, nan_ok=True)
    report = make_report(kept, "lean-365")
    assert report.metrics["sharpe"] == kept.result.metrics["sharpe@lean-365"]
    assert "Lean" in report.convention_text
    with pytest.raises(BadInput, match='Did you mean "lean-365"'):
        figures_under(packed, "lean365")


def test_a_result_of_an_older_version_is_read_off_its_drawn_curve(kept):
    old = msgspec.structs.replace(
        kept.result, daily_ts=b"", daily=b"", daily_benchmark=b"", span_days=0.0, trade_values=b""
    )
    found = figures_under(old, "pyroquant")
    # the drawn curve of so short a run has every bar, so only the last, partial day may differ
    assert found["sharpe"] == pytest.approx(kept.result.metrics["sharpe"], rel=0.02)
    assert any("older version" in w for w in make_report(kept._replace(result=old)).warnings)


def test_months_compound_to_the_years_and_to_the_whole(kept):
    table = breakdown.month_table(breakdown.curve_of(kept.result))
    assert [row.year for row in table] == [2022]
    months = table[0].months
    assert months[0] is not None, "half a day of January"
    assert [m is None for m in months] == [False] * 8 + [True] * 4
    assert math.prod(1 + m for m in months if m is not None) - 1 == pytest.approx(table[0].total)
    assert table[0].total == pytest.approx(kept.result.metrics["total_return"])
    assert table[0].benchmark == pytest.approx(kept.result.metrics["buy_hold_return"])
    equity = dict(zip(*(line.tolist() for line in daily(kept)), strict=True))
    ends = {m: max(t for t in equity if day_of(t - 1).month == m) for m in range(1, 9)}
    assert months[3] == pytest.approx(equity[ends[4]] / equity[ends[3]] - 1)


def daily(kept) -> tuple[np.ndarray, np.ndarray]:
    ts = np.append(kept.result.first_ms, np.frombuffer(kept.result.daily_ts, "<i8"))
    return ts, np.frombuffer(kept.result.daily, "<f8")


@pytest.mark.parametrize(
    ("groups", "label"),
    [
        (breakdown.by_hour, lambda t: f"{day_of(t['entry_ts']).hour:02d}"),
        (breakdown.by_weekday, lambda t: f"{day_of(t['entry_ts']):%A}"),
        (breakdown.by_side, lambda t: "long" if t["side"] > 0 else "short"),
        (breakdown.by_exit, lambda t: EXIT_NAMES[t["reason"]]),
    ],
)
def test_groups_of_trades(kept, rows, groups, label):
    found = {g.label: g for g in groups(breakdown.trades_of(kept.result))}
    assert sum(g.trades for g in found.values()) == len(rows)
    for name in {label(t) for t in rows}:
        mine = [t for t in rows if label(t) == name]
        pnl = [t["pnl"] for t in mine]
        group = found[name]
        assert (group.trades, group.wins) == (len(mine), sum(p > 0 for p in pnl))
        assert group.profit == pytest.approx(sum(pnl))
        assert group.mean == pytest.approx(statistics.mean(pnl))
        assert group.avg_bars == pytest.approx(statistics.mean(t["bars"] for t in mine))
        lost = -sum(p for p in pnl if p < 0)
        assert group.profit_factor == pytest.approx(
            sum(p for p in pnl if p > 0) / lost if lost else math.nan, nan_ok=True
        )


def test_rolling_sharpe_is_that_of_its_days(kept):
    curve = breakdown.curve_of(kept.result)
    line = breakdown.points(breakdown.rolling_sharpe(curve))
    x = curve.returns.tolist()
    assert len(line["values"]) == len(x) - 89
    last = x[-90:]
    assert line["values"][-1] == pytest.approx(statistics.mean(last) / statistics.stdev(last) * math.sqrt(365))
    assert line["ts"][-1] == curve.ends[-1]
    assert breakdown.rolling_sharpe(breakdown.curve_of(made(24 * 30))).values == b""


def test_exposure_is_the_signed_share_of_each_day(kept, rows):
    line = breakdown.points(
        breakdown.exposure(breakdown.curve_of(kept.result), breakdown.trades_of(kept.result), kept.result.first_ms)
    )
    begin = kept.result.first_ms
    last = kept.result.last_ms + HOUR
    for end, value in zip(line["ts"], line["values"], strict=True):
        stop = min(end, last)
        held = sum(t["side"] * max(0, min(t["exit_ts"], stop) - max(t["entry_ts"], begin)) for t in rows)
        assert value == pytest.approx(held / (stop - begin), abs=1e-9)
        begin = stop
    assert min(line["values"]) < 0 < max(line["values"])


def test_the_distribution_counts_every_trade(kept, rows):
    found = breakdown.distribution(breakdown.trades_of(kept.result), breakdown.values_of(kept.result))
    assert sum(found.counts) == len(rows)
    assert any(edge == 0 for edge in found.edges)
    assert found.edges == sorted(found.edges)
    losses = sum(c for c, edge in zip(found.counts, found.edges[1:], strict=True) if edge <= 1e-12)
    assert losses == sum(t["pnl"] < 0 for t in rows)
    assert breakdown.distribution(np.empty(0, TRADE_DTYPE), np.empty(0)).counts == []


def test_a_run_without_trades_and_a_run_of_one_day_have_reports():
    for result in (made(trades=False), made(24), made(3, trades=False)):
        report = make_report(run()._replace(result=result))
        assert report.months
        assert not math.isinf(report.metrics["sharpe"])
    assert "No trades" in make_report(run(trades=False)).warnings[0]


def test_slippage_is_what_the_fills_were_worse_by():
    free, paid = made(costs=Costs(fee=0.0, slippage_bps=0.0)), made(costs=Costs(fee=0.0, slippage_bps=10.0))
    a, b = (np.frombuffer(r.trades, TRADE_DTYPE) for r in (free, paid))
    assert free.metrics["slippage"] == 0
    entry = np.abs(b["entry_price"] - b["entry_price"] / (1 + b["side"] * 0.001))
    exit_ = np.abs(b["exit_price"] - b["exit_price"] / (1 - b["side"] * 0.001))
    assert paid.metrics["slippage"] == pytest.approx(float(((entry + exit_) * b["quantity"]).sum()))
    # the first entry of both is at the same bar's open, so the difference of the prices is the slippage, to a tick
    assert abs(b["entry_price"][0] - a["entry_price"][0]) == pytest.approx(entry[0], abs=0.01)
    assert a["entry_ts"][0] == b["entry_ts"][0] == START + 6 * HOUR


def test_compared_runs_tell_what_differs():
    one = run("one")
    two = run("two", costs=Costs(fee=0.001), seed=2)
    found = compare([one, two])
    assert {d.what for d in found.differences} == {"costs.fee", "data fingerprint", "trade hash"}
    assert next(d.values for d in found.differences if d.what == "costs.fee") == ["0.0005", "0.001"]
    assert "timeframe" in found.same_inputs
    assert [name for name, _ in found.metrics] == list(METRICS)
    assert dict(found.metrics)["trades"] == [one.result.metrics["trades"], two.result.metrics["trades"]]
    assert all(sum(said) == 1 for _, said in found.assumptions)
    assert any("0.1000%" in text for text, _ in found.assumptions)
    x, y = (breakdown.curve_of(r.result).returns for r in (one, two))
    assert found.correlation[0][1] == found.correlation[1][0] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found.correlation[0][0] == pytest.approx(1.0)
    assert breakdown.points(found.growth[0])["values"][-1] == pytest.approx(1 + one.result.metrics["total_return"])


@pytest.mark.parametrize("jobs", [[], ["a"], ["a", "a"], [str(i) for i in range(21)]])
def test_too_few_too_many_or_the_same_cannot_be_compared(kept, jobs):
    with pytest.raises(BadInput, match="cannot be compared"):
        compare([kept._replace(job=job) for job in jobs])
