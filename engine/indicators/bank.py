"""The bank: periodic indicators for many periods side by side. Nodes only: what is asked for is what is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.contracts.errors import BadInput, did_you_mean
from engine.indicators.catalogue import INDICATORS
from engine.indicators.graph import LONGEST, Node
from engine.indicators.spec import Place

#: (indicator, period, output)
Key = tuple[str, int, str]


def periodic() -> tuple[str, ...]:
    """Names of the indicators that one length in bars describes."""
    return tuple(name for name, spec in INDICATORS.items() if spec.periodic)


def periods_of(texts: Iterable[str]) -> tuple[int, ...]:
    """The setting `indicators.periods` as numbers, each once, shortest first; BadInput for what is none."""
    found: set[int] = set()
    for text in texts:
        if not text.strip().isdecimal() or not 1 <= int(text) <= LONGEST:
            raise BadInput(
                f'"{text}" is not a period.',
                where="indicators.periods",
                fix=f"Write whole numbers of bars from 1 to {LONGEST}.",
            )
        found.add(int(text))
    return tuple(sorted(found))


def bank(names: Iterable[str], periods: Sequence[int], place: Place | None = None) -> dict[Key, Node]:
    """The node of every output of these indicators for each period that their bounds allow, on the close.

    place: as Indicator.build. BadInput for a name that is not in the catalogue or takes more than one length.
    """
    nodes: dict[Key, Node] = {}
    for name in names:
        if name not in INDICATORS or not INDICATORS[name].periodic:
            why = "takes more than one length" if name in INDICATORS else "is not in the catalogue"
            raise BadInput(f"{name} {why}, so it is in no bank.{did_you_mean(name, periodic())}")
        spec = INDICATORS[name]
        length = spec.params[0]
        for period in periods:
            if length.low <= period <= length.high:
                made = spec.build({length.name: period}, {}, place)
                nodes |= {(name, period, output): node for output, node in made.items()}
    return nodes
