"""One management command per module."""
