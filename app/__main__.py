"""python -m app, and the installed command `pyroquant`."""

from __future__ import annotations

import sys


def main() -> None:
    from app.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
