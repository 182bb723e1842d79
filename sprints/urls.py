"""Addresses of floor 2: sprints, their planning, board and review."""

from django.urls import path

from sprints.report_urls import urlpatterns as report_urlpatterns
from sprints.views import board, card, close, plan, sprint, start

app_name = "sprints"

TEAM = "t/<str:team>/"
SPRINT = f"{TEAM}sprints/<int:number>/"

urlpatterns = [
    path(f"{TEAM}sprint/", sprint.current, name="current"),
    path(f"{TEAM}sprints/", sprint.sprints, name="sprints"),
    path(f"{TEAM}sprints/new/", sprint.new, name="new"),
    path(f"{TEAM}tasks/<str:ref>/sprint/", card.choices, name="choices"),
    path(f"{TEAM}tasks/<str:ref>/sprint/undo/<int:pk>/", card.undo, name="seat-undo"),
    path(f"{TEAM}tasks/<str:ref>/sprint/extension-effect/", card.extension_effect, name="extension-effect"),
    path(f"{SPRINT}details/", sprint.details, name="details"),
    path(f"{SPRINT}goal/", sprint.goal, name="goal"),
    path(f"{SPRINT}capacity/", sprint.capacity, name="capacity"),
    path(f"{SPRINT}rate/", sprint.rate, name="rate"),
    path(f"{SPRINT}removal/", sprint.removal, name="removal"),
    path(f"{SPRINT}plan/", plan.plan, name="plan"),
    path(f"{SPRINT}seats/", plan.seat_default, name="seat-default"),
    path(f"{SPRINT}plan/<slug:place>/", plan.place, name="place"),
    path(f"{SPRINT}plan/<slug:bucket>/new/", plan.new_cards, name="new-cards"),
    path(f"{SPRINT}seats/<str:ref>/", plan.seat, name="seat"),
    path(f"{SPRINT}carry-over/", plan.carry, name="carry"),
    path(f"{SPRINT}start/", start.start, name="start"),
    path(f"{SPRINT}close/", close.close, name="close"),
    path(f"{SPRINT}board/", board.board, name="board"),
    path(f"{SPRINT}board/<slug:lane>/<slug:bucket>/", board.cell, name="cell"),
    *report_urlpatterns,
]
