"""The whole history behind a chart: mapped files, without a jump; other symbols; the ribbon of data quality."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from engine.contracts import commands as cmd
from engine.contracts import levels as lv
from engine.contracts.errors import PyroError
from engine.contracts.history import HistoryFiles
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
    shown,
)
from tests.gui.fake_engine import NOW, FakeEngine
from tests.gui.windowing import desk
from widgets.chart.compare import first_value, series_name
from widgets.chart.history import readable
from widgets.chart.model import LineSeries

pytestmark = OFFSCREEN
ETH = "binance-spot:ETHUSDT"


def files(folder: Path, rows: np.ndarray, **series: np.ndarray) -> HistoryFiles:
    """As the engine makes them."""
    names = {"sma20": "SMA 20", "rsi": "RSI 14", "eth": series_name(ETH)}
    np.save(folder / "bars.npy", rows)
    packed = np.zeros((lv.LEVEL_ROWS, sum(lv.level_sizes(len(rows)))))
    for k, (op, name) in enumerate(zip(lv.BAR_OPS, lv.BAR_COLUMNS, strict=True)):
        lv.fill_levels(op, rows[name], packed[k])
    for k, flags in enumerate(lv.quality(rows["ts"], rows["volume"], MINUTE)):
        lv.fill_levels("max", flags, packed[len(lv.BAR_OPS) + k])
    lv.fill_levels("first", rows["ts"], packed[lv.TIME_ROW])
    np.save(folder / "levels.npy", packed)
    paths = {}
    for name, values in series.items():
        out = np.empty(lv.line_room(len(rows)) + 5)
        lv.fill_line(values, out[: lv.line_room(len(rows))])
        np.save(folder / f"{name}.npy", out)
        paths[names[name]] = str(folder / f"{name}.npy")
    return HistoryFiles(count=len(rows), bars=str(folder / "bars.npy"), levels=str(folder / "levels.npy"), series=paths)


def whole(folder: Path, rows: np.ndarray, kept: int, *, more: bool = False, **series: np.ndarray) -> cmd.Candles:
    """The reply to GetHistory: the first `kept` rows in files, the others behind them."""
    made = files(folder, rows[:kept], **{k: v[:kept] for k, v in series.items()})
    tail = candles(rows[kept:], more=more)
    values = {n: s[kept:].tobytes() for n, s in zip(made.series, series.values(), strict=True)}
    return msgspec.structs.replace(tail, series=values, history=made, whole=True)


def seen(panel) -> tuple[int, float, float]:
    """(time of the bar at the right border, its x, px a bar)."""
    view, series = panel.stack.time, panel.stack.bars
    index = int(view.right)
    return series.ts_at(index), round(view.x(index), 6), view.px_per_bar


def test_history_comes_behind_a_page_without_a_jump(qtbot, tmp_path):
    panel, rows = shown(qtbot), bars(9_000)
    sma = np.cumsum(rows["close"]) / np.arange(1, 9_001)
    panel.set_chart(candles(rows[-600:], more=True, sma20=sma[-600:]), instrument())
    # what a page does not hold cannot be known before
    panel.change(previous_close=False)
    panel.stack.zoom_by(0.6, 300.0)
    panel.stack.pan_by(-130)
    before, picture = seen(panel), image(panel.stack.price)
    came = event(rows[-1:])
    panel.update_bars(came)
    panel.set_chart(whole(tmp_path, rows, 8_900, sma20=sma), instrument())
    assert seen(panel) == before
    assert image(panel.stack.price) == picture
    assert panel.stack.count() == 9_000
    assert panel.stack.bars.mapped == 8_900
    assert panel.stack.series["SMA 20"].mapped == 8_900
    assert panel.stack.series["SMA 20"].at(8_950) == sma[8_950]
    # at the newest bar the distance to it stays
    panel.stack.go_to_latest()
    margin = panel.stack.time.right - 8_999
    panel.set_chart(candles(rows[-600:], more=True), instrument())
    assert panel.stack.time.right - 599 == pytest.approx(margin)
    panel.set_chart(whole(tmp_path, rows, 8_900), instrument())
    assert panel.stack.time.right - 8_999 == pytest.approx(margin)


def test_bars_that_came_while_the_history_was_read_stay(qtbot, tmp_path):
    panel, rows = shown(qtbot), bars(3_003)
    ones = np.ones(3_003)
    panel.set_chart(candles(rows[2_400:3_000], sma20=ones[:600]), instrument())
    values = {"SMA 20": np.array([7.0, 8.0, 9.0]).tobytes()}
    panel.update_bars(event(rows[3_000:], series=values))
    panel.set_chart(whole(tmp_path, rows[:3_001], 2_900, sma20=ones[:3_001]), instrument())
    assert panel.stack.count() == 3_003
    np.testing.assert_array_equal(panel.stack.bars.rows(0, 3_003), rows)
    assert [panel.stack.series["SMA 20"].at(i) for i in (3_000, 3_001, 3_002)] == [1.0, 8.0, 9.0]
    # and live bars go on behind it
    row = rows[-1:].copy()
    row["close"] = 5.0
    panel.update_bars(event(row, series={"SMA 20": np.array([11.0]).tobytes()}))
    assert panel.stack.count() == 3_003
    assert panel.stack.series["SMA 20"].at(3_002) == 11.0
    # a bar that is told anew, also where the files have it
    again = rows[100:101].copy()
    again["volume"] = 123.0
    panel.update_bars(event(again))
    assert panel.stack.bars.rows(100, 101)["volume"][0] == 123.0
    assert panel.stack.bars.restated == {int(rows["ts"][100])}


def test_a_replay_that_goes_back_takes_its_future_along(qtbot):
    panel, rows = shown(qtbot), bars(600)
    panel.set_chart(candles(rows), instrument())
    panel.set_chart(candles(rows[:400]), instrument(), carry=False)
    assert panel.stack.count() == 400
    assert panel.stack.time.at_latest(400)


def test_older_bars_of_the_venue_come_before_mapped_ones(qtbot, tmp_path):
    panel, rows = shown(qtbot), bars(5_000)
    line = rows["close"] + 1.0
    panel.set_chart(whole(tmp_path, rows[1_500:], 3_400, more=True, sma20=line[1_500:]), instrument())
    asked: list[int] = []
    panel.needOlder.connect(asked.append)
    panel.stack.go_to_oldest()
    assert asked == [int(rows["ts"][1_500])]
    view = panel.stack.time
    for low in (500, 0):
        before = seen(panel)
        page = rows[low : low + 1_000 if low else 500]
        panel.prepend(candles(page, more=low > 0, sma20=line[low : low + len(page)]))
        assert seen(panel) == before
    assert panel.stack.bars.mapped == 3_400
    np.testing.assert_array_equal(panel.stack.bars.rows(0, 5_000), rows)
    np.testing.assert_array_equal(panel.stack.series["SMA 20"].values(0, 5_000), line)
    # candles stand where they are, at every width of groups
    for visible in (50, 700, 6_000):
        view.px_per_bar = view.width / visible
        view.right = 1_700.0
        panel.stack.changed()
        item, size = panel.stack.candles, 1
        first, columns = panel.stack.bars.pyramid.buckets(1_400, 1_600, size)
        centres = panel.stack.bars.pyramid.centres(first, len(columns[0]), size)
        np.testing.assert_array_equal(columns[3], rows["close"][centres.astype(int)])
        assert item.bars is panel.stack.bars
        image(panel)


def test_files_that_cannot_be_read_are_an_error_that_names_them(qtbot, tmp_path):
    panel, rows = shown(qtbot), bars(2_000)
    reply = whole(tmp_path, rows, 1_900)
    assert readable(reply.history)
    Path(reply.history.levels).write_bytes(b"nonsense")
    with pytest.raises(PyroError, match="cannot be read here"):
        panel.set_chart(reply, instrument())
    Path(reply.history.levels).unlink()
    assert not readable(reply.history)
    assert readable(None)


class Elsewhere(FakeEngine):
    """An engine whose files this process does not have, or (here) one that makes them."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self.folder = folder
        self.ready = False

    def _reply(self, c: cmd.OpenChart | cmd.GetHistory) -> cmd.Candles:
        page = self._candles(c.symbol, c.timeframe, NOW, 3_000, c.series)
        if self.folder is None:
            made = HistoryFiles(count=9, bars="/nowhere/bars.npy", levels="/nowhere/levels.npy")
            return msgspec.structs.replace(page, bars=b"", series={}, history=made, whole=True)
        rows = np.frombuffer(page.bars, bars(1).dtype)
        folder = self.folder / str(len(self.asked))
        folder.mkdir()
        series = {r.name: np.frombuffer(page.series[r.name]) for r in c.series}
        made = files(folder, rows[:2_990])
        for number, (name, values) in enumerate(series.items()):
            out = np.empty(lv.line_room(2_990))
            lv.fill_line(values[:2_990], out)
            np.save(folder / f"{number}.npy", out)
            made.series[name] = str(folder / f"{number}.npy")
        tail = {name: values[2_990:].tobytes() for name, values in series.items()}
        return msgspec.structs.replace(page, bars=rows[2_990:].tobytes(), series=tail, history=made, whole=True)

    def _OpenChart(self, c: cmd.OpenChart) -> cmd.Candles:
        if not c.whole or (self.folder is not None and not self.ready):
            return self._candles(c.symbol, c.timeframe, NOW, 500, c.series)
        return self._reply(c)

    def _GetHistory(self, c: cmd.GetHistory) -> cmd.Candles:
        return self._reply(c)


