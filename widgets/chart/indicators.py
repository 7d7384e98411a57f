"""Which indicators a chart can show and how: what to ask the engine for, and where and in which form it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.contracts.commands import IndicatorInfo, SeriesRequest

HISTOGRAMS = frozenset({"histogram"})
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
    """title: as in the legend, 'RSI 14'. overlay: on the price pane. bounds: fixed scale; guides: dashed levels."""

    title: str
    overlay: bool
    outputs: tuple[Output, ...]
    bounds: tuple[float, float] | None = None
    guides: tuple[float, ...] = field(default=())

    def requests(self) -> list[SeriesRequest]:
        return [SeriesRequest(name=o.key, expression=o.expression) for o in self.outputs]


def make(name: str, params: tuple[float, ...], outputs: tuple[str, ...], overlay: bool) -> Indicator:
    """An indicator of the catalogue with these parameters; one output needs no suffix."""
    written = ", ".join(f"{p:g}" for p in params)
    call = f"{name}({written})"
    title = " ".join([name, *(f"{p:g}" for p in params)])
    if len(outputs) <= 1:
        made: tuple[Output, ...] = (Output(title, call),)
    else:
        made = tuple(Output(f"{title}.{o}", f"{call}.{o}", o in HISTOGRAMS) for o in outputs)
    low, high, guides = BOUNDED.get(name, (0.0, 0.0, ()))
    return Indicator(title, overlay, made, (low, high) if high > low else None, guides)


def from_info(info: IndicatorInfo) -> Indicator:
    """With the catalogue's default parameters; outputs that are no prices are left out of an overlay."""
    made = make(info.name, tuple(p[1] for p in info.params), tuple(info.outputs), info.scale == "overlay")
    return replace(made, outputs=tuple(o for o, name in zip(made.outputs, info.outputs) if name not in info.apart))


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
