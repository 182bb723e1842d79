"""The administration of models: to find and to read. Answering, passing and deploying is done on the board, by its members."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from dsboard.admin import ReadOnlyAdmin, WithHistory
from experiments.admin.inlines import ReadOnlyInline
from experiments.admin.tasks import A_PAGE
from handoffs.models import Answer, CardEdition, Deployment, EvidenceFile, MLModel, Passage, Version


class VersionInline(ReadOnlyInline):
    model = Version
    fields = ("name", "stage", "starts_at", "origin", "artifact", "created_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("model", "origin", "created_by")


class AnswerInline(ReadOnlyInline):
    model = Answer
    fk_name = "version"
    verbose_name_plural = "answers, the newest of each criterion counts"
    fields = ("criterion", "state", "evidence", "reason", "as_of", "by", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("as_of__model", "by")


class PassageInline(ReadOnlyInline):
    model = Passage
    fields = ("from_stage", "to_stage", "reason", "exceptions", "review_on", "override_reason", "by", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class DeploymentInline(ReadOnlyInline):
    model = Deployment
    fields = ("environment", "mode", "share", "live_from", "by", "override_reason", "retired_at", "retired_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("version__model", "by", "retired_by")


class FileInline(ReadOnlyInline):
    model = EvidenceFile
    verbose_name_plural = "files kept as evidence"
    fields = ("name", "size", "sha256", "key", "by", "at", "removed_at")
    readonly_fields = ("key",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by", "version__model")


class CardInline(ReadOnlyInline):
    model = CardEdition
    verbose_name_plural = "model card, the newest edition first"
    fields = ("number", "source", "text", "by", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by", "version__model")


@admin.register(MLModel)
class MLModelAdmin(WithHistory):
    list_display = ("name", "team", "slug", "versions_kept", "created_by", "created_at")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("team", "created_by")
    search_fields = ("name", "purpose", "team__name", "team__key")
    date_hierarchy = "created_at"
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (VersionInline,)
    fields = ("name", "team", "slug", "purpose", "owners", "links", "version", "created_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(kept=Count("versions"))

    @admin.display(description="versions", ordering="kept")
    def versions_kept(self, model: Any) -> int:
        return int(model.kept)


@admin.register(Version)
class VersionAdmin(WithHistory):
    list_display = ("name", "model", "team", "stage", "live", "retrains", "created_by", "created_at")
    list_filter = ("stage", "starts_at", ("model__team", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "model__name", "origin__ref", "origin_run", "artifact", "checksum")
    date_hierarchy = "created_at"
    show_full_result_count = False
    list_per_page = A_PAGE
    inlines = (AnswerInline, PassageInline, DeploymentInline, CardInline, FileInline)
    fieldsets = (
        (None, {"fields": ("name", "model", "stage", "starts_at", "retrains", "edition")}),
        ("Where it comes from", {"fields": ("origin", "origin_run", "created_by", "created_at")}),
        ("What was built", {"fields": ("artifact", "checksum", "metrics")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        held = Count("deployments", filter=Q(deployments__retired_at=None, deployments__isnull=False))
        return super().get_queryset(request).select_related("model__team", "retrains__model", "created_by").annotate(held=held)

    @admin.display(ordering="model__team__name")
    def team(self, version: Version) -> str:
        return str(version.model.team)

    @admin.display(description="live deployments", ordering="held")
    def live(self, version: Any) -> int:
        return int(version.held)


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    """What serves where, over all teams."""

    list_display = ("version", "team", "environment", "mode", "share", "live_from", "by", "retired_at")
    list_filter = (
        "environment",
        "mode",
        ("retired_at", admin.EmptyFieldListFilter),
        ("model__team", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("version__model", "model__team", "by")
    search_fields = ("version__name", "model__name", "override_reason")
    date_hierarchy = "live_from"
    ordering = ("-pk",)
    show_full_result_count = False
    list_per_page = A_PAGE

    @admin.display(ordering="model__team__name")
    def team(self, deployment: Deployment) -> str:
        return str(deployment.model.team)