def test_the_window_opens_a_page_then_the_whole_and_jumps_anywhere_in_it(qtbot, tmp_path):
    engine = Elsewhere(tmp_path)
    with desk(tmp_path, engine) as d:
        link, panel = d.ctl.chart, d.ctl.chart.panel
        d.settle()
        assert panel.stack.count() == 3_000
        assert panel.stack.bars.mapped == 2_990
        ts = panel.stack.bars.ts_at(7)
        asked = len(engine.asked)
        link.open(link.symbol, link.timeframe, ts)
        assert panel.stack.legend_index() == 7
        assert len(engine.asked) == asked
        # what is in files already is there with the first reply
        engine.ready = True
        link.open(engine.info.instruments[3].symbol, "5m", ts)
        d.settle()
        assert type(engine.asked[-1]) is cmd.OpenChart
        assert panel.stack.bars.mapped == 2_990
        assert panel.stack.bars.ts_at(panel.stack.legend_index()) <= ts
        # another indicator: the bars stay, nothing moves, only the history is asked for
        before = seen(panel)
        panel.toggle_indicator(panel.stack.indicators[0])
        d.settle()
        assert type(engine.asked[-1]) is cmd.GetHistory
        assert seen(panel) == before
        # the engine is lost and found: the same
        again = Elsewhere(tmp_path)
        again.ready = True
        d.add_engine(again)
        engine.die()
        d.until(lambda: d.ctl.session.client is again)
        d.settle()
        assert seen(panel) == before
        assert panel.stack.badge is None


