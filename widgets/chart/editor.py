"""The settings of one indicator on a chart: parameters, source, colours, width and place. They act at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.errors import BadInput
from widgets import theme as look
from widgets.chart import catalogue
from widgets.chart import indicators as ind
from widgets.texts import tr
from widgets.throttle import Throttle

if TYPE_CHECKING:
    from widgets.chart.panel import ChartPanel

#: tokens of the theme that are offered as colours
SWATCHES = ("ma1", "ma2", "ma3", "ma4", "ma5", "up", "down", "buy", "sell", "warn", "info", "text", "benchmark")
WIDTHS = (1.0, 1.5, 2.0, 3.0)
#: shortest time between two changes while a parameter is typed
APPLY_MS = 250


class ColourButton(QToolButton):
    """Shows a colour; clicking offers the theme's and any other."""

    def __init__(self, parent: QWidget, colour: str) -> None:
        super().__init__(parent)
        self.setFixedSize(34, 20)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_colour(colour)

    def show_colour(self, colour: str) -> None:
        self.colour = colour
        self.setStyleSheet(f"QToolButton {{ background: {colour}; border: 1px solid {colour}; border-radius: 3px; }}")


class IndicatorSettings(QDialog):
    """panel: the chart; indicator: one that is on it. Cancel puts back what there was."""

    def __init__(self, panel: ChartPanel, indicator: ind.Indicator) -> None:
        super().__init__(panel)
        self.panel, self.first, self.now = panel, indicator, indicator
        self.info = panel.catalogue.get(indicator.name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Settings of {name}").format(name=indicator.title))
        self.setStyleSheet(f"QDialog {{ background: {panel.theme.panel}; }}")
        self.setMinimumWidth(360)
        self.fields: dict[str, QLineEdit] = {}
        self.colours: list[ColourButton] = []
        self.source, self.place, self.width_box = QComboBox(self), QComboBox(self), QComboBox(self)
        self.note = QLabel(self)
        self._apply = Throttle(APPLY_MS, self.apply, self)
        self._lay_out()
        if self.fields:
            first = next(iter(self.fields.values()))
            first.setFocus(Qt.FocusReason.OtherFocusReason)
            first.selectAll()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        title = QLabel(self.info.title if self.info else self.first.title, self)
        title.setFont(look.font(14, bold=True))
        column.addWidget(title)
        if self.info is not None:
            formula = QLabel(self.info.formula, self)
            formula.setWordWrap(True)
            formula.setStyleSheet(f"color: {self.panel.theme.dim};")
            column.addWidget(formula)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setHorizontalSpacing(18)
        self._parameters(form)
        self._look(form)
        column.addLayout(form)
        self.note.setWordWrap(True)
        self.note.setStyleSheet(f"color: {self.panel.theme.warn};")
        column.addWidget(self.note)
        self.note.hide()
        column.addSpacing(4)
        column.addLayout(self._button_row())

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for text, kind, act in (
            (tr("Defaults"), "outlined", self._defaults),
            (tr("Cancel"), "outlined", self.reject),
            (tr("OK"), "primary", self.accept),
        ):
            button = QPushButton(text, self)
            button.setProperty(kind, True)
            button.setAutoDefault(False)
            button.clicked.connect(act)
            row.addWidget(button)
        row.insertStretch(1)
        button.setDefault(True)
        return row

    def _parameters(self, form: QFormLayout) -> None:
        if self.info is None:
            return
        for (name, _default, low, high), value in zip(self.info.params, self.first.params, strict=False):
            edit = QLineEdit(f"{value:g}", self)
            edit.setToolTip(tr("From {low} to {high}").format(low=f"{low:g}", high=f"{high:g}"))
            edit.textEdited.connect(lambda _text: self._apply.request())
            self.fields[name] = edit
            form.addRow(name, edit)
        if "source" in self.info.inputs:
            self.source.addItems(list(ind.SOURCES))
            if self.first.source not in ind.SOURCES:
                self.source.addItem(self.first.source)
            self.source.setCurrentText(self.first.source)
            self.source.currentTextChanged.connect(lambda _text: self.apply())
            form.addRow(tr("Made of"), self.source)
        else:
            self.source.hide()

    def _look(self, form: QFormLayout) -> None:
        stack = self.panel.stack
        for number, output in enumerate(self.first.outputs):
            if output.histogram:
                continue
            button = ColourButton(self, stack.colour_of(output.key))
            button.clicked.connect(lambda _on=False, n=number, b=button: self._choose_colour(n, b))
            self.colours.append(button)
            name = output.expression.rpartition(").")[2] if len(self.first.outputs) > 1 else tr("line")
            form.addRow(tr("Colour of {name}").format(name=name), button)
        for width in WIDTHS:
            self.width_box.addItem(tr("{n} px").format(n=f"{width:g}"), width)
        self.width_box.setCurrentIndex(max(0, self.width_box.findData(self.first.width)))
        self.width_box.currentIndexChanged.connect(lambda _i: self.apply())
        form.addRow(tr("Width"), self.width_box)
        self.place.addItem(tr("Over the price"), "price")
        self.place.addItem(tr("A pane of its own"), "")
        for other in stack.indicators:
            if other.title != self.first.title and not other.overlay and not other.host:
                self.place.addItem(tr("The pane of {name}").format(name=other.title), other.title)
        self.place.setCurrentIndex(max(0, self.place.findData("price" if self.first.overlay else self.first.host)))
        self.place.currentIndexChanged.connect(lambda _i: self.apply())
        form.addRow(tr("Place"), self.place)

    def _choose_colour(self, number: int, button: ColourButton) -> None:
        """The theme's colours as a small palette, and a dialog for all others."""
        menu = ColourMenu(self, self.panel)
        menu.chosen = lambda colour: self._set_colour(number, button, colour)
        menu.move(button.mapToGlobal(button.rect().bottomLeft()))
        menu.show()

    def _set_colour(self, number: int, button: ColourButton, colour: str) -> None:
        chosen = [self.now.colour(k) for k in range(len(self.now.outputs))]
        chosen[number] = colour
        button.show_colour(str(getattr(self.panel.theme, colour, colour)))
        self._put(replace(self.now, colours=tuple(chosen)))

    def _defaults(self) -> None:
        if self.info is None:
            return
        for name, default, _low, _high in self.info.params:
            self.fields[name].setText(f"{default:g}")
        if not self.source.isHidden():
            self.source.setCurrentText(ind.CLOSE)
        self.width_box.setCurrentIndex(0)
        self.now = replace(self.now, colours=())
        self.apply()

    def apply(self) -> None:
        """Show what the fields say; the chart keeps the last good parameters while one is wrong."""
        made = self.now
        if self.info is not None:
            try:
                params = catalogue.checked(self.info, [f.text() for f in self.fields.values()])
            except BadInput as error:
                self._mark(error)
                return
            source = self.source.currentText() if not self.source.isHidden() else ind.CLOSE
            made = ind.from_info(self.info, params, source or ind.CLOSE)
        self._mark(None)
        where = str(self.place.currentData())
        self._put(
            replace(
                made,
                colours=self.now.colours,
                hidden=self.now.hidden,
                width=float(self.width_box.currentData()),
                overlay=where == "price",
                host="" if where == "price" else where,
            )
        )

    def _mark(self, error: BadInput | None) -> None:
        self.note.setVisible(error is not None)
        self.note.setText(error.what if error is not None else "")
        for name, field in self.fields.items():
            wrong = error is not None and error.where == name
            field.setStyleSheet(f"border: 1px solid {self.panel.theme.warn};" if wrong else "")

    def _put(self, made: ind.Indicator) -> None:
        taken = any(i.title == made.title for i in self.panel.stack.indicators if i.title != self.now.title)
        if taken:
            self._mark(BadInput(tr("{name} is on this chart already.").format(name=made.title)))
            return
        if made != self.now:
            self.panel.replace_indicator(self.now.title, made)
            self.now = made

    def accept(self) -> None:
        self._apply.cancel()
        self.apply()
        if self.note.isHidden():
            super().accept()

    def reject(self) -> None:
        self._apply.cancel()
        if self.now != self.first:
            self.panel.replace_indicator(self.now.title, self.first)
        super().reject()


class ColourMenu(QWidget):
    """A popup with the theme's colours."""

    def __init__(self, parent: QWidget, panel: ChartPanel) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.chosen: Callable[[str], object] = lambda _colour: None
        theme = panel.theme
        self.setStyleSheet(f"ColourMenu {{ background: {theme.raised}; border: 1px solid {theme.border}; }}")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(4)
        for token in SWATCHES:
            button = ColourButton(self, getattr(theme, token))
            button.setFixedSize(20, 20)
            button.clicked.connect(lambda _on=False, t=token: self._choose(t))
            row.addWidget(button)
        other = QToolButton(self)
        other.setText(tr("Other…"))
        other.clicked.connect(self._other)
        row.addWidget(other)

    def _choose(self, colour: str) -> None:
        chosen = self.chosen
        self.close()
        chosen(colour)

    def _other(self) -> None:
        chosen, parent = self.chosen, self.parentWidget()
        self.close()
        dialog = QColorDialog(QColor("white"), parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.colorSelected.connect(lambda colour: chosen(colour.name()))
        dialog.open()
