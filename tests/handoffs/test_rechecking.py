"""What was verified and fails later: both sides hear of it once, and of nothing else."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsboard.kinds import Kind
from dsboard.models import Notice
from dsboard.models.notice import MailState
from handoffs import rechecking
from handoffs.models import CardEdition, Deployment, EvidenceFile, Handoff, MLModel, Version
from handoffs.tasks import recheck
from tests.handoffs.models.conftest import built
from tests.handoffs.table import everything_verified, line
from tests.handoffs.test_files import upload
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]
ARTIFACT = "trained-model-artifact"


@pytest.fixture
def handoff(world: World) -> Handoff:
    """Every line is verified; the artifact is a file whose checksum the version names."""
    version = built(world, MLModel.register(world.team, world.mei, name="Ranker"))
    made = Handoff.start(version, world.mei)
    everything_verified(world, made)
    kept = EvidenceFile.add(version, world.mei, upload("model.onnx", b"onnx"))
    Version.objects.get(pk=version.pk).change(world.mei, checksum=f"sha256:{kept.sha256}")
    line(made, ARTIFACT).put("provided", world.mei, evidence={"type": "file", "value": kept.key})
    line(made, ARTIFACT).verify(world.omar)
    rechecking.sweep()
    Notice.objects.all().delete()
    return made


def now(handoff: Handoff) -> Version:
    return Version.objects.select_related("model__team").get(pk=handoff.version_id)


def told() -> list[tuple[str, str, str]]:
    rows = Notice.objects.filter(kind=Kind.HANDOFF_FAILED).order_by("pk").values_list("user__email", "title", "text")
    return list(rows)


def test_both_sides_hear_once_which_line_fails_and_why(world: World, handoff: Handoff) -> None:
    now(handoff).change(world.mei, checksum=f"sha256:{'0' * 64}")
    assert told() == []
    recheck()
    found = told()
    assert {who for who, _, _ in found} == {world.mei.user.email, world.omar.user.email, world.lead.user.email}
    assert {(title, text) for _, title, text in found} == {
        ("Fails a check now: Trained model artifact", f"model.onnx has another checksum than the version: {sha(handoff)}.")
    }
    now(handoff).change(world.mei, metrics={"auc": 0.9})
    recheck()
    assert told() == found


def sha(handoff: Handoff) -> str:
    return f"sha256:{EvidenceFile.objects.get(version=handoff.version).sha256[:12]}…"


def test_the_notice_leads_to_the_line_which_stays_verified(world: World, handoff: Handoff, as_: Any) -> None:
    now(handoff).change(world.mei, checksum=f"sha256:{'0' * 64}")
    recheck()
    notice = Notice.objects.filter(user=world.omar.user).get()
    assert notice.url == f"{handoff.get_absolute_url()}#{ARTIFACT}"
    assert (notice.by, notice.why) == (None, "you work on engineering here")
    assert line(handoff, ARTIFACT).state == "verified"
    assert "has another checksum" in as_(world.omar).get(handoff.get_absolute_url()).content.decode()


def test_mail_about_what_is_mended_meanwhile_stays_here(world: World, handoff: Handoff) -> None:
    right = now(handoff).checksum
    now(handoff).change(world.mei, checksum=f"sha256:{'0' * 64}")
    recheck()
    now(handoff).change(world.mei, checksum=right)
    recheck()
    assert set(Notice.objects.values_list("mail", flat=True)) == {MailState.WITHDRAWN}


def test_a_model_card_that_turns_into_a_placeholder_is_told(world: World, handoff: Handoff) -> None:
    # The word TODO is what the check calls a placeholder.
    CardEdition.write(now(handoff), world.mei, "# Ranker\n\n## Limitations\n\nTODO\n")
    recheck()
    assert {title for _, title, _ in told()} == {"Fails a check now: Model card"}


def test_what_was_verified_in_spite_of_a_failed_check_is_known_already(world: World, handoff: Handoff) -> None:
    line(handoff, ARTIFACT).put("provided", world.mei, evidence="We looked.")
    now(handoff).change(world.mei, checksum=f"sha256:{'0' * 64}")
    kept = EvidenceFile.objects.get()
    line(handoff, ARTIFACT).put("provided", world.mei, evidence=kept.key)
    line(handoff, ARTIFACT).verify(world.omar, reason="Built again, agreed by mail.")
    recheck()
    assert told() == []


def test_after_acceptance_it_counts_while_the_version_serves(world: World, handoff: Handoff) -> None:
    for who in (world.mei, world.omar):
        Handoff.objects.select_related("version__model__team").get(pk=handoff.pk).sign(who)
    now(handoff).change(world.mei, checksum=f"sha256:{'0' * 64}")
    recheck()
    assert told() == []
    Deployment.objects.create(model_id=handoff.version.model_id, version=handoff.version, environment="staging", mode="full")
    now(handoff).change(world.mei, checksum=f"sha256:{'1' * 64}")
    recheck()
    assert {title for _, title, _ in told()} == {"Fails a check now: Trained model artifact"}


def test_nothing_changed_is_one_query_and_the_mark_is_of_those_that_did(
    world: World, handoff: Handoff, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert rechecking.sweep() == 0
    now(handoff).change(world.mei, metrics={"auc": 0.9})
    assert list(Version.objects.filter(recheck=True)) == [handoff.version]
    assert rechecking.sweep() == 1


def test_a_handoff_takes_as_many_queries_whatever_else_there_is(world: World, handoff: Handoff) -> None:

    def cost() -> int:
        now(handoff).change(world.mei, metrics={"auc": 0.5 + Version.objects.count() / 100})
        with CaptureQueriesContext(connection) as seen:
            rechecking.sweep()
        return len(seen)

    first = cost()
    for place in range(5):
        Handoff.start(built(world, MLModel.register(world.team, world.mei, name=f"Other {place}")), world.mei)
    rechecking.sweep()
    assert cost() == first
