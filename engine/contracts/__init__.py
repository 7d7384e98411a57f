"""The leaf of the tree: names, frozen messages, array dtypes and errors that every part shares. No I/O, no clock."""
