"""The server of the board's benchmark: writes the teams, says on one line how to reach them, serves until it is stopped."""

import importlib
import json
import sys

import django

from dsboard.serving import server


def main(sizes: list[int], past: int) -> None:
    django.setup()
    said = importlib.import_module("benchmarks._team").prepare(sizes, past)
    listener = server.listen("127.0.0.1", 0)
    print(json.dumps({"port": listener.getsockname()[1], **said}), flush=True)
    server.serve(listener)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[2:]], int(sys.argv[1]))
