"""Notices of one person: opened, read, unread, put off; and which of them come by mail."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from dsboard import clock, mail
from dsboard.access import MyRequest
from dsboard.forms import BoardForm, sent
from dsboard.kinds import Topic
from dsboard.models import Notice, User


def mine(request: MyRequest, pk: int) -> Notice:
    return get_object_or_404(Notice.objects.to(request.user).select_related("team"), pk=pk)


def back(request: MyRequest) -> HttpResponse:
    """Where the button stood: one of the three lists of My work."""
    show = request.POST.get("show", "")
    return redirect(f"/me/?show={show}" if show in ("later", "done") else "/me/")


@require_POST
def reading(request: MyRequest, pk: int) -> HttpResponse:
    """Mark one of my notices read, or unread again; opening one reads it and goes where it points."""
    notice = mine(request, pk)
    if "unread" in request.POST:
        notice.mark_unread()
    else:
        notice.mark_read()
    return redirect(notice.url) if "open" in request.POST else back(request)


@require_POST
def reading_all(request: MyRequest) -> HttpResponse:
    """Mark everything that waits as read."""
    count = Notice.objects.to(request.user).unread().mark_all_read()
    messages.success(request, f"Marked {count} as read" if count else "Nothing was unread")
    return redirect("my-work")


@require_POST
def snooze(request: MyRequest, pk: int) -> HttpResponse:
    """Put a notice off: until tomorrow, next week, or a day that was chosen; at nine by the team's clock."""
    notice, form = mine(request, pk), SnoozeForm(request.POST)
    if form.attempt(lambda said: notice.snooze(morning(said["until"], ZoneInfo(notice.team.time_zone)))):
        messages.success(
            request, f"Put off until {form.cleaned_data['until']:%A}, {form.cleaned_data['until'].day} {form.cleaned_data['until']:%B}"
        )
    else:
        messages.error(request, " ".join(str(sentence) for found in form.errors.values() for sentence in found))
    return back(request)


def morning(day: Any, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(9), zone)


class SnoozeForm(BoardForm):
    """A day, or one of two words for one."""

    until = forms.CharField(max_length=10, required=False)

    def clean_until(self) -> Any:
        today = clock.now().date()
        near = {"": today + timedelta(days=1), "tomorrow": today + timedelta(days=1), "week": today + timedelta(days=7 - today.weekday())}
        typed = self.cleaned_data["until"]
        return near[typed] if typed in near else forms.DateField(error_messages={"invalid": "Write the day like 2026-03-17."}).clean(typed)


class MailForm(BoardForm):
    """Which topics are mailed, and whether once a day."""

    topics = forms.MultipleChoiceField(
        label="By mail", required=False, choices=Topic.choices, widget=forms.CheckboxSelectMultiple(attrs={"class": "check"})
    )
    digest = forms.BooleanField(
        label="Daily summary", required=False, help_text="One mail a day, when your day begins, instead of several."
    )

    @classmethod
    def of(cls, user: User) -> "MailForm":
        return cls(initial={"topics": [topic for topic in Topic.values if topic not in user.mail_off], "digest": user.digest})


def goes_into_files() -> bool:
    """Whether mail is only written down, because no mail server is set."""
    return bool(settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"))


@require_POST
def mail_choice(request: MyRequest) -> HttpResponse:
    """Save the switches, from My work or from the settings."""
    form = MailForm(sent(request))
    if form.attempt(lambda said: request.user.choose_mail(**said)):
        messages.success(request, "Saved which mail you get")
    return redirect("me-settings" if "from_settings" in request.POST else "my-work")


@login_not_required
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind of mail, by the address in a mail.

    No session and no form token are asked for: a mail program posts here by itself (RFC 8058), and the signed address
    is the permission. All that it can do is to switch one kind of mail off.
    """
    try:
        pk, name = signing.loads(token, salt=mail.STOP)
        person, topic = User.objects.filter(pk=pk, is_active=True).first(), Topic(name)
    except (signing.BadSignature, ValueError):
        return render(request, "me/mail_stop.html", status=404)
    if person and request.method == "POST":
        person.stop_mail(topic)
    context = {"person": person, "topic": topic, "stopped": request.method == "POST"}
    return render(request, "me/mail_stop.html", context, status=200 if person else 404)
