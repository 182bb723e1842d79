"""dsboard's own settings with what makes tests fast, quiet and apart from each other."""

import os

from dsboard.settings import *  # noqa: F403
from dsboard.settings import DATA_DIR, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# On SQLite a file, not memory: threads and live servers meet the same locks as in real life.
DATABASES["default"]["TEST"] = {
    "NAME": f"dsboard_test_{os.environ['DSBOARD_TEST_RUN']}"
    if DATABASES["default"]["ENGINE"].endswith("postgresql")
    else str(DATA_DIR / "test.sqlite3")
}
