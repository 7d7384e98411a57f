"""The indicator catalogue as clients see it."""

from __future__ import annotations

from engine.contracts.commands import IndicatorInfo
from engine.indicators.catalogue import INDICATORS
from engine.rules.series import series_program


def listed() -> list[IndicatorInfo]:
    """Every indicator with its parameters, bounds, outputs and formula."""
    return [
        IndicatorInfo(
            name=spec.name,
            title=spec.title,
            family=spec.family,
            params=[(p.name, p.default, p.low, p.high) for p in spec.params],
            outputs=list(spec.outputs),
            scale=spec.scale,
            warmup=_warmup(spec.name, spec.outputs),
            formula=spec.formula,
        )
        for spec in INDICATORS.values()
    ]


def _warmup(name: str, outputs: tuple[str, ...]) -> int:
    calls = [f"{name}()" if len(outputs) == 1 else f"{name}().{output}" for output in outputs]
    return series_program(calls).warmup
