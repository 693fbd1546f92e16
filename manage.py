#!/usr/bin/env python
"""Run a management command, in the environment that ``quickstart`` set up if there is one."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from migrator_site import environment


def main() -> int:
    """Fill in what the environment leaves open, then hand over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "migrator_site.settings")
    if sys.argv[1:2] == ["quickstart"] and not {"-h", "--help"} & set(sys.argv):
        environment.choose_for_quickstart()
    environment.fill_in_from_quickstart()
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
