"""What a file looks like before it is imported: its columns, first rows, and what they would be taken for."""

from __future__ import annotations

import contextlib
from pathlib import Path

from engine.contracts.coverage import FilePeek
from engine.contracts.errors import BadInput
from engine.store.import_columns import Roles, find_roles
from engine.store.import_folder import Naming, identify, table_files
from engine.store.importer import Layout, read_table

ROWS = 8


def peek(path: Path, delimiter: str = "") -> FilePeek:
    """BadInput when it is no table, or a folder without one."""
    files = 1
    if path.is_dir():
        found = sorted(table_files(path))
        if not found:
            raise BadInput("There is no table in this folder.", where=str(path), fix="Choose another folder.")
        path, files = found[0], len(found)
    source = read_table(path, Layout(delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)))
    roles: dict[str, str] = {}
    problem = symbol = timeframe = ""
    try:
        taken = find_roles(source, "auto")
        roles = {name: value for name in Roles.__struct_fields__ if (value := getattr(taken, name))}
    except BadInput as error:
        problem = error.what
    # where the path does not tell, the person does
    with contextlib.suppress(BadInput):
        symbol, timeframe = identify(Path(*path.parts[-3:]), Naming())
    head = source.frame.head(ROWS)
    return FilePeek(
        columns=list(head.columns),
        rows=[["" if cell is None else str(cell) for cell in row] for row in head.rows()],
        roles=roles,
        problem=problem,
        symbol=symbol,
        timeframe=timeframe,
        files=files,
    )
