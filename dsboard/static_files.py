"""How static files are stored in an image: with a hash in each name, also where one module imports another."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    # Without the second line a new page would run with old modules until the browser's copy of them ends.
    # Only our own: comments in other people's scripts look like imports of files that are not there.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
