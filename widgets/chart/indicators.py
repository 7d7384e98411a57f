"""Which indicators a chart can show and how: what to ask the engine for, and where and in which form it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.contracts.commands import IndicatorInfo, SeriesRequest

HISTOGRAMS = frozenset({"histogram"})
CLOSE = "close"
#: what an indicator of any series can be made of, as the rules language writes it
SOURCES = ("close", "open", "high", "low", "(high + low) / 2", "(high + low + close) / 3", "volume")
MAX_WIDTH = 4.0
#: name -> (lowest, highest, guide lines) of indicators whose values are bounded
BOUNDED: dict[str, tuple[float, float, tuple[float, ...]]] = {
    "RSI": (0.0, 100.0, (30.0, 70.0)),
    "MFI": (0.0, 100.0, (20.0, 80.0)),
    "STOCH": (0.0, 100.0, (20.0, 80.0)),
    "STOCHRSI": (0.0, 100.0, (20.0, 80.0)),
    "ADX": (0.0, 100.0, (25.0,)),
    "WILLR": (-100.0, 0.0, (-80.0, -20.0)),
}


@dataclass(frozen=True, slots=True)
class Output:
    """One line or histogram: key = name in the engine's reply, unique in the chart."""

    key: str
    expression: str
    histogram: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """title: as in the legend, 'RSI 14', unique in a chart. overlay: on the price pane.

    bounds: fixed scale; guides: dashed levels. name, params, source: what it was made of. colours: one an output,
    tokens of the theme or '#rrggbb', '' or missing = chosen by the chart. width in pixels. host: title of the
    indicator whose pane it shares, '' for its own.
    """

    title: str
    overlay: bool
    outputs: tuple[Output, ...]
    bounds: tuple[float, float] | None = None
    guides: tuple[float, ...] = field(default=())
    name: str = ""
    params: tuple[float, ...] = ()
    source: str = CLOSE
    colours: tuple[str, ...] = ()
    width: float = 1.0
    hidden: bool = False
    host: str = ""

    def requests(self) -> list[SeriesRequest]:
        return [SeriesRequest(name=o.key, expression=o.expression) for o in self.outputs]

    def colour(self, number: int) -> str:
        """What the person chose for an output; '' when nothing."""
        return self.colours[number] if number < len(self.colours) else ""

    def alike(self, other: Indicator) -> bool:
        """The same lines in the same place; only their look may differ."""
        return (self.title, self.overlay, self.outputs, self.host) == (
            other.title,
            other.overlay,
            other.outputs,
            other.host,
        )

    def keep(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "params": list(self.params),
            "outputs": [o.expression.rpartition(").")[2] if ")." in o.expression else "" for o in self.outputs],
            "overlay": self.overlay,
            "bounds": list(self.bounds) if self.bounds else None,
            "source": self.source,
            "colours": list(self.colours),
            "width": self.width,
            "hidden": self.hidden,
            "host": self.host,
        }


def make(
    name: str, params: tuple[float, ...], outputs: tuple[str, ...], overlay: bool, source: str = CLOSE
) -> Indicator:
    """An indicator of the catalogue with these parameters; one output needs no suffix."""
    given = [f"{p:g}" for p in params] + ([source] if source != CLOSE else [])
    call = f"{name}({', '.join(given)})"
    title = " ".join([name, *(f"{p:g}" for p in params)]) + (f" of {source}" if source != CLOSE else "")
    if len(outputs) <= 1:
        made: tuple[Output, ...] = (Output(title, call),)
    else:
        made = tuple(Output(f"{title}.{o}", f"{call}.{o}", o in HISTOGRAMS) for o in outputs)
    low, high, guides = BOUNDED.get(name, (0.0, 0.0, ()))
    bounds = (low, high) if high > low else None
    return Indicator(title, overlay, made, bounds, guides, name, tuple(map(float, params)), source)


def from_info(info: IndicatorInfo, params: Sequence[float] | None = None, source: str = CLOSE) -> Indicator:
    """With these parameters, or the catalogue's defaults; outputs that are no prices are left out of an overlay."""
    numbers = tuple(p[1] for p in info.params) if params is None else tuple(params)
    # what is made of something that is no price has no place among prices
    overlay = info.scale == "overlay" and source != "volume"
    made = make(info.name, numbers, tuple(info.outputs), overlay, source)
    bounds = made.bounds or info.range
    kept = tuple(o for o, name in zip(made.outputs, info.outputs) if not overlay or name not in info.apart)
    return replace(made, outputs=kept, bounds=bounds)


def from_kept(kept: Any) -> Indicator | None:
    """What `keep` gave; None when it is not usable."""
    try:
        bounds, outputs = kept["bounds"], [str(o) for o in kept["outputs"]]
        # an output with a name is one of several, even where the others are not shown
        named = (*outputs, "more") if any(outputs) else ("value",)
        params = tuple(float(p) for p in kept["params"])
        made = make(str(kept["name"]), params, named, bool(kept["overlay"]), str(kept["source"]))
        return replace(
            made,
            outputs=made.outputs[: len(outputs)],
            bounds=(float(bounds[0]), float(bounds[1])) if bounds else None,
            colours=tuple(str(c) for c in kept["colours"]),
            width=min(max(float(kept["width"]), 1.0), MAX_WIDTH),
            hidden=bool(kept["hidden"]),
            host=str(kept["host"]),
        )
    except (KeyError, TypeError, ValueError, IndexError):
        return None


SMA20, SMA50, SMA200 = (make("SMA", (n,), ("value",), True) for n in (20, 50, 200))
RSI14 = make("RSI", (14,), ("value",), False)
MACD = make("MACD", (12, 26, 9), ("line", "signal", "histogram"), False)
DEFAULTS: tuple[Indicator, ...] = (SMA20, SMA50, RSI14)
#: offered before the engine's catalogue is known
COMMON: tuple[Indicator, ...] = (
    SMA20,
    SMA50,
    SMA200,
    make("EMA", (20,), ("value",), True),
    make("BBANDS", (20, 2), ("upper", "middle", "lower"), True),
    RSI14,
    make("ATR", (14,), ("value",), False),
    MACD,
)
