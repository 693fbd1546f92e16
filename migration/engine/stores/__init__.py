"""The new databases: adapters of the same shape that do not know one another."""
