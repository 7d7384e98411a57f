"""The HTML report of a walk-forward: complete, escaped, well-formed, and whole with whatever is missing."""

from __future__ import annotations

import html.parser
import itertools
import math

import msgspec
import numpy as np
import pytest

from engine.contracts.robustness import Evidence, Limits
from engine.contracts.walkforward import FoldResult, WalkForwardResult, WalkForwardSpec, WalkResult, WalkSummary
from engine.walkforward.montecarlo import bootstrap_fan, trade_fan
from engine.walkforward.overfitting import probability_of_overfitting
from engine.walkforward.report import Extras, page, shown
from engine.walkforward.statistics import sharpe_facts
from engine.walkforward.verdict import judge

DAY = 86_400_000
START = 1_600_000_000_000 // DAY * DAY
SETS = [
    {"fast": float(a), "slow": float(b), "k": 2.0} for a, b in itertools.product((5, 10, 20, 40), (50, 100, 150, 200))
]


class Checker(html.parser.HTMLParser):
    """Every tag is closed in its order, and nothing is loaded from anywhere."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert tag not in ("script", "img", "iframe", "object", "link")
        assert not {"src", "href", "onload", "onclick"} & {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    words = " ".join(checker.text[checker.tags.index("style") + 0 :])
    for bad in ("nan", "inf", "None"):
        assert f" {bad} " not in f" {words} ", bad
        assert f'"{bad}' not in text, bad
        assert f"{bad}," not in text.split("</style>")[1], bad
    return words


def walk(name="turtle_slow", mean=0.0016, windows=12, seed=0, **changes):
    rng = np.random.default_rng(seed)
    days = 91 * windows
    returns = rng.normal(0, 0.01, days)
    returns += mean - returns.mean()
    folds = []
    for k in range(windows):
        part = returns[91 * k : 91 * (k + 1)]
        test_from = START + (365 + 91 * k) * DAY
        test = {"sharpe": part.mean() / part.std() * 19.1, "total_return": np.prod(1 + part) - 1, "max_drawdown": 0.05,
                "profit_factor": 1.2, "trades": 20.0}  # fmt: skip
        folds.append(
            FoldResult(
                train_from_ms=test_from - 365 * DAY, train_to_ms=test_from, test_from_ms=test_from,
                test_to_ms=test_from + 91 * DAY, chosen=int(rng.integers(16)), params=SETS[k % 16], value=1.5,
                train=test | {"total_return": 0.9}, test=test,
            )
        )  # fmt: skip
    facts = sharpe_facts(returns, 365, trials=2992)
    figures = {
        "sharpe": facts.sharpe, "net_return": np.prod(1 + returns) - 1, "max_drawdown": 0.12, "trades": 240.0,
        "profitable_windows": 0.8, "efficiency": 0.7, "best_window": 0.2, "stability": 0.5, "pbo": 0.2,
        "psr": facts.psr, "dsr": facts.dsr, "luck": facts.luck, "cagr": 0.4, "sortino": math.nan, "trials": 2992.0,
    }  # fmt: skip
    asked = ("net_return", "max_drawdown", "trades", "profitable_windows", "efficiency", "best_window", "stability")
    verdict = judge(Evidence(facts=facts, windows=windows, pbo=0.2, **{name: figures[name] for name in asked}))
    values = rng.normal(1, 1, (windows, 16))
    values[0, 3] = math.nan
    summary = WalkSummary(
        strategy=name, timeframe="1h", sets=16, windows=windows, metrics={k: float(v) for k, v in figures.items()},
        passed=verdict.passed, level=verdict.level, words=verdict.words,
    )  # fmt: skip
    made = WalkResult(
        summary=summary, folds=folds, sets=SETS, verdict=verdict, returns=returns.astype("<f8").tobytes(),
        day_ms=(START + (366 + np.arange(days)) * DAY).astype("<i8").tobytes(),
        values=values.astype("<f8").tobytes(), test_values=(values - 0.5).astype("<f8").tobytes(),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def result(*walks, **changes):
    made = WalkForwardResult(
        job="j1", spec=WalkForwardSpec(symbol="binance-spot:BTCUSDT", timeframe="1h"), created_ms=START, bars=40_000,
        first_ms=START, last_ms=START + 1600 * DAY, rows=[w.summary for w in walks], trials=2992, metrics={},
        convention="pyroquant: daily", data_fingerprint="f" * 16, code_version="1", assumptions=["Fee 0.1 %."],
        seconds=1.5,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def test_one_strategy_in_full():
    one = walk()
    returns = np.frombuffer(one.returns, "<f8")
    rng = np.random.default_rng(1)
    extras = Extras(
        fans=[bootstrap_fan(returns, 300), trade_fan(returns, 300), trade_fan(returns, 300, kind="shuffle")],
        pbo=probability_of_overfitting(rng.normal(0, 0.01, (16, 900)), 365),
    )
    text = page(result(one), [one], {"turtle_slow": extras})
    words = read(text)
    parts = ("Verdict", "Stitched test parts", "Windows", "Parameters", "Overfitting (CSCV)", "Days drawn anew")
    for part in (*parts, "Trades in another order", "Assumptions", "Where it comes from", "2,992 parameter sets"):
        assert part in words, part
    assert text.count("<svg") == 8
    assert len(text) < 600_000


def test_a_ranking_with_failures():
    walks = [walk("a_strategy"), walk("b_strategy", mean=0.0, seed=3), walk("c_strategy", mean=-0.002, seed=4)]
    failed = WalkSummary(strategy="d_strategy", timeframe="1h", error="it raised <ValueError>")
    made = result(*walks)
    made = msgspec.structs.replace(made, rows=[*made.rows, failed], complete=False)
    words = read(page(made, [*walks, WalkResult(summary=failed)]))
    assert "Ranking" in words
    assert "1 of 4 failed: d_strategy (it raised <ValueError>)." in words
    assert "stopped before it was complete" in words
    assert "Not passed" in words


def test_what_a_person_wrote_is_escaped():
    spec = WalkForwardSpec(symbol="<script>alert(1)</script>", timeframe="1h")
    one = walk('x"><b>')
    text = page(result(one, spec=spec, assumptions=["<i>"]), [one])
    read(text)
    assert "<script" not in text
    assert "<i>" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"folds": [], "day_ms": b"", "returns": b"", "values": b"", "test_values": b""},
        {"verdict": None},
        {"sets": SETS[:1]},
        {"test_values": b""},
        {"values": np.full((12, 16), math.nan).tobytes()},
        {"returns": np.full(91 * 12, math.nan).tobytes()},
        {"returns": np.full(91 * 12, -1.0).tobytes()},
        {"sets": [{"n": float(k)} for k in range(16)]},
        {"sets": [{"n": float(k), "a": float(k % 2), "b": float(k % 3), "c": float(k % 5)} for k in range(16)]},
    ],
)
def test_whatever_is_missing(changes):
    one = walk(**changes)
    read(page(result(one), [one]))


def test_windows_without_a_choice():
    one = walk()
    none = msgspec.structs.replace(
        one.folds[3], chosen=-1, params={}, value=math.nan, train={}, test={}, note="no set had enough trades"
    )
    one = msgspec.structs.replace(one, folds=[*one.folds[:3], none, *one.folds[4:]])
    assert "no set had enough trades" in read(page(result(one), [one]))


def test_nothing_at_all():
    read(page(result(), []))
    empty = Extras(fans=[trade_fan(np.zeros(0))], pbo=probability_of_overfitting(np.zeros((1, 5)), 365))
    one = walk()
    assert "nothing can be drawn" in read(page(result(one), [one], {"turtle_slow": empty}))


def test_every_limit_has_a_form():
    for name in (f.name for f in msgspec.structs.fields(Limits) if f.name != "must"):
        assert shown(name, 0.5) != ""
        assert shown(name, math.nan) == "n/a"
    values = (0.0, 1e-9, 0.00001, 0.05, 0.99999, 1.0, 25.5)
    assert [shown("luck", v) for v in values] == [
        "0 %", "< 0.0001 %", "0.0010 %", "5.0 %", "> 99.9 %", "100.0 %", "2,550 %",
    ]  # fmt: skip
