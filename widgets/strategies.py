"""All strategies by family, and what the chosen one does: its idea, its rule text and its parameters."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.commands import StrategyInfo
from widgets.ink import ink
from widgets.panel import Panel
from widgets.viewmodels import formats
from widgets.watchlist import FilterBox


class StrategiesPanel(Panel):
    """backtestAsked(strategy id)."""

    backtestAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("strategies", parent)
        self.strategies: dict[str, StrategyInfo] = {}
        self.filter = FilterBox("Filter strategies")
        self._count = QLabel()
        self._count.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.bar.addWidget(self.filter, 1)
        self.bar.addWidget(self._count)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(14)
        self.tree.setStyleSheet("QTreeWidget::item { padding: 3px 0; }")
        self.tree.setAccessibleName("Strategies")
        self.title, self.idea = QLabel(), QLabel(wordWrap=True)
        self.title.setFont(ink().bold)
        self.idea.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.rule = QPlainTextEdit()
        self.rule.setReadOnly(True)
        self.rule.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.rule.setStyleSheet('font-family: "DejaVu Sans Mono", monospace; font-size: 11px;')
        self.run = QPushButton("Back-test this")
        self.run.setProperty("outlined", True)
        self.run.setEnabled(False)
        detail = QWidget()
        box = QVBoxLayout(detail)
        box.setContentsMargins(10, 6, 10, 8)
        for widget in (self.title, self.idea, self.rule):
            box.addWidget(widget, 1 if widget is self.rule else 0)
        box.addWidget(self.run, 0, Qt.AlignmentFlag.AlignLeft)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(3)
        splitter.addWidget(self.tree)
        splitter.addWidget(detail)
        splitter.setSizes([260, 420])
        self.set_body(splitter)
        self.tree.currentItemChanged.connect(lambda item, _old: self._show(item))
        self.filter.textChanged.connect(self._fill)
        self.filter.leaveAsked.connect(self.tree.setFocus)
        self.run.clicked.connect(lambda: self.backtestAsked.emit(self.chosen()))
        self.set_loading("Waiting for the engine's strategies")

    def set_strategies(self, strategies: Iterable[StrategyInfo]) -> None:
        self.strategies = {s.id: s for s in strategies}
        self._fill(self.filter.text())

    def chosen(self) -> str:
        item = self.tree.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole) or "") if item is not None else ""

    def choose(self, name: str) -> None:
        for item in self.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
            if item.data(0, Qt.ItemDataRole.UserRole) == name:
                self.tree.setCurrentItem(item)

    def _fill(self, text: str) -> None:
        words = text.lower().split()
        fits = [
            s
            for s in self.strategies.values()
            if all(w in f"{s.id} {s.title} {s.family} {s.idea}".lower() for w in words)
        ]
        families: dict[str, list[StrategyInfo]] = {}
        for s in sorted(fits, key=lambda s: (s.family, s.title)):
            families.setdefault(s.family, []).append(s)
        self.tree.clear()
        for family, members in families.items():
            head = QTreeWidgetItem([f"{family}  {len(members)}"])
            head.setForeground(0, ink()["dim"])
            self.tree.addTopLevelItem(head)
            for s in members:
                item = QTreeWidgetItem([s.title])
                item.setData(0, Qt.ItemDataRole.UserRole, s.id)
                item.setToolTip(0, s.idea)
                if not s.live:
                    item.setForeground(0, ink()["faint"])
                head.addChild(item)
            head.setExpanded(bool(words) or len(fits) <= 40)
        self._count.setText(f"{len(fits):,} of {len(self.strategies):,}")
        if not self.strategies:
            self.set_empty("The engine has no strategies loaded; its log says why.")
        elif not fits:
            self.set_empty(f'No strategy matches "{text}".')
        else:
            self.set_ready()
            if self.tree.topLevelItemCount() and (head := self.tree.topLevelItem(0)) is not None:
                self.tree.setCurrentItem(head.child(0))

    def _show(self, item: QTreeWidgetItem | None) -> None:
        info = self.strategies.get(str(item.data(0, Qt.ItemDataRole.UserRole)) if item is not None else "")
        self.run.setEnabled(info is not None)
        if info is None:
            return
        self.title.setText(f"{info.title}   {info.id}")
        live = "live" if info.live else "not live"
        self.idea.setText(f"{info.idea}\n{info.family} · {info.timeframe} · {info.direction} · {live} · {info.source}")
        params = "\n".join(
            f"{n} = {formats.trimmed(d)}  of {[formats.trimmed(v) for v in g]}" for n, (d, g) in info.params.items()
        )
        self.rule.setPlainText(f"{info.text}\n\n{params}".strip().replace("'", ""))
