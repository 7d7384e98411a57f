"""The window's words: collected from the code into Qt's translation files, and compiled for the program.

    python packaging/translations.py            # brings resources/translations/*.ts up to date and compiles them
    python packaging/translations.py --missing  # lists what has no translation yet

What is no longer said in the code goes; what is new stands there unfinished until somebody translates it.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import PySide6

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"
CONTEXT = "PyroQuant"
#: calls with texts for people -> the places of these among the arguments (a Spec's title and its group)
MARKS = {"tr": (0,), "mark": (0,), "Spec": (1, 3)}


def words(root: Path = ROOT) -> list[str]:
    """Every text for people in app/ and widgets/, in the order of files; then the engine's that the window shows."""
    found: dict[str, None] = {}
    for package in ("app", "widgets"):
        for path in sorted((root / package).rglob("*.py")):
            found.update(dict.fromkeys(_in_file(path)))
    found.update(dict.fromkeys(_of_engine()))
    return [word for word in found if word]


def _in_file(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            yield from (_plain(node.args[at]) for at in MARKS[node.func.id] if at < len(node.args))
        elif isinstance(node, ast.ClassDef):
            yield from (_plain(line.value) for line in node.body if _is_title(line))


def _plain(value: ast.expr | None) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _is_title(line: ast.stmt) -> TypeGuard[ast.Assign]:
    """A panel's title in the body of its class."""
    return isinstance(line, ast.Assign) and [ast.unparse(t) for t in line.targets] == ["title"]


def _of_engine() -> Iterator[str]:
    """Names, helps, units and choices of the settings; names of figures, exits, weekdays and states of a connection."""
    sys.path.insert(0, str(ROOT))
    from engine.backtest.breakdown import WEEKDAYS
    from engine.contracts.dtypes import EXIT_NAMES
    from engine.contracts.metrics import GROUPS, METRICS
    from engine.contracts.settings import SETTINGS
    from engine.feeds.shard import ShardState

    for setting in SETTINGS.values():
        name = setting.key.partition(".")[2].replace("_", " ").capitalize()
        yield from (name, setting.help, setting.unit)
    for choice in ("theme", "up_down", "language"):
        yield from SETTINGS[f"window.{choice}"].choices
    yield from (metric.title for metric in METRICS.values())
    yield from (*GROUPS, *EXIT_NAMES, *WEEKDAYS, *(state.value for state in ShardState))


def read(file: Path) -> dict[str, str]:
    """Source -> translation; '' where there is none yet."""
    if not file.exists():
        return {}
    tree = ET.parse(file)
    return {message.findtext("source") or "": message.findtext("translation") or "" for message in tree.iter("message")}


def write(file: Path, language: str, texts: dict[str, str]) -> None:
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source, translated in texts.items():
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = source
        found = ET.SubElement(message, "translation")
        found.text = translated
        if not translated:
            found.set("type", "unfinished")
    ET.indent(root, " ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    file.write_text(head + ET.tostring(root, encoding="unicode") + "\n", encoding="utf-8")


def update(file: Path, more: dict[str, str] | None = None) -> dict[str, str]:
    """Bring a file up to date with the code; `more` adds translations."""
    known = read(file) | (more or {})
    texts = {word: known.get(word, "") for word in words()}
    write(file, file.stem.partition("_")[2], texts)
    return texts


def compile_file(file: Path, out: Path) -> None:
    """Qt's compiler, which comes with PySide6."""
    tool = Path(PySide6.__file__).parent / ("lrelease.exe" if sys.platform == "win32" else "lrelease")
    subprocess.run([str(tool), "-silent", str(file), "-qm", str(out)], check=True)


def main() -> int:
    more: dict[str, str] = {}
    for name in [a for a in sys.argv[1:] if not a.startswith("--")]:
        more |= json.loads(Path(name).read_text("utf-8"))
    for file in sorted(FOLDER.glob("*.ts")):
        texts = update(file, more)
        missing = [word for word, translated in texts.items() if not translated]
        compile_file(file, file.with_suffix(".qm"))
        print(f"{file.name}: {len(texts)} texts, {len(missing)} without a translation")
        if "--missing" in sys.argv:
            print(json.dumps(dict.fromkeys(missing, ""), ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
