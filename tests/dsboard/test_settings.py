"""What the environment means, read by real processes."""

from pathlib import Path

from tests.processes import manage


def setting(name: str, **environment: str) -> str:
    run = manage("shell", "-v0", "-c", f"from django.conf import settings; print(settings.{name})", **environment)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip().splitlines()[-1]


def test_nothing_set_means_sqlite_and_jobs_in_the_process(tmp_path: Path) -> None:
    assert setting("DATABASES['default']['NAME']", DSBOARD_DATA=str(tmp_path)) == str(tmp_path / "dsboard.sqlite3")
    assert setting("CELERY['broker_url']", DSBOARD_DATA=str(tmp_path)).startswith("memory://")


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = setting("SECRET_KEY", DSBOARD_DATA=str(tmp_path))
    assert len(first) >= 50
    assert setting("SECRET_KEY", DSBOARD_DATA=str(tmp_path)) == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    assert setting("SECRET_KEY", DSBOARD_DATA=str(tmp_path), SECRET_KEY_FILE=str(tmp_path / "key")) == "from a file"
    (tmp_path / "url").write_text("postgres://u:p@db:5432/board\n")
    environment = {"DATABASE_URL_FILE": str(tmp_path / "url"), "SECRET_KEY": "x", "DSBOARD_DATA": str(tmp_path)}
    assert setting("DATABASES['default']['NAME']", **environment) == "board"


def test_a_server_database_needs_a_key_of_its_own(tmp_path: Path) -> None:
    run = manage("check", DATABASE_URL="postgres://u:p@db/board", DSBOARD_DATA=str(tmp_path))
    assert run.returncode == 2
    assert run.stderr == "Set SECRET_KEY (or SECRET_KEY_FILE): with DATABASE_URL the key is not made for you.\n"
    assert not (tmp_path / "secret.key").exists()


def test_an_https_address_turns_on_what_belongs_to_it(tmp_path: Path) -> None:
    plain = {"DSBOARD_DATA": str(tmp_path)}
    secure = plain | {"DSBOARD_URL": "https://board.example/"}
    names = "SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0, settings.CSRF_TRUSTED_ORIGINS"
    assert setting(names, **plain) == "False False False []"
    assert setting(names, **secure) == "True True True ['https://board.example']"


def test_the_internal_hosts_of_webhooks_are_read_once_and_a_mistake_is_named(tmp_path: Path) -> None:
    plain = {"DSBOARD_DATA": str(tmp_path)}
    assert setting("WEBHOOK_ALLOW.hosts, settings.WEBHOOK_ALLOW.networks", **plain) == "frozenset() ()"
    words = setting("WEBHOOK_ALLOW", **plain, DSBOARD_WEBHOOK_ALLOW="chat.internal:8065, 10.0.0.0/8")
    assert "('chat.internal', 8065)" in words and "10.0.0.0/8" in words
    run = manage("check", **plain, DSBOARD_WEBHOOK_ALLOW="chat.internal,http://10.0.0.1")
    assert run.returncode == 2
    assert run.stderr == "DSBOARD_WEBHOOK_ALLOW: “http://10.0.0.1” is no host name, host:port or network such as 10.0.0.0/8.\n"
