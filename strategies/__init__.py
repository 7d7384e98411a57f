"""Strategies, one module a family: a few lines each in the rules language. Modules import engine.rules.api only."""

from __future__ import annotations

import importlib
import pkgutil

from engine.rules.api import Strategy


def load() -> tuple[Strategy, ...]:
    """All strategies of all modules here, by family and in the order they are written."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(strategy for module in modules for strategy in module.STRATEGIES)
