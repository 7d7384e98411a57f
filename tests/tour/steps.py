"""What a person does on the first day, one function a step; each asserts that it did what it should."""

from __future__ import annotations

import os
import signal

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDialog

from app.charts import ChartLink
from engine.contracts.commands import ImportData, ListData
from tests.shared import data
from tests.tour.driver import LONG, Tour
from widgets.chart.dialog import IndicatorDialog
from widgets.chart.editor import ColourMenu, IndicatorSettings
from widgets.viewmodels import drawings as dr

REAL = "binance-spot:BTCUSDT"
SCAN = "RSI(14) < 30 and volume > SMA(volume, 20) * 2"
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


# the market -----------------------------------------------------------------------------------------------------------
def start_on_the_demo_market(t: Tour) -> None:
    watch = t.part("watchlist").model
    t.until(lambda: sum(watch.state_counts()[:2]) > 100, LONG)
    t.until(lambda: t.stack.count() > 500 and t.ctl.demo.isVisible(), LONG)
    assert "DEMO" in t.window.windowTitle()

    def last() -> float:
        return float(t.stack.bars.column("close", t.stack.count() - 1, t.stack.count())[0])

    before = last()
    t.until(lambda: last() != before, LONG)
    t.shot("start-on-the-demo-market", 3.0)


def watch(t: Tour) -> None:
    panel = t.panel("watchlist")
    everything = panel.table.row_count()
    t.shortcut("filter_watchlist")
    t.until(lambda: panel.filter.hasFocus())
    t.type("SOL")
    t.until(lambda: 0 < panel.table.row_count() < everything / 10)
    t.shot("watchlist-filtered")
    panel.filter.clear()
    t.shortcut("scan_watchlist")
    t.type(SCAN, panel.scan_bar.editor)
    t.until(lambda: panel.scans.active and panel.scans.active.text == SCAN, LONG)
    t.until(lambda: panel.scan_bar.status.text() and panel.table.row_count() < everything / 2, LONG)
    t.shot("watchlist-scan", 2.0)
    t.click(panel.scan_switch)
    t.until(lambda: panel.table.row_count() == everything)
    t.shortcut("heat_map")
    t.until(lambda: panel.map.isVisible())
    t.shot("heat-map", 1.0)
    t.shortcut("heat_map")
    t.until(lambda: panel.table.isVisible())


def open_a_chart_by_typing(t: Tour) -> None:
    t.click(t.plot, QPoint(300, 200))
    palette = t.ctl.palette
    t.type("eth")
    t.until(palette.isVisible)
    t.until(lambda: palette.line.text() == "eth" and palette.found)
    t.shot("type-a-symbol")
    assert "ETHUSDT" in palette.found[0].entry.key
    wanted = palette.found[0].entry.key
    t.press(Qt.Key.Key_Return, on=palette.line)
    t.loaded(wanted)
    t.stack.setFocus()
    t.type("5m")
    t.shot("type-a-timeframe")
    t.press(Qt.Key.Key_Return)
    t.loaded(wanted, "5m")
    t.shot("chart-of-ethusdt", 1.0)


def import_real_candles(t: Tour) -> None:
    """The whole history of BTCUSDT beside the demo market, as a person's own file; then its chart from the data map."""
    path = str(data("candles/binance-spot/BTCUSDT/1m.parquet"))
    t.ask(ImportData(path=path, symbol=REAL))
    t.until_told(ListData(), lambda reply: any(s.symbol == REAL for s in reply.series))
    t.calm()
    t.ctl.run("perspective_data")
    panel = t.panel("data")
    t.until(lambda: panel.model.find((REAL, "1m")) is not None, LONG)
    t.row(panel.table, (REAL, "1m"))
    t.shot("data-and-coverage", 1.0)


