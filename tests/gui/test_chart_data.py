"""What the chart does with the data it is handed, down to the pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from engine.contracts.dtypes import TRADE_DTYPE
from engine.contracts.signals import SignalBatch
from tests.gui.charting import (
    MINUTE,
    OFFSCREEN,
    START,
    bars,
    candles,
    event,
    image,
    instrument,
    legend_text,
    loaded,
    shown,
    signal_at,
)
from widgets.chart import indicators as ind
from widgets.chart.menu import pane_menu
from widgets.theme import DARK

pytestmark = OFFSCREEN


def pixel(panel, index: int, price: float, offset: int = 0) -> str:
    stack = panel.stack
    x, y = int(np.floor(stack.time.x(index))) + offset, int(np.floor(stack.price.yscale.y(price)))
    return QColor(image(stack.price).pixel(x, y)).name()


def test_candles_stand_where_their_prices_are(qtbot):
    panel, rows = loaded(qtbot)
    panel.set_indicators([])
    panel.stack.refresh()
    for index in range(520, 590, 7):
        bar = rows[index]
        middle = (bar["open"] + bar["close"]) / 2
        if abs(panel.stack.price.yscale.y(bar["open"]) - panel.stack.price.yscale.y(bar["close"])) < 3:
            continue
        expected = DARK.up if bar["close"] >= bar["open"] else DARK.down
        assert pixel(panel, index, middle) == expected
        assert pixel(panel, index, bar["high"]) == expected
        assert pixel(panel, index, bar["high"], 3) != expected


def test_a_tick_changes_the_last_candle_only_and_is_shown(qtbot):
    panel, rows = loaded(qtbot)
    before = panel.stack.count()
    row = rows[-1:].copy()
    row["close"], row["high"] = row["open"][0] * 1.02, row["open"][0] * 1.03
    panel.update_bars(event(row, series={"SMA 20": np.array([123.45]).tobytes()}))
    assert panel.stack.count() == before
    qtbot.waitUntil(lambda: not panel._repaint.pending)
    assert f"C {row['close'][0]:.2f}" in legend_text(panel)
    assert "SMA 20 123.45" in legend_text(panel)
    assert pixel(panel, before - 1, float(row["open"][0] * 1.01)) == DARK.up


def test_new_bars_are_followed_only_at_the_edge(qtbot):
    panel, rows = loaded(qtbot)
    view = panel.stack.time
    nxt = bars(1, int(rows["ts"][-1]) + MINUTE, price=float(rows["close"][-1]))
    right = view.right
    panel.update_bars(event(nxt))
    assert view.right == pytest.approx(right + 1)
    panel.stack.pan_by(-300)
    right = view.right
    nxt["ts"] += MINUTE
    panel.update_bars(event(nxt))
    assert view.right == right
    assert panel.stack.count() == 602
    assert np.isnan(panel.stack.series["SMA 20"].at(601))


def test_bars_of_another_chart_are_left_out(qtbot):
    panel, rows = loaded(qtbot)
    other = event(bars(3, int(rows["ts"][-1]) + MINUTE))
    panel.update_bars(type(other)(chart="c", symbol="binance-spot:ETHUSDT", timeframe="1m", bars=other.bars))
    assert panel.stack.count() == 600


def test_stale_is_said_and_taken_back(qtbot):
    panel, rows = loaded(qtbot)
    panel.update_bars(event(rows[-1:], stale="no price for 12 s"))
    assert panel.stack.badge[0] == "Stale: no price for 12 s"
    panel.update_bars(event(rows[-1:]))
    assert panel.stack.badge is None


def test_ticks_leave_other_states_alone(qtbot):
    panel, rows = loaded(qtbot)
    panel.set_state("loading", "ETHUSDT 1m")
    panel.update_bars(event(rows[-1:]))
    assert panel.cover.isVisible()
    panel.set_state("warming", "120 of 600 bars")
    panel.update_bars(event(rows[-1:]))
    assert panel.stack.badge[0] == "Warming up: 120 of 600 bars"


def test_older_bars_are_asked_again_after_a_failure(qtbot):
    panel, _rows = loaded(qtbot, 300, more=True)
    asked: list[int] = []
    panel.needOlder.connect(asked.append)
    panel.stack.pan_by(-200)
    panel.set_state("gap", "the engine did not answer")
    panel.stack.pan_by(-1)
    assert asked == [START, START]


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_bars(qtbot, n):
    panel = shown(qtbot)
    panel.set_chart(candles(bars(n)), instrument())
    assert panel.cover.isVisible() is (n == 0)
    assert not image(panel).isNull()
    if n == 0:
        panel.update_bars(event(bars(1)))
        assert panel.stack.count() == 1
        assert not panel.cover.isVisible()
    for _ in range(40):
        panel.stack.zoom_by(0.7)
    panel.stack.pan_by(-1000)
    panel.stack.pan_by(5000)
    image(panel)


@pytest.mark.parametrize("price,tick", [(1e-8, 1e-10), (1e-8, 0.0), (1e6, 0.01), (25.0, 1.0)])
def test_huge_and_tiny_prices(qtbot, price, tick):
    panel, rows = shown(qtbot), bars(300, price=price, spread=0.005)
    panel.set_chart(candles(rows), instrument(tick))
    panel.stack.refresh()
    scale, seen = panel.stack.price.yscale, rows[max(0, int(panel.stack.time.left) + 1) :]
    assert 0 < scale.y(seen["high"].max()) < scale.y(seen["low"].min()) < scale.height
    texts = panel.stack.axis_texts()
    assert float(texts[0].replace(",", "")) == pytest.approx(rows["close"][-1], rel=1e-2 if tick < 1 else 0.1)
    assert len(panel.stack.price.axis.values) >= 3
    for log in (True, False):
        panel.set_log(log)
        image(panel)


def test_flat_prices_are_in_the_middle(qtbot):
    panel, rows = shown(qtbot), bars(100)
    for name in ("open", "high", "low", "close"):
        rows[name] = 42.0
    rows["volume"] = 0.0
    panel.set_chart(candles(rows), instrument())
    scale = panel.stack.price.yscale
    assert 0.3 < scale.y(42.0) / scale.height < 0.7
    assert pixel(panel, 99, 42.0) == DARK.up


def test_series_of_nothing_but_nan(qtbot):
    panel, rows = shown(qtbot), bars(200)
    nothing = np.full(200, np.nan)
    panel.set_chart(candles(rows, sma20=nothing, rsi=nothing), instrument())
    image(panel)
    assert "SMA 20 –" in legend_text(panel)
    panel.stack.zoom_by(0.05)
    image(panel)


def test_small_sizes(qtbot):
    panel, _rows = loaded(qtbot)
    for size in ((300, 200), (120, 90), (60, 60)):
        panel.resize(*size)
        assert image(panel).width() <= 320


def test_zoomed_out_wholly(qtbot):
    panel, rows = shown(qtbot), bars(30_000, spread=1e-4)
    panel.set_chart(candles(rows), instrument())
    for _ in range(30):
        panel.stack.zoom_by(0.6)
    assert panel.stack.time.visible_bars > 30_000
    found = image(panel.stack.price)
    colours = {QColor(found.pixel(x, y)).name() for x in range(0, 800, 3) for y in range(0, found.height(), 3)}
    assert {DARK.up, DARK.down} <= colours
    assert "drawn" in legend_text(panel)


def test_signals_replace_their_provisional_ones(qtbot):
    panel, rows = loaded(qtbot)
    ts = int(rows["ts"][580])
    panel.set_signals(SignalBatch.of([signal_at(ts, kind="provisional"), signal_at(ts, "short", strategy="t")]))
    item = panel.stack.signals
    assert [s.kind for s in item.of_bar(580)] == ["provisional", "confirmed"]
    qtbot.waitUntil(lambda: not panel._repaint.pending)
    below = rows["low"][580]
    y = panel.stack.price.yscale.y(below) + 8
    hollow = QColor(image(panel.stack.price).pixel(int(panel.stack.time.x(580)), int(y))).name()
    panel.add_signals(SignalBatch.of([signal_at(ts)]))
    assert [s.kind for s in item.of_bar(580)] == ["confirmed", "confirmed"]
    qtbot.waitUntil(lambda: not panel._repaint.pending)
    filled = QColor(image(panel.stack.price).pixel(int(panel.stack.time.x(580)), int(y))).name()
    assert filled == DARK.buy
    assert hollow != filled
    for kind, count in (("provisional", 3), ("withdrawn", 2)):
        panel.add_signals(SignalBatch.of([signal_at(ts, kind=kind, strategy="u")]))
        assert len(item.of_bar(580)) == count


def test_trades_and_signals_at_every_zoom(qtbot):
    panel, rows = loaded(qtbot)
    trades = np.zeros(20, TRADE_DTYPE)
    trades["entry_ts"], trades["exit_ts"] = rows["ts"][10:590:29], rows["ts"][20:600:29]
    trades["side"], trades["pnl"] = 1, np.linspace(-1, 1, 20)
    trades["entry_price"], trades["exit_price"] = rows["open"][10:590:29], rows["open"][20:600:29]
    panel.set_trades(trades[::-1])
    panel.set_signals(SignalBatch.of([signal_at(int(t), side) for t in rows["ts"][::9] for side in ("long", "short")]))
    for px in (30.0, 5.0, 2.5, 0.6):
        panel.stack.time.px_per_bar = px
        panel.stack.go_to_latest()
        image(panel)
    panel.stack.time.px_per_bar = 120.0
    trades["entry_ts"][0] -= 10**13
    panel.set_trades(trades)
    panel.focus_time(int(rows["ts"][15]))
    image(panel)
    panel.set_trades(None)
    assert len(panel.stack.trades.trades) == 0


def test_indicators_ask_for_their_series(qtbot):
    panel = shown(qtbot)
    assert [r.expression for r in panel.series_requests()] == ["SMA(20)", "SMA(50)", "RSI(14)"]
    with qtbot.waitSignal(panel.indicatorsChanged) as changed:
        panel.toggle_indicator(ind.MACD)
    asked = [r.expression for r in changed.args[0]]
    assert asked[3:] == ["MACD(12, 26, 9).line", "MACD(12, 26, 9).signal", "MACD(12, 26, 9).histogram"]
    assert len(panel.stack.panes) == 3
    panel.toggle_indicator(ind.MACD)
    panel.toggle_indicator(ind.RSI14)
    assert len(panel.stack.panes) == 1
    QApplication.processEvents()
    image(panel)


def test_states_cover_with_a_way_out(qtbot):
    panel = shown(qtbot)
    panel.set_state("loading", "BTCUSDT 1m")
    assert panel.cover.isVisible()
    assert not panel.cover.button.isVisible()
    panel.set_state("error", "The engine did not answer.")
    with qtbot.waitSignal(panel.retryRequested):
        panel.cover.button.click()
    panel.set_state("live")
    assert not panel.cover.isVisible()


def test_history_from_a_file_is_mapped_and_not_copied(qtbot, tmp_path):
    rows, path = bars(5000), tmp_path / "bars.npy"
    np.save(path, rows)
    panel = shown(qtbot)
    reply = candles(rows[:0])
    panel.set_chart(type(reply)(symbol=reply.symbol, timeframe="1m", bars=b"", file=str(path)), instrument())
    assert panel.stack.count() == 5000
    assert panel.stack.bars.mapped > 4_900
    assert not panel.stack.bars._parts.base.flags.owndata
    row = rows[-1:].copy()
    row["close"] = 7.0
    panel.update_bars(event(row))
    assert panel.stack.bars.rows(4999, 5000)["close"][0] == 7.0
    assert int(panel.stack.bars.ts_at(0)) == START


def test_holes_are_marked_and_labels_belong_to_their_bars(qtbot):
    panel, rows = shown(qtbot), bars(120)
    rows["ts"][60:] += 2 * 86_400_000
    panel.set_chart(candles(rows), instrument())
    assert panel.stack.price.grid_item.breaks == [60]
    days = {t.text: t.index for t in panel.stack.time_axis.ticks if t.weight}
    assert days.get("2 Jan", 60) == 60
    for tick in panel.stack.time_axis.ticks:
        moment = panel.stack.zone.local(panel.stack.bars.ts_at(tick.index))
        assert not tick.weight or tick.text in (f"{moment.day} {moment:%b}", str(moment.year))


def test_menu_copies_what_is_under_the_cursor(qtbot):
    panel, rows = loaded(qtbot)
    panel.stack.set_cursor(panel.stack.price, panel.stack.time.x(580), 100)
    menu = pane_menu(panel, panel.stack.price, 100)
    actions = {a.text(): a for a in menu.actions()}
    actions["Copy bar (time, O, H, L, C, volume)"].trigger()
    cells = QApplication.clipboard().text().split("\t")
    assert cells[0] == "2023-12-31 09:40"
    assert [float(c) for c in cells[1:]] == [rows[580][f] for f in ("open", "high", "low", "close", "volume")]
    menu.actions()[0].trigger()
    price = panel.stack.price.yscale.value_at(100)
    assert float(QApplication.clipboard().text()) == pytest.approx(price, abs=0.006)
    menu.close()


def test_a_band_below_nothing_does_not_flatten_a_logarithmic_chart(qtbot):
    panel, rows = shown(qtbot), bars(300)
    panel.set_chart(candles(rows, sma20=rows["close"] * 1.5, sma50=-rows["close"]), instrument())
    panel.set_log(True)
    scale, seen = panel.stack.price.yscale, rows[max(0, int(panel.stack.time.left) + 1) :]
    assert scale.y(seen["low"].min()) < scale.height
    assert scale.ends()[1] / scale.ends()[0] < 3
    assert scale.value_at(0) > seen["close"].max() * 1.4, "the line that can be shown is"
    image(panel)
