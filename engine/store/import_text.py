"""Text files with one bar a line, as columns of text: encoding, delimiter, header and line numbers are found here."""

from __future__ import annotations

import io
import re
from pathlib import Path

import polars as pl

from engine.contracts.errors import BadInput
from engine.store.import_columns import Source

_DELIMITERS = (",", ";", "\t", "|")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}.*|\d{8}[ T]\d{4,9}")
_KLINE = ["open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count"]
_KLINE += ["taker_buy_volume", "taker_buy_quote_volume", "ignore"]
#: layouts of files without a header, by number of columns
_BARE = {
    12: _KLINE,
    11: _KLINE[:11],
    6: ["time", "open", "high", "low", "close", "volume"],
    5: ["time", "open", "high", "low", "close"],
}
_METATRADER = ["date", "time", "open", "high", "low", "close", "volume"]


def read_text(path: Path, raw: bytes | None = None, *, delimiter: str = "", numbered: bool = False) -> Source:
    """The columns of a CSV (comma, semicolon, tab or bar), all as text. BadInput when it is none, or empty.

    raw: the file's bytes where they are not what lies at `path` (a member of an archive). delimiter: '' = found out.
    numbered: the columns are named 1, 2, 3 ... whether there is a header or not.
    """
    lines = _decoded(path, path.read_bytes() if raw is None else raw).splitlines()
    numbers = [i for i, line in enumerate(lines, 1) if line.strip()]
    if not numbers:
        raise BadInput("This file is empty; nothing was imported.", where=str(path), fix="Choose another file.")
    delimiter = delimiter or _delimiter(path, lines, numbers)
    if len(numbers) > 1 and delimiter not in lines[numbers[0] - 1]:
        del numbers[0]  # a line of advertising or a title above the header
    first = [_cell(c) for c in lines[numbers[0] - 1].split(delimiter)]
    bare = any(_is_data([cell]) for cell in first) if numbered else _is_data(first)
    if numbered:
        names = [str(i) for i in range(1, len(first) + 1)]
    else:
        names = _bare_names(path, first) if bare else _unique(first)
    if not bare:
        del numbers[0]
    if not numbers:
        raise BadInput("This file has a header and no bars; nothing was imported.", where=str(path))
    # A header of our own makes every row as wide as the names, whatever the first row is like.
    header = delimiter.join(f"c{i}" for i in range(len(names)))
    body = "\n".join([header, *(lines[n - 1] for n in numbers)]).encode()
    try:
        frame = pl.read_csv(
            io.BytesIO(body),
            infer_schema=False,
            separator=delimiter,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError as error:
        raise BadInput(
            f"This file cannot be read as a table: {' '.join(str(error).split())[:160]}.",
            where=str(path),
            fix="Save it as plain CSV with one bar a line.",
        ) from error
    if frame.height != len(numbers):
        raise BadInput(
            "A quoted cell of this file goes over several lines.", where=str(path), fix="Save it with one bar a line."
        )
    frame = frame.select(pl.all().str.strip_chars(' "'))
    frame.columns = names
    return Source(path=path, frame=frame, place="line", numbers=numbers, decimal_comma=delimiter != ",")


def _decoded(path: Path, raw: bytes) -> str:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    if b"\x00" in raw[:65536]:
        raise BadInput(
            "This is neither a CSV nor a Parquet nor a Feather file; nothing was imported.",
            where=str(path),
            fix="Unpack archives first, and choose the table inside.",
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _delimiter(path: Path, lines: list[str], numbers: list[int]) -> str:
    sample = [lines[n - 1] for n in numbers[:20]]
    counts = {d: sorted(line.count(d) for line in sample)[len(sample) // 2] for d in _DELIMITERS}
    best = max(
        _DELIMITERS, key=lambda d: (counts[d] >= 4, d != ",", counts[d]) if counts[d] >= 4 else (False, False, 0)
    )
    if counts[best] < 4:
        raise BadInput(
            "This is not a table of bars: a line needs at least a time and four prices.",
            where=f"{path}:{numbers[0]}",
            fix="Choose a CSV with columns time, open, high, low, close, volume, or a Parquet file.",
        )
    return best


def _cell(text: str) -> str:
    return text.strip().strip('"').strip()


def _is_data(cells: list[str]) -> bool:
    return bool(_NUMBER.fullmatch(cells[0]) or _DATE.fullmatch(cells[0]))


def _bare_names(path: Path, first: list[str]) -> list[str]:
    if len(first) >= 7 and re.fullmatch(r"\d{1,2}:\d\d(:\d\d)?", first[1]):
        return _unique([*_METATRADER, *(f"column {i}" for i in range(8, len(first) + 1))])
    if len(first) in _BARE:
        return _BARE[len(first)]
    raise BadInput(
        f"This file has no header, and {len(first)} columns are no layout that is known.",
        where=f"{path}:1",
        fix="Add a first line that names them: time,open,high,low,close,volume; or say which is which with --columns "
        "time=1,open=2,high=3,low=4,close=5,volume=6.",
    )


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out
