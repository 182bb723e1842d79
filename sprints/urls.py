"""Addresses of floor 2: sprints, their planning, board and review."""

from django.urls import path

from sprints.report_urls import urlpatterns as report_urlpatterns
from sprints.views import board, plan, sprint

app_name = "sprints"

TEAM = "t/<str:team>/"
SPRINT = f"{TEAM}sprints/<int:number>/"

urlpatterns = [
    path(f"{TEAM}sprints/", sprint.sprints, name="sprints"),
    path(f"{TEAM}sprint/", sprint.current, name="current"),
    path(f"{SPRINT}plan/", plan.plan, name="plan"),
    path(f"{SPRINT}board/", board.board, name="board"),
    *report_urlpatterns,
]
