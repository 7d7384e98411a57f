"""The watchlist's menus: of rows, of headings, of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from engine.contracts.errors import BadInput
from widgets.icons import icon
from widgets.texts import tr
from widgets.viewmodels import watchlist as vm
from widgets.viewmodels.watch_lists import as_text, from_text

if TYPE_CHECKING:
    from widgets.watchlist import WatchlistPanel


def new_menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    return menu


def row_menu(panel: WatchlistPanel, symbols: Sequence[str]) -> QMenu:
    """What can be done with some rows."""
    model, menu, one = panel.model, new_menu(panel), symbols[0]
    many = len(symbols) > 1
    menu.addAction(icon("chart"), tr("Open chart"), lambda: panel.symbolActivated.emit(one))
    menu.addAction(tr("Open in a new chart"), lambda: panel.newChartAsked.emit(list(symbols)))
    words = tr("Back-test these {n}").format(n=len(symbols)) if many else tr("Back-test this")
    menu.addAction(icon("backtest"), words, lambda: panel.backtestAsked.emit(list(symbols)))
    menu.addSeparator()
    starred = all(s in model.starred for s in symbols)
    menu.addAction(icon("star"), tr("Remove star") if starred else tr("Star"), lambda: panel.star(symbols, not starred))
    lists = menu.addMenu(icon("list"), tr("Add to list"))
    for name in model.lists:
        lists.addAction(name, lambda n=name: panel.add_to_list(n, symbols))
    if len(model.lists):
        lists.addSeparator()
    lists.addAction(tr("New list..."), lambda: panel.ask_list_name(symbols))
    if model.only.startswith(vm.LIST):
        name = model.only.removeprefix(vm.LIST)
        menu.addAction(tr('Remove from "{name}"').format(name=name), lambda: panel.remove_from_list(name, symbols))
    muted = all(s in model.muted for s in symbols)
    text = tr("Tell of its signals again") if muted else tr("Mute its signals")
    menu.addAction(text, lambda: panel.mute(symbols, not muted))
    menu.addSeparator()
    menu.addAction(icon("copy"), tr("Copy rows") if many else tr("Copy row"), panel.table.copy)
    menu.addAction(tr("Copy symbols"), lambda: QGuiApplication.clipboard().setText(as_text(symbols)))
    return menu


def header_menu(panel: WatchlistPanel, column: int, parent: QMenu | None = None) -> QMenu:
    """Which columns there are. parent: the menu that it is a part of, and goes with."""
    menu, table = new_menu(parent or panel), panel.table
    number = column - vm.FIRST_VALUE
    if 0 <= number < len(panel.model.columns):
        menu.addAction(tr("Edit this column..."), lambda: panel.edit_column(number))
        menu.addAction(tr("Remove this column"), lambda: panel.remove_column(number))
        menu.addSeparator()
    menu.addAction(tr("Add a column of the rules language..."), lambda: panel.edit_column(-1)).setEnabled(
        len(panel.model.columns) < vm.MOST_VALUES
    )
    menu.addSeparator()
    for at in range(vm.FIRST_VALUE + len(panel.model.columns)):
        action = menu.addAction(table.columns[at].title)
        action.setCheckable(True)
        action.setChecked(not table.isColumnHidden(at))
        action.setEnabled(at != vm.SYMBOL)
        action.toggled.connect(lambda on, c=at: table.hide_column(c, not on))
    menu.addSeparator()
    menu.addAction(tr("Columns as they were"), table.reset_columns)
    return menu


def list_menu(panel: WatchlistPanel, name: str) -> QMenu:
    """What can be done with a list; '' = with lists as such."""
    menu = new_menu(panel)
    menu.addAction(tr("New list..."), panel.ask_list_name)
    menu.addAction(tr("Import a list from a file..."), lambda: _import_file(panel))
    menu.addAction(tr("Paste a list"), lambda: take_text(panel, QGuiApplication.clipboard().text(), tr("Pasted")))
    menu.addAction(tr("New list of the {n} rows shown").format(n=len(panel.model.order)), lambda: _of_rows(panel))
    if name:
        menu.addSeparator()
        menu.addAction(tr("Rename..."), lambda: panel.ask_list_name(rename=name))
        symbols = panel.model.lists.get(name)
        menu.addAction(tr("Export to a file..."), lambda: _export_file(panel, name))
        menu.addAction(
            icon("copy"), tr("Copy its symbols"), lambda: QGuiApplication.clipboard().setText(as_text(symbols))
        )
        menu.addAction(tr("Delete the list"), lambda: panel.delete_list(name))
    return menu


def name_dialog(parent: QWidget, title: str, text: str) -> QInputDialog:
    """Asks for a name, without waiting for it."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(tr("Name"))
    dialog.setTextValue(text)
    return dialog


def take_text(panel: WatchlistPanel, text: str, name: str) -> None:
    """A list out of any text that names symbols; what it does not know is said."""
    found, unknown = from_text(text, panel.model.symbols)
    if not found:
        panel.said.emit("warning", tr("No symbol was found in that text."))
        return
    try:
        made = panel.model.lists.create(name, found)
    except BadInput:
        made = panel.model.lists.create(f"{name[:30]} {len(panel.model.lists) + 1}", found)
    panel.show_list(made)
    if unknown:
        words = ", ".join(unknown[:5]) + (" ..." if len(unknown) > 5 else "")
        panel.said.emit("info", tr("{n} words are no symbols here: {words}").format(n=len(unknown), words=words))


def _of_rows(panel: WatchlistPanel) -> None:
    panel.ask_list_name([panel.model.symbols[at] for at in panel.model.order.tolist()])


def _import_file(panel: WatchlistPanel) -> None:
    path, _ = QFileDialog.getOpenFileName(panel, tr("Import a list"), "", tr("Text (*.txt *.csv);;All files (*)"))
    if path:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read(1_000_000)
        take_text(panel, text, path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or tr("Imported"))


def _export_file(panel: WatchlistPanel, name: str) -> None:
    path, _ = QFileDialog.getSaveFileName(panel, tr("Export the list"), f"{name}.txt", tr("Text (*.txt)"))
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write(as_text(panel.model.lists.get(name)))
