"""The admin site, which signs in through the same page as everybody else, and what its pages have in common."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class AdminSite(admin.AdminSite):
    site_header = "dsboard administration"
    site_title = "dsboard"
    index_title = "Administration"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send a stranger to the sign-in page; somebody signed in who is not staff is refused."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("The administration is for staff of this server.")
        return redirect_to_login(request.get_full_path().replace("/login/", "/", 1))


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that are looked at, never typed in, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
