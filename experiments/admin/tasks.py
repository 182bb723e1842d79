"""Cards: found, read, and put back."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dsboard.admin import WithHistory
from dsboard.errors import Refusal
from dsboard.models import Membership
from experiments.admin.inlines import (
    AmendmentInline,
    DecisionInline,
    DeliverableInline,
    FindingInline,
    LinkInline,
    MetricInline,
    TimeBoxInline,
)
from experiments.models import Task

A_PAGE = 50


class WhereFilter(admin.SimpleListFilter):
    """On a board, ended, dropped, or in the bin."""

    title = "where it is"
    parameter_name = "where"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "On a board"), ("ended", "Ended"), ("dropped", "Dropped"), ("bin", "In the bin")]

    def queryset(self, request: HttpRequest, tasks: QuerySet[Any]) -> QuerySet[Any]:
        found = {
            "open": Q(deleted_at=None, ended_at=None),
            "ended": Q(deleted_at=None, dropped_at=None, ended_at__isnull=False),
            "dropped": Q(deleted_at=None, dropped_at__isnull=False),
            "bin": Q(deleted_at__isnull=False),
        }
        return tasks.filter(found.get(self.value() or "", Q()))


@admin.register(Task)
class TaskAdmin(WithHistory):
    list_display = ("ref", "title", "kind", "stage", "owner", "where", "updated_at")
    list_filter = (WhereFilter, "kind", "stage", "bucket", "origin_reversed", ("team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner", "team")
    search_fields = ("ref", "title", "external_id", "owner__name", "owner__email")
    search_help_text = "Reference, title, name in the tracker it came from, or owner."
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    # Counting a million cards would cost more than the page itself.
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (TimeBoxInline, AmendmentInline, MetricInline, DeliverableInline, FindingInline, DecisionInline, LinkInline)
    actions = ("move_to_bin", "restore")
    fieldsets = (
        (None, {"fields": ("ref", "team", "kind", "stage", "title", "owner", "decider", "on_board")}),
        ("What it asks", {"fields": ("statement", "success", "description")}),
        ("What it delivers", {"fields": ("points", "confidence", "comparable_to", "serves", "work", "done_note")}),
        (
            "What happened",
            {"fields": ("bucket", "phase", "external_id", "version", "created_by", "created_at", "updated_at", "started_at")},
        ),
        ("How it ended", {"fields": ("ended_at", "dropped_at", "drop_reason", "deleted_at", "deleted_by", "origin_reversed")}),
    )
    readonly_fields = ("on_board",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("team", "owner", "decider", "created_by", "deleted_by", "comparable_to")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Actions stay although nothing is edited here: they ask the verbs."""
        return {name: self.get_action(name) for name in self.actions} if request.user.has_perm("experiments.change_task") else {}

    @admin.display(description="where")
    def where(self, task: Task) -> str:
        if task.deleted_at:
            return "in the bin"
        return "dropped" if task.dropped_at else "ended" if task.ended_at else "open"

    @admin.display(description="on its board")
    def on_board(self, task: Task) -> SafeString:
        return format_html('<a href="{}">{}</a>', task.get_absolute_url(), task.ref)

    @admin.action(description="Move to the bin")
    def move_to_bin(self, request: Any, tasks: QuerySet[Task]) -> None:
        self.each(request, tasks, "Moved to the bin", lambda task, by: task.delete_to_bin(by))

    @admin.action(description="Restore from the bin, or after a drop")
    def restore(self, request: Any, tasks: QuerySet[Task]) -> None:
        self.each(request, tasks, "Restored", lambda task, by: task.restore(by))

    def each(self, request: Any, tasks: QuerySet[Task], said: str, verb: Callable[[Task, Membership], Any]) -> None:
        """One by one, by the verb: a card that refuses is named with the reason, the others go on."""
        done = []
        for task in tasks:
            try:
                verb(task, Membership.of_staff(request.user, task.team))
                done.append(task.ref)
            except Refusal as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
        if done:
            self.message_user(request, f"{said}: {', '.join(done)}.")
