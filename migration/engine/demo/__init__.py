"""Demo datafiles: what the application of a fictional club would have left after a year and a half.

Somebody who tries the product needs datafiles, and Node to make them is not to be had everywhere.
So their history is told here, line by line, as NeDB itself would have written it: insertions,
changes as whole documents, tombstones, and index lines at each start. The data are clean: every
reference leads somewhere, and a validation has nothing to complain of.
"""

from migration.engine.demo.writing import write_demo_datafiles

__all__ = ["write_demo_datafiles"]
