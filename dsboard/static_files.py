"""How static files are stored in an image: with a hash in each name, also where one module imports another, and one style sheet."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/app.css"


class HashedFiles(CompressedManifestStaticFilesStorage):
    # Without the second line a new page would run with old modules until the browser's copy of them ends.
    # Only our own: comments in other people's scripts look like imports of files that are not there.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if SHEET in paths and not dry_run:
            self.delete(SHEET)
            self.save(SHEET, ContentFile(joined(SHEET, paths).encode()))
            paths = paths | {SHEET: (self, SHEET)}
        yield from super().post_process(paths, dry_run, **options)


def joined(sheet: str, paths: dict[str, Any]) -> str:
    """A sheet with those that it names in the place of their names: thirty small files are a third more bytes, and thirty waits."""

    def text(name: str) -> str:
        storage, path = paths[name]
        with storage.open(path) as file:
            return str(file.read().decode())

    folder = sheet.rpartition("/")[0]
    return re.sub(r'@import url\("([^"]+)"\);', lambda named: text(f"{folder}/{named[1]}"), text(sheet))
