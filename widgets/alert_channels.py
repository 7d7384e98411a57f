"""The page of the alerts dialog with the ways out: webhook, mail, Telegram. Secrets go in and never come out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.alerting import AlertChannels, AlertSetup, Delivery
from widgets.ink import ink
from widgets.texts import mark, tr

#: channel -> (heading, what its secret is called)
_SECRETS: dict[str, tuple[str, str]] = {
    "webhook": (mark("Webhook"), mark("URL")),
    "telegram": (mark("Telegram"), mark("Bot token")),
    "mail": (mark("Mail"), mark("Password")),
}


class ChannelsPage(QScrollArea):
    """channelsChanged(AlertChannels), secretGiven(channel, value), testAsked(channel)."""

    channelsChanged = Signal(object)
    secretGiven = Signal(str, str)
    testAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.secrets: dict[str, QLineEdit] = {}
        self.results: dict[str, QLabel] = {}
        self.fields: dict[str, QLineEdit] = {}
        self.port, self.security = QSpinBox(), QComboBox()
        self.port.setRange(1, 65_535)
        self.security.addItems(["starttls", "tls", "none"])
        inner = QWidget()
        column = QVBoxLayout(inner)
        words = tr("The engine sends them, also while no window is open. Secrets go into the keyring of its computer.")
        hint = QLabel(words, wordWrap=True)
        hint.setStyleSheet(f"color: {ink()['dim'].name()}; font-size: 11px;")
        column.addWidget(hint)
        column.addWidget(self._group("webhook", []))
        telegram = [(tr("Chat id"), self._line("telegram_chat")), (tr("Interface"), self._line("telegram_api"))]
        column.addWidget(self._group("telegram", telegram))
        mail: list[tuple[str, QWidget]] = [
            (tr("Server"), self._line("mail_host")),
            (tr("Port"), self.port),
            (tr("Security"), self.security),
            (tr("User"), self._line("mail_user")),
            (tr("Sender"), self._line("mail_from")),
            (tr("Receiver"), self._line("mail_to")),
        ]
        column.addWidget(self._group("mail", mail))
        column.addStretch(1)
        self.setWidget(inner)

    def _line(self, name: str) -> QLineEdit:
        self.fields[name] = QLineEdit()
        return self.fields[name]

    def _group(self, channel: str, rows: list) -> QGroupBox:  # type: ignore[type-arg]
        heading, name = _SECRETS[channel]
        box = QGroupBox(tr(heading))
        form = QFormLayout(box)
        secret = self.secrets[channel] = QLineEdit()
        secret.setEchoMode(QLineEdit.EchoMode.Password)
        secret.setAccessibleName(f"{tr(heading)}: {tr(name)}")
        form.addRow(tr(name), secret)
        for title, widget in rows:
            form.addRow(title, widget)
        keep, test = QPushButton(tr("Save")), QPushButton(tr("Send a test"))
        result = self.results[channel] = QLabel(wordWrap=True)
        for button in (keep, test):
            button.setProperty("outlined", True)
        keep.clicked.connect(lambda: self.save(channel))
        test.clicked.connect(lambda: self._test(channel))
        foot = QHBoxLayout()
        foot.addWidget(keep)
        foot.addWidget(test)
        foot.addWidget(result, 1)
        form.addRow(foot)
        return box

    def show_setup(self, setup: AlertSetup) -> None:
        """What the engine has; a secret only as whether it has one."""
        for name, field in self.fields.items():
            if not field.hasFocus():
                field.setText(getattr(setup.channels, name))
        self.port.setValue(setup.channels.mail_port)
        self.security.setCurrentText(setup.channels.mail_security)
        for channel, field in self.secrets.items():
            field.setPlaceholderText(
                tr("kept; write another to change it") if setup.secrets.get(channel) else tr("none yet")
            )

    def channels(self) -> AlertChannels:
        """What stands in the fields."""
        given = {name: field.text().strip() for name, field in self.fields.items()}
        given["telegram_api"] = given["telegram_api"] or AlertChannels().telegram_api
        security = self.security.currentText()
        return AlertChannels(mail_port=self.port.value(), mail_security=security, **given)  # type: ignore[arg-type]

    def save(self, channel: str) -> None:
        """Hand on what stands in the fields; a secret is forgotten here at once."""
        field = self.secrets[channel]
        if field.text().strip():
            self.secretGiven.emit(channel, field.text().strip())
            field.clear()
        self.channelsChanged.emit(self.channels())

    def _test(self, channel: str) -> None:
        self.save(channel)
        self.say(channel, tr("Sending"), "dim")
        self.testAsked.emit(channel)

    def tested(self, done: Delivery) -> None:
        self.say(done.channel, tr("Sent.") if done.ok else done.text, "up" if done.ok else "down")

    def say(self, channel: str, text: str, token: str = "down") -> None:
        self.results[channel].setText(text)
        self.results[channel].setStyleSheet(f"color: {ink()[token].name()};")
