"""Figures: ratios measured in one run, never asserted."""
