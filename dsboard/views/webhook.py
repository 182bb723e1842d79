"""A team's webhook: leads set it up, try it and read what became of each message; everybody else sees only that there is one."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import WebhookForm, sent
from dsboard.models import Delivery, Webhook
from dsboard.roles import Act

A_PAGE = 25


def there_is(request: TeamRequest) -> Webhook | None:
    found: Webhook | None = Webhook.objects.within(request.team).select_related("team").first()
    return found


def mine(request: TeamRequest) -> Webhook:
    """The team's webhook for who may change it, 404 when there is none."""
    request.membership.must(Act.WEBHOOKS, request.team)
    found: Webhook = get_object_or_404(Webhook.objects.within(request.team).select_related("team"))
    return found


def page(request: TeamRequest, form: WebhookForm | None = None, **extra: Any) -> HttpResponse:
    """The whole page; `form` is one that came back with something to say. Whoever is no lead gets neither form nor log."""
    webhook = there_is(request)
    context: dict[str, Any] = {"webhook": webhook, "may_change": request.membership.may(Act.WEBHOOKS), "here": "team-settings"}
    if context["may_change"]:
        log = Delivery.objects.within(request.team)
        context |= {"form": form or WebhookForm(webhook=webhook), "page": Paginator(log, A_PAGE).get_page(request.GET.get("page")), **extra}
    return render(request, "team/webhook.html", context, status=form.status if form else 200)


@never_cache
@sensitive_post_parameters("url")
@require_http_methods(["GET", "POST"])
def webhook(request: TeamRequest) -> HttpResponse:
    """Show it; a lead's post sets it up, which shows its secret this once, or changes it."""
    if request.method == "GET":
        return page(request)
    team, by = request.team, request.membership
    by.must(Act.WEBHOOKS, team)
    there = there_is(request)
    form = WebhookForm(sent(request), webhook=there)
    if not form.attempt(lambda said: there.change(by, **said) if there else Webhook.set_up(team, by, **said)):
        return page(request, form)
    if there is None:
        return page(request, secret=form.result.secret)
    messages.success(request, "Saved" if form.result else "Nothing to save: all as it was")
    return redirect("team-webhook", team.key)


@never_cache
@require_POST
def secret(request: TeamRequest) -> HttpResponse:
    """A new secret, shown this once."""
    return page(request, secret=mine(request).rotate(request.membership))


@require_POST
def test(request: TeamRequest) -> HttpResponse:
    """Queue a message that tries the whole way."""
    mine(request).test(request.membership)
    messages.success(request, "A test is on its way. What becomes of it is in the log.")
    return redirect("team-webhook", request.team.key)


@never_cache
@require_http_methods(["GET", "POST"])
def removal(request: TeamRequest) -> HttpResponse:
    """Ask, then remove it with its log."""
    hook = mine(request)
    if request.method == "GET":
        return render(request, "team/webhook_removal.html", {"webhook": hook, "here": "team-settings"})
    hook.remove(request.membership)
    messages.success(request, "Removed the webhook")
    return redirect("team-webhook", request.team.key)


@require_POST
def replay(request: TeamRequest, pk: int) -> HttpResponse:
    """Send one message once more."""
    delivery = get_object_or_404(Delivery.objects.within(request.team).select_related("webhook"), pk=pk)
    delivery.replay(request.membership)
    messages.success(request, "It is on its way once more")
    return redirect("team-webhook", request.team.key)
