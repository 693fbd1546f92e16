"""The engine: everything that knows documents and nothing that knows Django.

It reads datafiles, keeps the new databases, copies, compares and plans, and can be driven from a
plain Python shell. Workflows (``planning``, ``copying`` …) speak to databases through ``ports``;
what may import what is written down in pyproject.toml and checked.
"""
