"""The forms of a handoff and its lines; what is refused lands on its field and what was typed stays."""

from typing import Any

from django import forms

from dsboard.forms import BoardForm
from dsboard.models import Membership
from dsboard.roles import Role
from handoffs.model_forms import sentence, several_lines
from handoffs.models import Line
from handoffs.models.evidence import LONGEST_EVIDENCE
from handoffs.models.line import ON_THE_TABLE
from handoffs.stages import LineState

WORDS = {
    LineState.PROVIDED: "Provided",
    LineState.BLOCKED: "Blocked",
    LineState.NOT_NEEDED: "Not needed",
    LineState.MISSING: "Not there yet",
    LineState.RETURNED: "Returned to the other side",
}


class StartForm(BoardForm):
    due_on = forms.DateField(label="Target", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ReasonForm(BoardForm):
    reason = sentence("Why")


class VerificationForm(BoardForm):
    reason = sentence("Why it counts all the same", help_text="Needed when a check has failed.")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class LineForm(BoardForm):
    """How a line stands; a side sees the states that it may put the line into."""

    state = forms.ChoiceField(label="It is", widget=forms.RadioSelect)
    evidence = forms.CharField(
        label="What shows it?",
        max_length=LONGEST_EVIDENCE,
        required=False,
        widget=several_lines(2, "A link, a card such as FRAUD-42, a number, a sentence, or a JSON Schema with a sample"),
    )
    file = forms.FileField(label="Or a file", required=False, help_text="At most 20 MB; it is kept with the version.")
    owner = forms.ChoiceField(label="Owner", required=False)
    reason = sentence("Why", help_text="Needed when it is returned, blocked or not needed.")
    due_on = forms.DateField(
        label="Expected on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Needed when it is blocked.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, line: Line, by: Membership, members: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        term, gives = line.term, line.term.side in (None, by.side)
        states = [LineState.PROVIDED, LineState.BLOCKED, LineState.NOT_NEEDED, LineState.MISSING] if gives else []
        if term.always and gives:
            states.remove(LineState.NOT_NEEDED)
        if by.side in term.verifiers and line.state in ON_THE_TABLE:
            states.append(LineState.RETURNED)
        self.fields["state"].choices = [(state.value, WORDS[state]) for state in states]  # type: ignore[attr-defined]
        if not gives:
            for name in ("evidence", "file", "owner", "due_on"):
                del self.fields[name]
            return
        able = [one for one in members if one.role != Role.VIEWER and term.side in (None, one.side)]
        self.fields["owner"].choices = [("", "Nobody yet"), *((one.user.email, one.user.name) for one in able)]  # type: ignore[attr-defined]