def zoom_from_years_to_minutes(t: Tour) -> None:
    t.ctl.run("perspective_trade")
    t.chart.open(REAL, "1d")
    t.loaded(REAL, "1d")
    assert t.stack.count() > 2000
    t.click(t.plot, QPoint(300, 200))
    for _ in range(40):
        if t.stack.time.visible_bars >= t.stack.count():
            break
        t.press(Qt.Key.Key_Minus, on=t.stack)
    t.shot("years-by-the-day", 1.0)
    t.stack.setFocus()
    t.type("1m")
    t.press(Qt.Key.Key_Return)
    t.loaded(REAL, "1m")
    t.until(lambda: t.stack.count() > 3_000_000, LONG)
    t.calm()
    while t.stack.time.visible_bars < 1_000_000:
        before = t.stack.time.visible_bars
        t.wheel(t.plot, QPoint(400, 200), -4)
        assert t.stack.time.visible_bars > before
    t.shot("years-by-the-minute", 1.0)
    while t.stack.time.visible_bars > 180:
        before = t.stack.time.visible_bars
        t.wheel(t.plot, QPoint(400, 200), 4)
        assert t.stack.time.visible_bars < before
    t.shot("minutes", 1.0)


# the chart ------------------------------------------------------------------------------------------------------------
def indicators(t: Tour) -> None:
    t.chart.open(REAL, "1h")
    t.loaded(REAL, "1h")
    t.press(Qt.Key.Key_End, on=t.stack)
    before = [i.title for i in t.stack.indicators]
    t.click(t.plot, QPoint(300, 200))
    t.shortcut("chart_indicators")
    dialog = t.dialog(IndicatorDialog)
    t.type("bollinger", dialog.search)
    t.until(lambda: dialog.info() is not None and "ollinger" in dialog.info().title)
    t.click(dialog.add_button)
    dialog.search.clear()
    t.type("macd", dialog.search)
    t.click(dialog.add_button)
    t.until(lambda: len(t.stack.indicators) == len(before) + 2)
    t.calm()
    t.shot("indicator-dialog")
    t.press(Qt.Key.Key_Escape, on=dialog)
    added = [i.title for i in t.stack.indicators if i.title not in before]
    assert [title.split()[0] for title in added][-1] == "MACD"
    t.chart.panel.open_settings(added[0])
    settings = t.dialog(IndicatorSettings)
    field = next(iter(settings.fields.values()))
    field.selectAll()
    t.type("34", field)
    t.until(lambda: any(" 34" in i.title for i in t.stack.indicators))
    t.click(settings.colours[0])
    menu = t.dialog(ColourMenu)
    t.shot("indicator-settings")
    swatch = menu.findChildren(type(settings.colours[0]).__mro__[1])[3]
    t.click(swatch)
    t.until(lambda: any(i.colours for i in t.stack.indicators))
    settings.accept()
    t.calm()
    t.shot("indicators-changed", 1.0)


def draw(t: Tour) -> None:
    book = t.part("chart").kit.book

    def drawn(kind: str) -> int:
        return sum(d.kind == kind for d in book.of(REAL))

    count, width, height = t.stack.count(), t.stack.price.plot_width, t.plot.height()
    assert count

    def at(x: float, y: float) -> QPoint:
        return QPoint(round(width * x), round(height * y))

    t.shortcut("chart_draw_trend")
    t.drag(t.plot, [at(0.15, 0.7), at(0.45, 0.35)])
    t.until(lambda: drawn(dr.TREND) == 1)
    t.shortcut("chart_draw_fibonacci")
    t.drag(t.plot, [at(0.5, 0.8), at(0.75, 0.25)])
    t.until(lambda: drawn(dr.FIBONACCI) == 1)
    t.move(t.plot, at(0.6, 0.18))
    t.shortcut("chart_draw_alert")
    t.until(lambda: drawn(dr.ALERT) == 1)
    t.drag(t.plot, [at(0.8, 0.6), at(0.92, 0.4)], SHIFT)
    t.shot("drawings", 1.0)
    t.press(Qt.Key.Key_Escape, on=t.stack)


