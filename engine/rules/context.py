"""Where an expression is computed: on which bars, of which trading day, after which entry."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.contracts.errors import BadInput
from engine.contracts.timeframes import MINUTE_MS, timeframe_ms
from engine.indicators import graph as g
from engine.indicators.graph import Node
from engine.rules.failures import RuleError

_DAY_MINUTES = 1440
#: a trading day that ends by local time has an hour more once a year
_LONGER_MINUTES = 60


class WrongTimeframe(RuleError):
    """The rules cannot run on bars of this timeframe; they may on others."""


@dataclass(frozen=True)
class Context:
    """What an expression's meaning depends on besides its parameters.

    timeframe: of the lane's own bars. day: "utc", or "new_york" where the trading day ends at 17:00 New York.
    """

    timeframe: str = "1m"
    day: str = "utc"

    @property
    def length_ms(self) -> int:
        """Length of one bar."""
        return timeframe_ms(self.timeframe)


#: of expressions that only need to make sense
ANY_CONTEXT = Context()


@dataclass(frozen=True)
class Place:
    """factor: own bars in one bar (1 but inside tf). entry: the edge of the side's entry, where there is one side."""

    context: Context
    factor: int = 1
    entry: Node | None = None

    @property
    def length_ms(self) -> int:
        """Length of one bar here."""
        return self.context.length_ms * self.factor

    def source(self, name: str) -> Node:
        return g.source(name, self.factor)

    def clock(self, what: str) -> Node:
        return g.clock(what, self.context.length_ms, self.context.day, self.factor)

    def most_bars(self, days: int) -> int:
        """Bars that so many trading days hold at most."""
        return -(-(days * _DAY_MINUTES + _LONGER_MINUTES) * MINUTE_MS // self.length_ms)

    def higher(self, frame: str | int) -> Place:
        """On bars of a timeframe ("1h"), or of so many own bars; BadInput where own bars do not make them up."""
        if self.factor != 1:
            raise BadInput("tf cannot stand inside another tf.", fix="Put the two side by side.")
        return replace(self, factor=self._factor(frame) if isinstance(frame, str) else frame, entry=None)

    def _factor(self, frame: str) -> int:
        own, length = self.context.timeframe, timeframe_ms(frame)
        if length < timeframe_ms(own):
            raise WrongTimeframe(
                f'tf("{frame}") is below the timeframe of the bars, {own}.',
                fix="Use a higher one there, or a lower one for the strategy.",
            )
        if length % timeframe_ms(own):
            raise WrongTimeframe(f"bars of {own} do not make up bars of {frame}.", fix=f"Use a multiple of {own}.")
        return length // timeframe_ms(own)
