#!/usr/bin/env python
"""Django's command line for dsboard."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from dsboard.serving import folder

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dsboard.settings")
    try:
        if sys.argv[1:2] == ["up"]:
            folder.choose(sys.argv[2:])
        execute_from_command_line(sys.argv)
    except (folder.Unusable, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
