"""Sprints over the HTTP API, by noun; each operation loads within the token's team, calls one verb, answers."""

from ninja import Router

from sprints.api import acts, seats, sprints

router = Router()
for noun in (sprints, seats, acts):
    router.add_router("", noun.router)
