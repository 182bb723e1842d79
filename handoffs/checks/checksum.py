"""The artifact: its checksum has a form, and matches the file where the board keeps it."""

from collections.abc import Iterator

from handoffs.checks.check import ATTESTED, FAILED, VERIFIED, Check
from handoffs.checks.facts import Facts

PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")


def checksum(facts: Facts) -> Iterator[Check]:
    """Nothing is loaded: a pickle runs whatever it holds."""
    if facts.file:
        if not facts.checksum:
            yield Check("checksum", FAILED, f"The version has no checksum to compare {facts.file.name} with.")
        elif facts.checksum.removeprefix("sha256:").lower() == facts.file.sha256.lower():
            yield Check("checksum", VERIFIED, f"{facts.file.name} is the file that the version names.")
        else:
            yield Check("checksum", FAILED, f"{facts.file.name} has another checksum than the version: sha256:{facts.file.sha256[:12]}….")
    elif facts.checksum:
        yield Check("checksum", ATTESTED, f"The checksum has the form of one: {facts.checksum[:19]}…. The file is elsewhere.")
    elif facts.artifact or facts.kind:
        yield Check("checksum", ATTESTED, "Nobody can tell whether it is the same file: the version has no checksum.")
    name = facts.file.name if facts.file else facts.artifact.partition("?")[0]
    if name.lower().endswith(PICKLES):
        yield Check("format", ATTESTED, "It is a pickle, which runs code when it is loaded. The board does not open it.")
