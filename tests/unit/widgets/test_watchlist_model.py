import math

import numpy as np

from engine.contracts.dtypes import QUOTE_DTYPE, STATE_LIVE, STATE_SETTLING, STATE_WARMING
from engine.contracts.instruments import Instrument
from engine.contracts.signals import Signal, SignalBatch
from widgets.viewmodels import watchlist as wl


def instrument(name, market="binance-spot", tick=0.01):
    return Instrument(market=market, name=name, base=name[:-4], quote="USDT", tick_size=tick, lot_size=0.001)


def model(*names):
    made = wl.WatchlistModel()
    made.load([instrument(n) for n in names])
    return made


def quotes(*rows):
    block = np.zeros(len(rows), dtype=QUOTE_DTYPE)
    for at, (row, last, open24, volume) in enumerate(rows):
        block[at] = (row, STATE_LIVE, last, open24, last, last, volume, 1)
    return block.tobytes()


def signal(symbol, kind="confirmed", side="long", action="entry", ms=1_000, seq=0):
    return Signal(
        strategy="rsi_revert",
        version="v",
        params="",
        symbol=symbol,
        timeframe="1m",
        bar_ts=0,
        side=side,
        action=action,
        kind=kind,
        price=1.0,
        event_ms=ms,
        received_ns=ms * 1_000_000,
        emitted_ns=ms * 1_000_000,
        seq=seq,
    )


def visible(m):
    return [m.names[i] for i in m.order]


def test_change_and_flash_come_from_the_quotes():
    m = model("AAAUSDT", "BBBUSDT")
    m.apply_quotes(quotes((0, 100.0, 80.0, 5), (1, 10.0, 20.0, 7)), 1000)
    assert m.change.tolist() == [0.25, -0.5]
    assert m.flash.tolist() == [0, 0]  # the first price is no move
    m.apply_quotes(quotes((0, 101.0, 80.0, 5), (1, 9.0, 20.0, 7)), 1100)
    assert m.flash.tolist() == [1, -1]
    assert m.flash_ms.tolist() == [1100, 1100]
    m.apply_quotes(quotes((0, 101.0, 80.0, 5)), 9000)
    assert m.flash_ms[0] == 1100  # an unchanged price does not flash


def test_quotes_for_unknown_rows_are_ignored():
    m = model("AAAUSDT")
    assert m.apply_quotes(quotes((7, 1.0, 1.0, 1), (-1, 1.0, 1.0, 1), (0, 5.0, 4.0, 1)), 0) == 1
    assert m.last.tolist() == [5.0]


def test_rows_without_a_value_sort_last_in_both_directions():
    m = model("AAAUSDT", "BBBUSDT", "CCCUSDT")
    m.apply_quotes(quotes((0, 110.0, 100.0, 1), (2, 120.0, 100.0, 1)), 0)
    m.refresh(0)
    assert visible(m) == ["CCCUSDT", "AAAUSDT", "BBBUSDT"]
    m.set_sort(wl.CHANGE, False)
    m.refresh(0)
    assert visible(m) == ["AAAUSDT", "CCCUSDT", "BBBUSDT"]


def test_equal_values_keep_the_symbols_order():
    m = model("CCCUSDT", "AAAUSDT", "BBBUSDT")
    m.apply_quotes(quotes((0, 1.0, 1.0, 1), (1, 1.0, 1.0, 1), (2, 1.0, 1.0, 1)), 0)
    m.refresh(0)
    assert visible(m) == ["AAAUSDT", "BBBUSDT", "CCCUSDT"]


def test_held_order_stays_until_a_filter_changes():
    m = model("AAAUSDT", "BBBUSDT")
    m.apply_quotes(quotes((0, 2.0, 1.0, 1), (1, 1.0, 1.0, 1)), 0)
    m.refresh(0)
    m.held = True
    m.apply_quotes(quotes((1, 9.0, 1.0, 1)), 0)
    assert not m.refresh(0)
    assert visible(m) == ["AAAUSDT", "BBBUSDT"]
    m.set_filter("usdt")
    assert m.refresh(0)
    assert visible(m) == ["BBBUSDT", "AAAUSDT"]


