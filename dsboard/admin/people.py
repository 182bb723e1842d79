"""People, their places in teams, and teams: changed by the verbs that the pages use."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from dsboard import mail
from dsboard.errors import Refusal
from dsboard.models import Activity, Membership, SignInLink, Team, User
from dsboard.roles import Role

admin.site.unregister(Group)


class PlacesOfUser(admin.TabularInline):
    """The teams of a person. Nobody is taken out of a team here: open cards would stay behind; a lead does that."""

    model = Membership
    extra = 0
    fields = ("team", "role", "side", "joined_at")
    readonly_fields = ("joined_at",)
    autocomplete_fields = ("team",)
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("team", "user")


class PlacesOfTeam(PlacesOfUser):
    """The people of a team."""

    fields = ("user", "role", "side", "joined_at")
    autocomplete_fields = ("user",)


class PlacesAdmin(admin.ModelAdmin):
    """Saves memberships by the verbs that the pages use, so that the same rules hold and history tells."""

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for place in formset.new_objects:
            place.save()
            Activity.record(place, "joined", Membership.of_staff(request.user, place.team), after=place.as_history())
        for place, fields in formset.changed_objects:
            if {"team", "user"} & set(fields):
                raise Refusal("A place in a team belongs to one person for good. Add another row instead.")
            now = Membership.objects.select_related("team", "user").get(pk=place.pk)
            now.change(Membership.of_staff(request.user, now.team), role=place.role, side=place.side)


@admin.register(User)
class UserAdmin(PlacesAdmin, DjangoUserAdmin):
    ordering = ("name", "pk")
    list_display = ("name", "email", "is_active", "is_staff", "team_keys", "last_login", "joined_at")
    list_filter = (
        "is_active",
        "is_staff",
        "memberships__role",
        "memberships__side",
        ("memberships__team", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("name", "email")
    readonly_fields = ("last_login", "joined_at")
    filter_horizontal = ("user_permissions",)
    inlines = (PlacesOfUser,)
    actions = ("deactivate", "reactivate", "sign_in_link", "end_sessions")
    add_form = AdminUserCreationForm
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("This server", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        ("Settings", {"fields": ("theme", "single_keys", "mail_off", "digest")}),
        ("Dates", {"fields": ("last_login", "joined_at")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("teams")

    @admin.display(description="teams")
    def team_keys(self, user: User) -> str:
        return ", ".join(team.key for team in user.teams.all())

    def has_change_permission(self, request: Any, obj: User | None = None) -> bool:
        """Whoever is no superuser changes no superuser: a new password for one would be a way up."""
        return super().has_change_permission(request, obj) and (request.user.is_superuser or not (obj and obj.is_superuser))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted: history keeps the name. Deactivate instead."""
        return False

    def get_readonly_fields(self, request: Any, obj: User | None = None) -> tuple[str, ...]:
        """Rights over this server are given by superusers only."""
        rights = () if request.user.is_superuser else ("is_staff", "is_superuser", "user_permissions")
        return (*self.readonly_fields, *rights)

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        if change and "is_active" in form.changed_data and not obj.is_active:
            obj.deactivate(request.user)
        super().save_model(request, obj, form, change)
        if change:
            obj.stir()

    def within_reach(self, request: Any, people: QuerySet[User]) -> QuerySet[User]:
        return people if request.user.is_superuser else people.filter(is_superuser=False)

    @admin.action(description="Deactivate: no more sign-in", permissions=["change"])
    def deactivate(self, request: Any, people: QuerySet[User]) -> None:
        """One by one: whoever can't be deactivated is named with the reason, the others are."""
        closed = []
        for user in self.within_reach(request, people.filter(is_active=True)):
            try:
                user.deactivate(request.user)
                closed.append(user.name)
            except Refusal as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
        self.message_user(request, f"Deactivated: {', '.join(closed) or 'nobody'}.")

    @admin.action(description="Reactivate", permissions=["change"])
    def reactivate(self, request: Any, people: QuerySet[User]) -> None:
        reached = list(self.within_reach(request, people))
        for user in reached:
            user.reactivate()
        self.message_user(request, f"Reactivated: {len(reached)}.")

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def end_sessions(self, request: Any, people: QuerySet[User]) -> None:
        reached = list(self.within_reach(request, people))
        for user in reached:
            user.end_sessions()
        self.message_user(request, f"Signed out everywhere: {len(reached)}.")

    @admin.action(description="Make a sign-in link (shown once)", permissions=["change"])
    def sign_in_link(self, request: Any, people: QuerySet[User]) -> None:
        """Show a link for one person, to hand over."""
        reached = list(self.within_reach(request, people.filter(is_active=True))[:2])
        if len(reached) != 1:
            self.message_user(request, "Choose one active person: each link is handed over by itself.", messages.ERROR)
            return
        user = reached[0]
        address = mail.address_of(reverse("one-time-link", args=[SignInLink.issue(user)]), request)
        self.message_user(request, f"For {user.name}, once and within an hour: {address}", messages.WARNING)


@admin.register(Team)
class TeamAdmin(PlacesAdmin):
    list_display = ("name", "key", "people", "leads", "time_zone", "deciders", "created_at")
    list_filter = ("deciders", "own_decisions", "time_zone")
    search_fields = ("name", "key", "memberships__user__name", "memberships__user__email")
    date_hierarchy = "created_at"
    inlines = (PlacesOfTeam,)
    fieldsets = (
        (None, {"fields": ("key", "name")}),
        (
            "Calendar",
            {
                "fields": ("time_zone", "week", "country", "region", "hours_per_day"),
                "description": "Later, leads change it on the team's own calendar page, which shows which time boxes would move.",
            },
        ),
        ("Decisions", {"fields": ("deciders", "own_decisions")}),
        ("Limits", {"fields": ("limit_active", "limit_analysis", "limit_in_progress", "limit_review")}),
        ("Guideline", {"fields": ("guide_committed", "guide_experiments", "guide_learning", "tolerance")}),
        ("Sprints", {"fields": ("sprint_weeks", "days_per_point")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        leads = Count("memberships", filter=Q(memberships__role=Role.LEAD), distinct=True)
        return super().get_queryset(request).annotate(count=Count("memberships", distinct=True), count_of_leads=leads)

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple[str, ...]:
        """The key starts every reference that people wrote down, so it stays; a calendar moves deadlines."""
        return ("key", *Team.CALENDAR) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Team, form: Any, change: bool) -> None:
        """A change goes through the team's own verb, which records it."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        Team.objects.get(pk=obj.pk).change(Membership.of_staff(request.user, obj), **changed)

    @admin.display(ordering="count")
    def people(self, team: Any) -> int:
        return team.count

    @admin.display(ordering="count_of_leads")
    def leads(self, team: Any) -> int:
        return team.count_of_leads