# research -------------------------------------------------------------------------------------------------------------
def back_test(t: Tour) -> None:
    t.ctl.run("perspective_research")
    panel = t.panel("backtest")
    t.until(lambda: panel.form.strategy.count() > 100, LONG)
    panel.form.choose_strategy("near_high")
    panel.set_symbol(REAL)
    panel.form.timeframe.setCurrentText("1h")
    t.shortcut("run_backtest")
    t.until(lambda: panel.running or panel.result is not None)
    t.until(lambda: not panel.running, LONG)
    assert panel.result is not None, panel.message.text()
    assert panel.result.spec.symbol == REAL
    t.until(lambda: panel.view.report is not None, LONG)
    t.calm()
    t.shot("back-test", 1.0)
    table = panel.view.trades
    tab = panel.view.tabs.indexOf(panel.view.trades_view)
    panel.view.tabs.setCurrentIndex(tab)
    t.until(table.isVisible)
    key = table.row_key(7)
    t.row(table, key)
    entry = int(panel.shown.trades["entry_ts"][int(key)])
    t.until(lambda: t.chart.panel.symbol == REAL and t.chart.panel.timeframe == "1h")

    def seen() -> bool:
        lo, hi = t.stack.time.span(t.stack.count())
        return bool(t.stack.bars.ts_at(lo) <= entry <= t.stack.bars.ts_at(max(hi - 1, lo)))

    t.until(seen)
    t.shot("trade-on-the-chart", 1.0)


def walk_forward(t: Tour) -> None:
    t.ctl.run("perspective_optimise")
    panel = t.panel("walkforward")
    t.until(lambda: panel.form.known, LONG)
    panel.form.set_symbol(REAL)
    panel.form.editors["timeframe"].setCurrentIndex(panel.form.editors["timeframe"].findData("1h"))
    t.calm()
    t.shot("walk-forward-estimate", 2.0)
    t.shortcut("run_walkforward")
    t.until(lambda: panel.running)
    t.until(lambda: len(panel.ranking.rows) >= 20 or not panel.running, LONG)
    t.shot("walk-forward-filling", 0.0)
    t.until(lambda: not panel.running, 600)
    assert len(panel.ranking.rows) > 150, panel.message.text()
    best = panel.rank_page.table.row_key(0)
    t.row(panel.rank_page.table, best)
    t.until(lambda: panel.detail.walk is not None and panel.detail.walk.summary.strategy == best, LONG)
    t.calm()
    t.shot("walk-forward-ranking", 1.0)


def open_a_fold(t: Tour) -> None:
    panel = t.panel("walkforward")
    closer = t.part("walkforward").closer
    windows = panel.detail.windows
    panel.detail.tabs.setCurrentWidget(windows)
    t.until(windows.isVisible)
    number = next(k for k, f in reversed(list(enumerate(panel.detail.walk.folds))) if f.test.get("trades", 0) > 3)
    t.row(windows.table, number)
    t.until(lambda: closer.fold == number)
    t.until(lambda: t.chart.symbol == REAL and len(t.chart.panel.layers.bands.bands) > 3, LONG)
    t.calm()
    t.shot("fold-on-the-chart", 1.5)
    panel.detail.tabs.setCurrentWidget(panel.detail.equity)
    t.shot("walk-forward-equity", 1.0)
    panel.detail.tabs.setCurrentWidget(panel.detail.parameters)
    t.shot("walk-forward-parameters", 1.0)
    panel.detail.tabs.setCurrentWidget(panel.detail.fan)
    t.calm()
    t.shot("walk-forward-monte-carlo", 1.0)


def promote_and_roll_back(t: Tour) -> None:
    panel = t.panel("walkforward")
    t.click(panel.detail.promote)
    t.until(panel.detail.confirm.isVisible)
    t.shot("promote-asks")
    yes = next(b for b in panel.detail.confirm.children() if hasattr(b, "text") and b.text() == "Promote")
    t.click(yes)
    t.until(lambda: panel.live.live, LONG)
    panel.lists.setCurrentWidget(panel.live)
    t.until(lambda: panel.live.table.isVisible())
    t.row(panel.live.table, next(iter(panel.live.live)))
    t.shot("promoted")
    assert panel.live.roll_back.isEnabled()
    t.click(panel.live.roll_back)
    t.until(lambda: not panel.live.live, LONG)
    t.shot("rolled-back")


