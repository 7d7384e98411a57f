"""Settings from text: a TOML file, the environment and the command line, each checked against the table; and back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping

from engine.contracts.errors import BadInput, did_you_mean
from engine.contracts.settings import SETTINGS, Setting, Settings, Value

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_HEADER = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"' -]+?)\s*=")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")
SECTIONS = tuple(dict.fromkeys(key.partition(".")[0] for key in SETTINGS))


def load_settings(
    toml_text: str, toml_name: str, env: Mapping[str, str], overrides: Mapping[str, str] | None = None
) -> Settings:
    """Settings from the file's text (`toml_name` in messages), then the environment, then the command line's key=value
    pairs. BadInput names the file and line (or the variable, or the option), the key, and what is allowed."""
    values = _from_toml(toml_text, toml_name)
    values.update(_from_environment(env))
    for key, text in (overrides or {}).items():
        setting = SETTINGS.get(key)
        if setting is None:
            raise _unknown(key, f"command line, {key}")
        values[key] = parse_value(setting, text, f"command line, {key}")
    return Settings().changed(values)


def parse_value(setting: Setting, text: str, where: str) -> Value:
    """A setting's value written as plain text (lists with commas); BadInput says what is allowed."""
    text = text.strip()
    value: object = text
    try:
        if setting.kind is bool:
            value = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}[text.lower()]
        elif setting.kind is tuple:
            value = [item.strip() for item in text.split(",") if item.strip()]
        elif setting.kind is not str:
            value = setting.kind(text)
    except (KeyError, ValueError):
        raise _refused(setting, text, where) from None
    return check_value(setting, value, where)


def check_value(setting: Setting, value: object, where: str) -> Value:
    """The value in the setting's type when it is allowed; BadInput otherwise. A whole number will do for a number."""
    if setting.kind is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        for item in value:
            if setting.choices and item not in setting.choices:
                raise _refused(setting, item, where)
        if (not value and setting.default) or len(set(value)) != len(value):
            raise BadInput(f"{setting.key} needs at least one entry, each once.", where=where, fix=_fix(setting))
        return tuple(value)
    if setting.kind is float and type(value) is int:
        value = float(value)
    if type(value) is not setting.kind:
        raise _refused(setting, value, where)
    assert isinstance(value, bool | int | float | str)
    if isinstance(value, str):
        if setting.choices and value not in setting.choices:
            raise _refused(setting, value, where)
    elif not (_low(setting) <= value <= _high(setting)):
        raise _refused(setting, value, where)
    return value


def settings_toml(settings: Settings | None = None) -> str:
    """The settings as a TOML file: every key with its help; those at their default stand as comments."""
    lines = ["# PyroQuant settings. Remove the # before a line to change it.", ""]
    section = ""
    for key, setting in SETTINGS.items():
        head, _, name = key.partition(".")
        if head != section:
            section = head
            lines += [f"[{section}]", ""]
        value = setting.default if settings is None else settings.get(key)
        mark = "# " if value == setting.default else ""
        restart = f" Counts from the next start of the {setting.restart}." if setting.restart else ""
        lines += [f"# {setting.help} Allowed: {setting.allowed}.{restart}", f"{mark}{name} = {_toml(value)}", ""]
    return "\n".join(lines)


def _from_toml(text: str, name: str) -> dict[str, Value]:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = at.group(1) if at else str(text.count("\n") + 1)
        what = _AT_LINE.sub("", str(error)).replace(" (at end of document)", "")
        raise BadInput(
            f"This is not valid TOML: {what}.",
            where=f"{name}, line {line}",
            fix='Write name = value under a [section]; texts in "quotes".',
        ) from None
    values: dict[str, Value] = {}
    for section, content in tree.items():
        if section not in SECTIONS or not isinstance(content, dict):
            raise BadInput(
                f'"{section}" is not a section.{did_you_mean(section, SECTIONS)}',
                where=_place(text, name, section),
                fix=f"Sections: {', '.join(SECTIONS)}.",
            )
        for key, value in content.items():
            full = f"{section}.{key}"
            if full not in SETTINGS:
                raise _unknown(full, _place(text, name, full))
            values[full] = check_value(SETTINGS[full], value, _place(text, name, full))
    return values


def _from_environment(env: Mapping[str, str]) -> dict[str, Value]:
    """Variables that begin like a section (PYROQUANT_FEEDS_...); others, as PYROQUANT_CONFIG, are not settings."""
    known = {setting.environment: setting for setting in SETTINGS.values()}
    values: dict[str, Value] = {}
    for name in sorted(env):
        if name in known:
            values[known[name].key] = parse_value(known[name], env[name], f"environment, {name}")
        elif name.startswith(tuple(f"PYROQUANT_{section.upper()}_" for section in SECTIONS)):
            raise BadInput(
                f'"{name}" names no setting.{did_you_mean(name, known)}',
                where=f"environment, {name}",
                fix="Correct or unset the variable.",
            )
    return values


def _keys_with_lines(text: str) -> Iterator[tuple[str, int]]:
    """(dotted key, line number) of every header and assignment, as they stand in the file."""
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            section = header.group(1).strip().strip("\"'")
            yield section, number
            continue
        key = _KEY.match(line)
        if key:
            name = key.group(1).replace('"', "").replace("'", "").replace(" ", "")
            yield (f"{section}.{name}" if section else name), number


def _place(text: str, name: str, key: str) -> str:
    """'file, line N': the line the key stands in; of its section where it is written inline."""
    lines = list(_keys_with_lines(text))
    exact = [number for found, number in lines if found == key]
    loose = [number for found, number in lines if found.partition(".")[0] == key.partition(".")[0]]
    return f"{name}, line {(exact or loose or [1])[0]}"


def _unknown(key: str, where: str) -> BadInput:
    section, _, _ = key.partition(".")
    there = [k for k in SETTINGS if k.startswith(section + ".")] or list(SETTINGS)
    return BadInput(
        f'"{key}" is not a setting.{did_you_mean(key, SETTINGS)}', where=where, fix=f"There are {', '.join(there)}."
    )


def _refused(setting: Setting, value: object, where: str) -> BadInput:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    hint = did_you_mean(value, setting.choices) if isinstance(value, str) else ""
    return BadInput(f"{setting.key} cannot be {shown}.{hint}", where=where, fix=_fix(setting))


def _fix(setting: Setting) -> str:
    return f"Allowed: {setting.allowed}; default {_toml(setting.default)}."


def _low(setting: Setting) -> float:
    return float("-inf") if setting.low is None else setting.low


def _high(setting: Setting) -> float:
    return float("inf") if setting.high is None else setting.high


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value)
