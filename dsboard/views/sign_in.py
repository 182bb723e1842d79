"""In and out: by password, by one-time link, and out by a post."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from dsboard import throttle
from dsboard.errors import Refusal
from dsboard.forms import SignInForm, answer, sent
from dsboard.models import SignInLink, User, first_run

BACKEND = "django.contrib.auth.backends.ModelBackend"


def local_path(request: HttpRequest, default: str = "/") -> str:
    """Where `next` leads, if that is a path of this server; anything else is the default."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    return path if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) else default


def recognise(request: HttpRequest, *, email: str, password: str, **_: object) -> User:
    """The person with this address and password. A wrong password and an unknown address get one and the same answer."""
    throttle.sign_in.check(request, email)
    user = auth.authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        throttle.sign_in.miss(request, email)
        raise Refusal("That email and password do not match.")
    return user


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; back to the local path that was asked for."""
    if request.user.is_authenticated:
        return redirect(local_path(request))
    form = SignInForm(sent(request))
    if form.attempt(lambda cleaned: recognise(request, **cleaned)):
        auth.login(request, form.result)
        if not form.cleaned_data["keep"]:
            request.session.set_expiry(0)
        return redirect(local_path(request))
    return answer(request, "sign_in/sign_in.html", form, next=local_path(request, ""), first_run=first_run.is_open())


@login_not_required
@never_cache
@require_GET
def one_time_link(request: HttpRequest, token: str) -> HttpResponse:
    """Use up a link: it signs its person in, or opens the first run. HEAD is refused, so that no preview uses it up."""
    throttle.links.check(request)
    link = SignInLink.redeem(token)
    if link is None:
        throttle.links.miss(request)
        response = render(request, "sign_in/link_spent.html", status=410)
    elif link.user is None:
        request.session.flush()
        request.session["first_run"] = True
        response = redirect("first-run")
    else:
        auth.login(request, link.user, backend=BACKEND)
        response = redirect("home")
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session; other computers stay signed in."""
    auth.logout(request)
    return redirect("sign-in")
