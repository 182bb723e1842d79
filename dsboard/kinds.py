"""The kinds of notice, in the words of the settings: what each is about, and which switch stops its mail."""

from django.db import models


class Topic(models.TextChoices):
    """What can be switched off by itself; the inbox keeps everything."""

    WARNING = "warning", "At 80% of a time box"
    ENDED = "ended", "When a time box ends"
    DECISION = "decision", "Decisions waiting for you"
    HANDOFF = "handoff", "Handoffs waiting for your side"
    MODEL = "model", "Alarms of models in operation"
    MENTION = "mention", "Mentions"
    CARD = "card", "Cards you are given, and what happens to them"


class Kind(models.TextChoices):
    """One kind has one topic, in TOPIC_OF."""

    MENTION = "mention", "Mention"
    ASSIGNED = "assigned", "Given a card"
    ORIGIN_REVERSED = "origin_reversed", "Origin reversed"
    BOX_WARNING = "box_warning", "Time box at 80%"
    BOX_ENDED = "box_ended", "Time box ended"
    FINDINGS_DUE = "findings_due", "Findings due"
    NUDGE = "nudge", "Nudge"
    BOX_PAUSED = "box_paused", "Time box paused for long"
    BOX_RESUMED = "box_resumed", "Time box runs again"
    DECISION_WAITING = "decision_waiting", "Decision waiting"
    TARGET_MET = "target_met", "Target met"
    HANDOFF_VERIFY = "handoff_verify", "Line to verify"
    HANDOFF_SIGN = "handoff_sign", "Handoff to sign"
    HANDOFF_RETURNED = "handoff_returned", "Returned by the other side"
    HANDOFF_ACCEPTED = "handoff_accepted", "Handoff accepted"
    HANDOFF_FAILED = "handoff_failed", "A verified line fails a check"
    MODEL_ALARM = "model_alarm", "Alarm of a model"


TOPIC_OF = {
    Kind.MENTION: Topic.MENTION,
    Kind.ASSIGNED: Topic.CARD,
    Kind.ORIGIN_REVERSED: Topic.CARD,
    Kind.BOX_WARNING: Topic.WARNING,
    Kind.BOX_ENDED: Topic.ENDED,
    Kind.FINDINGS_DUE: Topic.ENDED,
    Kind.NUDGE: Topic.ENDED,
    Kind.BOX_PAUSED: Topic.CARD,
    Kind.BOX_RESUMED: Topic.CARD,
    Kind.DECISION_WAITING: Topic.DECISION,
    Kind.TARGET_MET: Topic.CARD,
    Kind.HANDOFF_VERIFY: Topic.HANDOFF,
    Kind.HANDOFF_SIGN: Topic.HANDOFF,
    Kind.HANDOFF_RETURNED: Topic.HANDOFF,
    Kind.HANDOFF_ACCEPTED: Topic.HANDOFF,
    Kind.HANDOFF_FAILED: Topic.HANDOFF,
    Kind.MODEL_ALARM: Topic.MODEL,
}
ICONS = {
    Topic.WARNING: "clock", Topic.ENDED: "clock", Topic.DECISION: "c-decision", Topic.HANDOFF: "handoff",
    Topic.MODEL: "alert",
    Topic.MENTION: "comment", Topic.CARD: "bell",
}  # fmt: skip
#: mailed within the working hours of whoever gets it; a mention goes at once, since somebody just wrote it
REMINDERS = {
    Kind.BOX_WARNING, Kind.BOX_ENDED, Kind.FINDINGS_DUE, Kind.BOX_PAUSED, Kind.BOX_RESUMED, Kind.DECISION_WAITING,
    Kind.HANDOFF_VERIFY, Kind.HANDOFF_SIGN, Kind.HANDOFF_RETURNED, Kind.HANDOFF_ACCEPTED,
    Kind.HANDOFF_FAILED, Kind.MODEL_ALARM,
}  # fmt: skip


def topic_of(kind: str) -> Topic:
    """The switch that a kind of notice belongs to."""
    return TOPIC_OF[Kind(kind)]
