"""A script that calls the API with a token."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from dsboard.models import ApiToken, Membership


class Caller:
    """Calls as `who`, or as nobody; answers are Django's, with json()."""

    def __init__(self, who: Membership | None = None, scope: str = "write", token: str = "") -> None:
        self.token = token or (ApiToken.issue(who, scope=scope) if who else "")
        self.client = Client()

    def __call__(self, method: str, path: str, sent: Any = None, **headers: str) -> Any:
        """Send one request to /api/v1; `sent` becomes JSON."""
        named = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = "" if sent is None else json.dumps(sent)
        return self.client.generic(method, f"/api/v1{path}", body, content_type="application/json", headers=named | headers)

    def raw(self, method: str, path: str, body: bytes, content_type: str = "application/json") -> Any:
        """Send bytes as they are."""
        return self.client.generic(
            method, f"/api/v1{path}", body, content_type=content_type, headers={"Authorization": f"Bearer {self.token}"}
        )

    def upload(self, path: str, name: str = "report.pdf", content: bytes = b"%PDF") -> Any:
        """Send a file as a form would."""
        sent = {"file": SimpleUploadedFile(name, content)}
        return self.client.post(f"/api/v1{path}", sent, headers={"Authorization": f"Bearer {self.token}"} if self.token else {})

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, **sent: Any) -> Any:
        return self("POST", path, sent)

    def patch(self, path: str, **sent: Any) -> Any:
        return self("PATCH", path, sent)

    def delete(self, path: str, **sent: Any) -> Any:
        return self("DELETE", path, sent or None)
