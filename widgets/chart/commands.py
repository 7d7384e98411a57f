"""Everything that can be asked of a chart, in one table: its keys, its menus, the palette and the F1 sheet read it.

Nothing here may import the chart's own modules: the window reads the table before the chart library is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from widgets.texts import mark

if TYPE_CHECKING:
    from widgets.chart.panel import ChartPanel


@dataclass(frozen=True, slots=True)
class Command:
    """keys: as QKeySequence writes them. local: they count only while a chart has the focus, as they are needed for
    writing elsewhere. written: how the F1 sheet names them, where that differs."""

    id: str
    title: str
    keys: tuple[str, ...]
    run: Callable[[ChartPanel], object]
    local: bool = False
    icon: str = ""
    written: str = ""


def _half(panel: ChartPanel, way: int) -> None:
    panel.stack.pan_by(way * panel.stack.time.visible_bars / 2)


COMMANDS: tuple[Command, ...] = (
    Command("symbol", mark("Choose a symbol"), (), lambda p: p.symbolRequested.emit(""), icon="search"),
    Command("indicators", mark("Indicators…"), ("Ctrl+I",), lambda p: p.open_indicators(), icon="indicator"),
    Command("go_to", mark("Go to date…"), ("Alt+G",), lambda p: p.open_go_to(), icon="clock"),
    Command("style_candles", mark("Style: candles"), (), lambda p: p.set_style("candles"), icon="candles"),
    Command("style_hollow", mark("Style: hollow candles"), (), lambda p: p.set_style("hollow"), icon="candles"),
    Command("style_bars", mark("Style: bars (OHLC)"), (), lambda p: p.set_style("bars"), icon="candles"),
    Command("style_line", mark("Style: line"), (), lambda p: p.set_style("line"), icon="chart"),
    Command("style_area", mark("Style: area"), (), lambda p: p.set_style("area"), icon="chart"),
    Command("style_heikin", mark("Style: Heikin-Ashi"), (), lambda p: p.set_style("heikin"), icon="candles"),
    Command("scale_log", mark("Logarithmic scale"), ("Alt+L",), lambda p: p.toggle_mode("log")),
    Command("scale_percent", mark("Percent scale"), ("Alt+P",), lambda p: p.toggle_mode("percent")),
    Command("scale_indexed", mark("Scale indexed to 100"), (), lambda p: p.toggle_mode("indexed")),
    Command("scale_invert", mark("Invert the scale"), ("Alt+I",), lambda p: p.toggle("inverted")),
    Command("fit_overlays", mark("Fit the scale to overlays too"), (), lambda p: p.toggle("fit_overlays")),
    Command("auto", mark("Fit the price scales"), (), lambda p: p.stack.reset_scales(), written="Esc"),
    Command("reset", mark("Reset zoom and scales"), ("Alt+R",), lambda p: p.reset_view(), icon="restart"),
    Command("volume_overlay", mark("Volume over the price"), (), lambda p: p.change(volume="overlay")),
    Command("volume_pane", mark("Volume in its own pane"), (), lambda p: p.change(volume="pane")),
    Command("volume_off", mark("No volume"), (), lambda p: p.change(volume="off")),
    Command("volume_mean", mark("Mean of the volume"), (), lambda p: p.toggle_volume_mean()),
    Command("compare", mark("Compare with…"), (), lambda p: p.compareRequested.emit(), icon="chart"),
    Command("compare_none", mark("Compare with nothing"), (), lambda p: p.set_compares([])),
    Command("ribbon", mark("Data-quality ribbon"), (), lambda p: p.toggle("ribbon")),
    Command("magnet", mark("Magnet crosshair"), ("Alt+M",), lambda p: p.toggle("magnet")),
    Command("days", mark("Lines between days"), (), lambda p: p.toggle("days")),
    Command("sessions", mark("Trading sessions"), (), lambda p: p.toggle_sessions()),
    Command("zone_settings", mark("Time zone: as in the settings"), (), lambda p: p.change(zone="")),
    Command("zone_local", mark("Time zone: local"), (), lambda p: p.change(zone="local")),
    Command("zone_utc", mark("Time zone: UTC"), (), lambda p: p.change(zone="UTC")),
    Command("zone_exchange", mark("Time zone: exchange"), (), lambda p: p.change(zone="exchange")),
    Command("tag_previous", mark("Close of the day before"), (), lambda p: p.toggle("previous_close")),
    Command("tag_range", mark("High and low of the view"), (), lambda p: p.toggle("high_low")),
    Command("tag_countdown", mark("Time to the bar's close"), (), lambda p: p.toggle("countdown")),
    Command("draw_trend", mark("Draw: trend line"), ("Alt+T",), lambda p: p.draw("trend"), icon="draw-trend"),
    Command("draw_ray", mark("Draw: ray"), ("Alt+J",), lambda p: p.draw("ray"), icon="draw-ray"),
    Command(
        "draw_horizontal",
        mark("Draw: horizontal line at the cursor"),
        ("Alt+H",),
        lambda p: p.draw("horizontal"),
        icon="draw-horizontal",
    ),
    Command(
        "draw_channel", mark("Draw: parallel channel"), ("Alt+C",), lambda p: p.draw("channel"), icon="draw-channel"
    ),
    Command(
        "draw_fibonacci",
        mark("Draw: Fibonacci retracement"),
        ("Alt+F",),
        lambda p: p.draw("fibonacci"),
        icon="draw-fibonacci",
    ),
    Command(
        "draw_rectangle", mark("Draw: rectangle"), ("Alt+B",), lambda p: p.draw("rectangle"), icon="draw-rectangle"
    ),
    Command("draw_text", mark("Draw: text"), ("Alt+N",), lambda p: p.draw("text"), icon="draw-text"),
    Command("draw_alert", mark("Alert line at the cursor"), ("Alt+A",), lambda p: p.draw("alert"), icon="draw-alert"),
    Command("measure", mark("Measure"), (), lambda p: p.draw("measure"), icon="draw-measure", written="Shift+drag"),
    Command("undo_drawing", mark("Drawings: undo"), ("Ctrl+Z",), lambda p: p.undo_drawing(), True),
    Command("redo_drawing", mark("Drawings: redo"), ("Ctrl+Y", "Ctrl+Shift+Z"), lambda p: p.redo_drawing(), True),
    Command("screenshot", mark("Picture to clipboard and file"), ("Alt+S",), lambda p: p.screenshot(), icon="camera"),
    Command("why", mark("Why here?"), (), lambda p: p.ask_why(), icon="search"),
    Command("latest", mark("Newest bar"), ("End",), lambda p: p.stack.go_to_latest(), True),
    Command("oldest", mark("Oldest bar"), ("Home",), lambda p: p.stack.go_to_oldest(), True),
    Command("bar_left", mark("One bar to the left"), ("Left",), lambda p: p.stack.pan_by(-1.0), True),
    Command("bar_right", mark("One bar to the right"), ("Right",), lambda p: p.stack.pan_by(1.0), True),
    Command("page_left", mark("Half a screen to the left"), ("Ctrl+Left",), lambda p: _half(p, -1), True),
    Command("page_right", mark("Half a screen to the right"), ("Ctrl+Right",), lambda p: _half(p, 1), True),
    Command("zoom_in", mark("Zoom in"), ("+", "=", "Ctrl+Up"), lambda p: p.stack.zoom_by(1.25), True),
    Command("zoom_out", mark("Zoom out"), ("-", "_", "Ctrl+Down"), lambda p: p.stack.zoom_by(1 / 1.25), True),
    Command("next_mark", mark("Next signal or trade"), ("]",), lambda p: p.step_mark(1), True),
    Command("previous_mark", mark("Previous signal or trade"), ("[",), lambda p: p.step_mark(-1), True),
    Command("next_symbol", mark("Next symbol"), ("Space",), lambda p: p.stepRequested.emit(1), True),
    Command("previous_symbol", mark("Previous symbol"), ("Shift+Space",), lambda p: p.stepRequested.emit(-1), True),
)
BY_ID = {c.id: c for c in COMMANDS}
#: what is typed on a chart besides, for the F1 sheet: keys, what they do
TYPED: tuple[tuple[str, str], ...] = (
    (mark("A-Z"), mark("Search a symbol")),
    (mark("0-9"), mark("Choose a timeframe")),
    (mark("Esc"), mark("Show all panes, fit the scales")),
    (mark("Wheel, Ctrl+wheel"), mark("Zoom at the newest bar, at the cursor")),
    (mark("Ctrl (held)"), mark("Turn the magnet round")),
    (mark("Shift+drag"), mark("Measure bars, time, change and volume")),
    (mark("Ctrl+drag, Del"), mark("Copy a drawing, remove it")),
)


def command_of(event: QKeyEvent) -> Command | None:
    """The command of a key; None when there is none."""
    return _by_key().get(_plain(event.keyCombination(), event.text()))


def _plain(keys: QKeyCombination, text: str = "") -> tuple[int, int]:
    """Comparable, without the key pad's mark, and for signs without the Shift that some keyboards need for them."""
    drop = Qt.KeyboardModifier.KeypadModifier
    modifiers = keys.keyboardModifiers() & ~drop
    if text.strip() and not text.isalnum() and modifiers == Qt.KeyboardModifier.ShiftModifier:
        modifiers = Qt.KeyboardModifier.NoModifier
    return int(keys.key()), int(modifiers.value)


_keys: dict[tuple[int, int], Command] = {}


def _by_key() -> dict[tuple[int, int], Command]:
    if not _keys:
        for command in COMMANDS:
            for written in command.keys:
                _keys[_plain(QKeySequence(written)[0])] = command
    return _keys
