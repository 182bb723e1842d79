"""Addresses of the allocation review and of what a sprint was in the end; part of the namespace of urls.py."""

from django.urls import URLPattern, path

from sprints.views import reports, review, sign_off

SPRINT = "t/<str:team>/sprints/<int:number>/"
REPORTS = "t/<str:team>/reports/"

urlpatterns: list[URLPattern] = [
    path(f"{SPRINT}review/", review.review, name="review"),
    path(f"{SPRINT}sign-off/", sign_off.sign_off, name="sign-off"),
    path(f"{REPORTS}allocation/", reports.allocation, name="allocation"),
    path(f"{REPORTS}experiments/", reports.experiments, name="report-experiments"),
    path(f"{REPORTS}time-boxes/", reports.time_boxes, name="report-boxes"),
    path(f"{REPORTS}<str:table>.csv", reports.table, name="report-csv"),
]
