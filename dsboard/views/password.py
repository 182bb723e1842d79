"""A forgotten password: a mail with a link for one hour and one use, then a new one."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from dsboard import mail, throttle
from dsboard.forms import ForgottenForm, NewPasswordForm, answer, sent
from dsboard.models import User

IN_SESSION = "password_reset"
#: stands in the address once the token is in the session
MOVED = "chosen"


def write_to(email: str, root: str) -> None:
    """Send the link, if somebody who may sign in has this address. Whoever never had a password gets one this way too."""
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user:
        token = default_token_generator.make_token(user)
        path = reverse("password-new", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])
        mail.send("password_reset", user.email, {"user": user, "address": root + path, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600})


def ask(request: HttpRequest, *, email: str) -> None:
    """Look the address up after the answer: the answer and its time are the same for an address nobody has."""
    throttle.password_reset.check(request, email)
    throttle.password_reset.miss(request, email)
    mail.later(write_to, email, mail.address_of("/", request).rstrip("/"))


@login_not_required
@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for the mail."""
    form = ForgottenForm(sent(request))
    if form.attempt(lambda cleaned: ask(request, **cleaned)):
        return render(request, "sign_in/password_sent.html", {"email": form.cleaned_data["email"]})
    return answer(request, "sign_in/password_forgotten.html", form)


def holder(uid: str, token: str) -> User | None:
    """The person whom a reset token belongs to, while it is good."""
    try:
        user = User.objects.filter(pk=urlsafe_base64_decode(uid).decode(), is_active=True).first()
    except (ValueError, OverflowError, ValidationError):
        return None
    return user if default_token_generator.check_token(user, token) else None


@login_not_required
@never_cache
@sensitive_post_parameters("new")
def new(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose a new password. The token moves into the session first, so that no address on the page gives it away."""
    if token != MOVED:
        request.session[IN_SESSION] = token
        return redirect("password-new", uid, MOVED)
    user = holder(uid, request.session.get(IN_SESSION, ""))
    if user is None:
        return render(request, "sign_in/link_spent.html", {"reset": True}, status=410)
    form = NewPasswordForm(sent(request))
    if form.attempt(lambda cleaned: user.reset_password(cleaned["new"])):
        request.session.flush()
        return render(request, "sign_in/password_changed.html")
    return answer(request, "sign_in/password_new.html", form, person=user)
