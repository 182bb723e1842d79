"""All settings, read from the environment; CONTRACT names them in the README's table.

Nothing set means the embedded default: SQLite, jobs inside the web process, mail as files,
everything in the data folder. A secret may come from a file: NAME_FILE instead of NAME.
"""

import importlib.util
import secrets
import sys
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from dsboard.destinations import Allowed

env = environ.FileAwareEnv()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DSBOARD_DATA", default=str(BASE_DIR / "data"))).resolve()
# Stripped, because a file that holds a secret usually ends with a newline.
DATABASE_URL = env.str("DATABASE_URL", default="").strip()
REDIS_URL = env.str("REDIS_URL", default="").strip()
PUBLIC_URL = env.str("DSBOARD_URL", default="").rstrip("/")
S3_BUCKET = env.str("DSBOARD_S3_BUCKET", default="")
API_RATE = env.str("DSBOARD_API_RATE", default="")
try:
    WEBHOOK_ALLOW = Allowed.of(env.list("DSBOARD_WEBHOOK_ALLOW", default=[]))
except ValueError as error:
    raise ImproperlyConfigured(f"DSBOARD_WEBHOOK_ALLOW: {error}") from error
try:
    # Tracking servers stand in a private network nearly always; who shares a server with others names what may be reached.
    trackers = env.list("DSBOARD_TRACKER_ALLOW", default=None)
    TRACKER_ALLOW = Allowed.private("DSBOARD_TRACKER_ALLOW") if trackers is None else Allowed.of(trackers, "DSBOARD_TRACKER_ALLOW")
except ValueError as error:
    raise ImproperlyConfigured(f"DSBOARD_TRACKER_ALLOW: {error}") from error

try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"The data folder {DATA_DIR} can't be made: {(error.strerror or str(error)).lower()}.") from error


def kept_secret(path: Path) -> str:
    """The secret key of an embedded installation: made once, readable by its owner only."""
    try:
        return path.read_text()
    except FileNotFoundError:
        key = secrets.token_urlsafe(50)
        path.touch(mode=0o600)
        path.write_text(key)
        return key


SECRET_KEY = env.str("SECRET_KEY", default="").strip()
if not SECRET_KEY:
    if DATABASE_URL:
        raise ImproperlyConfigured("Set SECRET_KEY (or SECRET_KEY_FILE): with DATABASE_URL the key is not made for you.")
    SECRET_KEY = kept_secret(DATA_DIR / "secret.key")

DEBUG = False
public = urlsplit(PUBLIC_URL)
SECURE = public.scheme == "https"
ALLOWED_HOSTS = [public.hostname, "localhost", "127.0.0.1", "[::1]"] if public.hostname else ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{public.scheme}://{public.netloc}"] if public.netloc else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "dsboard_session"
CSRF_COOKIE_NAME = "dsboard_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

INSTALLED_APPS = [
    "dsboard.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "csp",
    "dsboard",
    "experiments",
    "sprints",
    "handoffs",
]

MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "dsboard.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dsboard.access.SignedInMiddleware",
    "dsboard.http.RefusalMiddleware",
    "dsboard.access.TeamMiddleware",
]

ROOT_URLCONF = "dsboard.urls"
ASGI_APPLICATION = "dsboard.asgi.application"
AUTH_USER_MODEL = "dsboard.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_RESET_TIMEOUT = 3600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dsboard.context.shell",
                # By name: this floor composes the others.
                "sprints.context.running",
            ],
            "builtins": ["dsboard.templatetags.board", "django.templatetags.static"],
        },
    }
]

# Widgets are drawn by the templates above, so that one may bring a template of its own.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    if DATABASES["default"]["ENGINE"].endswith("postgresql"):
        # Measured: without the pool each request pays 4-5 ms for a connection of its own.
        DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": env.int("DSBOARD_POOL", default=8), "timeout": 5}}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "dsboard.sqlite3"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Deferred transactions answered "database is locked" at once under four writers, in spite of the timeout.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
    }

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("DSBOARD_MAIL_FROM", default="dsboard@localhost")
#: seconds that a mail server has to answer
EMAIL_TIMEOUT = 15
#: seconds after which a letter that is still being handed over counts as perhaps sent; longer than any hand-over takes
MAIL_LEASE = 180
MAIL_DOMAIN = public.hostname or "dsboard.localhost"
#: where this server is found without DSBOARD_URL; `up` sets the port
LOCAL_URL = "http://127.0.0.1:8000"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# collectstatic with compression takes half a minute, so only the image build runs it; a checkout serves the sources.
COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()
COLLECTING = sys.argv[1:2] == ["collectstatic"]
if not COLLECTED:
    warnings.filterwarnings("ignore", message="No directory at")
WHITENOISE_USE_FINDERS = not COLLECTED
WHITENOISE_MAX_AGE = 3600 if COLLECTED else 0
FILES: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "attachments"}}
if S3_BUCKET:
    if not importlib.util.find_spec("storages"):
        raise ImproperlyConfigured("DSBOARD_S3_BUCKET needs requirements/s3.txt: ./dev installs it, or pip does.")
    FILES = {
        "BACKEND": "dsboard.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            # Without these boto asks its own sources: its environment, its files, the machine's role.
            "endpoint_url": env.str("DSBOARD_S3_ENDPOINT", default="") or None,
            "region_name": env.str("DSBOARD_S3_REGION", default="") or None,
            "access_key": env.str("DSBOARD_S3_KEY", default="").strip() or None,
            "secret_key": env.str("DSBOARD_S3_SECRET", default="").strip() or None,
        },
    }
STORAGES = {
    "default": FILES,
    "staticfiles": {
        "BACKEND": "dsboard.static_files.HashedFiles"
        if COLLECTED or COLLECTING
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# Celery carries no facts: every task is a short sweep over rows, so JSON and a lossy in-memory broker are enough.
CELERY = {
    "broker_url": REDIS_URL or "memory://localhost/",
    "task_ignore_result": True,
    "task_serializer": "json",
    "accept_content": ["json"],
    "timezone": "UTC",
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_prefetch_multiplier": 16,
    "broker_connection_retry_on_startup": True,
    "beat_schedule_filename": str(DATA_DIR / "beat-schedule"),
    "broker_transport_options": {"polling_interval": 0.1} if not REDIS_URL else {},
    "beat_schedule": {
        "sweep-sign-in": {"task": "dsboard.sweep", "schedule": 20.0, "options": {"expires": 20}},
        "remind": {"task": "experiments.remind", "schedule": 20.0, "options": {"expires": 20}},
        "mail": {"task": "dsboard.mail", "schedule": 20.0, "options": {"expires": 20}},
        "deliver": {"task": "dsboard.deliver", "schedule": 20.0, "options": {"expires": 20}},
        "holidays": {"task": "dsboard.holidays", "schedule": 24 * 3600.0, "options": {"expires": 3600}},
        "monitor": {"task": "handoffs.monitor", "schedule": 300.0, "options": {"expires": 300}},
        "track": {"task": "experiments.track", "schedule": 10.0, "options": {"expires": 10}},
        "recheck": {"task": "handoffs.recheck", "schedule": 60.0, "options": {"expires": 60}},
        "empty-bins": {"task": "experiments.empty_bins", "schedule": 3600.0, "options": {"expires": 3600}},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_secrets": {"()": "dsboard.logs.WithoutSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secrets"]}},
    "root": {"handlers": ["console"], "level": env.str("DSBOARD_LOG", default="WARNING")},
}
