"""The forms of a sprint: its goal and dates, what people can give, and the walk through unfinished work."""

from decimal import Decimal
from typing import Any

from django import forms

from dsboard.forms import BoardForm
from dsboard.models import Membership
from sprints.balance import in_words
from sprints.models import Sprint
from sprints.models.closing import Unfinished, walk
from sprints.models.dates import LONGEST_GOAL
from sprints.plan import PlanPage

CHOICES = (("carry", "Carry over"), ("backlog", "Back to the backlog"))
EACH = "each"


def day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages={"invalid": "Write the day like 2026-03-09."})


class SprintForm(BoardForm):
    goal = forms.CharField(
        label="Goal",
        max_length=LONGEST_GOAL,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Recommendation v2.3 live for 10% of traffic.", "autocomplete": "off"}),
        help_text="One sentence that tells whether the sprint was worth it.",
    )
    starts_on = day("First day")
    ends_on = day("Last day")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, sprint: Sprint | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sprint and not sprint.is_planned:
            self.fields["starts_on"].disabled = True
            self.fields["starts_on"].help_text = "It has started, so its first day is settled."


class CapacityForm(BoardForm):
    """The part of their time that each person can give, in per cent."""

    def __init__(self, *args: Any, page: PlanPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = [load.person for load in page.balance.loads]
        parts = {row.user_id: row.availability for row in page.sprint.capacities.all()}
        for load in page.balance.loads:
            field = forms.IntegerField(
                label=load.person.name, min_value=0, max_value=100, initial=round(parts.get(load.person.pk, 1) * 100)
            )
            away = f", {in_words(load.away)} away" if load.away else ""
            field.help_text = f"{in_words(load.capacity)} days now{away}."
            field.widget.attrs.update({"class": "input", "inputmode": "numeric"})
            self.fields[f"of_{load.person.pk}"] = field

    def availability(self) -> dict[str, Decimal]:
        """By address, as a part of one."""
        return {person.email: Decimal(self.cleaned_data[f"of_{person.pk}"]) / 100 for person in self.people}


class CloseForm(BoardForm):
    """What becomes of every unfinished task, and how much of the pointed ones is earned."""

    unfinished = forms.ChoiceField(
        label="What is not finished",
        choices=[(EACH, "One by one, as chosen below"), ("carry", "All: carry over"), ("backlog", "All: back to the backlog")],
        initial=EACH,
    )

    def __init__(self, *args: Any, sprint: Sprint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sprint, self.left = sprint, walk(sprint)
        for one in self.left:
            self.fields[f"to_{one.task.pk}"] = forms.ChoiceField(label=one.task.title, choices=CHOICES, initial="carry")
            if one.asks_earned:
                self.fields[f"earned_{one.task.pk}"] = forms.IntegerField(
                    label=f"Earned of {one.task.title}, per cent", min_value=one.least, max_value=100, initial=one.proposed
                )
        for field in self.fields.values():
            field.widget.attrs["class"] = "input fit"

    @property
    def lines(self) -> list[tuple[Unfinished, Any, Any]]:
        """Each unfinished task with its fields."""
        return [(one, self[f"to_{one.task.pk}"], self[f"earned_{one.task.pk}"] if one.asks_earned else None) for one in self.left]

    def close(self, by: Membership, said: dict[str, Any]) -> Any:
        """The verb, with what was said."""
        earned = {one.task.ref: said[f"earned_{one.task.pk}"] for one in self.left if one.asks_earned}
        if said["unfinished"] != EACH:
            return self.sprint.close(by, unfinished=said["unfinished"], earned=earned)
        return self.sprint.close(by, exceptions={one.task.ref: said[f"to_{one.task.pk}"] for one in self.left}, earned=earned)
