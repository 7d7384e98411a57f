"""What the window does for a chart that asks, and its keys for the F1 sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.clock import iso
from widgets.chart.commands import COMMANDS, TYPED
from widgets.texts import mark, tr
from widgets.viewmodels import formats

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from app.charts import ChartLink
    from app.desk import Desk

GROUP = mark("Chart")
#: keys that count only while a chart has the focus
CHART_KEYS: tuple[tuple[str, str, str], ...] = tuple(
    [(GROUP, keys, title) for keys, title in TYPED] + [(GROUP, ", ".join(c.keys), c.title) for c in COMMANDS if c.local]
)


def answer(link: ChartLink, desk: Desk) -> None:
    """Do what a chart asks of the window, from now on."""
    panel = link.panel
    panel.goToRequested.connect(lambda ms: link.open(link.symbol, link.timeframe, int(ms)))
    panel.stepRequested.connect(lambda way: desk.run("next_symbol" if way > 0 else "previous_symbol"))
    panel.symbolRequested.connect(desk.find)
    panel.replayRequested.connect(lambda ms: desk.part("replay").from_bar(int(ms)))  # type: ignore[attr-defined]
    panel.shotTaken.connect(lambda picture: save_picture(picture, link, desk))
    panel.backtestRequested.connect(lambda ms: backtest_from(int(ms), link, desk))


def backtest_from(ms: int, link: ChartLink, desk: Desk) -> None:
    """The back-test's form on what this chart shows, from this day on."""
    part: Any = desk.part("backtest")
    part.choose(symbol=link.symbol, timeframe=link.timeframe)
    part.widget.form.from_text.setText(formats.day(ms))


def save_picture(picture: QPixmap, link: ChartLink, desk: Desk) -> None:
    """Into the folder pictures beside the settings, and say where."""
    stamp = iso(desk.now_ms()).replace(":", "").replace("-", "").partition(".")[0].rstrip("Z")
    path: Path = desk.config_folder / "pictures" / f"{link.symbol.replace(':', '-')}-{link.timeframe}-{stamp}.png"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        saved = picture.save(str(path))
    except OSError:
        saved = False
    if saved:
        desk.say("info", tr("The picture is on the clipboard and in {path}.").format(path=path))
    else:
        desk.say("warning", tr("The picture is on the clipboard; {path} cannot be written.").format(path=path))
