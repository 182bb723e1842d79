"""What the pages of the administration share."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from dsboard.models import Activity

#: lines of history on one page
LINES = 50


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that are looked at, never typed in, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WithHistory(ReadOnlyAdmin):
    """A row whose history is the one that the board keeps, instead of the log of this administration."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            return super().history_view(request, object_id, extra_context)
        lines = Activity.objects.of(row).select_related("actor").order_by("-pk")
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {row}",
            "object": row,
            "opts": self.opts,
            "page": self.get_paginator(request, lines, LINES).get_page(request.GET.get("page")),
        }
        return TemplateResponse(request, "admin/history_of_row.html", context)
