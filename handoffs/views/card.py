"""The model card of a version: read, written beside its preview, drafted, imported and exported."""

import re

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dsboard.access import TeamRequest
from dsboard.forms import sent
from dsboard.http import onward
from dsboard.roles import Act
from experiments.markdown import render as rendered
from handoffs.card_draft import drafted, exported
from handoffs.model_card.check import Verdict, check
from handoffs.model_card.difference import difference
from handoffs.model_card.reading import LONGEST, read
from handoffs.model_forms import CardForm
from handoffs.models import CardEdition, Version
from handoffs.views.version import version_named

A_PAGE = 20
HEADING = re.compile(r"(</?h)([1-6])(?=[ >])")


def edition_named(request: TeamRequest, version: Version) -> CardEdition | None:
    """The edition that was asked for, else the newest; 404 for one that is not there."""
    asked = request.GET.get("edition", "")
    if not asked:
        return CardEdition.newest(version)
    return edition_at(version, asked)


def edition_at(version: Version, asked: str) -> CardEdition:
    """The edition of that number, or 404."""
    found: CardEdition | None = None
    if asked.isdecimal() and len(asked) < 9:
        found = CardEdition.objects.filter(version=version, number=int(asked)).select_related("by").first()
    if found is None:
        raise Http404("There is no such edition.")
    found.version = version
    return found


@require_GET
def card(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """The newest edition, or an earlier one, as it reads; with what it lacks, or with what it changed `since` another."""
    version = version_named(request, slug, name)
    shown = edition_named(request, version)
    editions = Paginator(CardEdition.objects.filter(version=version).defer("text").select_related("by"), A_PAGE)
    newest = CardEdition.objects.filter(version=version).aggregate(number=Max("number"))["number"]
    since = edition_at(version, request.GET["since"]) if shown and "since" in request.GET else None
    context = {
        "version": version,
        "model": version.model,
        "card": shown,
        "is_newest": not shown or shown.number == newest,
        "editions": editions.get_page(request.GET.get("page")),
        "since": since,
        "rows": difference(since.text, shown.text) if since and shown else [],
        "verdicts": shown.verdicts if shown else [],
        "preview": preview_of(request, shown.text) if shown else None,
        "may_change": request.membership.may(Act.MODELS),
        "here": "models",
    }
    return render(request, "handoffs/card.html", context)


@require_http_methods(["GET", "POST"])
def writing(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """Write the next edition; a file takes the place of what stands in the field. Starts from the newest, an earlier one, or a draft."""
    request.membership.must(Act.MODELS, request.team)
    version = version_named(request, slug, name)
    start = edition_named(request, version)
    newest = CardEdition.newest(version)
    text = drafted(version) if start is None or "draft" in request.GET else start.text
    form = CardForm(sent(request), request.FILES or None, initial={"text": text, "seen": newest.number if newest else 0})
    if "show" in request.POST:
        # Without script the preview is a page of its own, with what was typed still in the form.
        form.is_valid()
        text = str(form["text"].value() or "")
    elif form.attempt(
        lambda said: CardEdition.write(version, request.membership, form.words(), seen=said["seen"], source=form.source(version))
    ):
        return onward(request, f"{version.get_absolute_url()}card/", f"Edition {form.result.number} of the card is kept.")
    if form.status == 409:
        form.stand_on(CardEdition.newest(version))
    shown = str(form["text"].value() or "")
    context = {"version": version, "model": version.model, "form": form, "preview": preview_of(request, shown), "here": "models"}
    return render(request, "handoffs/card_writing.html", context, status=form.status)


@require_POST
def preview(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """How the text reads and what it lacks, while somebody writes."""
    request.membership.must(Act.MODELS, request.team)
    version_named(request, slug, name)
    return render(request, "handoffs/_card_preview.html", {"preview": preview_of(request, request.POST.get("text", ""))})


@require_GET
def export(request: TeamRequest, slug: str, name: str) -> HttpResponse:
    """The card as a file in the layout of others, always a download."""
    version = version_named(request, slug, name)
    response = HttpResponse(exported(version, CardEdition.newest(version)), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{version.model.slug}-card.md"'
    return response


def preview_of(request: TeamRequest, text: str) -> dict[str, object]:
    """The head as it was written, the body as safe HTML, and what is judged of both."""
    if len(text.encode()) > LONGEST:
        return {"head": "", "html": "", "verdicts": [Verdict("failed", "A card has at most 64 KB.")]}
    card = read(text)
    html = rendered(card.body, request.team)
    # The page has two levels of headings above it, and nobody should fall through one that the card leaves out.
    levels = sorted({level for _, level in HEADING.findall(html)})
    html = HEADING.sub(lambda found: f"{found.group(1)}{min(6, 3 + levels.index(found.group(2)))}", html)
    return {"head": card.head or "", "html": html, "verdicts": check(text)}
