"""How the kernels of signals and back-tests are compiled."""

from __future__ import annotations

from typing import Any

#: Cached on disk, without the interpreter's lock; a division by zero gives inf or nan. _nrt: arrays are borrowed from
#: the caller and none is made, so no reference is counted; counting took a third of a simulation.
KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
#: becomes part of its caller: an array is seven words, and handing ten of them down costs more than a fill's arithmetic
INLINED: dict[str, Any] = KERNEL | {"forceinline": True}
