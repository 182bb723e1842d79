"""What a handoff consists of: fourteen lines, five that data science delivers, five that engineering provides, four that both share."""

from dataclasses import dataclass

from dsboard.roles import Side


@dataclass(frozen=True)
class Term:
    """One line of the contract (PRODUCT section 7); `side` None is shared; one that is `always` needed can't be set aside."""

    slug: str
    label: str
    side: Side | None
    always: bool = False

    @property
    def is_shared(self) -> bool:
        return self.side is None

    @property
    def verifiers(self) -> tuple[Side, ...]:
        """The sides that have to say yes: the other one, or both to what is shared."""
        return tuple(side for side in Side if side != self.side)


TERMS = (
    Term("trained-model-artifact", "Trained model artifact", Side.SCIENCE, always=True),
    Term("model-card", "Model card", Side.SCIENCE, always=True),
    Term("feature-requirements", "Feature requirements", Side.SCIENCE),
    Term("input-output-formats", "Expected input and output formats", Side.SCIENCE, always=True),
    Term("performance-benchmarks", "Performance benchmarks", Side.SCIENCE),
    Term("feature-pipeline", "Feature pipeline infrastructure", Side.ENGINEERING),
    Term("serving-platform", "Model serving platform", Side.ENGINEERING),
    Term("monitoring-and-alerting", "Monitoring and alerting", Side.ENGINEERING),
    Term("ab-testing-framework", "A/B testing framework", Side.ENGINEERING),
    Term("scaling-and-reliability", "Scaling and reliability", Side.ENGINEERING),
    Term("integration-testing", "Integration testing", None),
    Term("performance-optimization", "Performance optimization", None),
    Term("incident-response", "Incident response", None),
    Term("documentation", "Documentation", None),
)
BY_SLUG = {term.slug: term for term in TERMS}
PLACE = {term.slug: place for place, term in enumerate(TERMS)}


def other(side: str) -> Side:
    """The side across the table."""
    return Side.ENGINEERING if side == Side.SCIENCE else Side.SCIENCE
