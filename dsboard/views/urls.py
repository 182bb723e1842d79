"""Addresses of floor 0."""

from django.urls import URLPattern, path

from dsboard.views import health

urlpatterns: list[URLPattern] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
