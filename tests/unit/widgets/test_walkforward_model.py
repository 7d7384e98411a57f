"""The walk-forward's ranking, lists, form and limits, without Qt."""

import math
import random

import pytest

from engine.contracts.robustness import Limits
from engine.contracts.walkforward import Promoted, QueueEntry, WalkForwardSpec, WalkSummary, WindowSpec
from tests.gui.fake_engine import strategies
from tests.gui.fake_walks import result, walk
from widgets.viewmodels import walkforward as vm
from widgets.viewmodels import walkforward_curves as curves
from widgets.viewmodels import walkforward_form as forms
from widgets.viewmodels.cells import Cell, Cells, Row
from widgets.viewmodels.walkforward_rules import simple_indicators

KNOWN = {s.id: s for s in strategies()}
SYMBOLS = ["binance-spot:BTCUSDT", "binance-futures:BTCUSDT", "binance-spot:ETHUSDT"]


def row(name, level="fail", *, error="", **metrics):
    base = {"sharpe": 0.5, "net_return": 0.1, "dsr": 0.2, "trades": 40.0}
    return WalkSummary(
        strategy=name, timeframe="1h", level=level, passed=level in ("pass", "doubtful"), error=error,
        metrics={} if error else base | metrics,
    )  # fmt: skip


def names(ranking):
    return [r.key for r in ranking.cells.shown]


def test_rows_that_come_in_any_order_stand_in_the_same_order():
    rows = [row(f"s{k}", "pass" if k % 7 == 0 else "fail", dsr=k / 100, sharpe=math.sin(k)) for k in range(40)]
    shuffled = rows[:]
    random.Random(3).shuffle(shuffled)
    one, other = vm.Ranking(), vm.Ranking()
    for k, r in enumerate(rows):
        one.put(r)
        other.put(shuffled[k])
    assert names(one) == names(other)
    assert set(names(one)[:6]) == {f"s{k}" for k in range(0, 40, 7)}
    one.cells.set_sort(vm.SHARPE, True)
    sharpes = [one.rows[n].metrics["sharpe"] for n in names(one)]
    assert sharpes == sorted(sharpes, reverse=True)


def test_a_row_that_is_judged_anew_replaces_the_one_before():
    ranking = vm.Ranking()
    ranking.put(row("a", "fail"))
    ranking.put(row("b", "fail", dsr=0.9))
    assert names(ranking) == ["b", "a"]
    ranking.put(row("a", "pass"))
    assert names(ranking) == ["a", "b"]
    assert len(ranking.rows) == 2
    assert ranking.headline() == "1 passed, 1 not passed"


def test_what_is_not_known_is_last_whichever_way_it_is_sorted():
    ranking = vm.Ranking()
    for r in (row("a", sharpe=math.nan), row("b", sharpe=-1.0), row("c", sharpe=2.0), row("d", error="too short")):
        ranking.put(r)
    for descending, first in ((True, ["c", "b"]), (False, ["b", "c"])):
        ranking.cells.set_sort(vm.SHARPE, descending)
        assert names(ranking)[:2] == first
        assert set(names(ranking)[2:]) == {"a", "d"}


def test_filters_join_and_say_what_hides_everything():
    ranking = vm.Ranking()
    ranking.set_families(strategies())
    for name, level in (("rsi_revert", "pass"), ("bollinger_fade", "fail"), ("macd_cross", "doubtful")):
        ranking.put(row(name, level))
    ranking.set_filter("mean")
    assert set(names(ranking)) == {"rsi_revert", "bollinger_fade"}
    ranking.set_filter("", "Trend")
    assert names(ranking) == ["macd_cross"]
    ranking.set_filter("", "", vm.SHOWN["Passed or doubtful"])
    assert names(ranking) == ["rsi_revert", "macd_cross"]
    ranking.set_filter("nothing")
    assert "3 strategies" in ranking.why_empty()


def test_a_verdict_is_a_sign_and_a_word_and_never_a_colour_alone():
    signs = {vm.ranked(row("a", level)).cells[vm.VERDICT].text for level in ("pass", "doubtful", "fail", "unknown")}
    assert signs == {"✓ Passed", "~ Doubtful", "✗ Not passed", "? Unclear"}
    failed = vm.ranked(row("a", error="no bars"))
    assert failed.cells[vm.VERDICT].text == "! Error"
    assert failed.tip == "no bars"


def test_cells_as_csv_are_plain_numbers():
    cells = Cells()
    cells.set_rows([Row("a", (Cell("a"), Cell("+12.3 %", 0.123), Cell("–", math.nan)))])
    assert cells.csv(["x", "y", "z"]) == "x,y,z\na,0.123,\n"


# the form -----------------------------------------------------------------------------------------------------------
def check(**fields):
    return forms.check(forms.WalkForm(symbol="ETHUSDT", **fields), KNOWN, SYMBOLS)


def test_the_form_as_it_begins_is_the_spec_as_it_begins():
    spec, errors = check()
    assert not errors
    assert spec == WalkForwardSpec(symbol="binance-spot:ETHUSDT")


