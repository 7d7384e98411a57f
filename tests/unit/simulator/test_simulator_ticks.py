import numpy as np
import pytest

from engine.simulator import ticks
from engine.simulator.config import FUTURES_DIALECT, SPOT_DIALECT, SimulatorConfig
from engine.simulator.files import sample_candles
from engine.simulator.source import MarketSource

START = 29_000_000


def source(dialect=SPOT_DIALECT, trades=20.0, exact=None, count=60):
    config = SimulatorConfig(symbols_per_market=count, trades_per_minute=trades)
    return MarketSource(dialect, config, START, exact or {}, sample_candles(), invented=True)


@pytest.mark.parametrize("minute", [START, START + 1, START + 777, START // 1440 * 1440, START // 1440 * 1440 - 1])
@pytest.mark.parametrize("trades", [1.0, 20.0])
def test_trades_make_exactly_the_candle(minute, trades):
    made = source(trades=trades)
    tape = ticks.tape(made, minute, 1, 2000, 1000)
    assert (tape.count >= 4).all()
    for row in range(len(made.symbols)):
        n = tape.count[row]
        price, quantity, time = tape.price[row, :n], tape.quantity[row, :n], tape.time[row, :n]
        assert (price[0], price[-1]) == (tape.o[row], tape.c[row])
        assert (price.max(), price.min()) == (tape.h[row], tape.l[row])
        assert quantity.sum() == tape.v[row]
        assert (quantity >= 1).all()
        assert (np.diff(time) >= 0).all()
        assert minute * 60_000 + 60 <= time[0] <= time[-1] < minute * 60_000 + 59_900
        assert tape.high[row, n - 1] == tape.h[row]
        assert tape.volume[row, n - 1] == tape.v[row]
        assert tape.single[row, n - 1] == ticks.singles(n)


def test_events_come_in_order_and_finals_before_the_next_minute_begins():
    tape = ticks.tape(source(), START, 1, 2000, 1000)
    assert (np.diff(tape.event_time) >= 0).all()
    final = tape.event_kind == ticks.FINAL
    assert sorted(tape.event_row[final].tolist()) == list(range(60))
    end = (START + 1) * 60_000
    assert ((tape.event_time[final] >= end + 5) & (tape.event_time[final] < end + 50)).all()
    running = tape.event_kind == ticks.RUNNING
    assert (tape.event_time[running] < end).all()
    assert (tape.event_kind == ticks.TRADE).sum() == tape.count.sum()


@pytest.mark.parametrize("beat", [250, 2000])
def test_running_klines_keep_the_documented_beat_and_follow_a_trade(beat):
    tape = ticks.tape(source(FUTURES_DIALECT), START, 1, beat, 2000)
    for row in range(60):
        mine = (tape.event_row == row) & (tape.event_kind == ticks.RUNNING)
        times = tape.event_time[mine]
        assert (np.diff(times) % beat == 0).all()
        assert (np.diff(times) > 0).all()
        trades = tape.time[row, : tape.count[row]]
        for when, at in zip(times, tape.event_at[mine], strict=True):
            assert trades[at] < when <= trades[at] + beat
            assert at == np.searchsorted(trades, when, side="left") - 1 or trades[at + 1] == when


def test_minutes_without_volume_stay_silent_and_few_lots_make_few_trades():
    candles = sample_candles()["ETHUSDT"][:4].copy()
    candles["ts"] = (START + np.arange(4)) * 60_000
    candles["volume"] = [0.0, 0.0001, 0.0002, 0.0003]
    candles["open"] = candles["high"] = candles["low"] = candles["close"] = 2000.01
    made = source(exact={"AUSDT": candles}, count=1)
    for offset in range(4):
        tape = ticks.tape(made, START + offset, 1, 2000, 1000)
        assert tape.count[0] == offset
        assert tape.quantity[0, :offset].tolist() == [1] * offset
        assert len(tape.event_time) == 0 or offset
    absent = ticks.tape(made, START + 9, 1, 2000, 1000)
    assert absent.count[0] == 0
    assert len(absent.event_time) == 0


def test_the_day_before_is_that_of_a_plain_loop():
    made = source(count=8)
    for minute in (START, START // 1440 * 1440, START // 1440 * 1440 + 1439):
        got = ticks.day_before(made, minute)
        for row in range(8):
            bars = made.rows(row, minute - 1439, minute - 1)
            assert [int(column[row]) for column in got[:4]] == [
                bars["o"][0], bars["h"].max(), bars["l"].min(), bars["v"].sum(),
            ]  # fmt: skip


def test_the_same_seed_makes_the_same_tape():
    one, two = (ticks.tape(source(), START + 5, 3, 2000, 1000) for _ in range(2))
    other = ticks.tape(source(), START + 5, 4, 2000, 1000)
    for name in ("price", "quantity", "time", "maker", "event_time", "event_row", "event_at", "event_kind"):
        assert (getattr(one, name) == getattr(two, name)).all()
    assert (one.time != other.time).any()
