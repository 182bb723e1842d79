"""Addresses of the allocation review and of what a sprint was in the end; part of the namespace of urls.py."""

from django.urls import URLPattern, path

from sprints.views import board

urlpatterns: list[URLPattern] = [path("t/<str:team>/sprints/<int:number>/review/", board.board, name="review")]
