"""Models in operation, over all teams, to read: what is watched, what was alarmed, what is planned."""

from django.contrib import admin

from dsboard.admin import ReadOnlyAdmin
from handoffs.models import Alarm, RegistryLink, RetrainingPlan, Series


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ("name", "model", "direction", "threshold", "times", "window", "cadence_hours", "drift", "created_at")
    list_filter = ("direction", "drift", ("model__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("model",)
    search_fields = ("name", "model__name")


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    list_display = ("at", "series", "version", "kind", "text", "task", "over_at", "feedback", "feedback_by")
    list_filter = ("kind", "feedback", ("series__model__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("series", "version__model", "task", "feedback_by")
    search_fields = ("text", "series__name", "series__model__name")
    date_hierarchy = "at"


@admin.register(RetrainingPlan)
class RetrainingPlanAdmin(ReadOnlyAdmin):
    list_display = ("model", "every", "next_on", "on_alarm", "by", "at")
    list_filter = ("every", "on_alarm", ("model__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("model", "by")
    search_fields = ("model__name",)


@admin.register(RegistryLink)
class RegistryLinkAdmin(ReadOnlyAdmin):
    list_display = ("name", "model", "tracker", "synced_at", "said", "by", "at")
    list_filter = (("model__team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("model", "tracker", "by")
    search_fields = ("name", "model__name")
