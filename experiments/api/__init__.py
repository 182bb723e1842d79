"""The team's work over the HTTP API, by noun; each operation loads within the token's team, calls one verb, answers."""

from ninja import Router

from experiments.api import absences, attachments, cards, comments, findings, links, runs, teams, time_boxes, trackers

router = Router()
for noun in (teams, absences, cards, time_boxes, findings, comments, links, attachments, runs, trackers):
    router.add_router("", noun.router)
