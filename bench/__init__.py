"""Figures, not tests: `make bench` measures and prints them. Ratios within one run count; machines are noisy."""
