"""Walk-forward: windows, search, robustness statistics, the trial ledger."""