def test_every_field_reaches_the_spec_and_comes_back():
    form = forms.WalkForm(
        symbol="binance-spot:ETHUSDT", strategies="rsi_revert,macd_cross", timeframe="15m", train="200d", test="40d",
        kind="anchored", objective="sharpe * sqrt(trades)", from_text="2022-01-01", to_text="2023-01-01", purge="2d",
        embargo="1d", method="random", samples="50", min_trades="3", choice="plateau", direction="long", fee="0.05",
        slippage="2.5", cash="5000", rounded=True,
    )  # fmt: skip
    spec, errors = forms.check(form, KNOWN, SYMBOLS)
    assert not errors
    assert spec.strategies == ["rsi_revert", "macd_cross"]
    assert spec.windows == WindowSpec(kind="anchored", train="200d", test="40d", purge="2d", embargo="1d")
    assert spec.costs.fee == pytest.approx(0.0005)
    again, _ = forms.check(forms.of_spec(spec), KNOWN, SYMBOLS)
    assert again == spec
    assert forms.restored(form.kept()).kept() == form.kept()


def test_wrong_fields_are_named_with_a_way_out():
    spec, errors = forms.check(
        forms.WalkForm(
            symbol="BTCUSDT", strategies="rsi_rever", train="a year", test="0d", fee="much", to_text="2020-01-01",
            from_text="2021-01-01",
        ),
        KNOWN,
        SYMBOLS,
    )  # fmt: skip
    assert spec is None
    assert set(errors) == {"symbol", "strategies", "train", "test", "fee", "to"}
    assert "several markets" in errors["symbol"]
    assert "12mo" in errors["train"]


def test_a_family_stands_for_its_strategies():
    spec, _ = check(strategies="family:Mean reversion")
    assert spec.strategies == ["rsi_revert", "bollinger_fade"]
    assert "family" in check(strategies="family:None")[1]["strategies"]


def test_what_was_kept_wrongly_leaves_the_fields_as_they_are():
    form = forms.restored({"train": 12, "test": "6mo", "rounded": "yes", "unknown": 1})
    assert (form.train, form.test, form.rounded) == ("12mo", "6mo", False)


# limits, lists ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", curves.LIMIT_NAMES)
def test_a_limit_is_read_as_it_is_shown(name):
    limit = getattr(Limits(), name)
    assert curves.parse_limit(name, curves.limit_text(name, limit)) == pytest.approx(limit)
    assert curves.parse_limit(name, " ") is None
    with pytest.raises(ValueError, match="x"):
        curves.parse_limit(name, "x")


def test_a_limit_that_is_a_share_may_be_typed_without_its_sign():
    assert curves.parse_limit("luck", "5") == pytest.approx(0.05)
    assert curves.parse_limit("sharpe", "1.5") == 1.5


def test_live_ones_stand_before_those_that_were_withdrawn():
    made = [
        Promoted(number=k, strategy=f"s{k}", params={"n": 5.0}, symbol=SYMBOLS[0], timeframe="1h", since_ms=k,
                 until_ms=0 if k in (1, 4) else 10)
        for k in range(1, 6)
    ]  # fmt: skip
    rows = curves.live_rows(made)
    assert [r.key for r in rows] == [4, 1, 5, 3, 2]
    assert rows[0].cells[5].text == "● live"
    assert rows[2].cells[5].text.startswith("until ")


def test_a_queue_that_is_held_says_so():
    entries = [QueueEntry(job=s, spec=WalkForwardSpec(symbol="X"), state=s) for s in ("running", "waiting", "failed")]
    assert [r.cells[2].text for r in curves.queue_rows(entries, True)] == ["running", "held", "failed"]


def test_two_walk_forwards_are_compared_strategy_by_strategy():
    one = {r.strategy: r for r in (row("a", sharpe=1.0), row("b", "pass", sharpe=2.0))}
    other = {r.strategy: r for r in (row("b", sharpe=0.5), row("c", sharpe=0.0))}
    rows = {r.key: r for r in vm.compared(one, other)}
    assert list(rows) == ["a", "b", "c"]
    assert rows["b"].cells[7].text == "−1.50"
    assert rows["a"].cells[7].text == "–"
    assert (rows["b"].cells[8].text, rows["b"].cells[9].text) == ("✓ Passed", "✗ Not passed")


def test_a_stopped_one_is_listed_as_such():
    from engine.contracts.walkforward import WalkForwardSummary

    spec = WalkForwardSpec(symbol=SYMBOLS[0], strategies=["rsi_revert"])
    made = result("walk-1", spec, [walk("rsi_revert", 0.01)], complete=False)
    summary = WalkForwardSummary(
        job="walk-1", created_ms=made.created_ms, spec=spec, rows=1, passed=1, best=made.rows[0], complete=False
    )
    (kept,) = vm.kept_rows([summary])
    assert kept.cells[-1].text == "stopped"
    assert kept.cells[2].text == "rsi_revert"


def test_indicators_with_plain_arguments_are_found_in_the_rules():
    from engine.contracts.commands import IndicatorInfo

    def made(name, *params):
        return IndicatorInfo(
            name=name, title=name, family="", params=[(p, d, 1.0, 500.0) for p, d in params], outputs=["value"],
            scale="pane", warmup=0, formula="",
        )  # fmt: skip

    catalogue = [made("RSI", ("n", 14.0)), made("BBANDS", ("n", 20.0), ("k", 2.0)), made("SMA", ("n", 20.0))]
    text = "long when cross_up(RSI(n), low) and close > SMA(close, 20) and close < BBANDS(n) and RSI(n) > SMA(n * 2)"
    found = simple_indicators(text, {"n": 21.0}, catalogue)
    assert [(d.info.name, d.params) for d in found] == [("RSI", (21.0,)), ("BBANDS", (21.0, 2.0))]
