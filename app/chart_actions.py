"""The chart's commands as actions of the window, and what the window does for a chart that asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.actions import Spec
from engine.clock import iso
from widgets.chart.commands import COMMANDS, TYPED
from widgets.chart.options import named_zone
from widgets.texts import tr

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from app.charts import ChartLink
    from app.parts.base import Desk
    from widgets.chart.panel import ChartPanel

GROUP = "Chart"
CHART_ACTIONS: tuple[Spec, ...] = tuple(
    Spec(f"chart_{c.id}", f"Chart: {c.title}", () if c.local else c.keys, GROUP, c.icon) for c in COMMANDS
)
#: keys that count only while a chart has the focus, for the F1 sheet
CHART_KEYS: tuple[tuple[str, str, str], ...] = tuple(
    [(GROUP, keys, title) for keys, title in TYPED] + [(GROUP, ", ".join(c.keys), c.title) for c in COMMANDS if c.local]
)


def handlers(panel: Callable[[], ChartPanel | None]) -> dict[str, Callable[[], object]]:
    """What each of CHART_ACTIONS does, on the chart that was last clicked."""

    def run(name: str) -> None:
        chart = panel()
        if chart is not None:
            chart.run(name)

    return {f"chart_{c.id}": (lambda n=c.id: run(n)) for c in COMMANDS}


def wire(link: ChartLink, desk: Desk, folder: Path) -> None:
    """Answer what a chart asks of the window. folder: where its pictures are saved."""
    panel = link.panel
    panel.set_time_zone(named_zone(desk.settings.window.time_zone))
    panel.goToRequested.connect(lambda ms: link.open(link.symbol, link.timeframe, int(ms)))
    panel.stepRequested.connect(lambda way: desk.run("next_symbol" if way > 0 else "previous_symbol"))
    panel.shotTaken.connect(lambda picture: _save(picture, link, desk, folder))


def _save(picture: QPixmap, link: ChartLink, desk: Desk, folder: Path) -> None:
    stamp = iso(desk.now_ms()).replace(":", "").replace("-", "").partition(".")[0].rstrip("Z")
    path = folder / f"{link.symbol.replace(':', '-')}-{link.timeframe}-{stamp}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        saved = picture.save(str(path))
    except OSError:
        saved = False
    if saved:
        desk.say("info", tr("The picture is on the clipboard and in {path}.").format(path=path))
    else:
        desk.say("warning", tr("The picture is on the clipboard; {path} cannot be written.").format(path=path))
