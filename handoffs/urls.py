"""Addresses of floor 2: what is decided about a card."""

from django.urls import path

from handoffs.views import decision

app_name = "handoffs"

TASK = "t/<str:team>/tasks/<str:ref>/"

urlpatterns = [
    path(f"{TASK}decision/", decision.decision, name="decision"),
    path(f"{TASK}decision/reversal/", decision.reversal, name="reversal"),
]
