"""Runs, over all teams, to read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dsboard.admin import ReadOnlyAdmin
from experiments.admin.inlines import ReadOnlyInline
from experiments.admin.tasks import A_PAGE
from experiments.models import Run, RunMetric


class RunMetricInline(ReadOnlyInline):
    model = RunMetric
    fields = ("name", "last", "odd", "count")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("external_id", "name", "task", "source", "status", "by", "at")
    list_filter = ("source", "status", ("task__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("task", "by")
    search_fields = ("external_id", "name", "task__ref")
    date_hierarchy = "at"
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (RunMetricInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("task__team")
