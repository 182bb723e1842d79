"""The administration of webhooks and what they send: to find out why nothing arrives, and to send it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from dsboard.admin.base import ReadOnlyAdmin
from dsboard.errors import Refusal
from dsboard.models import Delivery, Membership, Webhook


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """The address is as good as a password, so it is masked here too, and nobody searches in it."""

    list_display = ("team", "masked", "format", "is_on", "created_at", "created_by")
    list_filter = ("is_on", "format", ("team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("team", "created_by")
    search_fields = ("team__key", "team__name", "created_by__name", "created_by__email")
    fields = ("team", "masked", "format", "events", "is_on", "rotation", "created_at", "created_by")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No filter made up in the address bar either: it would guess the address letter by letter."""
        return lookup.partition("__")[0] != "url" and super().lookup_allowed(lookup, value, request)

    @admin.display(description="address")
    def masked(self, webhook: Webhook) -> str:
        return webhook.masked


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "team", "event", "title", "state", "attempts", "status", "error", "due_at", "sent_at")
    list_filter = ("state", "event", ("webhook__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("webhook__team",)
    search_fields = ("webhook__team__key", "webhook__team__name", "key", "error")
    search_help_text = "A team, or the words of an error"
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ("send_again",)

    @admin.display(ordering="webhook__team__name")
    def team(self, delivery: Delivery) -> str:
        return delivery.webhook.team.key

    @admin.display
    def title(self, delivery: Delivery) -> Any:
        return delivery.facts["title"]

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: Any, deliveries: QuerySet[Delivery]) -> None:
        """One by one: what can't be sent is named with the reason, the others are sent."""
        queued = 0
        for delivery in deliveries.select_related("webhook__team"):
            try:
                delivery.replay(Membership.of_staff(request.user, delivery.webhook.team))
                queued += 1
            except Refusal as refusal:
                self.message_user(request, f"{delivery}: {refusal.sentence}", messages.ERROR)
        self.message_user(request, f"On their way once more: {queued}.")

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Whoever may change deliveries may send them again, although nothing else of one can change."""
        return request.user.has_perm("dsboard.change_delivery")
