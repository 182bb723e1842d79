"""The process that the tracking benchmark measures in: a database of its own, its figures as JSON."""

import importlib
import json
import sys

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    json.dump(importlib.import_module("benchmarks._tracking_team").figures(), sys.stdout)


if __name__ == "__main__":
    main()
