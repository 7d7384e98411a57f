"""The menus of a chart: on a pane, on an axis, and on an indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup, QGuiApplication
from PySide6.QtWidgets import QMenu

from engine.contracts.dtypes import PRICE_COLUMNS
from widgets.chart import options as opt
from widgets.chart import scales, styles
from widgets.chart.commands import BY_ID
from widgets.chart.indicators import Indicator
from widgets.chart.pane import Pane
from widgets.chart.ticks import price_text
from widgets.icons import icon
from widgets.texts import tr

if TYPE_CHECKING:
    from widgets.chart.panel import ChartPanel


def _new(panel: ChartPanel) -> QMenu:
    menu = QMenu(panel)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def add(menu: QMenu, panel: ChartPanel, *ids: str) -> None:
    """Commands of the table, with their keys shown."""
    for name in ids:
        command = BY_ID[name]
        text = tr(command.title) + (f"\t{command.keys[0]}" if command.keys else "")
        action = menu.addAction(text, lambda c=command: c.run(panel))
        if command.icon:
            action.setIcon(icon(command.icon))


def choice(menu: QMenu, panel: ChartPanel, title: str, field: str, names: dict[str, str]) -> QMenu:
    """A submenu of which one is ticked: field of the options, value -> name."""
    sub = menu.addMenu(title)
    group = QActionGroup(sub)
    for value, name in names.items():
        action = sub.addAction(tr(name), lambda v=value: panel.change(**{field: v}))
        action.setCheckable(True)
        action.setChecked(getattr(panel.options, field) == value)
        group.addAction(action)
    return sub


def switch(menu: QMenu, panel: ChartPanel, name: str, field: str) -> None:
    """A command that is ticked while a field of the options is on."""
    command = BY_ID[name]
    text = tr(command.title) + (f"\t{command.keys[0]}" if command.keys else "")
    action = menu.addAction(text, lambda: command.run(panel))
    action.setCheckable(True)
    action.setChecked(bool(getattr(panel.options, field)))


def scale_menu(menu: QMenu, panel: ChartPanel) -> None:
    """What is told of the price scale, straight into a menu."""
    group = QActionGroup(menu)
    keys = {"log": "\tAlt+L", "percent": "\tAlt+P"}
    for mode, name in scales.NAMES.items():
        action = menu.addAction(tr(name) + keys.get(mode, ""), lambda m=mode: panel.set_mode(m))
        action.setCheckable(True)
        action.setChecked(panel.options.mode == mode)
        group.addAction(action)
    menu.addSeparator()
    switch(menu, panel, "scale_invert", "inverted")
    switch(menu, panel, "fit_overlays", "fit_overlays")
    add(menu, panel, "auto")
    menu.addSeparator()
    switch(menu, panel, "tag_countdown", "countdown")
    switch(menu, panel, "tag_previous", "previous_close")
    switch(menu, panel, "tag_range", "high_low")


def time_menu(menu: QMenu, panel: ChartPanel) -> None:
    """Zone, days and sessions, straight into a menu."""
    group = QActionGroup(menu)
    for value, name in opt.ZONES.items():
        action = menu.addAction(tr(name), lambda v=value: panel.change(zone=v))
        action.setCheckable(True)
        action.setChecked(panel.options.zone == value)
        group.addAction(action)
    menu.addSeparator()
    switch(menu, panel, "days", "days")
    choice(menu, panel, tr("Trading sessions"), "sessions", opt.SESSIONS)


def view_menus(menu: QMenu, panel: ChartPanel) -> None:
    """Style, scale, volume, time: as submenus."""
    choice(menu, panel, tr("Style"), "style", styles.NAMES)
    scale_menu(menu.addMenu(tr("Price scale")), panel)
    volume = choice(menu, panel, tr("Volume"), "volume", opt.VOLUMES)
    volume.addSeparator()
    switch(volume, panel, "volume_mean", "volume_mean")
    time_menu(menu.addMenu(tr("Time")), panel)
    switch(menu, panel, "magnet", "magnet")
    switch(menu, panel, "ribbon", "ribbon")
    add(menu, panel, "compare", *(["compare_none"] if panel.compares else []))


def view_menu(panel: ChartPanel) -> QMenu:
    """The strip's own menu."""
    menu = _new(panel)
    view_menus(menu, panel)
    menu.addSeparator()
    add(menu, panel, "go_to", "latest", "reset", "screenshot")
    return menu


