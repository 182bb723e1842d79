"""A worker that reads tracking servers in a process of its own, to be killed: `python -m tests.experiments.tracking.sweeper ACT [WORD]`."""

import importlib
import sys

import django

if __name__ == "__main__":
    django.setup()
    importlib.import_module("tests.experiments.tracking.sweeping").act(*sys.argv[1:])
