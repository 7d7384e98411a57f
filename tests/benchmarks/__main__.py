"""python -m tests.benchmarks NAME [--seconds S]; `list`, or no name, prints the names with their limits."""

from __future__ import annotations

import argparse
import importlib
import sys

from engine.contracts.errors import BadInput
from tests.benchmarks import harness

#: modules that serve more than one name
MODULES = {"latency_burst": "latency"}


def main(arguments: list[str]) -> int:
    """0 when every value is within its limit, 1 when one is not, 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", default=["list"])
    parser.add_argument("--seconds", type=float, default=0.0, help="length of a live measurement; 0 = its own")
    given = parser.parse_args(arguments)
    if given.names == ["list"]:
        print_names()
        return 0
    try:
        for name in given.names:
            harness.limit_of(name)
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    met = True
    for name in given.names:
        result = run(name, given.seconds)
        met = met and bool(result["ok"])
        print(harness.line(result), flush=True)
    return 0 if met else 1


def run(name: str, seconds: float = 0.0) -> dict[str, object]:
    """Measure one benchmark; the line it reports, as an object."""
    module = importlib.import_module(f"tests.benchmarks.{MODULES.get(name, name)}")
    if name in ("latency", "latency_burst"):
        line: dict[str, object] = module.run(name, seconds)
        return line
    measured = module.run()
    return measured if "machine" in measured else wrapped(name, measured)


def wrapped(name: str, figures: dict[str, object]) -> dict[str, object]:
    """A window benchmark's own figures in the common form."""
    value = figures["value"]
    assert isinstance(value, int | float)
    return harness.report(name, value, {k: v for k, v in figures.items() if k not in ("name", "unit", "limit")})


def print_names() -> None:
    for name, limit in harness.LIMITS.items():
        sign = "<=" if limit.bound == "at_most" else ">="
        print(f"{name:14} {sign} {limit.limit:g} {limit.unit}: {limit.what}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
