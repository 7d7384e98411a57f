"""The German of the window: complete, with the placeholders of the English, and compiled as committed."""

import importlib.util
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "resources" / "translations" / "pyroquant_de.ts"
PLACES = re.compile(r"\{\w*\}")


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("pyroquant_translations", ROOT / "packaging" / "translations.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def german(tool):
    return tool.read(FILE)


def test_every_text_has_its_german(tool, german):
    known = tool.words()
    assert len(known) > 1_500
    missing = [word for word in known if not german.get(word, "").strip()]
    assert not missing, f"python packaging/translations.py --missing; {len(missing)} texts, as {missing[:5]}"
    gone = set(german) - set(known)
    assert not gone, f"no longer said; run python packaging/translations.py: {sorted(gone)[:5]}"


def test_german_keeps_placeholders_blanks_and_lines(german):
    for english, text in german.items():
        assert Counter(PLACES.findall(text)) == Counter(PLACES.findall(english)), english
        assert (text[:1].isspace(), text[-1:].isspace()) == (english[:1].isspace(), english[-1:].isspace()), english
        assert text.count("\n") == english.count("\n"), english
        assert text.count("&") == english.count("&"), english


def test_texts_are_filled_after_they_are_translated(tool):
    """An f-string inside `tr` is another text each time, and has no translation."""
    wrong = re.compile(r"\b(?:tr|mark)\(\s*f[\"']")
    found = [
        path for name in ("app", "widgets") for path in (ROOT / name).rglob("*.py") if wrong.search(path.read_text())
    ]
    assert not found


def test_compiled_file_is_of_the_texts(tool, tmp_path):
    out = tmp_path / "de.qm"
    try:
        tool.compile_file(FILE, out)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"lrelease of PySide6 does not run here: {error}")
    assert out.read_bytes() == FILE.with_suffix(".qm").read_bytes(), "run python packaging/translations.py"
