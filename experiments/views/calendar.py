"""When a team works: its hours, days off and absences; whatever moves a running time box is shown before it moves it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import answer, sent
from dsboard.models import Absence, DayOff, Membership
from dsboard.roles import Act
from experiments.calendar_forms import AbsenceForm, DayOffForm, MemberCalendarForm, MovingForm, TeamCalendarForm
from experiments.calendar_page import CalendarPage, place_name
from experiments.models.moving import Move


def page(request: TeamRequest, **forms: MovingForm) -> HttpResponse:
    """The whole page; `forms` are those that came back with something to say."""
    shown = CalendarPage(request.team, request.membership, request.GET.get("month", ""))
    came_back = next(iter(forms.values()), None)
    context = {
        "page": shown,
        "hours_form": TeamCalendarForm(team=request.team),
        "day_form": DayOffForm(),
        "absence_form": AbsenceForm(members=who_may_be_away(request, shown)),
        "moves": came_back.moves if came_back else [],
        "here": "team-settings",
        **forms,
    }
    return render(request, "experiments/calendar.html", context, status=came_back.status if came_back else 200)


def who_may_be_away(request: TeamRequest, shown: CalendarPage) -> list[Membership]:
    """Everybody for a lead, oneself for a member, nobody for a viewer."""
    if shown.may_add_others:
        return shown.members
    return [m for m in shown.members if m.pk == request.membership.pk]


@require_http_methods(["GET", "POST"])
def calendar(request: TeamRequest) -> HttpResponse:
    """Show it; a lead's post changes hours, zone or country."""
    if request.method == "GET":
        return page(request)
    request.membership.must(Act.CALENDAR, request.team)
    form = TeamCalendarForm(sent(request), team=request.team)
    if form.settle(request.team, request.membership, lambda said: request.team.set_calendar(request.membership, **said)):
        return saved(request, form.result)
    return page(request, hours_form=form)


@require_POST
def days_off(request: TeamRequest) -> HttpResponse:
    """A day off for the whole team."""
    request.membership.must(Act.CALENDAR, request.team)
    form = DayOffForm(sent(request))
    if form.settle(request.team, request.membership, lambda said: DayOff.add(request.team, request.membership, **said)):
        return saved(request, form.result)
    return page(request, day_form=form)


@require_POST
def day_off_removal(request: TeamRequest, pk: int) -> HttpResponse:
    """Work on a day after all."""
    request.membership.must(Act.CALENDAR, request.team)
    day = get_object_or_404(DayOff.objects.within(request.team).select_related("team"), pk=pk)
    form = MovingForm(sent(request))
    if form.settle(request.team, request.membership, lambda said: day.remove(request.membership)):
        return saved(request, form.result)
    return confirm(request, form, f"Work on {day.day:%A} {day.day.day} {day.day:%B}, {day.name}?")


@require_POST
def absences(request: TeamRequest) -> HttpResponse:
    """Somebody is away."""
    request.membership.must(Act.ABSENCE, request.team)
    shown = CalendarPage(request.team, request.membership)
    form = AbsenceForm(sent(request), members=who_may_be_away(request, shown))

    def add(said: dict[str, Any]) -> Absence:
        return Absence.add(form.chosen(said), request.membership, first_day=said["from"], last_day=said["to"])

    if form.settle(request.team, request.membership, add):
        return saved(request, form.result)
    return page(request, absence_form=form)


@require_POST
def absence_removal(request: TeamRequest, pk: int) -> HttpResponse:
    """Somebody is there after all."""
    absence = get_object_or_404(Absence.objects.within(request.team).select_related("membership__user", "membership__team"), pk=pk)
    request.membership.must(Act.ABSENCE, request.team)
    form = MovingForm(sent(request))
    if form.settle(request.team, request.membership, lambda said: absence.remove(request.membership)):
        return saved(request, form.result)
    return confirm(request, form, f"{absence.membership.user.name} is there from {absence} after all?")


@require_http_methods(["GET", "POST"])
def member(request: TeamRequest, pk: int) -> HttpResponse:
    """The days, hours, zone and country of one member, where they differ from the team's."""
    request.membership.must(Act.CALENDAR, request.team)
    one = get_object_or_404(Membership.objects.within(request.team).select_related("user", "team"), pk=pk)
    form = MemberCalendarForm(sent(request), member=one)
    if form.settle(request.team, request.membership, lambda said: one.set_calendar(request.membership, **said)):
        return saved(request, form.result)
    country = place_name(request.team.country, request.team.region)
    return answer(request, "experiments/member_calendar.html", form, member=one, country=country, here="team-settings")


def confirm(request: TeamRequest, form: MovingForm, question: str, **context: Any) -> HttpResponse:
    """What an act without a form of its own would move; the button says yes."""
    return answer(request, "experiments/calendar_confirm.html", form, question=question, here="team-settings", **context)


def saved(request: TeamRequest, moves: list[Move]) -> HttpResponse:
    """Back to the calendar, saying what moved."""
    boxes = "" if not moves else f", and moved {len(moves)} time box{'es' if len(moves) > 1 else ''}"
    messages.success(request, f"Saved the calendar{boxes}")
    return redirect("experiments:calendar", request.team.key)
