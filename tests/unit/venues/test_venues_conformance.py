"""Every venue folder has the same files and a Protocol with everything that VenueProtocol asks for."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import engine.venues
from engine.contracts.feed import Kline, VenueLimits, VenueProtocol
from engine.venues.registry import VENUES

FOLDER = Path(engine.venues.__file__).parent
FOLDERS = sorted(path.name for path in FOLDER.iterdir() if (path / "protocol.py").exists())
FILES = ["__init__.py", "constants.py", "decode.py", "protocol.py", "rest.py", "streams.py"]


def test_the_registry_lists_every_folder_but_the_template():
    assert sorted([*VENUES, "_template"]) == FOLDERS


@pytest.mark.parametrize("name", FOLDERS)
def test_same_files_and_no_import_of_a_neighbour(name):
    assert sorted(path.name for path in (FOLDER / name).glob("*.py")) == FILES
    for path in (FOLDER / name).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            module = getattr(node, "module", None) or ""
            for other in FOLDERS:
                assert other == name or not module.startswith(f"engine.venues.{other}"), path


@pytest.mark.parametrize("name", FOLDERS)
def test_protocol_offers_the_whole_interface(name):
    made = importlib.import_module(f"engine.venues.{name}.protocol").Protocol()
    assert isinstance(made.limits, VenueLimits)
    for member, wanted in inspect.getmembers(VenueProtocol, inspect.isfunction):
        if member.startswith("_"):
            continue
        given = inspect.signature(getattr(made, member))
        assert list(given.parameters) == list(inspect.signature(wanted).parameters)[1:], member


def test_the_template_works():
    venue = importlib.import_module("engine.venues._template.protocol").Protocol()
    ts = 1_770_000_000_000
    frame = f'{{"bar":["A",{ts},2.0,3.0,1.0,2.5,7,true,{ts + 60_000}]}}'
    assert venue.decode(frame) == [Kline("A", ts, 2.0, 3.0, 1.0, 2.5, 7.0, -1, -1, -1, True, ts + 60_000)]
    assert [type(m).__name__ for f in ('{"ok":1}', '{"no":[1,2,"x"]}', "{}", "[") for m in venue.decode(f)] == [
        "Ack", "Refusal", "Ignored", "Malformed",
    ]  # fmt: skip
    listed, _ = venue.parse_instruments(b'[{"name":"A","base":"A","quote":"B","tick":0.1,"lot":1,"open":false}]', "m")
    assert (listed[0].name, listed[0].status) == ("A", "closed")
    assert venue.stream_names(["A"], trades=True) == ["bar.A", "trade.A"]
