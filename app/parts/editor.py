"""The editor of own strategies: files of the engine's folder, and tries of what is typed on the chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QInputDialog, QMenu

from app.actions import Spec
from app.chart_watch import ChartWatch
from app.parts.base import Desk, Part
from app.session import Client
from engine.contracts.commands import StrategyInfo
from engine.contracts.errors import Cancelled, PyroError
from engine.contracts.events import Notice
from engine.contracts.studio import (
    DeleteStrategyFile,
    FileText,
    ListStrategyFiles,
    ReadStrategyFile,
    RenameStrategyFile,
    SaveStrategyFile,
    StrategyFiles,
    Tried,
    TryStrategy,
)
from widgets.editor import EditorPanel
from widgets.panel import Panel
from widgets.texts import mark, tr
from widgets.viewmodels.editor import Draft, EditorModel
from widgets.viewmodels.language import LanguageModel


class EditorPart(Part):
    name, title, icon = "editor", mark("Editor"), "editor"
    kin = ("strategies", "signals")
    keys = ("Alt+9",)
    actions = (
        Spec("new_strategy", mark("Editor: a new strategy"), (), "Research", "editor"),
        Spec("save_strategy", mark("Editor: save the strategy"), (), "Research", "editor"),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.model = EditorModel()
        self.watch: ChartWatch | None = None
        self._busy = self._again = False
        self._shown_on: object = None
        self._reopen = ""

    @property
    def words(self) -> LanguageModel:
        """The strategies panel's, which learns them from the engine."""
        part = self.desk.part("strategies")
        return part.words  # type: ignore[attr-defined, no-any-return]

    @property
    def view(self) -> EditorPanel:
        panel = self.build()
        assert isinstance(panel, EditorPanel)
        return panel

    def make(self) -> Panel:
        panel = EditorPanel(self.model, self.words)
        panel.tryAsked.connect(self._try)
        panel.openAsked.connect(self.open)
        panel.newAsked.connect(lambda python: self.new(python=python))
        panel.copyAsked.connect(self._choose_copy)
        panel.saveAsked.connect(self.save)
        panel.renameAsked.connect(self._rename)
        panel.deleteAsked.connect(self._delete)
        panel.backtestAsked.connect(self._backtest)
        panel.retryRequested.connect(self._list)
        self.watch = ChartWatch(self.desk, panel)
        self.watch.changed.connect(self._try)
        self.watch.look()
        return panel

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "new_strategy": self.new,
            "save_strategy": lambda: self.model.open and self.save(self.model.open.name),
        }

    def connected(self, client: Client) -> None:
        self._busy = self._again = False
        self.listen(Notice, self._on_notice)
        self._list()

    def _on_notice(self, notice: Notice) -> None:
        if notice.code == "strategy":
            self._list()

    # files ----------------------------------------------------------------------------------------------------------
    def _list(self) -> None:
        self.desk.ask(ListStrategyFiles(), self._listed, lambda error: self.view.set_error(str(error)))

    def _listed(self, found: StrategyFiles) -> None:
        view = self.view
        view.set_files(found)
        view.code.recolour()
        if self._reopen:
            name, self._reopen = self._reopen, ""
            self.open(name)
            return
        for name in [n for n in self.model.drafts if self.model.outside(n)]:
            if not self.model.drafts[name].unsaved:
                # another program wrote it, and nothing here would be lost
                was = self.model.open is not None and self.model.open.name == name
                self.model.drafts.pop(name)
                if was:
                    self.open(name)

    def open(self, name: str) -> None:
        """Show a file, or a draft that is none yet."""
        draft = self.model.drafts.get(name)
        if name in self.model.files:
            self.desk.ask(ReadStrategyFile(name=name), self._opened)
        elif draft is not None:
            self.model.open = draft
            self._show(draft)

    def _opened(self, file: FileText) -> None:
        self._show(self.model.show(file))

    def _show(self, draft: Draft) -> None:
        self.desk.show(self.name) if not self.slot.isVisible() else None
        self.view.show_draft(draft)

    def new(self, *, python: bool = False) -> None:
        """Begin a text with an example."""
        self.build()
        self.desk.show(self.name)
        self.view.show_draft(self.model.new(python=python))

    def copy(self, info: StrategyInfo) -> None:
        """Begin a strategy of one's own with the rules of another."""
        self.build()
        self.desk.show(self.name)
        self.view.show_draft(self.model.new(info.text, name=f"my_{info.id}"[:58]))

    def _choose_copy(self) -> None:
        """By family, as there are many."""
        part = self.desk.part("strategies")
        infos: dict[str, StrategyInfo] = part.model.strategies  # type: ignore[attr-defined]
        menu = QMenu(self.view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        families: dict[str, QMenu] = {}
        for info in sorted(infos.values(), key=lambda s: (s.family, s.title)):
            if info.family not in families:
                families[info.family] = menu.addMenu(info.family.capitalize())
            families[info.family].addAction(info.title or info.id, lambda i=info: self.copy(i))
        menu.popup(QCursor.pos())

    def save(self, name: str, *, force: bool = False) -> None:
        draft = self.model.drafts.get(name)
        if draft is None:
            return
        ask = SaveStrategyFile(name=name, text=draft.text, stamp=draft.stamp, force=force)
        self.desk.ask(ask, self._saved, lambda error: self._not_saved(name, error))

    def _saved(self, file: FileText) -> None:
        self.model.saved(file)
        self.view.refresh_files()
        self._list()

    def _not_saved(self, name: str, error: PyroError) -> None:
        """Nothing is lost: the text stays here, and is kept over a restart."""
        if "overwrite" in error.fix:
            self.desk.say("warning", str(error), str(error), tr("Overwrite it"), lambda: self.save(name, force=True))
        else:
            self.desk.say("error", str(error), str(error))

    def _rename(self, name: str) -> None:
        dialog = QInputDialog(self.view)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr("Rename"))
        dialog.setLabelText(tr("Another name for {name}").format(name=name))
        dialog.setTextValue(name)
        dialog.textValueSelected.connect(lambda to: self.rename(name, to.strip()))
        dialog.open()

    def rename(self, name: str, to: str) -> None:
        """Its strategies keep their names, which stand in the text."""
        if to == name or not to:
            return
        if name not in self.model.files:
            self.model.renamed(name, to)
            self.view.refresh_files()
            return

        def done(_reply: object) -> None:
            self.model.renamed(name, to)
            self._list()

        self.desk.ask(RenameStrategyFile(name=name, to=to), done)

    def _delete(self, name: str) -> None:
        """Gone at once, and back at a click: what it held stays in the message's button."""
        draft = self.model.drafts.get(name)
        kept = draft.text if draft is not None else None

        def gone(_reply: object = None, text: str | None = kept) -> None:
            self.model.drop(name)
            self._clear_hits()
            self._list()
            words = tr("{name} is deleted; its strategies are no longer live.").format(name=name)
            if text is None:
                self.desk.say("info", words)
            else:
                self.desk.say("info", words, "", tr("Bring it back"), lambda: self._bring_back(name, text))

        if name not in self.model.files:
            gone()
        elif kept is not None:
            self.desk.ask(DeleteStrategyFile(name=name), gone)
        else:
            self.desk.ask(
                ReadStrategyFile(name=name),
                lambda file: self.desk.ask(DeleteStrategyFile(name=name), lambda reply: gone(reply, file.text)),
            )

    def _bring_back(self, name: str, text: str) -> None:
        draft = self.model.drafts[name] = Draft(name, text)
        self.model.open = draft
        self.view.show_draft(draft)
        self.save(name)

    def _backtest(self, name: str) -> None:
        """Set up the back-test of the strategy at the cursor, as it was saved last."""
        file, tried = self.model.files.get(name), self.model.tried
        if file is None or not file.strategies:
            self.desk.say("info", tr("Save it without marks first: a back-test runs what is saved."))
            return
        chosen = tried.strategy if tried is not None and tried.strategy in file.strategies else file.strategies[0]
        self.desk.part("strategies").do("backtest", chosen)  # type: ignore[attr-defined]

    # tries ----------------------------------------------------------------------------------------------------------
    def _try(self) -> None:
        """Ask what the text would have said on the chart; one request is under way, the newest text waits."""
        draft = self.model.open
        if draft is None or self.desk.client is None or not self.made:
            return
        if self._busy:
            self._again = True
            return
        self._busy, self._again = True, False
        watch = self.watch
        symbol, timeframe = (watch.symbol, watch.timeframe) if watch is not None else ("", "")
        ask = TryStrategy(
            text=draft.text, symbol=symbol, timeframe=timeframe, line=draft.line, name=draft.name,
            language="python" if draft.language == "python" else "text",
        )  # fmt: skip
        self.desk.ask(ask, lambda tried: self._tried(ask, draft, tried), lambda error: self._not_tried(error))

    def _tried(self, ask: TryStrategy, draft: Draft, tried: Tried) -> None:
        self._busy = False
        if self._again or draft is not self.model.open or draft.text != ask.text:
            # an answer to what is no longer there would only flicker
            self._try()
            return
        self.view.show_tried(tried, ask.symbol)
        watch = self.watch
        if watch is None or watch.link is None or (watch.symbol, watch.timeframe) != (ask.symbol, ask.timeframe):
            return
        if not self.slot.isVisible():
            return
        # while something is wrong the last hits stay, so that the chart does not flicker at every key
        if tried.bars or not tried.marks:
            watch.link.panel.set_hits(np.frombuffer(tried.ts, np.int64), np.frombuffer(tried.side, np.int8))
            self._shown_on = watch.link

    def _not_tried(self, error: PyroError) -> None:
        self._busy = False
        if isinstance(error, Cancelled) or self._again:
            self._try()
        else:
            self.view.show_trouble(str(error))

    def _clear_hits(self) -> None:
        watch = self.watch
        if watch is not None and watch.link is not None and watch.link is self._shown_on:
            watch.link.panel.set_hits(np.empty(0, np.int64), np.empty(0, np.int8))

    # kept -----------------------------------------------------------------------------------------------------------
    def keep(self) -> dict[str, Any]:
        return self.model.keep()

    def restore(self, kept: Mapping[str, Any]) -> None:
        self._reopen = self.model.restore(kept)
        self.view.refresh_files()
