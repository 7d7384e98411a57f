"""Back-tests: fills, costs, sizing, the simulation kernels, figures and provenance of one run."""
