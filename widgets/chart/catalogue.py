"""Finding indicators: search over names, titles, families and formulas, and the bounds of their parameters. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.contracts.commands import IndicatorInfo
from engine.contracts.errors import BadInput
from widgets.texts import tr


def search(infos: Iterable[IndicatorInfo], text: str, family: str = "") -> list[IndicatorInfo]:
    """Those of a family ('' = all) that hold every word, the best first: by name, title, then anywhere."""
    words = text.lower().split()
    found: list[tuple[int, str, IndicatorInfo]] = []
    for info in infos:
        if family and info.family != family:
            continue
        name, title = info.name.lower(), info.title.lower()
        rest = f"{name} {title} {info.family} {info.formula}".lower()
        if all(w in rest for w in words):
            found.append((_rank(" ".join(words), words, name, title), title, info))
    # of what matches alike the catalogue's first: bands before what is made of them
    found.sort(key=lambda f: f[:1] if words else f[:2])
    return [info for _rank_, _title, info in found]


def _rank(said: str, words: Sequence[str], name: str, title: str) -> int:
    if not words:
        return 0
    if said == name:
        return 0
    if name.startswith(said):
        return 1
    if title.startswith(said):
        return 2
    return 3 if all(w in f"{name} {title}" for w in words) else 4


def families(infos: Iterable[IndicatorInfo]) -> list[tuple[str, int]]:
    """(family, how many), in the catalogue's order."""
    count: dict[str, int] = {}
    for info in infos:
        count[info.family] = count.get(info.family, 0) + 1
    return list(count.items())


def number_of(text: str) -> float:
    """A number as people write it: 2.5 and 2,5. ValueError for anything else."""
    return float(text.strip().replace(",", "."))


def checked(info: IndicatorInfo, texts: Sequence[str]) -> tuple[float, ...]:
    """The parameters that were typed. BadInput names the first that is outside its bounds or no number."""
    made = []
    for (name, _default, low, high), text in zip(info.params, texts, strict=True):
        whole = name in info.whole
        kind = tr("a whole number") if whole else tr("a number")
        try:
            value = number_of(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high or (whole and value != int(value)):
            raise BadInput(
                tr("{name} must be {kind} from {low} to {high}.").format(
                    name=name, kind=kind, low=f"{low:g}", high=f"{high:g}"
                ),
                where=name,
            )
        made.append(value)
    return tuple(made)
