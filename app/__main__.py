"""python -m app, and the installed command `pyroquant`."""

from __future__ import annotations

import gc
import sys

from engine.runtime.spawn import CHILD


def main() -> None:
    # what is loaded at start stays: looking through it again and again for garbage takes 0.2 s
    gc.set_threshold(50_000, 20, 50)
    arguments = sys.argv[1:]
    if arguments[:1] == [CHILD]:
        from app import children

        sys.exit(children.run(arguments[1:]))
    from app import cli

    sys.exit(cli.run(arguments))


if __name__ == "__main__":
    main()
