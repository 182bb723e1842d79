"""Addresses of the team's work: boards, cards, findings."""

from django.urls import path

from experiments.task_urls import urlpatterns as task_urlpatterns
from experiments.views import (
    backlog,
    board,
    calendar,
    column,
    csv_file,
    departure,
    ended,
    example,
    finding,
    jump,
    move,
    new,
    quick,
    time_box,
    tracker,
)

app_name = "experiments"

TEAM = "t/<str:team>/"
TASK = f"{TEAM}tasks/<str:ref>/"

urlpatterns = [
    path(f"{TEAM}board/", board.board, name="board"),
    path(f"{TEAM}delivery/", board.delivery, name="delivery"),
    path(f"{TEAM}clocks/", time_box.clocks, name="clocks"),
    path(f"{TEAM}columns/<str:stage>/", column.column, name="column"),
    path(f"{TEAM}columns/<str:stage>/quick/", quick.quick, name="quick"),
    path(f"{TEAM}columns/<str:stage>/quick/hints/", quick.hints, name="hints"),
    path(f"{TEAM}tasks/new/", new.new, name="new"),
    path(f"{TEAM}tasks/first/", new.first, name="first"),
    path(f"{TEAM}tasks/similar/", new.similar, name="similar"),
    path(f"{TEAM}example/", example.example, name="example"),
    path(f"{TEAM}jump/", jump.jump, name="jump"),
    path(f"{TEAM}backlog/", backlog.backlog, name="backlog"),
    path(f"{TEAM}backlog/order/", backlog.order, name="backlog-order"),
    path(f"{TEAM}archive/", ended.archive, name="archive"),
    path(f"{TEAM}bin/", ended.bin_page, name="bin"),
    path(f"{TEAM}import/", csv_file.import_file, name="import"),
    path(f"{TEAM}import/<int:pk>/", csv_file.import_plan, name="import-plan"),
    path(f"{TEAM}export.csv", csv_file.export_file, name="export"),
    path(f"{TEAM}findings/", finding.findings, name="findings"),
    path(f"{TEAM}settings/calendar/", calendar.calendar, name="calendar"),
    path(f"{TEAM}settings/calendar/days-off/", calendar.days_off, name="days-off"),
    path(f"{TEAM}settings/calendar/days-off/<int:pk>/removal/", calendar.day_off_removal, name="day-off-removal"),
    path(f"{TEAM}settings/calendar/absences/", calendar.absences, name="absences"),
    path(f"{TEAM}settings/calendar/absences/<int:pk>/removal/", calendar.absence_removal, name="absence-removal"),
    path(f"{TEAM}settings/trackers/", tracker.trackers, name="trackers"),
    path(f"{TEAM}settings/trackers/<int:pk>/", tracker.tracker, name="tracker"),
    path(f"{TEAM}settings/trackers/<int:pk>/trial/", tracker.trial, name="tracker-trial"),
    path(f"{TEAM}settings/trackers/<int:pk>/removal/", tracker.removal, name="tracker-removal"),
    path(f"{TEAM}trackers/<int:pk>/sync/", tracker.sync, name="tracker-sync"),
    path(f"{TEAM}trackers/<int:pk>/state/", tracker.synced, name="tracker-state"),
    path(f"{TEAM}settings/members/<int:pk>/calendar/", calendar.member, name="member-calendar"),
    path(f"{TEAM}settings/members/<int:pk>/departure/", departure.departure, name="departure"),
    path(f"{TASK}move/", move.move, name="move"),
    path(f"{TASK}undo/<int:pk>/", move.undo, name="undo"),
    path(f"{TASK}findings/", finding.report, name="report"),
    path("c/<str:ref>/", jump.short, name="short"),
    *task_urlpatterns,
]