def newest(t: Tour) -> None:
    """The newest bars in their usual width."""
    t.shortcut("chart_reset")
    t.press(Qt.Key.Key_End, on=t.stack)
    t.until(lambda: t.stack.time.at_latest(t.stack.count()) and t.stack.time.visible_bars < 1000)


# bar by bar -----------------------------------------------------------------------------------------------------------
def replay(t: Tour) -> None:
    t.ctl.run("perspective_trade")
    t.chart.open(REAL, "15m")
    t.loaded(REAL, "15m")
    newest(t)
    bar = t.stack.count() - 60
    wanted = t.stack.bars.ts_at(bar)
    t.click(t.plot, QPoint(round(t.stack.time.x(bar)), 120))
    t.until(lambda: t.chart.clicked_ms == wanted)
    t.shortcut("replay_here")
    part = t.part("replay")
    t.until(lambda: part.model.on and not part.model.busy, LONG)
    t.calm()
    begun = part.model.state.ts
    assert begun == wanted
    t.shortcut("replay_step")
    t.until(lambda: part.model.state.ts > begun, LONG)
    panel = t.panel("replay")
    panel.set_speed(3600.0)
    t.shortcut("replay_toggle")
    t.until(lambda: part.model.state.ts > begun + 3 * 3_600_000, LONG)
    t.shot("replay", 0.2)
    t.shortcut("replay_toggle")
    t.until(lambda: not part.model.playing)
    t.click(panel.stop)
    t.until(lambda: not part.model.on, LONG)
    t.until(lambda: t.stack.count() and t.stack.bars.ts_at(t.stack.count() - 1) > wanted + 50 * 900_000, LONG)


def why_here(t: Tour) -> None:
    t.chart.open(REAL, "1h")
    t.loaded(REAL, "1h")
    panel = t.panel("why")
    newest(t)
    index = t.stack.count() - 30
    t.click(t.plot, QPoint(round(t.stack.time.x(index)), 200))
    model = t.part("why").model
    ms = t.stack.bars.ts_at(index)
    t.until(lambda: model.answer is not None and model.answer.bar_ts == ms, LONG)
    t.row(panel.table, panel.table.row_key(0))
    t.until(lambda: getattr(panel, "why", None) is not None and panel.conditions.rows, LONG)
    t.shot("why-here", 1.0)


def own_strategy(t: Tour) -> None:
    t.ctl.run("perspective_research")
    t.ctl.run("new_strategy")
    part = t.part("editor")
    t.until(lambda: part.model.open is not None)
    code = part.view.code
    code.setFocus()
    t.press(Qt.Key.Key_A, CTRL, on=code)
    t.press(Qt.Key.Key_Delete, on=code)
    for line in ("strategy my_dip", "direction long", "param n = 14", "long entry: crosses_above(RSII(n), 30)",
                 "long exit: RSI(n) > 60"):  # fmt: skip
        t.type(line + " ", code)
        t.press(Qt.Key.Key_Escape, on=code)
        t.press(Qt.Key.Key_Return, on=code)
    t.until(lambda: code.marks, LONG)
    t.shot("own-strategy-with-an-error", 1.0)
    mend = [b for b in part.view.problem_rows[0].children() if hasattr(b, "text") and b.text() == "Write RSI"]
    t.click(mend[0])
    t.until(lambda: not code.marks and len(t.chart.panel.layers.hits.ts) > 0, LONG)
    newest(t)
    t.shot("own-strategy-mended", 1.0)
    t.ctl.run("save_strategy")
    t.until(lambda: not part.model.open.unsaved, LONG)
    t.calm()
    t.shot("own-strategy-saved")


def what_if(t: Tour) -> None:
    strategies = t.panel("strategies")
    strategies.choose("turtle_slow")
    t.ctl.run("what_if")
    link = t.part("strategies").whatif
    t.until(lambda: link.active and any(line.draggable for line in link.model.lines()), LONG)
    t.calm()
    t.click(link.bar.to_trade)
    t.calm()
    t.until(lambda: t.chart.panel.layers.levels.levels)
    line = next(x for x in t.chart.panel.layers.levels.levels if x.draggable)
    before = dict(link.model.values)
    y = round(t.stack.price.yscale.y(line.price))
    assert 0 < y < t.plot.height()
    x = t.stack.price.plot_width - 12  # beside all drawings
    t.drag(t.plot, [QPoint(x, y), QPoint(x, y - 15), QPoint(x, y - 30)])
    t.until(lambda: link.model.values != before)
    t.calm()
    t.shot("what-if", 1.0)
    t.click(link.bar.close_button)
    t.until(lambda: not link.active)


