"""What the window does with an alert: a sound, a message of the desktop; quiet unless the rule asks for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from engine.contracts.events import Alert
from widgets import icons
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.signals import side_word

#: ms between two sounds, and that a message stays
SOUND_EVERY, SHOWN = 400, 8_000


class AlertTeller(QObject):
    """jump(symbol, timeframe, ms): a click on the desktop's message. say(text): where the desktop has no place for it.

    The icon of the tray is there from the first message on, and goes with the window.
    """

    def __init__(
        self,
        digits: Callable[[str], int],
        jump: Callable[[str, str, int], None],
        say: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._digits, self._jump, self._say = digits, jump, say
        self._tray: QSystemTrayIcon | None = None
        self._last: tuple[str, str, int] | None = None
        self._sound = QElapsedTimer()

    def tell(self, alert: Alert) -> None:
        if alert.sound:
            self._ring()
        if not alert.desktop:
            return
        s = alert.signal
        title, text = words(alert, self._digits(s.symbol))
        if not self._desktop(title, text, (s.symbol, s.timeframe, s.bar_ts)):
            self._say(f"{title}: {text}")

    def notify(self, title: str, text: str, symbol: str, ms: int) -> None:
        """An alert line was crossed: sound, and the desktop's message where there is a place for it."""
        self._ring()
        self._desktop(title, text, (symbol, "", ms))

    def _ring(self) -> None:
        if not self._sound.isValid() or self._sound.elapsed() > SOUND_EVERY:
            self._sound.start()
            QApplication.beep()

    def _desktop(self, title: str, text: str, place: tuple[str, str, int]) -> bool:
        """False where the desktop shows no messages."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        self._last = place
        self._icon().showMessage(title, text, icons.icon("signals", "text"), SHOWN)
        return True

    def close(self) -> None:
        if self._tray is not None:
            self._tray.hide()

    def _icon(self) -> QSystemTrayIcon:
        if self._tray is None:
            self._tray = QSystemTrayIcon(icons.icon("logo", "text"), self)
            self._tray.setToolTip("PyroQuant")
            self._tray.messageClicked.connect(self._clicked)
            self._tray.show()
        return self._tray

    def _clicked(self) -> None:
        if self._last is not None:
            self._jump(*self._last)


def words(alert: Alert, decimals: int) -> tuple[str, str]:
    """(title, text) of a message."""
    s = alert.signal
    name = s.symbol.partition(":")[2] or s.symbol
    text = tr("{strategy} at {price}").format(strategy=s.strategy, price=formats.price(s.price, decimals))
    if s.strength:
        text += tr(", strength {value}").format(value=f"{s.strength:.1f}")
    if alert.more:
        text += tr(", and {n} more of this rule").format(n=f"{alert.more:,}")
    return f"{side_word(s)} {name} {s.timeframe}", text
