"""What the panels show, as plain data. No Qt here: order, filter, wording and rounding are tested without a window."""
