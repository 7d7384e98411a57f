"""The SQL console on the engine: runs, stops, and sends rows to the chart and to the watchlist."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from app.actions import Spec
from app.follow import new_name
from app.parts.base import Part
from engine.contracts.commands import RunSql, SqlResult
from engine.contracts.console import CancelSql
from engine.contracts.errors import Cancelled, PyroError
from widgets.texts import tr

if TYPE_CHECKING:
    from widgets.sql import SqlPanel
    from widgets.viewmodels.sql import Place

#: queries kept over a restart
KEPT = 100


class SqlPart(Part):
    name = "sql"
    title = "SQL"
    icon = "sql"
    kin = ("data", "runs", "log")
    actions = (Spec("run_sql", "SQL: run the query", (), "Data", "play"),)

    def __init__(self, desk: Any) -> None:
        super().__init__(desk)
        self._id = ""

    def make(self) -> SqlPanel:
        from widgets.sql import SqlPanel

        panel = SqlPanel()
        panel.runAsked.connect(self._run)
        panel.cancelAsked.connect(self._cancel)
        panel.jumpAsked.connect(self._jump)
        panel.marksAsked.connect(self._marks)
        panel.watchAsked.connect(self._watch)
        return panel

    @property
    def widget(self) -> SqlPanel:
        return self.build()  # type: ignore[return-value]

    def lost(self, text: str) -> None:
        super().lost(text)
        if self.widget.running:
            self.widget.show_error(tr("The engine is gone, and the query with it. Run it again when it is back."))

    def _run(self, query: str, limit: int, timeout_s: float) -> None:
        panel = self.widget
        self._id = mine = new_name("sql", self.desk.now_ms())

        def got(result: SqlResult) -> None:
            if self._id == mine:
                panel.show_answer(result)

        def failed(error: PyroError) -> None:
            if self._id != mine:
                return
            if isinstance(error, Cancelled):
                panel.show_cancelled()
            else:
                panel.show_error(str(error))

        self.desk.ask(RunSql(query=query, limit=limit, id=mine, timeout_s=timeout_s), got, failed)

    def _cancel(self) -> None:
        self.desk.ask(CancelSql(id=self._id), lambda _ok: None, lambda _error: None)

    def _jump(self, place: Place) -> None:
        chart = self.desk.chart
        symbol = place.symbol or (chart.symbol if chart is not None else "")
        timeframe = place.timeframe or (chart.timeframe if chart is not None else "1h")
        if place.ms >= 0:
            self.desk.jump(symbol, timeframe, place.ms)
        elif symbol:
            self.desk.open_symbol(symbol)

    def _marks(self) -> None:
        """Mark every moment of the chart's symbol."""
        chart = self.desk.chart
        if chart is None:
            return
        found = self.widget.answer.moments(chart.symbol)
        chart.panel.set_hits(np.array([t for t, _ in found], np.int64), np.array([s for _, s in found], np.int8))
        text = tr("{n} moments are marked on the chart.") if found else tr("No row is of the chart's symbol.")
        self.desk.say("info", text.format(n=f"{len(found):,}"))

    def _watch(self, symbols: list[str]) -> None:
        try:
            part: Any = self.desk.part("watchlist")
            part.take_list("SQL", symbols)
        except (KeyError, AttributeError):
            self.desk.say("warning", tr("The watchlist takes no lists yet."))
        else:
            self.desk.show("watchlist")

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {"run_sql": lambda: (self.desk.show("sql"), self.widget.run())}

    def keep(self) -> dict[str, Any]:
        return {"history": self.widget.history.queries[:KEPT], "text": self.widget.editor.toPlainText()[:20_000]}

    def restore(self, kept: Mapping[str, Any]) -> None:
        from widgets.viewmodels.sql import History

        panel: Any = self._panel
        panel.history = History(kept.get("history"))
        if isinstance(kept.get("text"), str):
            panel.editor.setPlainText(kept["text"])
