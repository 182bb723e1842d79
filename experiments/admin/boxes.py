"""Time boxes: where each clock stands, how long it ran for whom, and how it was extended."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from dsboard import clock
from dsboard.admin import ReadOnlyAdmin
from dsboard.models import User
from experiments.admin.inlines import ExtensionInline
from experiments.admin.tasks import A_PAGE
from experiments.models import Interval, TimeBox
from experiments.models.time_box import in_state
from experiments.stages import BoxState


class StateFilter(admin.SimpleListFilter):
    """By the state of the clock as it is now."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state.value, state.name.capitalize()) for state in BoxState]

    def queryset(self, request: HttpRequest, boxes: QuerySet[Any]) -> QuerySet[Any]:
        state = self.value() or ""
        return boxes.filter(in_state(BoxState(state), clock.now())) if state in BoxState.values else boxes


@admin.register(TimeBox)
class TimeBoxAdmin(ReadOnlyAdmin):
    list_display = ("task", "owner", "state", "hours", "original_hours", "used", "ends_at", "pause_reason")
    list_filter = (StateFilter, ("task__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("task__owner", "task__team")
    search_fields = ("task__ref", "task__title", "task__owner__name", "task__owner__email")
    date_hierarchy = "ends_at"
    ordering = ("-pk",)
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (ExtensionInline,)
    exclude = ("ended_intervals", "turn")
    readonly_fields = ("intervals",)

    @admin.display(ordering="task__owner__name", empty_value="nobody")
    def owner(self, box: TimeBox) -> str | None:
        return box.task.owner.name if box.task.owner else None

    @admin.display(description="intervals in which the clock ran", empty_value="none yet")
    def intervals(self, box: TimeBox) -> SafeString:
        names = {user.pk: user.name for user in User.objects.filter(pk__in={ran.owner_id for ran in box.intervals})}
        return format_html_join(mark_safe("<br>"), "{}: {} to {}, {}", (self.words_of(ran, names) for ran in box.intervals))

    def words_of(self, ran: Interval, names: dict[int, str]) -> tuple[str, ...]:
        """Who, from, to, how much."""
        name = names[ran.owner_id] if ran.owner_id else "nobody"
        stop = f"{localtime(ran.stopped_at):%Y-%m-%d %H:%M}" if ran.stopped_at else "now"
        return name, f"{localtime(ran.started_at):%Y-%m-%d %H:%M}", stop, f"{ran.used} used" if ran.used is not None else "running"

    @admin.display
    def state(self, box: TimeBox) -> str:
        return box.state_at(clock.now()).value
