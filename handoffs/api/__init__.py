"""Decisions, models and versions over the HTTP API, by noun; each operation loads within the team, calls one verb, answers."""

from ninja import Router

from handoffs.api import cards, decisions, deployments, files, gates, handoffs, models, monitoring, registry, versions

router = Router()
for noun in (decisions, models, versions, gates, deployments, cards, files, handoffs, monitoring, registry):
    router.add_router("", noun.router)
