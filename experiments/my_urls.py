"""Addresses of one person's own pages."""

from django.urls import path

from experiments.views import my_work

urlpatterns = [
    path("", my_work.my_work, name="my-work"),
    path("count/", my_work.count, name="my-count"),
]
