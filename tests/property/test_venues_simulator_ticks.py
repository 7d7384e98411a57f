"""Whatever candles are replayed, the trades made inside them stay inside them and add up."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contracts.dtypes import CANDLE_DTYPE
from engine.simulator import ticks
from engine.simulator.config import SPOT_DIALECT, SimulatorConfig
from engine.simulator.source import MarketSource

START = 29_000_000
CANDLE = st.tuples(
    st.integers(1, 10**7), st.integers(0, 10**5), st.integers(0, 10**5), st.floats(0, 1), st.integers(0, 30)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CANDLE, min_size=1, max_size=12), st.integers(0, 2**31), st.sampled_from([0.1, 1.0, 3.0]))
def test_any_candle(shapes, seed, trades):
    exact = {}
    for number, (low, body, wick, part, lots) in enumerate(shapes):
        candle = np.zeros(1, CANDLE_DTYPE)
        candle["ts"] = START * 60_000
        ends = np.array([low + round(wick * part), low + round(wick * part) + body])
        open_, close = ends if number % 2 else ends[::-1]
        candle["open"], candle["close"], candle["low"], candle["high"] = open_, close, low, low + wick + body
        candle["volume"] = lots
        exact[f"A{number}USDT"] = candle
    config = SimulatorConfig(symbols_per_market=len(exact), trades_per_minute=trades)
    made = MarketSource(SPOT_DIALECT, config, START, exact, {}, invented=False)
    tape = ticks.tape(made, START, seed, 2000, 1000)
    for row, candle in enumerate(exact.values()):
        n = int(tape.count[row])
        price, quantity = tape.price[row, :n], tape.quantity[row, :n]
        assert n <= candle["volume"][0]
        assert quantity.sum() == candle["volume"][0]
        if n == 0:
            continue
        assert (quantity >= 1).all()
        assert candle["low"][0] <= price.min() <= price.max() <= candle["high"][0]
        assert price[0] == candle["open"][0]
        if n >= 2:
            assert price[-1] == candle["close"][0]
        if n >= 4:
            assert (price.min(), price.max()) == (candle["low"][0], candle["high"][0])
        assert (np.diff(tape.time[row, :n]) >= 0).all()
    assert (np.diff(tape.event_time) >= 0).all()
    assert (tape.event_kind == ticks.FINAL).sum() == (tape.count > 0).sum()
