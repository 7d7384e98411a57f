"""A pass says of every window what a run over that window alone says."""

from __future__ import annotations

import gc

import msgspec
import numpy as np
import pytest

from engine.backtest import onepass_sets
from engine.backtest.costs import fee_and_slip, funding_events
from engine.backtest.data import bar_data
from engine.backtest.onepass import GROSS_LOSS, GROSS_PROFIT, SUM, PassSpec, covers, one_pass_terms, walk
from engine.backtest.run import run_backtest
from engine.backtest.sizing import fill_terms
from engine.clock import SimulatedClock
from engine.contracts.backtests import BacktestSpec, Sizing
from engine.contracts.errors import BadInput, Cancelled
from engine.contracts.markets import market
from engine.signals.history import SERIES, Stream
from tests.property.test_backtest_kernels import aggregate, make_minutes
from tests.unit.backtest.test_backtest_grid import FUTURE, RESTING

EQUITY = Sizing()
FREE = FUTURE.__class__(
    market="binance-futures", name="XUSDT", base="X", quote="USDT", kind="perpetual", tick_size=0.01, lot_size=0.0
)


@pytest.fixture(scope="module")
def data():
    minutes, _ = make_minutes(np.random.default_rng(5), 20_000, 0.02, 0.0)
    return bar_data(FREE.symbol, "5m", aggregate(minutes, 5)[0], minutes)


def spec_of(data, windows, sizing=EQUITY, instrument=FREE):
    costs = BacktestSpec(strategy="x", symbol=FREE.symbol, timeframe="5m", sizing=sizing)
    fee, slip, _ = fee_and_slip(costs.costs, market("binance-futures"))
    terms, _ = fill_terms(costs, instrument, fee, slip)
    ends = int(data.bars["ts"][0]), int(data.minutes["ts"][-1])
    return PassSpec(
        data=data, bounds=[RESTING.bind(params) for params in RESTING.param_sets()[:3]], terms=terms,
        cash=sizing.cash, market=market("binance-futures"), windows=np.array(windows),
        funding=funding_events(None, *ends),
    )  # fmt: skip


@pytest.mark.parametrize("sizing", [EQUITY, Sizing(mode="amount", value=1000.0)], ids=lambda s: s.mode)
def test_a_window_is_what_a_back_test_of_it_says(data, sizing):
    windows = [(100, 900), (700, 2500), (3000, 3001), (0, len(data.bars))]
    spec = spec_of(data, windows, sizing)
    found = walk(spec)
    for number, bound in enumerate(spec.bounds):
        for window, (first, stop) in enumerate(windows):
            ts = data.bars["ts"]
            result = run_backtest(
                BacktestSpec(
                    strategy="resting", symbol=FREE.symbol, timeframe="5m", sizing=sizing, from_ms=int(ts[first]),
                    to_ms=int(ts[stop]) if stop < len(ts) else None,
                ), data=data, decisions=Stream(bound), instrument=FREE, market=market("binance-futures"),
                strategy_text="", code_version="1", clock=SimulatedClock(),
            )  # fmt: skip
            figures, sums = result.metrics, found.sums[number, window] * sizing.cash
            assert found.trades[number, window] == figures["trades"]
            assert sums[GROSS_PROFIT] == pytest.approx(figures["gross_profit"], rel=1e-9)
            assert sums[GROSS_LOSS] == pytest.approx(figures["gross_loss"], rel=1e-9)
            assert sums[SUM] == pytest.approx(figures["net_profit"], rel=1e-9, abs=1e-6)
            returns = found.of(window)[number]
            assert len(returns) == figures["days"]
            assert np.prod(1 + returns) - 1 == pytest.approx(figures["total_return"], rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(found.whole, found.of(3), rtol=1e-12, atol=1e-15)


def test_a_window_outside_the_series_is_refused(data):
    for windows in ([(0, 10), (5, 5)], [(-1, 5)], [(0, len(data.bars) + 1)]):
        with pytest.raises(BadInput, match="Window"):
            walk(spec_of(data, windows))


def test_it_stops_when_asked(data):
    with pytest.raises(Cancelled, match="walk-forward"):
        walk(spec_of(data, [(0, 10)]), cancelled=lambda: True)


def test_terms_of_one_pass_do_not_round(data):
    spec = spec_of(data, [(0, 10)], instrument=FUTURE)
    assert spec.terms.lot > 0
    assert one_pass_terms(spec.terms).lot == 0


def test_what_passes_share_is_made_once_and_goes_with_the_series():
    minutes, _ = make_minutes(np.random.default_rng(7), 500, 0.0, 0.0)
    own = bar_data(FREE.symbol, "1m", minutes)
    terms = spec_of(own, [(0, 10)]).terms
    first = onepass_sets.GROUNDS.of(own, None, terms)
    assert onepass_sets.GROUNDS.of(own, None, terms._replace(fee=0.02)) is first
    assert onepass_sets.GROUNDS.of(own, None, terms._replace(slip=0.5)) is not first
    rates = np.full(500, 0.001)
    assert onepass_sets.GROUNDS.of(own, rates, terms).series.columns[5, 0] == 0.001
    opened = SERIES.of(own.bars, "1m")
    assert SERIES.of(own.bars, "1m") is opened
    assert SERIES.of(own.bars, "1m", rates) is not opened
    before = len(onepass_sets.GROUNDS)
    del own, first
    gc.collect()
    assert len(onepass_sets.GROUNDS) == before - 1
    assert SERIES.empty


def test_why_a_pass_does_not_cover_the_terms_is_said(data):
    spec = spec_of(data, [(0, 10)])
    assert covers(spec) == ""
    assert "lot" in covers(msgspec.structs.replace(spec, terms=spec.terms._replace(lot=0.1)))
    assert "fraction" in covers(msgspec.structs.replace(spec, terms=spec.terms._replace(by_fraction=False)))
    rounded = walk(msgspec.structs.replace(spec, terms=spec.terms._replace(min_notional=1e-300)))
    assert "smallest order" in rounded.reason
    np.testing.assert_allclose(rounded.returns, walk(spec).returns, rtol=1e-9, atol=1e-12)
