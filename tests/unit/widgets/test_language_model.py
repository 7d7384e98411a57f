"""What an editor knows of the rules language: colours of words, what is offered, which call the cursor is in."""

from __future__ import annotations

import pytest

from engine.contracts.backtests import BacktestSpec
from engine.contracts.studio import Anchor, Followed, Knob
from engine.indicators.catalogue import INDICATORS
from engine.rules.describe import indicator_info
from engine.rules.reference import language
from widgets.viewmodels import language as lang
from widgets.viewmodels.whatif import WhatIfModel


@pytest.fixture(scope="module")
def words():
    made = lang.LanguageModel()
    made.load(language(), [indicator_info(INDICATORS[name]) for name in ("MACD", "RSI", "BBANDS")])
    return made


def kinds(words, line, params=(), **more):
    return [(line[t.start : t.start + t.length], t.kind) for t in words.tokens(line, params, **more)]


def test_every_word_has_its_colour(words):
    assert kinds(words, 'long entry: crosses_above(RSI(n), 30) and close > 1.5e3 # why "not"', ["n"]) == [
        ("long entry:", lang.HEAD), ("crosses_above", lang.FUNCTION), ("RSI", lang.INDICATOR), ("n", lang.PARAM),
        ("30", lang.NUMBER), ("and", lang.LOGIC), ("close", lang.SERIES), ("1.5e3", lang.NUMBER),
        ('# why "not"', lang.COMMENT),
    ]  # fmt: skip
    assert kinds(words, 'title "RSI(14) and more"') == [("title", lang.HEAD), ('"RSI(14) and more"', lang.STRING)]
    assert kinds(words, "long entry stop: high")[0] == ("long entry stop:", lang.HEAD)
    assert ("import", lang.LOGIC) in kinds(words, "from engine.rules.api import RSI", python=True)
    assert kinds(words, "") == []


@pytest.mark.parametrize(
    ("line", "typed", "first"),
    [
        ("st", 2, "stop"),
        ("long en", 7, "long entry"),
        ("timeframe 1", 1, "1m"),
        ("direction s", 1, "short"),
        ("stop: 2 * AT", 2, "ATR"),
        ("stop: MACD(12, 26, 9).s", 1, "signal"),
        ('long entry: tf("4', 1, "4h"),
        ("long entry: le", 2, "len"),
    ],
)
def test_what_can_stand_at_the_cursor(words, line, typed, first):
    text = f"param len = 3\n{line}"
    found = words.offers(text, line, len(line))
    assert found[0] == typed
    assert found[1][0].name == first


@pytest.mark.parametrize("line", ["# clo", 'title "clo', "param clo", "", "   "])
def test_nothing_is_offered_where_nothing_fits(words, line):
    assert words.offers("", line, len(line))[1] == []


def test_the_call_around_the_cursor(words):
    line = "long entry: crosses_above(RSI(14), max(close, open)) and x"
    assert words.hint(line, line.index("14")).form.startswith("RSI(")
    assert words.hint(line, line.index("14)") + 3).argument == 0
    assert words.hint(line, line.index("max")).argument == 1
    assert words.hint(line, len(line)) is None


def knob(**more):
    usual = {"key": "k", "kind": "number", "title": "k", "value": 2.0, "low": 0.05, "high": 20.0, "step": 0.05}
    return Knob(**(usual | more))


def followed(*knobs, **figures):
    return Followed(
        figures=figures, trade_hash="", equity_ts=b"", equity=b"", trades=b"", cut=False, bars=1, first_ms=0, last_ms=0,
        knobs=list(knobs), anchor=Anchor(entry_ts=1, exit_ts=2, side=-1, entry_price=50.0, open=False),
    )  # fmt: skip


def test_levels_are_dragged_by_their_distance_whatever_turns_them():
    model = WhatIfModel()
    model.begin(BacktestSpec(strategy="s", symbol="x:Y", timeframe="1h", params={"risk": 2.0}))
    stop = knob(key="rule:stop", kind="level", title="stop", param="risk", reach=4.0)
    target = knob(key="rule:target", kind="level", title="target", rule="target", form="{} * ATR(14)", reach=8.0)
    model.take(followed(stop, target, knob(key="param:risk", param="risk"), total_return=0.1))
    # the parameter is turned by the level alone
    assert [k.key for k in model.knobs] == ["rule:stop", "rule:target"]
    assert [(line.key, line.price) for line in model.lines()] == [
        ("entry", 50.0), ("rule:stop", 54.0), ("rule:target", 42.0),
    ]  # fmt: skip
    assert [line.text for line in model.lines()] == [
        "short entry", "stop 2 · −8.00 %", "target 2 * ATR(14) · +16.00 % · +2.0 R",
    ]  # fmt: skip
    assert model.drag_level("rule:stop", 56.0)
    assert model.drag_level("rule:target", 46.0)
    assert model.spec().params == {"risk": 3.0}
    assert model.spec().rules == {"target": "1 * ATR(14)"}
    assert not model.drag_level("rule:stop", 56.01)
    model.take(followed(total_return=0.25))
    net = model.cells()[0]
    assert (net.value, net.change, net.token) == ("25.0 %", "+15.0 %", "up")
    model.reset()
    assert model.spec().rules == {}


def test_numbers_stay_on_their_steps_and_within_their_bounds():
    model = WhatIfModel()
    model.begin(BacktestSpec(strategy="s", symbol="x:Y", timeframe="1h"))
    model.take(followed(knob(key="n", value=14.0, low=1.0, high=42.0, step=1.0, param="n")))
    for asked, got in ((15.4, 15.0), (1000.0, 42.0), (-5.0, 1.0), (14.2, 14.0)):
        model.turn("n", asked)
        assert model.value("n") == got
    assert not model.turned
