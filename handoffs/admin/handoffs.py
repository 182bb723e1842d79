"""Handoffs over all teams: what is held up where, every line with who said yes, every signature that was given."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from dsboard.admin import WithHistory
from experiments.admin.inlines import ReadOnlyInline
from experiments.admin.tasks import A_PAGE
from handoffs.models import Handoff, Line, Signature
from handoffs.stages import LineState


class LineInline(ReadOnlyInline):
    model = Line
    fields = ("slug", "state", "owner", "evidence", "reason", "due_on", "provided_by", "provided_at", "said_yes", "task")
    readonly_fields = ("said_yes",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("owner", "provided_by", "task").prefetch_related("verifications__by")

    @admin.display(description="verified by")
    def said_yes(self, line: Line) -> str:
        return ", ".join(f"{one.by or 'somebody'} for {one.get_side_display()}, {one.at:%Y-%m-%d}" for one in line.yes.values()) or "-"


class SignatureInline(ReadOnlyInline):
    model = Signature
    verbose_name_plural = "signatures, those for an earlier version included"
    fields = ("side", "by", "at", "void_at", "void_reason", "signed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


@admin.register(Handoff)
class HandoffAdmin(WithHistory):
    list_display = ("__str__", "team", "revision", "state", "offered_side", "blocked", "due_on", "created_by", "created_at")
    list_filter = ("state", "offered_side", ("version__model__team", admin.RelatedOnlyFieldListFilter))
    search_fields = ("version__name", "version__model__name", "reason", "lines__reason")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (LineInline, SignatureInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        held = Count("lines", filter=Q(lines__state=LineState.BLOCKED), distinct=True)
        return super().get_queryset(request).select_related("version__model__team", "created_by").annotate(held=held)

    @admin.display(ordering="version__model__team__name")
    def team(self, handoff: Handoff) -> str:
        return str(handoff.version.model.team)

    @admin.display(description="blocked lines", ordering="held")
    def blocked(self, handoff: Any) -> int:
        return int(handoff.held)
