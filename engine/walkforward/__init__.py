"""Walk-forward: windows, search, choice, and how far its result can be trusted."""
