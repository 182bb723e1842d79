"""The address without a path: to one's work, or to the door."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return redirect("my-work" if request.user.is_authenticated else "sign-in")