def test_histories_are_made_for_what_is_looked_at(qtbot, tmp_path):
    engine = Elsewhere(tmp_path)
    with desk(tmp_path, engine) as d:
        d.settle()
        link, asked = d.ctl.chart, len(engine.of(cmd.GetHistory))
        symbols = [i.symbol for i in engine.info.instruments[4:8]]
        for symbol in symbols:
            link.open(symbol)
            d.until(lambda s=symbol: link.panel.symbol == s)
        d.settle()
        assert [c.symbol for c in engine.of(cmd.GetHistory)[asked:]] == symbols[-1:]
        assert link.panel.stack.count() == 3_000


def test_an_engine_whose_files_are_elsewhere_gives_pages(qtbot, tmp_path):
    engine = Elsewhere(None)
    with desk(tmp_path, engine) as d:
        d.settle()
        asked = engine.of(cmd.OpenChart)
        assert [c.whole for c in asked] == [True, False]
        assert d.ctl.chart.panel.stack.count() == 500
        assert not engine.of(cmd.GetHistory)
        d.ctl.chart.open(engine.info.instruments[2].symbol)
        d.settle()
        assert engine.of(cmd.OpenChart)[-1].whole is False


def test_compared_symbols_begin_at_the_left_edge(qtbot, tmp_path):
    panel, rows = shown(qtbot), bars(4_000)
    eth = rows["close"] * np.linspace(0.05, 0.2, 4_000)
    eth[1_000:1_400] = np.nan
    with qtbot.waitSignal(panel.indicatorsChanged) as asked:
        panel.add_compare(ETH)
    assert [(r.name, r.symbol) for r in asked.args[0] if r.symbol] == [(series_name(ETH), ETH)]
    panel.set_chart(whole(tmp_path, rows, 3_900, eth=eth), instrument())
    stack, item = panel.stack, panel.stack.compares._items[ETH]
    for mode in ("linear", "log", "percent"):
        panel.set_mode(mode)
        for right, first in ((2_000.5, 0), (1_200.5, -1), (1_450.5, 0)):
            stack.time.px_per_bar = stack.time.width / 100
            stack.time.right = right
            stack.changed()
            lo = int(np.floor(stack.time.left + 0.5))
            if first < 0:
                assert np.isnan(item.gain)
                assert "no price" in legend_text(panel)
                continue
            at = first_value(item.series, lo, lo + 100)
            assert at == (lo if lo >= 1_400 else 1_400)
            assert eth[at] * item.gain == pytest.approx(rows["close"][lo])
            y = stack.price.yscale.ys(eth[lo : lo + 99] * item.gain)
            assert (y[np.isfinite(y)] > 0).all()
            assert (y[np.isfinite(y)] < stack.price.yscale.height).all()
    stack.set_cursor(stack.price, stack.time.x(1_440), 50)
    change = (eth[1_440] * item.gain / rows["close"][lo] - 1) * 100
    assert f"({change:+.2f} %)" in legend_text(panel)
    # kept over a restart, and taken off from its legend
    other = shown(qtbot)
    other.restore(panel.keep())
    assert other.compares == [ETH]
    with qtbot.waitSignal(panel.indicatorsChanged):
        panel._legend_acted(series_name(ETH), "remove")
    assert panel.compares == []
    image(panel)


