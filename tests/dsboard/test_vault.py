"""Secrets at rest."""

from typing import Any

import pytest

from dsboard import vault


def test_what_is_sealed_is_read_again_and_not_to_be_seen() -> None:
    sealed = vault.seal("a päss word")
    assert "word" not in sealed and vault.unseal(sealed) == "a päss word"
    assert vault.seal("a päss word") != sealed, "the same secret looks different each time"
    assert vault.seal("") == vault.unseal("") == ""


def test_another_key_or_a_changed_row_is_said(settings: Any) -> None:
    sealed = vault.seal("secret")
    with pytest.raises(vault.Unreadable):
        vault.unseal(sealed[:-4] + "AAA=")
    settings.SECRET_KEY = "another"
    with pytest.raises(vault.Unreadable):
        vault.unseal(sealed)