def _copies(panel: ChartPanel, pane: Pane, y: float) -> Sequence[tuple[str, str]]:
    """(text of the entry, what it copies)."""
    stack = panel.stack
    value = price_text(pane.yscale.value_at(y), stack.tag_decimals(pane)).replace(",", "")
    made = [(tr("Copy {value}").format(value=value), value)]
    index = stack.legend_index()
    if index >= 0:
        moment = stack.zone.local(stack.bars.ts_at(index)).isoformat(" ", "minutes")
        bar = stack.bars.rows(index, index + 1)[0]
        line = "\t".join([moment, *(repr(float(bar[f])) for f in PRICE_COLUMNS)])
        made += [(tr("Copy {value}").format(value=moment), moment)]
        made += [(tr("Copy bar (time, O, H, L, C, volume)"), line)]
    return made


def pane_menu(panel: ChartPanel, pane: Pane, y: float) -> QMenu:
    """What can be done at this height of a pane, at the bar under the cursor."""
    menu, stack = _new(panel), panel.stack
    clipboard = QGuiApplication.clipboard()
    for text, what in _copies(panel, pane, y):
        menu.addAction(text, lambda w=what: clipboard.setText(w))
    menu.addSeparator()
    index = stack.legend_index()
    if index >= 0:
        ms = stack.bars.ts_at(index)
        menu.addAction(tr("Why here?"), lambda: panel.whyRequested.emit(ms))
        menu.addAction(tr("Back-test from here"), lambda: panel.backtestRequested.emit(ms))
        menu.addAction(tr("Replay from here") + "\tAlt+Y", lambda: panel.replayRequested.emit(ms))
        if pane is stack.price:
            price = round(pane.yscale.value_at(y), stack.decimals)
            text = tr("Alert at {price}").format(price=price_text(price, stack.decimals))
            menu.addAction(text, lambda: panel.alertRequested.emit(price))
    menu.addSeparator()
    add(menu, panel, "indicators", "go_to")
    menu.addSeparator()
    view_menus(menu, panel)
    menu.addSeparator()
    add(menu, panel, "auto", "latest", "reset", "screenshot")
    return menu


def axis_menu(panel: ChartPanel, pane: Pane | None) -> QMenu:
    """On the price axis of a pane, or (None) on the time axis."""
    menu = _new(panel)
    if pane is None:
        time_menu(menu, panel)
        menu.addSeparator()
        add(menu, panel, "go_to", "latest", "reset")
    elif pane is panel.stack.price:
        scale_menu(menu, panel)
    else:
        menu.addAction(tr("Fit this scale"), lambda: panel.fit_pane(pane))
        add(menu, panel, "auto")
    return menu


def indicator_menu(panel: ChartPanel, indicator: Indicator) -> QMenu:
    """On an indicator's line or legend."""
    menu, title, stack = _new(panel), indicator.title, panel.stack
    menu.addAction(icon("settings"), tr("Settings of {name}…").format(name=title), lambda: panel.open_settings(title))
    word = tr("Show") if indicator.hidden else tr("Hide")
    menu.addAction(icon("eye"), word, lambda: panel.hide_indicator(title))
    menu.addAction(icon("close"), tr("Remove"), lambda: panel.remove_indicator(title))
    menu.addSeparator()
    where = menu.addMenu(tr("Move to"))
    here = stack.pane_of(indicator)
    if here is not stack.price:
        where.addAction(tr("The price pane"), lambda: panel.place_indicator(title, "price"))
    if here is stack.price or sum(stack.pane_of(i) is here for i in stack.indicators) > 1:
        where.addAction(tr("A pane of its own"), lambda: panel.place_indicator(title, ""))
    for pane in stack.panes:
        host = stack.host_of(pane)
        if host is not None and pane is not here and pane is not stack.price:
            text = tr("The pane of {name}").format(name=host.title)
            where.addAction(text, lambda h=host.title: panel.place_indicator(title, h))
    menu.addSeparator()
    add(menu, panel, "indicators")
    return menu