def test_first_values_are_found_in_long_holes():
    values = np.full(5_000, np.nan)
    values[4_321] = 1.0
    packed = np.empty(lv.line_room(5_000))
    lv.fill_line(values, packed)
    kept, levels = lv.read_line(packed, 5_000)
    line = LineSeries(kept, np.array([2.0]), levels)
    assert first_value(line, 0, 5_001) == 4_321
    assert first_value(line, 4_322, 9_999) == 5_000
    assert first_value(line, 10, 4_321) == -1


def test_palette_picks_a_symbol_to_compare_with(qtbot, tmp_path):
    with desk(tmp_path) as d:
        d.settle()
        panel = d.ctl.chart.panel
        before, symbol = panel.symbol, d.engine.info.instruments[5].symbol
        panel.run("compare")
        assert d.ctl.palette.isVisible()
        qtbot.keyClicks(d.ctl.palette.line, symbol.rpartition(":")[2][:4])
        assert {m.entry.kind for m in d.ctl.palette.found} == {"symbol"}
        row = next(k for k, m in enumerate(d.ctl.palette.found) if m.entry.key == symbol)
        d.ctl.palette._choose(row)
        d.settle()
        assert panel.compares == [symbol]
        assert panel.symbol == before
        assert any(r.symbol == symbol for r in d.engine.of(cmd.GetHistory)[-1].series)
        # the palette opens symbols again
        d.ctl.palette.open_with(symbol.rpartition(":")[2])
        d.ctl.palette._choose(0)
        d.settle()
        assert panel.symbol == symbol


