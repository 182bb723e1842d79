"""What happened, who was told, and whether the jobs run."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from dsboard.admin.base import ReadOnlyAdmin
from dsboard.errors import Refusal
from dsboard.models import Activity, JobRun, Notice


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "verb", "subject_ref", "change", "team")
    list_filter = ("verb", "subject_type", ("team", admin.RelatedOnlyFieldListFilter), ("actor", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("actor", "team")
    search_fields = ("subject_ref", "actor__name", "actor__email")
    search_help_text = "A reference such as FRAUD-42, or who did it"
    date_hierarchy = "at"
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(empty_value="")
    def change(self, activity: Activity) -> str:
        """The field with what it was and what it became."""
        values = [str(value)[:80] for value in (activity.before, activity.after) if value not in (None, "")]
        return f"{activity.field_label}: {' → '.join(values)}".strip(": ")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """The inbox of everybody, and the outbox of mail: each notice with the state of its mail."""

    list_display = ("at", "user", "kind", "title", "team", "read_at", "mail", "mail_due_at", "mail_tries", "mail_error")
    list_filter = ("mail", "kind", ("read_at", admin.EmptyFieldListFilter), ("team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "team")
    search_fields = ("title", "user__name", "user__email", "letter")
    search_help_text = "Words of the subject, a person, or the number of a mail"
    date_hierarchy = "at"
    show_full_result_count = False
    actions = ("send_again",)
    fieldsets = (
        (None, {"fields": ("user", "team", "by", "kind", "title", "text", "why", "url", "at", "read_at", "snoozed_until")}),
        ("Mail", {"fields": ("mail", "mail_due_at", "mail_tries", "letter", "handed_at", "mail_error")}),
        ("Keys", {"fields": ("key", "about")}),
    )

    @admin.action(description="Send the mail again", permissions=["resend"])
    def send_again(self, request: Any, notices: QuerySet[Notice]) -> None:
        """One by one: what is on its way already is named, the others are sent with the next sweep."""
        count = 0
        for notice in notices:
            try:
                notice.resend(request.user)
                count += 1
            except Refusal as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
        self.message_user(request, f"Sent again with the next sweep: {count}.")

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Whoever may change notices may send their mail again, although nothing else of one can change."""
        return request.user.has_perm("dsboard.change_notice")


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "ran_at")
    search_fields = ("name",)
    ordering = ("-ran_at",)
