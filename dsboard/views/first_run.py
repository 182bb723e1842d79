"""The first run: who you are and what your team is called."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from dsboard.forms import FirstRunForm, answer, sent
from dsboard.models import first_run
from dsboard.views.sign_in import BACKEND


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def start(request: HttpRequest) -> HttpResponse:
    """Make the first person and team; only with the link that the command line printed, and gone once anybody is here."""
    if not (request.session.get("first_run") and first_run.is_open()):
        raise Http404("There is nothing to set up here.")
    form = FirstRunForm(sent(request))
    if form.attempt(lambda cleaned: first_run.begin(**cleaned)):
        auth.login(request, form.result, backend=BACKEND)
        return redirect("experiments:board", form.result.teams.get().key)
    return answer(request, "sign_in/first_run.html", form)
