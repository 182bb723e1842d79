"""The server of a benchmark: writes the teams of a module, says on one line how to reach them, serves until it is stopped."""

import importlib
import json
import os
import sys

import django

from dsboard.serving import server


def main(module: str, numbers: list[int]) -> None:
    django.setup()
    said = importlib.import_module(module).prepare(*numbers)
    listener = server.listen("127.0.0.1", 0)
    print(json.dumps({"port": listener.getsockname()[1], **said}), flush=True)
    workers = int(os.environ.get("BENCH_WORKERS", "1"))
    if workers > 1:
        server.serve_by(workers, listener)
    else:
        server.serve(listener)


if __name__ == "__main__":
    main(sys.argv[1], [int(number) for number in sys.argv[2:]])
