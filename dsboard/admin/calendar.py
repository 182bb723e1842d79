"""Who is away when: to look at. Leads change it on the team's calendar page, which shows which time boxes would move."""

from django.contrib import admin

from dsboard.admin.base import ReadOnlyAdmin
from dsboard.models import Absence, DayOff


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin):
    list_display = ("person", "team", "first_day", "last_day", "by", "at")
    list_filter = (("membership__team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("membership__user", "membership__team", "by")
    search_fields = ("membership__user__name", "membership__user__email")
    date_hierarchy = "first_day"
    show_full_result_count = False

    @admin.display(ordering="membership__user__name")
    def person(self, absence: Absence) -> str:
        return absence.membership.user.name

    @admin.display(ordering="membership__team__name")
    def team(self, absence: Absence) -> str:
        return absence.membership.team.key


@admin.register(DayOff)
class DayOffAdmin(ReadOnlyAdmin):
    list_display = ("day", "name", "country", "region", "team")
    list_filter = ("country", ("team", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("team",)
    search_fields = ("name",)
    date_hierarchy = "day"
    show_full_result_count = False
