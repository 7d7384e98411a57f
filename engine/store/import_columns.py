"""Which column of a foreign table is what, and its values as times in ms and floats; mistakes with their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import polars as pl

from engine.contracts.data import QUOTE_COLUMNS
from engine.contracts.errors import BadInput, did_you_mean
from engine.store.bars import FIRST_MS, LAST_MS

#: what a person may say of a column; clock: the time of day where time is only the date
ROLES = ("time", "clock", "open", "high", "low", "close", "volume")
#: (values below, unit)
_UNITS = ((1e11, "seconds"), (1e14, "milliseconds"), (1e17, "microseconds"), (np.inf, "nanoseconds"))
_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
    "%Y%m%dT%H%M%S",
    "%Y%m%d",
)
_NAMES = {
    "time": ("open_time", "opentime", "timestamp", "datetime", "date_time", "time", "date", "ts", "unix", "t", ""),
    "open": ("open", "o", "mid_o", "open_price"),
    "high": ("high", "h", "mid_h", "high_price"),
    "low": ("low", "l", "mid_l", "low_price"),
    "close": ("close", "c", "last", "mid_c", "close_price"),
    "volume": ("volume", "vol", "v", "base_volume", "tickvol", "tick_volume", "ticks"),
}


class Source(msgspec.Struct, frozen=True):
    """A foreign table. numbers: line of each row for text files; None = rows are counted from 1 (place 'row')."""

    path: Path
    frame: pl.DataFrame
    place: Literal["line", "row"] = "row"
    numbers: list[int] | None = None
    decimal_comma: bool = False

    def where(self, row: int) -> str:
        """file:line of a row."""
        return f"{self.path}:{self.numbers[row]}" if self.numbers else f"{self.path}: row {row + 1}"


class Roles(msgspec.Struct, frozen=True):
    """Column names by what they mean. clock: the time of day where `time` is only the date. volume: None = none."""

    time: str
    open: str
    high: str
    low: str
    close: str
    volume: str | None
    clock: str | None = None


def find_roles(source: Source, volume_column: str | None, given: Mapping[str, str] | None = None) -> Roles:
    """Roles by name, whatever their case and brackets. volume_column: 'auto', a name, or None for none. given: role ->
    column, where the person has said it; BadInput for a role or column that is not there."""
    plain = {_plain(name): name for name in reversed(source.frame.columns)}
    found = _given(source, given or {})
    for role in ("time", "open", "high", "low", "close"):
        name = found.get(role) or next((plain[n] for n in _NAMES[role] if n in plain), None)
        if name is None:
            raise BadInput(
                f"There is no column for {role}; the file has {', '.join(source.frame.columns[:14])}.",
                where=f"{source.path}:1" if source.place == "line" else str(source.path),
                fix=f'Name one of them "{role}", or say which it is: --columns {role}=NAME.',
            )
        found[role] = name
    clock = found.pop("clock", None)
    volume = found.pop("volume", None) or _volume(source, plain, volume_column)
    if "time" not in (given or {}) and "date" in plain and "time" in plain and _is_clock(source.frame[plain["time"]]):
        found["time"], clock = plain["date"], plain["time"]
    return Roles(**found, clock=clock, volume=volume)


def find_quotes(source: Source) -> dict[str, str]:
    """Columns of the bars of bid and ask: name in the lake -> name in the file."""
    plain = {_plain(name): name for name in reversed(source.frame.columns)}
    short = {name: f"{name[:4]}{name[4]}" for name in QUOTE_COLUMNS}
    return {n: plain.get(n) or plain[short[n]] for n in QUOTE_COLUMNS if n in plain or short[n] in plain}


def _given(source: Source, given: Mapping[str, str]) -> dict[str, str]:
    for role, name in given.items():
        if role not in ROLES:
            raise BadInput(
                f'"{role}" is no part of a bar.{did_you_mean(role, ROLES)}',
                where="--columns",
                fix=f"Use {', '.join(ROLES)}.",
            )
        if name not in source.frame.columns:
            raise BadInput(
                f'There is no column "{name}".{did_you_mean(name, source.frame.columns)}',
                where=str(source.path),
                fix=f"The file has {', '.join(source.frame.columns[:14])}.",
            )
    return dict(given)


def times(source: Source, roles: Roles, zone: str) -> tuple[np.ndarray, list[str]]:
    """(open times in whole ms UTC as <i8, notes). zone: what times without a zone of their own are in."""
    column = source.frame[roles.time]
    if column.dtype == pl.Categorical or column.dtype == pl.Enum:
        column = column.cast(pl.String)
    _no_gaps(source, column, roles.time)
    if column.dtype in (pl.Datetime, pl.Date):
        stamps, notes = _to_utc(source, column.cast(pl.Datetime("us")) if column.dtype == pl.Date else column, zone)
    elif column.dtype == pl.String:
        if roles.clock:
            column = column + " " + source.frame[roles.clock]
        stamps, notes = _text_times(source, column, zone)
    else:
        stamps, notes = _epochs(source, column), []
    wrong = (stamps < FIRST_MS) | (stamps >= LAST_MS)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadInput(
            f"The time {column[row]} is {np.datetime64(int(stamps[row]), 'ms')}, not between 1990 and 2100.",
            where=source.where(row),
            fix="Check the unit of the time column; nothing was imported.",
        )
    return stamps, notes


def floats(source: Source, name: str, *, price: bool) -> np.ndarray:
    """A column as <f8; BadInput with the place of the first that is no number, not finite, or of the wrong sign."""
    column = source.frame[name]
    if column.dtype == pl.String:
        if source.decimal_comma and column.str.contains(",", literal=True).any():
            column = column.str.replace(",", ".", literal=True)
        numbers = column.cast(pl.Float64, strict=False)
    else:
        numbers = column.cast(pl.Float64, strict=False)
    values = numbers.fill_null(np.nan).to_numpy()
    wrong = ~np.isfinite(values) | (values <= 0 if price else values < 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        given = source.frame[name][row]
        kind = "a price above zero" if price else "a volume of zero or more"
        raise BadInput(
            f"{name} is {'empty' if given in (None, '') else given}, which is not {kind}.",
            where=source.where(row),
            fix="Correct or remove this row; nothing was imported.",
        )
    return values


def _volume(source: Source, plain: dict[str, str], wanted: str | None) -> str | None:
    if wanted is None:
        return None
    if wanted != "auto":
        if wanted not in source.frame.columns:
            raise BadInput(f'There is no column "{wanted}".', where=str(source.path), fix="Name an existing one.")
        return wanted
    named = [plain[n] for n in _NAMES["volume"] if n in plain]
    named += [name for key, name in plain.items() if key.startswith(("volume_", "vol_"))][::-1]
    if not named:
        raise BadInput(
            "There is no column for volume.",
            where=f"{source.path}:1" if source.place == "line" else str(source.path),
            fix='Name one of the columns "volume", or import without volume (it is then 0 in every bar).',
        )
    # MetaTrader's VOL is 0 throughout where only ticks are counted.
    return next((n for n in named if (source.frame[n].cast(pl.Float64, strict=False) != 0).any()), named[0])


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().strip("<>[]\"'").strip().lower())


def _is_clock(column: pl.Series) -> bool:
    return column.dtype == pl.String and bool(re.fullmatch(r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?", str(column[0] or "")))


def _no_gaps(source: Source, column: pl.Series, name: str) -> None:
    missing = column.is_null() | (column == "" if column.dtype == pl.String else False)
    if missing.any():
        row = int(missing.arg_max() or 0)
        raise BadInput(f"{name} is empty.", where=source.where(row), fix="Correct or remove this row.")


def _epochs(source: Source, column: pl.Series) -> np.ndarray:
    values = column.cast(pl.Float64).to_numpy()
    whole = column.cast(pl.Int64).to_numpy()
    unit = np.searchsorted([u[0] for u in _UNITS], np.abs(values), side="right")
    changed = unit != unit[0]
    if changed.any() and unit.min() > 0:
        # a file joined over years: the exchange's spot archive changed from ms to us with 2025
        return whole // np.array([1, 1, 1000, 1_000_000])[unit]
    if changed.any():
        row = int(np.argmax(changed))
        raise BadInput(
            f"The times change from {_UNITS[unit[0]][1]} to {_UNITS[unit[row]][1]}.",
            where=source.where(row),
            fix="Split the file there and import both; nothing was imported.",
        )
    if unit[0] == 0:
        return np.round(values * 1000).astype(np.int64)
    return whole // (1, 1, 1000, 1_000_000)[unit[0]]


def _text_times(source: Source, column: pl.Series, zone: str) -> tuple[np.ndarray, list[str]]:
    numbers = column.cast(pl.Float64, strict=False)
    first = str(column[0])
    if numbers[0] is not None and not re.fullmatch(r"(19|20)\d{6}", first):
        if numbers.null_count():
            raise _no_time(source, column, numbers.is_null())
        whole = column.cast(pl.Int64, strict=False)
        return _epochs(source, numbers if whole.null_count() else whole), []
    text = column.str.replace_all(r"^(\d{4})[./](\d{1,2})[./](\d{1,2})", "${1}-${2}-${3}").str.replace(" +", "T")
    text = text.str.replace(r"T?\s*(UTC|GMT|Z)$", "Z").str.replace(r"T([+-]\d\d:?\d\d)$", "${1}")
    for form in _FORMATS:
        parsed = text.str.strptime(pl.Datetime("us"), form, strict=False)
        if parsed[0] is not None:
            if parsed.null_count():
                raise _no_time(source, column, parsed.is_null())
            return _to_utc(source, parsed, zone)
    raise _no_time(source, column, pl.Series([True]))


def _no_time(source: Source, column: pl.Series, wrong: pl.Series) -> BadInput:
    row = int(wrong.arg_max() or 0)
    return BadInput(
        f'"{column[row]}" is not a time like the others.' if row else f'"{column[row]}" is not a time that is known.',
        where=source.where(row),
        fix="Write times as 2024-01-31 12:00:00 or as seconds or milliseconds since 1970; nothing was imported.",
    )


def _to_utc(source: Source, column: pl.Series, zone: str) -> tuple[np.ndarray, list[str]]:
    notes = []
    if column.dtype.time_zone is None:  # type: ignore[attr-defined]
        notes.append(f"The times name no zone; they were taken as {zone}.")
        try:
            column = column.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        except pl.exceptions.PolarsError as error:
            raise BadInput(f'"{zone}" is not a time zone.', fix="Write one as Europe/London or UTC.") from error
        if column.null_count():
            row = int(column.is_null().arg_max() or 0)
            raise BadInput(f"This time does not exist in {zone}.", where=source.where(row), fix="Name another zone.")
    return column.dt.epoch("ms").to_numpy().astype(np.int64), notes
