"""A whole installation on one computer, for a trial: prepared, served and cleaned up after.

``installation`` makes what is missing, ``broker`` finds a queue server, ``supervision`` keeps the
programs together, and ``serving`` puts the three in order.
"""
