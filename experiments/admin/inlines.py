"""What hangs on a card, to read beside it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from experiments.models import (
    Amendment,
    Decision,
    Deliverable,
    Extension,
    Finding,
    Metric,
    Result,
    TaskLink,
    TimeBox,
)


class ReadOnlyInline(admin.TabularInline):
    """Rows beside a card, to read."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TimeBoxInline(ReadOnlyInline):
    model = TimeBox
    fields = ("hours", "original_hours", "started_at", "ends_at", "paused_at", "pause_reason", "resumes_on", "used", "closed_at")


class MetricInline(ReadOnlyInline):
    model = Metric
    fields = (
        "name",
        "direction",
        "target",
        "margin",
        "baseline",
        "aggregation",
        "guardrail",
        "least_runs",
        "data",
        "standing",
        "best",
        "tries",
    )
    readonly_fields = ("standing", "best", "tries")


class DeliverableInline(ReadOnlyInline):
    model = Deliverable
    fields = ("text", "done", "struck_reason")


class FindingInline(ReadOnlyInline):
    model = Finding
    fields = ("at", "by", "verdict", "tried", "learned", "next")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class DecisionInline(ReadOnlyInline):
    model = Decision
    fields = ("at", "by", "outcome", "why", "confidence", "standing")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class AmendmentInline(ReadOnlyInline):
    model = Amendment
    fields = ("at", "by", "field", "before", "after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class ExtensionInline(ReadOnlyInline):
    model = Extension
    fields = ("at", "by", "hours", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class LinkInline(ReadOnlyInline):
    model = TaskLink
    fk_name = "task"
    fields = ("rel", "linked")
    readonly_fields = ("linked",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("other")

    @admin.display(description="card")
    def linked(self, link: TaskLink) -> str:
        return str(link.other)


class ResultInline(ReadOnlyInline):
    model = Result
    fields = ("metric_name", "goal", "value", "is_met", "run", "note")
