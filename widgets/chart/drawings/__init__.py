"""Drawing on the chart: what is shared by all charts, what a chart paints, and what the mouse does."""
