"""The team's work over the HTTP API, by noun; each operation loads within the token's team, calls one verb, answers."""

from ninja import Router

from experiments.api import cards, comments, findings, links, teams

router = Router()
for noun in (teams, cards, findings, comments, links):
    router.add_router("", noun.router)
