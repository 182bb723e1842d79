"""The log keeps no secret of an address."""

import logging

import pytest

from dsboard.logs import WithoutSecrets


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/calendar/pX3-u_8bTQm9wLr2.ics", "/calendar/….ics"),
        ("/sign-in/SA5984lCgyNyRL3LgT-CJ7_zoF4/", "/sign-in/…/"),
        ("/me/mail-stop/eyJhIjoxfQ:1tR2:abc-DEF_gh/", "/me/mail-stop/…/"),
        ("/password/Mjk/cxyz12-0a1b2c3d4e5f/", "/password/Mjk/…/"),
        ("/t/FRAUD/tasks/FRAUD-12/", "/t/FRAUD/tasks/FRAUD-12/"),
        ("/sign-in/", "/sign-in/"),
    ],
)
def test_what_is_kept_of_an_address(address: str, kept: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Method Not Allowed", address), None)
    assert WithoutSecrets().filter(record)
    assert record.getMessage() == f"Method Not Allowed: {kept}"
