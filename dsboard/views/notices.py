"""Notices of one person: opening one marks it read and goes where it points; all can be marked at once."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from dsboard.access import MyRequest
from dsboard.models import Notice


@require_POST
def reading(request: MyRequest, pk: int) -> HttpResponse:
    """Mark one of my notices read and open what it tells of."""
    notice = get_object_or_404(Notice.objects.to(request.user), pk=pk)
    notice.mark_read()
    return redirect(notice.url if "open" in request.POST else "my-work")
