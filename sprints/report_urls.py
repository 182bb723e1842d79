"""Addresses of the allocation review and of what a sprint was in the end; part of the namespace of urls.py."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
