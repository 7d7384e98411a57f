"""Windows: whole trading days, every test bar out of sample exactly once, purge and embargo shorten train only."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.clock import iso, parse_iso
from engine.contracts.errors import BadInput
from engine.contracts.markets import market
from engine.contracts.walkforward import WindowSpec
from engine.walkforward.windows import Fold, cut

SPOT, FOREX = market("binance-spot"), market("oanda-forex")
HOUR = 3_600_000


def hours(first: str, last: str) -> np.ndarray:
    return np.arange(parse_iso(first), parse_iso(last), HOUR, dtype=np.int64)


def opens(ts: np.ndarray, folds) -> list[tuple[str, str, str, str]]:
    ends = np.append(ts, ts[-1] + HOUR)
    return [tuple(iso(int(ends[i]))[:10] for i in fold) for fold in folds]


def test_months_are_calendar_months() -> None:
    ts = hours("2019-01-31", "2020-12-15")
    folds = cut(WindowSpec(train="12mo", test="3mo"), ts, 0, len(ts), SPOT)
    assert opens(ts, folds) == [
        ("2019-01-31", "2020-01-31", "2020-01-31", "2020-04-30"),
        ("2019-04-30", "2020-04-30", "2020-04-30", "2020-07-30"),
        ("2019-07-30", "2020-07-30", "2020-07-30", "2020-10-30"),
        ("2019-10-30", "2020-10-30", "2020-10-30", "2020-12-15"),
    ]


def test_a_short_rest_is_added_to_the_last_test() -> None:
    ts = hours("2020-01-01", "2020-03-14")
    folds = cut(WindowSpec(train="30d", test="14d"), ts, 0, len(ts), SPOT)
    assert opens(ts, folds)[-1] == ("2020-01-29", "2020-02-28", "2020-02-28", "2020-03-14")


def test_anchored_trains_begin_at_the_start() -> None:
    ts = hours("2020-01-01", "2020-04-01")
    folds = cut(WindowSpec(kind="anchored", train="30d", test="10d", embargo="5d"), ts, 0, len(ts), SPOT)
    assert {f.train for f in folds} == {0}


def test_purge_and_embargo_shorten_train_never_test() -> None:
    ts = hours("2020-01-01", "2020-04-01")
    plain = cut(WindowSpec(train="30d", test="10d"), ts, 0, len(ts), SPOT)
    cautious = cut(WindowSpec(train="30d", test="10d", purge="2d", embargo="3d"), ts, 0, len(ts), SPOT)
    assert [(f.test, f.stop) for f in cautious] == [(f.test, f.stop) for f in plain]
    assert [p.train_stop - c.train_stop for p, c in zip(plain, cautious)] == [48] * len(plain)
    assert [c.train - p.train for p, c in zip(plain, cautious)] == [0] + [72] * (len(plain) - 1)


def test_easy_fills_the_range() -> None:
    ts = hours("2020-01-01", "2021-01-01")
    folds = cut(WindowSpec(mode="easy", windows=8, test_share=0.2), ts, 0, len(ts), SPOT)
    assert len(folds) == 8
    assert folds[0].train == 0
    assert folds[-1].stop == len(ts)
    shares = [(f.stop - f.test) / (f.stop - f.train) for f in folds]
    assert all(abs(s - 0.2) < 0.02 for s in shares)


def test_forex_days_end_in_new_york() -> None:
    ts = hours("2021-02-01", "2021-05-01")
    folds = cut(WindowSpec(train="30d", test="10d"), ts, 0, len(ts), FOREX)
    ends = [iso(int(ts[f.test]))[11:16] for f in folds]
    assert set(ends) == {"22:00", "21:00"}


@settings(max_examples=60, deadline=None)
@given(
    days=st.integers(20, 400),
    train=st.sampled_from(["5d", "10d", "1mo", "200bars", "3w"]),
    test=st.sampled_from(["3d", "7d", "1mo", "100bars"]),
    holes=st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 60)), max_size=4),
    market_=st.sampled_from([SPOT, FOREX]),
    mode=st.sampled_from(["easy", "advanced"]),
    kind=st.sampled_from(["rolling", "anchored"]),
)
def test_every_test_bar_once(days, train, test, holes, market_, mode, kind) -> None:
    ts = parse_iso("2020-02-20T05:00") + np.arange(24 * days, dtype=np.int64) * HOUR
    keep = np.ones(len(ts), bool)
    for start, length in holes:
        keep[start : start + length] = False
    ts = ts[keep]
    spec = WindowSpec(mode=mode, kind=kind, train=train, test=test, windows=4)
    folds: list[Fold] = []
    with contextlib.suppress(BadInput):
        folds = cut(spec, ts, 0, len(ts), market_)
    assume(folds)
    assert folds[-1].stop == len(ts)
    for before, after in itertools.pairwise(folds):
        assert before.stop == after.test
    for fold in folds:
        assert 0 <= fold.train < fold.train_stop == fold.test < fold.stop


@pytest.mark.parametrize(
    "spec, words",
    [
        (WindowSpec(train="soon"), "is not a length for train"),
        (WindowSpec(train="0d"), "is not a length for train"),
        (WindowSpec(train="10y"), "leaves no bar for a test"),
        (WindowSpec(train="60d", test="3bars"), "shorter than a trading day"),
        (WindowSpec(train="30d", test="10d", step="5d"), "would overlap or leave holes"),
        (WindowSpec(train="30d", test="10d", purge="40d"), "Nothing is left of the train part"),
        (WindowSpec(mode="easy", windows=0), "cannot be made"),
        (WindowSpec(mode="easy", windows=900, test_share=0.01), "too few"),
        (WindowSpec(train="1d", test="1d"), "warming up takes"),
    ],
)
def test_what_cannot_be_is_said(spec: WindowSpec, words: str) -> None:
    ts = hours("2020-01-01", "2021-01-01")
    with pytest.raises(BadInput, match=words) as caught:
        cut(spec, ts, 0, len(ts), SPOT, warmup=100)
    assert caught.value.fix


def test_a_missing_year_in_the_middle_is_said() -> None:
    ts = np.concatenate([hours("2019-01-01", "2019-12-31"), hours("2021-01-01", "2021-12-31")])
    with pytest.raises(BadInput, match="no bars in its test part"):
        cut(WindowSpec(train="90d", test="30d"), ts, 0, len(ts), SPOT)
