"""One address space for several ASGI applications."""

from collections.abc import Mapping

from dsboard.serving.bridge import Asgi, Receive, Scope, Send


def mount(pages: Asgi, beside: Mapping[str, Asgi] | None = None) -> Asgi:
    """An application that hands each path to the one mounted at its prefix, and everything else to `pages`."""
    prefixes = dict(beside or {})

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        chosen = next((app for prefix, app in prefixes.items() if path.startswith(prefix)), pages)
        await chosen(scope, receive, send)

    return application