# the frame ------------------------------------------------------------------------------------------------------------
def engine_killed(t: Tour) -> None:
    t.ctl.run("perspective_trade")
    t.calm()
    client = t.ctl.client
    assert client is not None
    pid, symbol = client.info.pid, t.chart.symbol
    os.kill(pid, signal.SIGKILL)
    t.until(lambda: t.ctl.client is None and t.ctl.connection_bar.isVisible(), LONG)
    t.shot("engine-killed", 0.3)
    t.until(lambda: t.ctl.client is not None and t.ctl.client.info.pid != pid, 400)
    t.until(lambda: not t.ctl.connection_bar.isVisible(), LONG)
    watch = t.part("watchlist").model
    t.until(lambda: sum(watch.state_counts()[:2]) > 50, LONG)
    t.until(lambda: t.chart.panel.symbol == symbol and t.stack.count() and t.stack.badge is None, LONG)
    t.shot("engine-back", 2.0)


def four_charts(t: Tour) -> None:
    t.ctl.run("charts_2x2")
    charts = t.part("chart")
    t.until(lambda: len(charts.shown()) == 4, LONG)
    live = [s for s in t.ctl.instruments if s.endswith(("BTCUSDT", "ETHUSDT", "SOLUSDT"))]
    for k, (symbol, timeframe) in enumerate(((REAL, "4h"), (live[0], "1m"), (live[1], "5m"), (live[2], "15m"))):
        charts.links[k].open(symbol, timeframe)
    t.until(lambda: all(k.panel.stack.count() for k in charts.shown()), LONG)
    t.calm()
    t.shot("four-charts", 2.0)
    t.ctl.run("charts_1")
    t.until(lambda: len(charts.shown()) == 1)


def settings(t: Tour) -> None:
    t.shortcut("settings")
    t.until(lambda: len(shown_dialogs()) == 1)
    t.shot("settings", 1.0)
    t.press(Qt.Key.Key_Escape, on=shown_dialogs()[0])
    t.until(lambda: not shown_dialogs())


def shown_dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]


def panes(link: ChartLink) -> list[str]:
    """Names of a chart's panes from the top down."""
    names = link.panel.stack.pane_names()
    return [names[p] for p in link.panel.stack.panes]


def restart_and_find_all(t: Tour) -> None:
    charts = t.part("chart")
    t.ctl.run("perspective_trade")
    link = charts.links[0]
    link.open(REAL, "1h")
    t.loaded(REAL, "1h")
    before = (link.symbol, link.timeframe, [i.title for i in link.panel.stack.indicators], panes(link))
    drawn = charts.kit.book.of(REAL)
    layout = sorted(n for n in t.ctl.docks.names() if t.ctl.docks.is_visible(n))
    assert len(drawn) >= 3
    t.close()
    t.open()
    t.until(lambda: t.ctl.chart is not None)
    t.loaded(REAL, "1h")
    link = t.chart
    assert (link.symbol, link.timeframe, [i.title for i in link.panel.stack.indicators], panes(link)) == before
    assert t.part("chart").kit.book.of(REAL) == drawn
    assert sorted(n for n in t.ctl.docks.names() if t.ctl.docks.is_visible(n)) == layout
    t.shot("restarted", 3.0)


STEPS = (
    start_on_the_demo_market, watch, open_a_chart_by_typing, import_real_candles, zoom_from_years_to_minutes,
    indicators, draw, back_test, walk_forward, open_a_fold, promote_and_roll_back, replay, why_here, own_strategy,
    what_if, engine_killed, four_charts, settings, restart_and_find_all,
)  # fmt: skip
