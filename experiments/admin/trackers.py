"""Tracking servers and links, over all teams: to see why nothing comes, and to have it read again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dsboard import clock
from dsboard.admin import ReadOnlyAdmin
from experiments.models import RunLink, Tracker


@admin.register(Tracker)
class TrackerAdmin(ReadOnlyAdmin):
    """Nothing of the secret is here, encrypted or not, and nobody searches in it."""

    list_display = ("name", "team", "host", "is_on", "trouble", "failures", "synced_at", "next_at")
    list_filter = ("trouble", "is_on", ("team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("team",)
    search_fields = ("name", "url", "team__key", "team__name")
    fields = ("team", "name", "url", "auth", "user", "by_tag", "is_on", "trouble", "said", "failures", "synced_at", "next_at", "created_by")
    actions = ("read_now",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup.partition("__")[0] not in ("sealed", "certificate") and super().lookup_allowed(lookup, value, request)

    @admin.action(description="Read now", permissions=["read_now"])
    def read_now(self, request: Any, trackers: QuerySet[Tracker]) -> None:
        asked = Tracker.objects.filter(pk__in=trackers.values("pk"), is_on=True).update(next_at=clock.now())
        self.message_user(request, f"Read within the next seconds: {asked}.")

    def has_read_now_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("experiments.change_tracker")


@admin.register(RunLink)
class RunLinkAdmin(ReadOnlyAdmin):
    list_display = ("task", "what", "tracker", "trouble", "synced_at", "at")
    list_filter = ("trouble", ("task__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("task__team", "tracker")
    search_fields = ("task__ref", "experiment")
