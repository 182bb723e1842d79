"""Live pages without a stream: what changed since a version; and the word that somebody edits."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from dsboard import wakes
from dsboard.access import TeamRequest
from dsboard.live.news import News, news_of
from dsboard.roles import Act


@require_GET
def changes(request: TeamRequest) -> HttpResponse:
    """The same that the stream would have told, for a page whose stream can't be opened: it asks every ten seconds."""
    pulse, since = request.team.pulse, request.GET.get("since", "")
    pulse.team = request.team
    if since.isdecimal() and len(since) < 19 and int(since) < pulse.version:
        news = news_of(pulse, int(since), frozenset([request.GET.get("view", "")[:20]]))
    else:
        news = News(request.team, pulse.version, set(), {})
    return JsonResponse(news.said(request.GET.get("view", "")[:20], request.user.pk))


@require_POST
def editing(request: TeamRequest) -> HttpResponse:
    """Somebody began to edit a card, still does, or stopped. Said to those who look at it now, and kept nowhere."""
    request.membership.must(Act.EDIT)
    user = request.user
    person = [user.pk, user.name, user.initials, user.hue]
    wakes.say(team=request.team.pk, edits=request.POST.get("ref", "")[:24], on=request.POST.get("on") == "1", person=person)
    return HttpResponse(status=204)
