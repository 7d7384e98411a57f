"""The window's menu, made of the table of actions when it is opened: a submenu for each group."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget

from app.actions import ActionTable
from widgets.icons import icon
from widgets.texts import tr


def main_menu(table: ActionTable, parent: QWidget) -> QMenu:
    """All actions but those that stand for a key alone, by group."""
    menu = QMenu(parent)
    groups: dict[str, QMenu] = {}
    for spec in table.specs:
        if spec.hidden:
            continue
        if spec.group not in groups:
            groups[spec.group] = menu.addMenu(tr(spec.group))
        action = table[spec.id]
        if spec.icon and action.icon().isNull():
            action.setIcon(icon(spec.icon))
        groups[spec.group].addAction(action)
    return menu


def workspace_menu(table: ActionTable, parent: QWidget) -> QMenu:
    """What can be done with the workspace on show."""
    menu = QMenu(parent)
    for name in ("new_workspace", "rename_workspace", "delete_workspace"):
        menu.addAction(table[name])
    menu.addSeparator()
    for name in ("save_layout", "reset_layout"):
        menu.addAction(table[name])
    return menu
