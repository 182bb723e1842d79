"""Addresses of floor 0."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