def test_filter_matches_every_word_in_symbol_base_or_quote():
    m = wl.WatchlistModel()
    m.load([instrument("BTCUSDT"), instrument("BTCUSDT", "binance-futures"), instrument("ETHUSDT")])
    m.set_filter("BTC fut")
    m.refresh(0)
    assert [m.symbols[i] for i in m.order] == ["binance-futures:BTCUSDT"]


def test_market_chip_and_its_counts():
    m = wl.WatchlistModel()
    m.load([instrument("BTCUSDT"), instrument("ETHUSDT"), instrument("BTCUSDT", "binance-futures")])
    assert m.counts(0) == {"": 3, "binance-spot": 2, "binance-futures": 1, "stars": 0, "signals": 0}
    m.set_market("binance-futures")
    m.refresh(0)
    assert len(m.order) == 1


def test_empty_result_names_the_filter():
    m = model("AAAUSDT")
    m.set_filter("zzz")
    m.refresh(0)
    assert '"zzz"' in m.explain_empty(0)
    m.set_filter("")
    m.set_only("stars")
    m.refresh(0)
    assert "Press S" in m.explain_empty(0)
    assert m.text == ""


def test_badge_follows_the_newest_signal_and_a_withdrawal_takes_it_away():
    m = model("AAAUSDT")
    symbol = m.symbols[0]
    m.apply_signals(SignalBatch.of([signal(symbol, "provisional", "short", ms=2000)]))
    assert m.badge[0] == wl.SELL
    assert m.badge_soft[0]
    m.apply_signals(SignalBatch.of([signal(symbol, "confirmed", "long", ms=1000)]))
    assert m.badge[0] == wl.SELL  # older than what is shown
    m.apply_signals(SignalBatch.of([signal(symbol, "withdrawn", "short", ms=3000)]))
    assert m.badge[0] == wl.NO_BADGE
    m.apply_signals(SignalBatch.of([signal(symbol, "confirmed", "long", "exit", ms=4000)]))
    assert m.badge[0] == wl.EXIT
    assert m.badge_fresh(4000).all()
    assert not m.badge_fresh(4000 + wl.BADGE_MS).any()


def test_stars_survive_a_new_instrument_list():
    m = model("AAAUSDT", "BBBUSDT")
    assert m.toggle_star("binance-spot:BBBUSDT")
    m.load([instrument("BBBUSDT"), instrument("CCCUSDT")])
    m.set_only("stars")
    m.refresh(0)
    assert visible(m) == ["BBBUSDT"]
    assert not m.toggle_star("binance-spot:BBBUSDT")


def test_neighbour_walks_the_visible_order_and_stops_at_the_ends():
    m = model("AAAUSDT", "BBBUSDT", "CCCUSDT")
    m.set_sort(wl.SYMBOL, False)
    m.refresh(0)
    a, b, c = m.symbols
    assert m.neighbour(a, 1) == b
    assert m.neighbour(c, 1) == c
    assert m.neighbour("", 1) == a
    assert m.neighbour("", -1) == c
    assert m.position("unknown") == -1


def test_sparks_replace_only_the_rows_sent():
    m = model("AAAUSDT", "BBBUSDT")
    m.apply_sparks(np.array([1, 9], "<i4").tobytes(), 3, np.array([[1, 2, 3], [0, 0, 0]], "<f4").tobytes())
    assert m.sparks[1].tolist() == [1, 2, 3]
    assert np.isnan(m.sparks[0]).all()
    before = m.spark_version.copy()
    m.apply_sparks(np.array([0], "<i4").tobytes(), 3, np.array([[3, 2, 1]], "<f4").tobytes())
    assert (m.spark_version - before).tolist() == [1, 0]


def test_an_empty_list_is_no_special_case():
    m = wl.WatchlistModel()
    assert not m.refresh(0)
    assert m.counts(0)[""] == 0
    assert "waiting" in m.explain_empty(0)
    assert m.state_counts() == (0, 0, 0, 0, 0)


def test_state_counts():
    m = model("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT")
    m.state[:] = [STATE_LIVE, STATE_WARMING, 0, STATE_SETTLING]
    assert m.state_counts() == (1, 1, 1, 0, 1)


def test_unknown_reference_price_gives_no_change():
    m = model("AAAUSDT")
    m.apply_quotes(quotes((0, 5.0, math.nan, 1)), 0)
    assert math.isnan(m.change[0])
    m.apply_quotes(quotes((0, 5.0, 0.0, 1)), 0)
    assert math.isnan(m.change[0])
