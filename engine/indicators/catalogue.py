"""All indicators by name, by family. Adding one is adding one spec to the module of its family."""

from __future__ import annotations

from engine.indicators import averages, momentum, patterns, statistics, structure, trend, volatility, volume
from engine.indicators.spec import Indicator

INDICATORS: dict[str, Indicator] = {
    spec.name: spec
    for module in (averages, momentum, trend, volatility, volume, structure, patterns, statistics)
    for spec in module.family.members
}
