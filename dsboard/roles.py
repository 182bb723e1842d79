"""Who may do what: the one table that pages, API, admin and tests read (PRODUCT section 9)."""

from django.db import models


class Role(models.TextChoices):
    VIEWER = "viewer", "Viewer"
    MEMBER = "member", "Member"
    LEAD = "lead", "Lead"


class Side(models.TextChoices):
    SCIENCE = "science", "Data science"
    ENGINEERING = "engineering", "Engineering"


RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.LEAD: 2}


class Act(models.TextChoices):
    """Everything a person can do in a team, in the words of a refusal: "Only a lead can …"."""

    READ = "read", "read this team"
    EXPORT = "export", "export this team"
    CREATE = "create", "add cards"
    EDIT = "edit", "edit cards"
    MOVE = "move", "move cards"
    COMMENT = "comment", "comment"
    REPORT = "report", "report findings"
    RUNS = "runs", "tell runs"
    IMPORT = "import", "import cards"
    PAUSE = "pause", "pause a time box"
    EXTEND = "extend", "extend a time box"
    EXTEND_AGAIN = "extend-again", "extend a time box again, or somebody else's"
    NUDGE = "nudge", "remind others of their findings"
    DROP = "drop", "drop cards"
    DROP_OTHERS = "drop-others", "drop somebody else's card"
    DECIDE = "decide", "decide"
    OVERRIDE = "override", "decide against the numbers"
    REVERSE = "reverse", "reverse a decision"
    POLICIES = "policies", "change the team's settings"
    CALENDAR = "calendar", "change the team's calendar"
    WEBHOOKS = "webhooks", "change the team's webhook"
    TRACKERS = "trackers", "change the team's tracking servers"
    ABSENCE = "absence", "enter absences"
    ABSENCE_OTHERS = "absence-others", "enter somebody else's absence"
    MEMBERS = "members", "change who is in the team"
    SEATS = "seats", "plan cards into a sprint"
    SCOPE = "scope", "change the scope of a running sprint"
    SPRINTS = "sprints", "create, start and close sprints"
    SIGN_OFF = "sign-off", "sign a sprint off"
    MODELS = "models", "change models"
    CRITERIA = "criteria", "answer a model's criteria"
    DEPLOY = "deploy", "deploy a model"
    WAIVE = "waive", "waive a criterion"
    PASS_WITH_EXCEPTIONS = "pass-with-exceptions", "let a model pass with exceptions"
    HANDOFFS = "handoffs", "work on handoffs"


#: the least role for each act; DECIDE is lowered to members by the team's policy `deciders`
LEAST = {
    Act.READ: Role.VIEWER,
    Act.EXPORT: Role.VIEWER,
    Act.CREATE: Role.MEMBER,
    Act.EDIT: Role.MEMBER,
    Act.MOVE: Role.MEMBER,
    Act.COMMENT: Role.MEMBER,
    Act.REPORT: Role.MEMBER,
    Act.RUNS: Role.MEMBER,
    Act.IMPORT: Role.MEMBER,
    Act.PAUSE: Role.MEMBER,
    Act.EXTEND: Role.MEMBER,
    Act.EXTEND_AGAIN: Role.LEAD,
    Act.NUDGE: Role.LEAD,
    Act.DROP: Role.MEMBER,
    Act.DROP_OTHERS: Role.LEAD,
    Act.DECIDE: Role.LEAD,
    Act.OVERRIDE: Role.LEAD,
    Act.REVERSE: Role.LEAD,
    Act.POLICIES: Role.LEAD,
    Act.CALENDAR: Role.LEAD,
    Act.WEBHOOKS: Role.LEAD,
    Act.TRACKERS: Role.LEAD,
    Act.ABSENCE: Role.MEMBER,
    Act.ABSENCE_OTHERS: Role.LEAD,
    Act.MEMBERS: Role.LEAD,
    Act.SEATS: Role.MEMBER,
    Act.SCOPE: Role.LEAD,
    Act.SPRINTS: Role.LEAD,
    Act.SIGN_OFF: Role.LEAD,
    Act.MODELS: Role.MEMBER,
    Act.CRITERIA: Role.MEMBER,
    Act.DEPLOY: Role.MEMBER,
    Act.WAIVE: Role.LEAD,
    Act.PASS_WITH_EXCEPTIONS: Role.LEAD,
    Act.HANDOFFS: Role.MEMBER,
}


def allows(role: str, act: Act, *, deciders: str = "leads") -> bool:
    """True if `role` may do `act` in a team whose policy `deciders` is "leads" or "members"."""
    least = Role.MEMBER if act == Act.DECIDE and deciders == "members" else LEAST[act]
    return RANK[Role(role)] >= RANK[least]
