"""The reports of a team over its last eight sprints: allocation, experiments, time boxes; each table also as a CSV file."""

from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from dsboard.access import TeamRequest
from dsboard.roles import Act
from experiments.imports.sheet import written
from sprints.review import Review
from sprints.sprint_review import SprintReview
from sprints.tables import OF_SPRINT, OF_TEAM, ended_boxes, experiments_of
from sprints.views.sprint import one

A_PAGE = 50


@require_GET
def allocation(request: TeamRequest) -> HttpResponse:
    """Planned against actual, and what else a lead looks at once a sprint."""
    context = {"review": asked(request), "view": "allocation", "here": "reports"}
    return render(request, "sprints/reports_allocation.html", context)


@require_GET
def experiments(request: TeamRequest) -> HttpResponse:
    """Research and experiments that are under way or decided: how they came out, how long the findings waited."""
    review = asked(request)
    report = experiments_of(review)
    page = Paginator(report.cards(), A_PAGE).get_page(request.GET.get("page"))
    context = {"review": review, "page": page, "rows": report.read(list(page.object_list)), "view": "experiments", "here": "reports"}
    return render(request, "sprints/reports_experiments.html", context)


@require_GET
def time_boxes(request: TeamRequest) -> HttpResponse:
    """Every box that ended: how long it was meant to be, what it used, how it was kept."""
    review = asked(request)
    page = Paginator(ended_boxes(review), A_PAGE).get_page(request.GET.get("page"))
    context = {"review": review, "page": page, "view": "boxes", "here": "reports"}
    return render(request, "sprints/reports_boxes.html", context)


@require_GET
def table(request: TeamRequest, table: str) -> HttpResponse:
    """One table as a file; every cell is text in every spreadsheet."""
    request.membership.must(Act.EXPORT)
    rows = lines(request, table)
    response = HttpResponse("".join(written(rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.team.key}-{table}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def lines(request: TeamRequest, table: str) -> Iterator[tuple[str, ...]]:
    """The rows of a table, of the team's sprints or of the one that is asked for; 404 for a table that there is not."""
    if table in OF_TEAM:
        rows = OF_TEAM[table](asked(request))
    elif table in OF_SPRINT and (number := request.GET.get("sprint", "")).isascii() and number.isdecimal():
        sprint = one(request, int(number[:20]))
        if sprint.is_planned:
            raise Http404("This sprint has not started.")
        rows = OF_SPRINT[table](SprintReview(sprint))
    else:
        raise Http404("There is no such table here.")
    return (tuple(map(str, row)) for row in rows)


def asked(request: TeamRequest) -> Review:
    """The eight sprints that end at ?until=; the last eight when that names none."""
    return Review(request.team, request.GET.get("until", ""))
