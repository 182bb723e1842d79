"""When a person leaves a team: what they leave behind, and who takes it on."""

from django.db import transaction
from django.utils.functional import cached_property

from dsboard import clock
from dsboard.errors import Refusal
from dsboard.models import Membership
from dsboard.roles import Act, Role
from experiments.models import reminder, running
from experiments.models.task import Task, TaskQuerySet
from experiments.stages import Stage


class Departure:
    """One membership about to end, with everything in the team that waits for its person."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership
        self.tasks: TaskQuerySet = Task.objects.within(membership.team).open().select_related("time_box", "team").in_order()

    @cached_property
    def open_cards(self) -> list[Task]:
        return list(self.tasks.filter(owner_id=self.membership.user_id))

    @property
    def runs(self) -> bool:
        """Whether a clock runs among what is open."""
        return any(task.box and task.box.runs_since for task in self.open_cards)

    @cached_property
    def waiting_decisions(self) -> list[Task]:
        """Cards with findings whose decision this person was asked for."""
        return list(self.tasks.filter(decider_id=self.membership.user_id, stage=Stage.ANALYSIS))

    def successors(self) -> list[Membership]:
        """Who can take it on: everybody else of the team who works on cards and can sign in."""
        members = Membership.objects.within(self.membership.team).select_related("user", "team")
        return list(members.filter(user__is_active=True).exclude(role=Role.VIEWER).exclude(pk=self.membership.pk))

    @clock.still()
    @transaction.atomic
    def settle(self, by: Membership, *, successor: Membership | None = None) -> None:
        """Give everything open to `successor`, or to nobody, and end the membership; all of it or nothing.

        History, findings and decisions keep the name. The only lead hands the lead on with the cards.
        """
        team = self.membership.team
        by.must(Act.MEMBERS, team)
        team.lock()
        if successor and successor not in self.successors():
            raise Refusal.of({"successor": f"{successor.user.name} can't take cards on here."})
        heir = successor.user.email if successor else None
        user_id = self.membership.user_id
        for task in self.tasks.filter(owner_id=user_id):
            running.pause(task.hold(), f"{self.membership.user.name} left the team.")
            reminder.keep(task)
            task.change(by, owner=heir)
        for task in self.tasks.filter(decider_id=user_id):
            task.change(by, decider=heir)
        Task.watchers.through.objects.filter(task__team=team, user_id=user_id).delete()
        self.membership.remove(by, successor=successor)
