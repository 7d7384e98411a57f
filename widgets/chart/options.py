"""How one chart shows prices: what its menus switch and what its workspace keeps. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from widgets.chart.view import LINEAR, MODES
from widgets.texts import mark

#: style names; widgets.chart.styles draws them
STYLES = ("candles", "hollow", "bars", "line", "area", "heikin")
VOLUMES = {"overlay": mark("Over the price"), "pane": mark("In its own pane"), "off": mark("Not shown")}
#: '' is the zone of the window's settings
ZONES = {
    "": mark("Time zone of the settings"),
    "local": mark("Time zone of this computer"),
    "UTC": mark("UTC"),
    "exchange": mark("Time zone of the exchange"),
}
SESSIONS = {"auto": mark("Where the market has them"), "on": mark("Always"), "off": mark("Never")}
_CHOICES: dict[str, tuple[str, ...]] = {
    "style": STYLES,
    "mode": MODES,
    "volume": tuple(VOLUMES),
    "sessions": tuple(SESSIONS),
}


@dataclass(slots=True)
class ChartOptions:
    """mode, inverted: of the price scale. fit_overlays: overlays count for the automatic scale. volume_mean: length of
    the mean of the volume, 0 for none. zone: a key of ZONES or a name such as Europe/London. The rest are switches."""

    style: str = "candles"
    mode: str = LINEAR
    inverted: bool = False
    fit_overlays: bool = True
    volume: str = "overlay"
    volume_mean: int = 0
    zone: str = ""
    days: bool = True
    sessions: str = "auto"
    magnet: bool = False
    countdown: bool = True
    previous_close: bool = True
    high_low: bool = True
    quote: bool = True
    ribbon: bool = True

    def keep(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> ChartOptions:
        """What is missing or wrong keeps its default."""
        made = cls()
        for f in fields(cls):
            value = kept.get(f.name)
            if type(value) is not type(f.default) or (f.name in _CHOICES and value not in _CHOICES[f.name]):
                continue
            setattr(made, f.name, value)
        made.volume_mean = min(max(made.volume_mean, 0), 1000)
        return made


def exchange_zone(market: str) -> tzinfo:
    """The clock that a market's own days follow."""
    return ZoneInfo("America/New_York") if market.startswith(("oanda", "demo-oanda")) else UTC


def zone_of(name: str, market: str, settings: tzinfo | None) -> tzinfo | None:
    """The zone of an option; None is this computer's own. A name that is not known is the settings' zone."""
    if name == "local":
        return None
    if name == "UTC":
        return UTC
    if name == "exchange":
        return exchange_zone(market)
    return named_zone(name, settings) if name else settings


def named_zone(name: str, otherwise: tzinfo | None = None) -> tzinfo | None:
    """'local' is None, else by its name in the zone database; `otherwise` where there is none such."""
    if name in ("", "local"):
        return None
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return otherwise
