"""Keys as they stand on the keyboard of a person's language and system: 'Strg+K' for 'Ctrl+K'."""

from PySide6.QtGui import QKeySequence


def native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
