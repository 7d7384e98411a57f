"""The replay's controls: transport, speed, clock, the span that is kept with a place to jump to, and what was said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.icons import icon
from widgets.ink import CENTRE, ink, painting
from widgets.panel import Panel
from widgets.signal_table import SignalTable
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels import replay as vm


class Span(QWidget):
    """All that is kept as a line from its first to its last minute, with the clock on it; a click asks to jump."""

    jumpAsked = Signal("qlonglong")

    def __init__(self, model: vm.ReplayModel) -> None:
        super().__init__()
        self.model = model
        self.setFixedHeight(26)
        self.setMinimumWidth(80)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Moment of the replay"))

    def moment(self, x: float) -> int | None:
        s = self.model.state
        if s is None or s.last_ms <= s.first_ms:
            return None
        share = min(max((x - 4) / max(self.width() - 8, 1), 0.0), 1.0)
        return s.first_ms + round(share * (s.last_ms - s.first_ms))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint, s = ink(), self.model.state
        with painting(self) as painter:
            track = QRect(4, 5, self.width() - 8, 5)
            painter.fillRect(track, paint["raised"])
            if s is None or s.last_ms <= s.first_ms:
                return
            at = round(track.width() * self.model.fraction())
            painter.fillRect(track.x(), track.y(), at, track.height(), paint.mix("warn", "panel", 0.55))
            painter.setFont(paint.small)
            painter.setPen(paint["faint"])
            last = -100
            for ms, text in ticks(s.first_ms, s.last_ms, max(track.width() // 70, 1)):
                x = track.x() + round(track.width() * (ms - s.first_ms) / (s.last_ms - s.first_ms))
                painter.fillRect(x, track.y(), 1, track.height() + 3, paint["border"])
                if x - last >= 56 and 18 <= x <= self.width() - 18:
                    painter.drawText(QRect(x - 30, 11, 60, 14), CENTRE, text)
                    last = x
            painter.fillRect(track.x() + at - 1, 2, 3, 11, paint["warn"])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        ms = self.moment(event.position().x())
        self.setToolTip("" if ms is None else tr("Jump to {moment}").format(moment=formats.minute(ms)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        ms = self.moment(event.position().x())
        if ms is not None and event.button() == Qt.MouseButton.LeftButton:
            self.jumpAsked.emit(ms - ms % 60_000)


def ticks(first_ms: int, last_ms: int, most: int) -> list[tuple[int, str]]:
    """Beginnings of years, months or days between two moments, at most about `most` of them."""
    begin, end = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (first_ms, last_ms))
    months = (end.year - begin.year) * 12 + end.month - begin.month
    found: list[tuple[int, str]] = []
    if months > 2:
        step = next((n for n in (1, 3, 6, 12, 24, 60, 120) if months / n <= most), 240)
        for month in range(begin.year * 12 + begin.month, end.year * 12 + end.month):
            if month % step == 0:
                at = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
                found.append(
                    (int(at.timestamp() * 1000), f"{at:%Y}" if at.month == 1 else f"{tr(at.strftime('%b'))} {at:%y}")
                )
        return found
    day = 86_400_000
    step = max(1, -(-(last_ms - first_ms) // day // max(most, 1)))
    for at_ms in range(first_ms - first_ms % day + day, last_ms, day * step):
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
        found.append((at_ms, f"{at:%d} {tr(at.strftime('%b'))}"))
    return found


class ReplayPanel(Panel):
    """hereAsked(): begin at the chart's bar. startAsked(ms), jumpAsked(ms). playAsked(speed), pauseAsked(),
    stepAsked(timeframe or '' for the chart's), stopAsked(). barAsked(symbol, timeframe, ms): show a signal's bar."""

    hereAsked = Signal()
    startAsked = Signal("qlonglong")
    jumpAsked = Signal("qlonglong")
    playAsked = Signal(float)
    pauseAsked = Signal()
    stepAsked = Signal(str)
    stopAsked = Signal()
    barAsked = Signal(str, str, "qlonglong")

    def __init__(self, model: vm.ReplayModel, decimals: Callable[[str], int], parent: QWidget | None = None) -> None:
        super().__init__("replay", parent)
        self.model = model
        self.speed = 60.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.play = self._button("play", tr("Play or pause (Space)"), self.toggle)
        self.step_bar = self._button("step", tr("On to the close of the chart's bar (Right)"), lambda: self._step(""))
        self.step_minute = self._button("step_small", tr("One minute on (Shift+Right)"), lambda: self._step("1m"))
        self.stop = QPushButton(tr("Back to live"))
        self.here = QPushButton(tr("Replay from the chart's bar"))
        for button in (self.stop, self.here):
            button.setProperty("outlined", True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.stop.clicked.connect(self.stopAsked)
        self.here.clicked.connect(self.hereAsked)
        self.clock = QLabel()
        self.clock.setFont(theme.font(14, bold=True))
        self.clock.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.clock.setMinimumWidth(self.clock.fontMetrics().horizontalAdvance("2026-00-00 00:00:00") + 8)
        self.jump = QLineEdit()
        self.jump.setPlaceholderText(tr("2023-11-14 22:00"))
        self.jump.setToolTip(tr("Jump to a date, UTC (Enter)"))
        self.jump.setFixedWidth(146)
        self.jump.returnPressed.connect(self._jump)
        self.provisional = QCheckBox(tr("Running bars"))
        self.provisional.setChecked(True)
        self.provisional.setToolTip(
            tr("Provisional signals too. A minute is played as open, low and high (high and low where it fell), close.")
        )
        self.span = Span(self.model)
        self.span.jumpAsked.connect(self.jumpAsked)
        self._bar()
        self._body(decimals)
        self.refresh()

    # construction ---------------------------------------------------------------------------------------------------
    def _button(self, name: str, tip: str, do: Callable[[], object]) -> QToolButton:
        made = QToolButton()
        made.setIcon(icon(name, "text"))
        made.setIconSize(QSize(18, 18))
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.clicked.connect(lambda: do())
        return made

    def _bar(self) -> None:
        self.speeds = QButtonGroup(self)
        for widget in (self.play, self.step_bar, self.step_minute):
            self.bar.addWidget(widget)
        self.bar.addSpacing(4)
        for k, speed in enumerate(vm.SPEEDS):
            chip = QToolButton()
            chip.setText(vm.speed_text(speed))
            chip.setCheckable(True)
            chip.setChecked(speed == self.speed)
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.setStyleSheet("padding: 3px 5px;")
            self.speeds.addButton(chip, k)
            self.bar.addWidget(chip)
        self.speeds.idClicked.connect(lambda k: self.set_speed(vm.SPEEDS[k]))
        self.bar.addWidget(self.here)
        self.bar.addStretch(1)
        self.bar.addWidget(self.stop)
        line = QHBoxLayout()
        line.setContentsMargins(8, 0, 6, 2)
        line.setSpacing(8)
        line.addWidget(self.clock)
        line.addWidget(self.span, 1)
        line.addWidget(self.jump)
        line.addStretch(0)
        self.column.addLayout(line)

    def _body(self, decimals: Callable[[str], int]) -> None:
        self.words = QLabel()
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.kinds = QComboBox()
        for title, key in ((tr("All kinds"), ""), (tr("Confirmed"), "confirmed"), (tr("Entries"), "entries")):
            self.kinds.addItem(title, key)
        self.kinds.currentIndexChanged.connect(self._filter)
        line = QHBoxLayout()
        line.setContentsMargins(8, 0, 6, 3)
        line.setSpacing(10)
        line.addWidget(self.words, 1)
        line.addWidget(self.provisional)
        line.addWidget(self.kinds)
        self.table = SignalTable(self.model.signals, lambda: self.model.state.ts if self.model.state else 0, decimals)
        self.table.rowActivated.connect(self._open)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.table, 1)
        self.set_body(body)

    # what is shown --------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """When the session told something."""
        m = self.model
        for widget in (self.play, self.step_bar, self.step_minute, self.stop, self.clock, self.span):
            widget.setVisible(m.on)
        for button in self.speeds.buttons():
            button.setVisible(m.on)
            button.setToolTip(vm.speed_tip(vm.SPEEDS[self.speeds.id(button)], m.timeframe))
        self.here.setVisible(not m.on)
        busy = m.busy or (m.state is not None and m.state.state == "loading")
        self.provisional.setEnabled(not m.on)
        for widget in (self.step_bar, self.step_minute, self.here):
            widget.setEnabled(not busy)
        self.play.setEnabled(not busy and not (m.state is not None and m.state.state == "ended"))
        self.play.setIcon(icon("pause" if m.playing else "play", "text"))
        self._show_body(busy)

    def _show_body(self, busy: bool) -> None:
        m = self.model
        if not m.on:
            self._show_none(busy)
            return
        assert m.state is not None
        if m.state.state == "failed":
            self.set_error(m.state.text)
        elif busy and not m.signals.total:
            self.set_loading(tr("Warming the engine with what came before"))
        else:
            self.set_ready()
        self.clock.setText(m.clock())
        tone = "warn" if m.state.state == "ended" else "dim"
        self.words.setText(m.status())
        self.words.setStyleSheet(f"color: {ink()[tone].name()};")
        self.span.update()
        self.table.rows = m.signals
        m.signals.refresh()
        self.table.refreshed()

    def _show_none(self, busy: bool) -> None:
        if busy:
            self.set_loading(tr("Warming the engine with what came before"))
        elif self.model.resume is not None:
            moment = formats.minute(self.model.resume[0])
            self.here.setText(tr("Go on from {moment}").format(moment=moment))
            self.set_empty(tr("The engine was lost at {moment} of the replay.").format(moment=moment))
            return
        else:
            self.set_empty(
                tr(
                    "Click a bar of the chart and choose “Replay from here” (Alt+Y), or write a date above. The chart"
                    " then shows nothing of what came later, and the real signal engine says what it would have said."
                )
            )
        self.here.setText(tr("Replay from the chart's bar"))

    # asked by the person --------------------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Play, or pause."""
        if not self.model.on:
            return
        if self.model.playing:
            self.pauseAsked.emit()
        else:
            self.playAsked.emit(self.speed)

    def set_speed(self, speed: float) -> None:
        """From now on, also while it plays."""
        self.speed = speed
        for button in self.speeds.buttons():
            button.setChecked(vm.SPEEDS[self.speeds.id(button)] == speed)
        if self.model.playing:
            self.playAsked.emit(speed)

    def _step(self, timeframe: str) -> None:
        if self.model.on and self.step_bar.isEnabled():
            self.stepAsked.emit(timeframe)

    def _jump(self) -> None:
        try:
            ms = vm.parse_moment(self.jump.text())
        except ValueError as error:
            self.jump.setToolTip(str(error))
            self.jump.setStyleSheet(f"border: 1px solid {ink()['down'].name()};")
            return
        self.jump.setStyleSheet("")
        self.jump.setToolTip(tr("Jump to a date, UTC (Enter)"))
        (self.jumpAsked if self.model.on else self.startAsked).emit(ms)

    def _filter(self, _index: int) -> None:
        self.model.signals.set_filter(kinds=self.kinds.currentData())
        self.refresh()

    def _open(self, key: object) -> None:
        row = self.table.find_key(key)  # type: ignore[arg-type]
        if row >= 0:
            # what is on show: after a jump the model begins a new list before the table has it
            s = self.table.rows.signal(row)
            self.barAsked.emit(s.symbol, s.timeframe, s.bar_ts)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        elif event.key() == Qt.Key.Key_Right:
            self._step("1m" if shift else "")
        else:
            super().keyPressEvent(event)
