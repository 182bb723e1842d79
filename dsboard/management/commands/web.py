"""The web server alone; with DATABASE_URL and REDIS_URL the worker and beat run as processes of their own."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from dsboard.serving import server


class Command(BaseCommand):
    help = "Run the web server without jobs, one process a core, behind a buffering proxy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=1, help="processes; one a core is a good number")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        """Serve until SIGTERM or Ctrl-C; a taken port is one sentence and exit code 2."""
        try:
            listener = server.listen(host, port)
        except server.Taken as taken:
            self.stderr.write(str(taken))
            sys.exit(2)
        if workers > 1:
            server.serve_by(workers, listener)
        else:
            server.serve(listener)
