"""One's own settings: profile, password, API tokens, sessions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from dsboard.access import MyRequest
from dsboard.forms import BoardForm, ChangePasswordForm, ProfileForm, TokenForm, sent
from dsboard.models import ApiToken, Feed, Membership, Team
from dsboard.views.notices import MailForm, goes_into_files


def my_teams(request: MyRequest) -> Any:
    return Team.objects.filter(memberships__user=request.user)


def page(request: MyRequest, sent: BoardForm | None = None, **extra: Any) -> HttpResponse:
    """The whole page; `sent` is the form that came back with something to say."""
    user = request.user
    tokens = ApiToken.objects.filter(membership__user=user, revoked_at=None).select_related("membership__team", "membership__user")
    context = {
        "profile": ProfileForm(initial={"name": user.name, "theme": user.theme, "single_keys": user.single_keys}),
        "password": ChangePasswordForm(),
        "token_form": TokenForm(teams=my_teams(request)),
        "tokens": tokens,
        "mail_form": MailForm.of(user),
        "mail_in_files": goes_into_files(),
        "feed": Feed.objects.filter(user=user).first(),
        **extra,
    }
    names = {ProfileForm: "profile", ChangePasswordForm: "password", TokenForm: "token_form"}
    if sent:
        context[names[type(sent)]] = sent
    return render(request, "me/settings.html", context, status=sent.status if sent else 200)


@never_cache
def settings(request: MyRequest) -> HttpResponse:
    """Show all of it; a post changes name, theme and keys."""
    form = ProfileForm(sent(request))
    if form.attempt(lambda cleaned: request.user.change(**cleaned)):
        messages.success(request, "Saved")
        return redirect("me-settings")
    return page(request, form if form.is_bound else None)


@require_POST
@sensitive_post_parameters("current", "new")
def password(request: MyRequest) -> HttpResponse:
    """Change the password; every other session of this person ends."""
    form = ChangePasswordForm(request.POST)
    if not form.attempt(lambda cleaned: request.user.choose_password(cleaned["new"], current=cleaned["current"])):
        return page(request, form)
    update_session_auth_hash(request, request.user)
    messages.success(request, "Password changed. You are signed out everywhere else.")
    return redirect("me-settings")


@require_POST
@never_cache
def tokens(request: MyRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    form = TokenForm(request.POST, teams=my_teams(request))
    if not form.attempt(lambda cleaned: issue(request, **cleaned)):
        return page(request, form)
    return page(request, made=form.result)


def issue(request: MyRequest, *, team: Team, name: str, scope: str) -> str:
    membership = Membership.objects.within(team).get(user=request.user)
    return ApiToken.issue(membership, scope=scope, name=name)


@require_POST
def revocation(request: MyRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    token = get_object_or_404(ApiToken.objects.filter(membership__user=request.user), pk=pk)
    token.revoke()
    messages.success(request, f"Revoked {token.prefix}…")
    return redirect("me-settings")


@require_POST
def sessions(request: MyRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    request.user.end_sessions()
    update_session_auth_hash(request, request.user)
    messages.success(request, "Signed out everywhere else")
    return redirect("me-settings")
