"""The questions before a download, an import and an export: small windows of fields with defaults."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.contracts.commands import ImportData
from engine.contracts.coverage import FilePeek
from engine.contracts.data import SOURCES, DownloadData, ExportData
from engine.contracts.markets import MARKETS
from engine.contracts.timeframes import STORED_MS, TIMEFRAMES
from widgets.form import Field, ListCompleter, choice, line
from widgets.ink import ink
from widgets.texts import tr
from widgets.viewmodels import formats
from widgets.viewmodels.backtest_form import symbols_of

ROLES = ("", "time", "clock", "open", "high", "low", "close", "volume")


class Question(QDialog):
    """Fields in a grid, one sentence on what will happen, and two buttons. asked(command)."""

    asked = Signal(object)

    def __init__(self, title: str, go: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        self.fields: dict[str, Field] = {}
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(8)
        self.note = QLabel(wordWrap=True)
        self.note.setStyleSheet(f"color: {ink()['dim'].name()};")
        self.go, stop = QPushButton(go), QPushButton(tr("Cancel"))
        self.go.setProperty("primary", True)
        self.go.setDefault(True)
        stop.setProperty("outlined", True)
        self.go.clicked.connect(self._accept)
        stop.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(stop)
        row.addWidget(self.go)
        self.column = QVBoxLayout(self)
        self.column.setSpacing(10)
        self.column.addLayout(self.grid)
        self.column.addWidget(self.note)
        self.column.addLayout(row)

    def put(self, name: str, field: Field, row: int, column: int, span: int = 1) -> None:
        self.fields[name] = field
        self.grid.addWidget(field, row, column, 1, span)

    def command(self) -> object | None:
        """What is asked; None when a field is wrong, which is then marked."""
        raise NotImplementedError

    def _accept(self) -> None:
        for field in self.fields.values():
            field.set_error("")
        command = self.command()
        if command is not None:
            self.asked.emit(command)
            self.accept()

    def day(self, name: str) -> tuple[int | None, bool]:
        """(ms or None for nothing written, whether it is right)."""
        editor = self.fields[name].editor
        text = editor.text().strip()  # type: ignore[attr-defined]
        if not text:
            return None, True
        try:
            return formats.parse_day(text), True
        except ValueError:
            self.fields[name].set_error(tr("Write it as 2024-01-31, or leave it empty."))
            return None, False


class DownloadQuestion(Question):
    """Which symbols, from when; of those that the venues list, completed while typing."""

    def __init__(self, known: list[str], chosen: list[str], parent: QWidget | None = None) -> None:
        super().__init__(tr("Download candles"), tr("Download"), parent)
        self.known = known
        self.symbols = line(", ".join(chosen), "binance-spot:BTCUSDT, binance-spot:ETHUSDT")
        completer = ListCompleter(self)
        completer.setModel(QStringListModel(known, self))
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.symbols.setCompleter(completer)
        self.timeframe = choice(*((t, t) for t in STORED_MS))
        self.source = choice(*((s, s) for s in SOURCES))
        self.from_text, self.to_text = line(hint=tr("since its listing")), line(hint=tr("up to now"))
        self.put("symbols", Field(tr("Symbols"), self.symbols, tr("MARKET:NAME, several with commas")), 0, 0, 4)
        self.put("timeframe", Field(tr("Timeframe"), self.timeframe), 1, 0)
        self.put("from", Field(tr("From"), self.from_text), 1, 1)
        self.put("to", Field(tr("To"), self.to_text), 1, 2)
        self.put(
            "source",
            Field(tr("Source"), self.source, tr("auto: archives for closed months, the venue for the rest")),
            1,
            3,
        )
        self.note.setText(
            tr("Only what the lake lacks is fetched. Cancelled or cut off, it goes on where it stood when asked again.")
        )

    def command(self) -> DownloadData | None:
        names = symbols_of(self.symbols.text())
        wrong = next((n for n in names if ":" not in n), "")
        if not names or wrong:
            fits = [s for s in self.known if s.partition(":")[2].casefold() == wrong.casefold()] if wrong else []
            text = tr("Write MARKET:NAME, as {example}.").format(example=fits[0] if fits else "binance-spot:BTCUSDT")
            self.fields["symbols"].set_error(text)
            return None
        (from_ms, one), (to_ms, other) = self.day("from"), self.day("to")
        if not (one and other):
            return None
        return DownloadData(
            symbols=names,
            timeframe=str(self.timeframe.currentData()),
            from_ms=from_ms,
            to_ms=to_ms,
            source=str(self.source.currentData()),
        )


class ImportQuestion(Question):
    """A file or folder that was looked at: whose candles it holds, and which column is what where that is not plain."""

    def __init__(self, path: str, peek: FilePeek, parent: QWidget | None = None) -> None:
        super().__init__(tr("Import {name}").format(name=Path(path).name), tr("Import"), parent)
        self.path, self.peek = path, peek
        self.setMinimumWidth(680)
        market, _, name = peek.symbol.partition(":")
        real = [m for m in MARKETS if not m.startswith("demo-")]
        self.market = choice(*((m, m) for m in real))
        self.market.setCurrentIndex(max(self.market.findData(market), 0))
        self.symbol = line(name, "BTCUSDT")
        self.timeframe = choice((tr("as the bars are"), ""), *((t, t) for t in STORED_MS))
        self.timeframe.setCurrentIndex(max(self.timeframe.findData(peek.timeframe), 0))
        self.zone = line("UTC")
        self.volume = choice((tr("from the file"), "yes"), (tr("none"), "no"))
        folder = Path(path).is_dir()
        self.put("market", Field(tr("Market"), self.market), 0, 0)
        if not folder:
            self.put("symbol", Field(tr("Symbol"), self.symbol), 0, 1)
        self.put("timeframe", Field(tr("Timeframe"), self.timeframe), 0, 2)
        self.put("zone", Field(tr("Time zone"), self.zone, tr("Of times that name none, as Europe/Berlin")), 0, 3)
        self.put("volume", Field(tr("Volume"), self.volume), 0, 4)
        for number, stretch in enumerate((3, 3, 2, 2, 2)):
            self.grid.setColumnStretch(number, stretch)
        self.roles: list[QComboBox] = []
        self.table = self._table()
        self.column.insertWidget(1, self.table)
        many = tr("{n} files; the symbol of each is read off its path. This is the first.").format(n=peek.files)
        text = many if folder else tr("Nothing is written before the whole file was checked.")
        self.note.setText(f"{peek.problem} {tr('Say which column is which.')}" if peek.problem else text)
        if peek.problem:
            self.note.setStyleSheet(f"color: {ink()['warn'].name()};")

    def _table(self) -> QTableWidget:
        """The first rows, with what each column is taken for above it."""
        peek = self.peek
        table = QTableWidget(len(peek.rows) + 1, len(peek.columns))
        table.setHorizontalHeaderLabels(peek.columns)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        taken = {column: role for role, column in peek.roles.items()}
        for number, name in enumerate(peek.columns):
            box = choice(*((tr(r) if r else "–", r) for r in ROLES))
            box.setCurrentIndex(max(box.findData(taken.get(name, "")), 0))
            self.roles.append(box)
            table.setCellWidget(0, number, box)
            for row, cells in enumerate(peek.rows):
                item = QTableWidgetItem(cells[number])
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                table.setItem(row + 1, number, item)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.horizontalHeader().setDefaultSectionSize(104)
        table.verticalHeader().setDefaultSectionSize(24)
        table.setFixedHeight(min(26 + 24 * (len(peek.rows) + 1) + 14, 260))
        return table

    def columns(self) -> dict[str, str]:
        """role -> column, where the person says something else than the importer would take."""
        said = {
            str(box.currentData()): name
            for box, name in zip(self.roles, self.peek.columns, strict=True)
            if box.currentData()
        }
        return {} if said == self.peek.roles else said

    def command(self) -> ImportData | None:
        name = self.symbol.text().strip()
        folder = "symbol" not in self.fields
        if not name and not folder:
            self.fields["symbol"].set_error(tr("Whose candles are these? As BTCUSDT."))
            return None
        missing = [r for r in ("time", "open", "high", "low", "close") if self.columns() and r not in self.columns()]
        if missing:
            self.note.setText(tr("No column is chosen for {roles}.").format(roles=", ".join(missing)))
            self.note.setStyleSheet(f"color: {ink()['down'].name()};")
            return None
        market = str(self.market.currentData())
        return ImportData(
            path=self.path,
            symbol="" if folder else f"{market}:{name}",
            market=market if folder else "",
            timeframe=str(self.timeframe.currentData()),
            columns=self.columns(),
            zone=self.zone.text().strip() or "UTC",
            no_volume=self.volume.currentData() == "no",
        )


class ExportQuestion(Question):
    """Which bars of a series go into the file."""

    def __init__(self, symbol: str, timeframe: str, path: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export {symbol}").format(symbol=symbol), tr("Export"), parent)
        self.symbol = symbol
        self.path = line(path)
        names = list(dict.fromkeys([timeframe, *TIMEFRAMES]))
        self.timeframe = choice(*((t, t) for t in names))
        self.from_text, self.to_text = line(hint=tr("all there is")), line(hint=tr("all there is"))
        self.put("path", Field(tr("File"), self.path, tr("CSV, Parquet or Feather, by its ending")), 0, 0, 3)
        self.put(
            "timeframe", Field(tr("Timeframe"), self.timeframe, tr("Made from minutes where it is not stored")), 1, 0
        )
        self.put("from", Field(tr("From"), self.from_text), 1, 1)
        self.put("to", Field(tr("To"), self.to_text), 1, 2)
        self.note.setText(tr("A file of that name is replaced."))

    def command(self) -> ExportData | None:
        if not self.path.text().strip():
            self.fields["path"].set_error(tr("Name a file, as btc.csv."))
            return None
        (from_ms, one), (to_ms, other) = self.day("from"), self.day("to")
        if not (one and other):
            return None
        return ExportData(
            symbol=self.symbol,
            path=self.path.text().strip(),
            timeframe=str(self.timeframe.currentData()),
            from_ms=from_ms,
            to_ms=to_ms,
            overwrite=True,
        )
