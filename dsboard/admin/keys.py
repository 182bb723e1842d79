"""What opens the board without signing in: API tokens and calendar feeds. They are ended here, never made or read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dsboard.admin.base import ReadOnlyAdmin
from dsboard.models import ApiToken, Feed


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("prefix", "name", "person", "team", "scope", "created_at", "last_used_at", "revoked_at")
    list_filter = ("scope", ("revoked_at", admin.EmptyFieldListFilter), ("membership__team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("membership__user", "membership__team")
    search_fields = ("prefix", "name", "membership__user__name", "membership__user__email")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.display(ordering="membership__user__name")
    def person(self, token: ApiToken) -> str:
        return token.membership.user.name

    @admin.display(ordering="membership__team__name")
    def team(self, token: ApiToken) -> str:
        return token.membership.team.key

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        living = tokens.filter(revoked_at=None)
        count = len(living)
        for token in living:
            token.revoke()
        self.message_user(request, f"Revoked: {count}.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever may change tokens may end them, although nothing else of one can change."""
        return request.user.has_perm("dsboard.change_apitoken")


@admin.register(Feed)
class FeedAdmin(ReadOnlyAdmin):
    list_display = ("person", "created_at", "last_used_at")
    list_filter = (("last_used_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.display(ordering="user__name")
    def person(self, feed: Feed) -> str:
        return feed.user.name

    @admin.action(description="Revoke: the address stops", permissions=["revoke"])
    def revoke(self, request: HttpRequest, feeds: QuerySet[Feed]) -> None:
        reached = list(feeds)
        for feed in reached:
            feed.revoke()
        self.message_user(request, f"Revoked: {len(reached)}.")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever may change feeds may end them, although nothing else of one can change."""
        return request.user.has_perm("dsboard.change_feed")
