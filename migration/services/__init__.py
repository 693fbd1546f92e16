"""What the product does: one verb per function, whatever door it is called through."""