def ribbon_colour(panel, x: float) -> str:
    pane = panel.stack.price
    return QColor(image(pane).pixel(int(x), pane.yscale.height - 2)).name()


def test_the_ribbon_shows_holes_quiet_bars_and_restated_ones(qtbot, tmp_path):
    panel, rows = shown(qtbot), bars(3_000)
    rows["ts"][2_700:] += 95 * MINUTE
    rows["volume"][2_800:2_820] = 0.0
    rows["ts"][400:] += 3 * MINUTE
    panel.set_chart(whole(tmp_path, rows, 2_950), instrument())
    stack, theme = panel.stack, panel.theme
    stack.time.px_per_bar, stack.time.right = 3.0, 2_900.0
    stack.changed()
    hole = stack.time.x(2_699.5)
    assert ribbon_colour(panel, hole) == QColor(theme.down).name()
    assert stack.ribbon.text_at(hole) == "1 h 35 min missing"
    quiet = stack.time.x(2_810)
    assert ribbon_colour(panel, quiet) not in (QColor(theme.pane).name(), QColor(theme.down).name())
    assert stack.ribbon.text_at(stack.time.x(2_750)) == ""
    again = rows[2_850:2_851].copy()
    again["close"] += 0.01
    panel.update_bars(event(again))
    qtbot.waitUntil(lambda: not panel._repaint.pending)
    assert ribbon_colour(panel, stack.time.x(2_850)) == QColor(theme.info).name()
    assert "restated" in stack.ribbon.text_at(stack.time.x(2_850))
    # the whole in view: every hole has its column
    stack.time.px_per_bar = stack.time.width / 3_100
    stack.go_to_latest()
    x, missing, _quiet = stack.ribbon.flags()
    assert sorted(missing[missing > 0] / MINUTE) == [3, 95]
    assert abs(x[np.argmax(missing)] - stack.time.x(2_700)) <= 2
    panel.set_ribbon(False)
    assert not stack.ribbon.isVisible()
    assert panel.keep()["options"]["ribbon"] is False


def test_the_ribbon_says_what_it_is_under_the_pointer(qtbot, tmp_path):
    panel, rows = shown(qtbot), bars(900)
    rows["ts"][600:] += 30 * MINUTE
    panel.set_chart(candles(rows), instrument())
    stack = panel.stack
    stack.time.px_per_bar = 2.0
    stack.go_to_latest()
    pane, x = stack.price, stack.time.x(599.5)
    stack.clear_cursor()
    plain = image(pane)
    stack.set_cursor(pane, x, pane.yscale.height - 4)
    with_words = image(pane)
    place = QPointF(x, pane.yscale.height - 22).toPoint()
    assert with_words.pixel(place) != plain.pixel(place)


def test_week_ends_of_currencies_and_their_quiet_minutes_are_no_holes(qtbot):
    friday = START + 12 * 86_400_000 + 21 * 3_600_000  # 2024-01-12 21:00 UTC
    panel, rows = shown(qtbot), bars(300, friday)
    rows["ts"][60:] += 48 * 60 * MINUTE
    rows["ts"][150:] += 4 * MINUTE
    rows["ts"][200:] += 40 * MINUTE
    reply = msgspec.structs.replace(candles(rows), symbol="oanda-forex:EUR_USD")
    panel.set_chart(reply)
    missing = panel.stack.bars.quality_of(0, 300)[0]
    assert np.flatnonzero(missing > 0).tolist() == [150, 200]
    _x, told, _quiet = panel.stack.ribbon.flags()
    assert (told > 0).sum() == 1
