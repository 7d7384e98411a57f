"""A relation for DuckDB whose rows are made while they are read: never whole in memory, readable any number of times.

What a query's WHERE says of single columns arrives here before anything is made, as `Wanted`, so that a source can
leave out what nobody asked for. It need not: every row is filtered again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

_TERM = re.compile(r'^\(*(\w+) (==|>=|<=|>|<) (?:"((?:[^"\\])*)"|(-?\d+))\)*$')
#: what makes an expression more than terms that must all hold
_OTHER = re.compile(r"\b(or|invert|if_else|is_in|xor|not|cast|null|true|false)\b|!=")


class Wanted(NamedTuple):
    """equal: column -> the one text that is asked for. least, most: column -> inclusive bounds of whole numbers."""

    equal: dict[str, str]
    least: dict[str, int]
    most: dict[str, int]


#: yields batches of the schema; may leave out rows that are not wanted
Source = Callable[[Wanted], Iterator[pa.RecordBatch]]


class Streamed(ds.Dataset):  # type: ignore[misc]
    """Hands DuckDB a new scan of `source` whenever it reads the relation, with the columns and filter that it wants.

    Not pyarrow's own scanner, which makes up to 32 batches ahead of what is read of them.
    """

    def __init__(self, schema: pa.Schema, source: Source) -> None:
        self._columns = schema
        self._source = source

    @property
    def schema(self) -> pa.Schema:
        return self._columns

    def scanner(self, columns: list[str] | None = None, filter: pc.Expression | None = None, **_options: Any) -> _Scan:
        """One pass over the rows; what is asked for is read off the filter."""
        return _Scan(self._columns, self._source(wanted(filter)), columns, filter)


class _Scan:
    """The one thing that DuckDB asks of a scanner: a reader that makes a batch when it is asked for one."""

    def __init__(
        self,
        schema: pa.Schema,
        batches: Iterator[pa.RecordBatch],
        columns: list[str] | None,
        condition: pc.Expression | None,
    ) -> None:
        names = schema.names if columns is None else columns
        self._schema = pa.schema([schema.field(name) for name in names])
        self._batches = ((batch if condition is None else batch.filter(condition)).select(names) for batch in batches)

    def to_reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._schema, self._batches)


def wanted(expression: pc.Expression | None) -> Wanted:
    """What an expression asks of single columns, where it is a plain conjunction of comparisons; else nothing."""
    found = Wanted({}, {}, {})
    text = "" if expression is None else str(expression)
    # quoted values may hold any word
    if not text or _OTHER.search(re.sub(r'"[^"]*"', '""', text)) or "\\" in text:
        return found
    terms = [term for term in _split(text) if not re.fullmatch(r"\(*is_valid\(\w+\)\)*", term)]
    for term in terms:
        match = _TERM.match(term)
        if match is None:
            return Wanted({}, {}, {})
        column, operator, word, number = match.groups()
        if word is not None:
            if operator == "==":
                found.equal[column] = word
            continue
        value = int(number)
        if operator in (">=", ">", "=="):
            found.least[column] = max(value + (operator == ">"), found.least.get(column, value))
        if operator in ("<=", "<", "=="):
            found.most[column] = min(value - (operator == "<"), found.most.get(column, value))
    return found


def _split(text: str) -> list[str]:
    """The terms between " and ", those inside quotes left alone."""
    parts = re.split(r'( and )(?=(?:[^"]*"[^"]*")*[^"]*$)', text)
    return parts[::2]
