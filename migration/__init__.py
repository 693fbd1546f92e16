"""Rolling Migrator: moves an application's NeDB datafiles into two databases while it runs.

The engine knows documents and nothing of Django; services know runs and nothing of HTTP; the
doors (console, API, command line) parse, authorise, call one service and answer.
"""

__version__ = "0.1.0"
