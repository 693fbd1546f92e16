"""The legacy format: datafiles of NeDB, read as bytes, line by line, and never through NeDB.

Loading a datafile with the library rewrites it, so merely looking would change what we promised to
leave alone.
"""
