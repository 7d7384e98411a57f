"""All indicators by name. Adding one is adding one spec to the module of its family."""

from __future__ import annotations

from engine.indicators import averages, oscillators, volatility
from engine.indicators.spec import Indicator

INDICATORS: dict[str, Indicator] = {
    spec.name: spec for family in (averages, oscillators, volatility) for spec in family.INDICATORS
}
