"""Addresses of floor 2: what is decided about a card, and the models that come of it."""

from django.urls import path

from handoffs.views import card, decision, files, handoff, line, model, models, monitoring, registry, version

app_name = "handoffs"

TASK = "t/<str:team>/tasks/<str:ref>/"
MODELS = "t/<str:team>/models/"
MODEL = f"{MODELS}<slug:slug>/"
VERSION = f"{MODEL}versions/<str:name>/"
HANDOFFS = "t/<str:team>/handoffs/"
HANDOFF = f"{HANDOFFS}<int:pk>/"

urlpatterns = [
    path(f"{TASK}decision/", decision.decision, name="decision"),
    path(f"{TASK}decision/effects/", decision.effects, name="decision-effects"),
    path(f"{TASK}decision/reversal/", decision.reversal, name="reversal"),
    path(MODELS, models.models, name="models"),
    path(f"{MODELS}today/", models.today, name="today"),
    path(f"{MODELS}new/", models.new, name="model-new"),
    path(MODEL, model.model, name="model"),
    path(f"{MODEL}details/", model.details, name="model-details"),
    path(f"{MODEL}monitoring/", monitoring.monitoring, name="monitoring"),
    path(f"{MODEL}monitoring.csv", monitoring.export, name="monitoring-export"),
    path(f"{MODEL}monitoring/series/<int:pk>/", monitoring.series, name="series"),
    path(f"{MODEL}monitoring/series/<int:pk>/removal/", monitoring.series_removal, name="series-removal"),
    path(f"{MODEL}monitoring/alarms/<int:pk>/feedback/", monitoring.feedback, name="alarm-feedback"),
    path(f"{MODEL}monitoring/alarms/<int:pk>/task/", monitoring.task, name="alarm-task"),
    path(f"{MODEL}monitoring/retraining/", monitoring.retraining, name="retraining"),
    path(f"{MODEL}monitoring/retraining/end/", monitoring.retraining_end, name="retraining-end"),
    path(f"{MODEL}registry/", registry.registry, name="registry"),
    path(f"{MODEL}registry/<int:pk>/removal/", registry.removal, name="registry-removal"),
    path(f"{MODEL}versions/", model.version_new, name="version-new"),
    path(VERSION, version.version, name="version"),
    path(f"{VERSION}details/", version.details, name="version-details"),
    path(f"{VERSION}criteria/<slug:criterion>/", version.answer, name="answer"),
    path(f"{VERSION}criteria/<slug:criterion>/proposal/", version.proposal, name="proposal"),
    path(f"{VERSION}card/", card.card, name="card"),
    path(f"{VERSION}card/edit/", card.writing, name="card-writing"),
    path(f"{VERSION}card/preview/", card.preview, name="card-preview"),
    path(f"{VERSION}card/export/", card.export, name="card-export"),
    path(f"{VERSION}files/<str:key>/", files.download, name="file"),
    path(f"{VERSION}files/<str:key>/removal/", files.removal, name="file-removal"),
    path(f"{VERSION}gate/", version.gate, name="gate"),
    path(f"{VERSION}back/", version.back, name="back"),
    path(f"{VERSION}deployments/", version.deployments, name="deployments"),
    path(f"{VERSION}deployments/<int:pk>/retirement/", version.retirement, name="retirement"),
    path(f"{VERSION}handoffs/", handoff.new, name="handoff-new"),
    path(HANDOFFS, handoff.handoffs, name="handoffs"),
    path(HANDOFF, handoff.handoff, name="handoff"),
    path(f"{HANDOFF}offer/", handoff.offer, name="handoff-offer"),
    path(f"{HANDOFF}return/", handoff.back, name="handoff-return"),
    path(f"{HANDOFF}withdrawal/", handoff.withdrawal, name="handoff-withdrawal"),
    path(f"{HANDOFF}signature/", handoff.signature, name="handoff-signature"),
    path(f"{HANDOFF}tasks/", handoff.tasks, name="handoff-tasks"),
    path(f"{HANDOFF}export/<slug:form>/", handoff.export, name="handoff-export"),
    path(f"{HANDOFF}lines/<slug:slug>/", line.line, name="line"),
    path(f"{HANDOFF}lines/<slug:slug>/verification/", line.verification, name="verification"),
]
