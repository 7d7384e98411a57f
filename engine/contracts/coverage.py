"""What is there of every series, month by month; and what a file looks like before it is imported."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from engine.contracts.commands_base import Command


class SeriesCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One series of the lake. first_month: months since 1970-01 of the first of the two columns; bars, missing: bytes
    of <i4, one a month: bars that are there, and bars that are not though the market was open and the source had some.
    size: bytes on disk. damaged: files that cannot be read."""

    symbol: str
    timeframe: str
    total: int
    first_ms: int
    last_ms: int
    files: int
    size: int
    first_month: int
    bars: bytes
    missing: bytes
    damaged: int = 0


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """In the order of the lake: by market, timeframe and symbol."""

    series: list[SeriesCoverage]
    seconds: float = 0.0


class GetCoverage(Command, frozen=True, kw_only=True, tag="coverage"):
    """The map of the lake. What did not change since it was last asked for is not read again."""

    reply: ClassVar[Any] = Coverage


class FilePeek(msgspec.Struct, frozen=True, kw_only=True):
    """The head of a table as text. roles: role -> column as the importer would take it. problem: why it cannot be
    imported as it is, '' = it can. symbol, timeframe: as its path says, '' = it does not. files: in a folder."""

    columns: list[str]
    rows: list[list[str]]
    roles: dict[str, str]
    problem: str
    symbol: str = ""
    timeframe: str = ""
    files: int = 1


class PeekFile(Command, frozen=True, kw_only=True, tag="peek_file"):
    """Look at a file on the engine's host, or at the first one of a folder; nothing is written."""

    reply: ClassVar[Any] = FilePeek
    path: str
    delimiter: str = ""


AnyCoverageCommand = GetCoverage | PeekFile
