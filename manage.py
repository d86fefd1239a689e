#!/usr/bin/env python
"""Django's command line: `manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name; say in a sentence what setting is wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Wrong setting: {error}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
