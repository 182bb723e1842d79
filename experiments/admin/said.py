"""What hangs on cards, over all teams: findings, decisions, comments, files and labels."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from dsboard.admin import ReadOnlyAdmin
from experiments.admin.inlines import ResultInline
from experiments.admin.tasks import A_PAGE
from experiments.models import Attachment, Comment, Decision, Finding, Label


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    list_display = ("task", "verdict", "suggestion", "learned", "by", "at")
    list_filter = ("verdict", "suggestion", ("task__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("task", "by")
    search_fields = ("task__ref", "task__title", "tried", "learned", "next")
    date_hierarchy = "at"
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (ResultInline,)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("task", "outcome", "why", "confidence", "by", "at", "standing")
    list_filter = ("outcome", "standing", "confidence", ("task__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("task", "by")
    search_fields = ("task__ref", "task__title", "why", "override_reason")
    date_hierarchy = "at"
    show_full_result_count = False
    list_per_page = A_PAGE
    fields = ("task", "outcome", "why", "confidence", "override_reason", "by", "at", "standing", "reversed_because", "evidence")
    readonly_fields = ("reversed_because",)

    @admin.display(description="reversed because")
    def reversed_because(self, decision: Decision) -> str:
        reversal = decision.reversal_or_none
        return f"{reversal.reason} ({reversal.by}, {reversal.at:%d %B %Y})" if reversal else ""


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    list_display = ("task", "text_start", "by", "at")
    list_filter = (("task__team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("task", "by")
    search_fields = ("text", "task__ref", "by__name", "by__email")
    date_hierarchy = "at"
    show_full_result_count = False
    list_per_page = A_PAGE
    fields = ("task", "text", "by", "at")

    @admin.display(description="comment")
    def text_start(self, comment: Comment) -> str:
        return str(comment)


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    """Which files lie on which cards; the files themselves are for the team."""

    list_display = ("name", "task", "size", "by", "at", "removed_at")
    list_filter = (("task__team", admin.RelatedOnlyFieldListFilter), ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = ("task", "by")
    search_fields = ("name", "task__ref", "by__name", "by__email")
    date_hierarchy = "at"
    show_full_result_count = False
    list_per_page = A_PAGE
    fields = ("task", "name", "size", "by", "at", "removed_at")


@admin.register(Label)
class LabelAdmin(admin.ModelAdmin):
    """Labels may be corrected and, when no card has them, deleted."""

    list_display = ("name", "team", "cards")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("team",)
    search_fields = ("name",)
    fields = ("team", "name")
    readonly_fields = ("team",)
    list_per_page = A_PAGE

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(card_count=Count("tasks"))

    @admin.display(description="cards", ordering="card_count")
    def cards(self, label: Any) -> int:
        return int(label.card_count)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.tasks.exists())
