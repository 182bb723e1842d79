"""The administration of sprints: to find and to read. Planning, starting and closing is done on the board, by leads."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dsboard.admin import ReadOnlyAdmin, WithHistory
from experiments.admin.inlines import ReadOnlyInline
from experiments.admin.tasks import A_PAGE
from sprints.models import Capacity, Seat, Sprint


class CapacityInline(ReadOnlyInline):
    model = Capacity
    fields = ("user", "availability", "days", "available", "left_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")


class SeatInline(ReadOnlyInline):
    model = Seat
    fields = ("task", "bucket", "planned_bucket", "days", "owner", "removed_at", "end", "used_days", "earned_points", "finished_points")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("task", "owner", "sprint")


@admin.register(Sprint)
class SprintAdmin(WithHistory):
    list_display = ("__str__", "team", "state", "starts_on", "ends_on", "goal", "seats_held", "signed_by")
    list_filter = ("state", ("team", admin.RelatedOnlyFieldListFilter), ("signed_at", admin.EmptyFieldListFilter))
    list_select_related = ("team", "signed_by")
    search_fields = ("goal", "note", "team__name", "team__key")
    date_hierarchy = "starts_on"
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (CapacityInline, SeatInline)
    fieldsets = (
        (None, {"fields": ("number", "team", "state", "goal", "starts_on", "ends_on", "on_board", "version")}),
        ("Frozen at the start", {"fields": ("started_at", "guideline", "tolerance", "rate", "rate_source")}),
        ("Frozen at the close", {"fields": ("closed_at", "boxed_days")}),
        ("Signed off", {"fields": ("signed_at", "signed_by", "note")}),
    )
    readonly_fields = ("on_board", "guideline")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        held = Count("seats", filter=Q(seats__removed_at=None))
        return super().get_queryset(request).select_related("team", "signed_by").annotate(held=held)

    @admin.display(description="seats", ordering="held")
    def seats_held(self, sprint: Any) -> int:
        return int(sprint.held)

    @admin.display(description="guideline, %")
    def guideline(self, sprint: Sprint) -> str:
        return str(sprint.guideline)

    @admin.display(description="on its board")
    def on_board(self, sprint: Sprint) -> SafeString:
        return format_html('<a href="{}">{}</a>', sprint.get_absolute_url(), sprint.ref)


@admin.register(Seat)
class SeatAdmin(ReadOnlyAdmin):
    """Which card was in which sprint, over all teams."""

    list_display = ("task", "sprint", "team", "state", "bucket", "days", "owner", "added_at", "removed_at", "end")
    list_filter = ("state", "end", "bucket", ("sprint__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("task", "sprint__team", "owner")
    search_fields = ("task__ref", "task__title", "owner__name", "owner__email")
    date_hierarchy = "added_at"
    ordering = ("-pk",)
    show_full_result_count = False
    list_per_page = A_PAGE

    @admin.display(ordering="sprint__team__name")
    def team(self, seat: Seat) -> str:
        return str(seat.sprint.team)


@admin.register(Capacity)
class CapacityAdmin(ReadOnlyAdmin):
    """What each person could give to which sprint."""

    list_display = ("user", "sprint", "team", "availability", "days", "available", "left_on")
    list_filter = ("sprint__state", ("sprint__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "sprint__team")
    search_fields = ("user__name", "user__email")
    ordering = ("-pk",)
    show_full_result_count = False
    list_per_page = A_PAGE

    @admin.display(ordering="sprint__team__name")
    def team(self, capacity: Capacity) -> str:
        return str(capacity.sprint.team)
