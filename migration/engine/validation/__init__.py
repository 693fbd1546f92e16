"""Validation: comparing both sides, and telling what was found."""
