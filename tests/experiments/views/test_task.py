"""The page of one card: what it shows, who may do what, conflicts, files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dsboard.models import Activity
from experiments.models import Attachment, Comment, Task
from experiments.models.link import build_on
from experiments.stages import Outcome
from tests.world import World, history_of, wall

HTMX = {"HX-Request": "true"}


def as_(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def page(client: Client, task: Task, more: str = "", **headers) -> str:
    response = client.get(task.get_absolute_url() + more, **headers)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_what_the_card_states(world: World):
    text = page(as_(world.vera), world.experiment())
    assert "Fine-tuned BERT beats GPT-2." in text
    assert "Better at a third of the cost." in text
    assert "≥ 0.9" in text
    assert "3d box" in text


def test_a_viewer_sees_no_control_that_would_be_refused(world: World):
    task = world.in_analysis()
    text = page(as_(world.vera), task)
    assert 'action="' + task.get_absolute_url() + "watch/" in text
    for act in ("comments/", "fields/", "drop/", "deletion/", "decision/", "move/", "undo/"):
        assert task.get_absolute_url() + act not in text
    assert task.get_absolute_url() + "decision/" in page(as_(world.lead), task)


def test_the_owners_to_choose_from_show_when_the_box_would_end(world: World):
    """Nobody moves a deadline unseen: each person works by a calendar of their own."""
    with wall("2026-03-10 09:00"):
        task = world.started(world.experiment())
        world.omar.set_calendar(world.lead, week="Mon-Thu 09:00-15:00")
    with wall("2026-03-10 11:00"):
        text = as_(world.lead).get(f"{task.get_absolute_url()}fields/people/").content.decode()
    assert "Mei Tanaka: ends Thu 12 Mar, 17:00" in text
    assert "Omar Haddad: ends Mon 16 Mar, 15:00" in text
    assert "Omar Haddad: ends" not in page(as_(world.lead), world.experiment(), "fields/people/")


@pytest.mark.parametrize("act", ["comments", "drop", "deletion", "promotion", "fields/title"])
def test_a_viewer_is_refused(world: World, act):
    task = world.in_analysis()
    response = as_(world.vera).post(f"{task.get_absolute_url()}{act}/", {"text": "x", "reason": "x", "title": "x", "version": task.version})
    assert response.status_code == 403
    task.refresh_from_db()
    assert (task.title, task.dropped_at, task.deleted_at, task.comment_count) == ("BERT vs GPT comparison", None, None, 0)


def test_other_teams_cards_do_not_exist(world: World):
    task = world.experiment()
    assert as_(world.ivo).get(task.get_absolute_url()).status_code == 404
    foreign = f"/t/OTHER/tasks/{task.ref}/"
    assert as_(world.ivo).get(foreign).status_code == 404
    assert as_(world.ivo).post(f"{foreign}comments/", {"text": "hello"}).status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_as_many_queries_for_one_comment_as_for_thirty(world: World, rows):
    task = world.in_analysis()
    for number in range(rows):
        Comment.write(task, world.mei, f"number {number}")
        task.change(world.mei, description=f"version {number}")
    client = as_(world.mei)
    page(client, task)
    with CaptureQueriesContext(connection) as queries:
        page(client, task)
    assert len(queries) == QUERIES


QUERIES = 9


def test_a_comment_arrives_and_an_empty_one_says_why(world: World):
    task = world.experiment()
    client = as_(world.mei)
    assert client.post(f"{task.get_absolute_url()}comments/", {"text": "Run 13 clears it, @omar."}).status_code == 302
    assert "Run 13 clears it" in page(client, task)
    response = client.post(f"{task.get_absolute_url()}comments/", {"text": "  "})
    assert response.status_code == 422
    assert "Write something first." in response.content.decode()


def test_comments_and_changes_can_be_shown_alone(world: World):
    task = world.experiment()
    Comment.write(task, world.mei, "a remark")
    assert "a remark" not in page(as_(world.mei), task, "?show=changes")
    assert "added this card" not in page(as_(world.mei), task, "?show=comments")


def test_a_title_is_edited_in_place(world: World):
    task = world.experiment()
    response = as_(world.mei).post(
        f"{task.get_absolute_url()}fields/title/", {"title": "BERT first", "version": task.version}, headers=HTMX
    )
    assert response.status_code == 200
    assert response.content.decode().startswith("<h1") and "BERT first" in response.content.decode()
    assert history_of(task)[-1] == ("edited", "title", "BERT vs GPT comparison", "BERT first")


def test_who_comes_second_sees_both_versions_and_loses_nothing(world: World):
    task = world.experiment()
    seen = task.version
    task.change(world.omar, title="Omar's title")
    url = f"{task.get_absolute_url()}fields/title/"
    response = as_(world.mei).post(url, {"title": "Mei's title", "version": seen}, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#dialog"
    assert "Omar changed this just now." in text
    assert 'value="Mei&#x27;s title"' in text and "Omar&#x27;s title" in text and "Keep mine" in text
    task.refresh_from_db()
    assert task.title == "Omar's title"
    # Keep mine: the dialog carries the version that its reader has now seen.
    as_(world.mei).post(url, {"title": "Mei's title", "version": task.version, "_dialog": "1"}, headers=HTMX)
    task.refresh_from_db()
    assert task.title == "Mei's title"


def test_edits_of_different_fields_merge(world: World):
    task = world.experiment()
    seen = task.version
    task.change(world.omar, title="Another title")
    response = as_(world.mei).post(
        f"{task.get_absolute_url()}fields/success/", {"success": "Half the cost.", "version": seen}, headers=HTMX
    )
    assert response.status_code == 200
    task.refresh_from_db()
    assert (task.title, task.success) == ("Another title", "Half the cost.")


def test_fields_of_another_kind_have_no_address(world: World):
    client = as_(world.mei)
    assert client.get(f"{world.experiment().get_absolute_url()}fields/size/").status_code == 404
    assert client.get(f"{world.development().get_absolute_url()}fields/metrics/").status_code == 404
    assert client.get(f"{world.experiment().get_absolute_url()}fields/nonsense/").status_code == 404


def test_firm_points_ask_for_both_ticks(world: World):
    task = world.development()
    url = f"{task.get_absolute_url()}fields/size/"
    response = as_(world.mei).post(url, {"points": "5", "confidence": "firm", "requirements_clear": "on", "version": task.version})
    assert response.status_code == 422
    assert "Firm points need known technology." in response.content.decode()
    response = as_(world.mei).post(
        url, {"points": "8", "confidence": "firm", "requirements_clear": "on", "technology_known": "on", "version": task.version}
    )
    assert response.status_code == 302
    task.refresh_from_db()
    assert (task.points, task.confidence) == (8, "firm")


def test_the_three_nearest_finished_cards_are_offered(world: World):
    done = [world.done(world.development(title=f"Done at {points}", points=points)) for points in (13, 3, 5, 8)]
    text = page(as_(world.mei), world.development(points=5), "fields/size/")
    offered = [card.ref for card in done if f'value="{card.ref}"' in text]
    assert offered == [done[1].ref, done[2].ref, done[3].ref]


def test_metrics_are_edited_as_rows(world: World):
    task = world.experiment()
    url = f"{task.get_absolute_url()}fields/metrics/"
    rows = {"metric_name": ["macro-F1", "cost"], "metric_direction": ["higher", "lower"], "metric_target": ["0.9", ""]}
    rows |= {"metric_margin": ["", "0.1"], "metric_baseline": ["0.86", "0.71"]}
    assert as_(world.mei).post(url, {**rows, "version": task.version}).status_code == 302
    assert [m.goal for m in task.metrics.all()] == ["≥ 0.9", "≤ 0.61"]
    response = as_(world.mei).post(url, {**rows, "metric_target": ["better", ""]})
    assert response.status_code == 422
    assert "A target needs a number. Try “macro-F1 ≥ 0.90”." in response.content.decode()


def test_deliverables_are_ticked_struck_and_added(world: World):
    task = world.development()
    url = f"{task.get_absolute_url()}fields/deliverables/"
    client = as_(world.mei)
    client.post(url, {"act": "add", "text": "Docs\nA dashboard"})
    client.post(url, {"act": "tick", "at": "0", "text": "An endpoint"})
    client.post(url, {"act": "strike", "at": "1", "text": "Docs", "reason": "Written elsewhere"})
    client.post(url, {"act": "remove", "at": "2", "text": "A dashboard"})
    assert list(task.deliverables.values_list("text", "done", "struck_reason")) == [
        ("An endpoint", True, ""),
        ("Docs", False, "Written elsewhere"),
    ]
    response = client.post(url, {"act": "strike", "at": "0", "text": "An endpoint"})
    assert response.status_code == 422
    assert "Say why it is struck." in response.content.decode()
    assert client.post(url, {"act": "tick", "at": "9"}).status_code == 422
    assert client.post(url, {"act": "tick", "at": "0", "text": "Another"}).status_code == 422


def test_dropping_asks_why_and_can_be_undone(world: World):
    task = world.research()
    client = as_(world.mei)
    assert client.post(f"{task.get_absolute_url()}drop/", {"reason": ""}).status_code == 422
    client.post(f"{task.get_absolute_url()}drop/", {"reason": "Answered elsewhere"})
    assert "Answered elsewhere" in page(client, task)
    client.post(f"{task.get_absolute_url()}restoration/")
    task.refresh_from_db()
    assert task.dropped_at is None


def test_a_deleted_card_says_who_deleted_it(world: World):
    task = world.research()
    client = as_(world.mei)
    client.post(f"{task.get_absolute_url()}deletion/")
    response = client.get(task.get_absolute_url())
    assert response.status_code == 410
    assert "was deleted by Mei on" in response.content.decode()
    client.post(f"{task.get_absolute_url()}restoration/")
    assert client.get(task.get_absolute_url()).status_code == 200


def test_the_next_phase_is_a_card_of_its_own(world: World):
    task = world.in_analysis()
    assert as_(world.mei).post(f"{task.get_absolute_url()}promotion/", {"points": "3"}).status_code == 302
    made = Task.objects.get(phase="prototype")
    assert (made.points, made.title) == (3, task.title)
    assert "first guess beside final cost" in page(as_(world.mei), made)


def test_building_on_a_decided_experiment(world: World):
    decided = world.decided(Outcome.ABANDON).task
    task = world.development()
    client = as_(world.mei)
    assert "Builds on no decided experiment yet." in page(client, task)
    response = client.post(f"{task.get_absolute_url()}links/", {"ref": world.experiment().ref})
    assert response.status_code == 422
    assert "is not a decided experiment or research card." in response.content.decode()
    assert client.post(f"{task.get_absolute_url()}links/", {"ref": "NOPE-1"}).status_code == 404
    client.post(f"{task.get_absolute_url()}links/", {"ref": decided.ref.lower()})
    assert f'Builds on <a href="{decided.get_absolute_url()}"' in page(client, task)


def test_a_link_that_a_decision_made_stays(world: World):
    (made,) = world.decided(Outcome.PRODUCTIONIZE).created
    response = as_(world.mei).post(f"{made.get_absolute_url()}links/", {"ref": made.links.get(rel="builds_on").other.ref, "remove": "1"})
    assert response.status_code == 422
    other = world.decided(Outcome.ABANDON).task
    build_on(made, other, world.mei)
    as_(world.mei).post(f"{made.get_absolute_url()}links/", {"ref": other.ref, "remove": "1"})
    assert not made.links.filter(other=other).exists()


def test_files_come_back_as_downloads_only(world: World):
    task = world.experiment()
    client = as_(world.mei)
    evil = SimpleUploadedFile("../../<b>evil</b>\\x.html", b"<script>alert(1)</script>", content_type="text/html")
    assert client.post(f"{task.get_absolute_url()}attachments/", {"file": evil}).status_code == 302
    attachment = Attachment.objects.get()
    assert attachment.name == "x.html"
    assert "x.html" not in attachment.file.name
    response = client.get(f"{task.get_absolute_url()}attachments/{attachment.pk}/")
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="x.html"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert as_(world.ivo).get(f"{task.get_absolute_url()}attachments/{attachment.pk}/").status_code == 404
    assert as_(world.ivo).get(f"/t/OTHER/tasks/{task.ref}/attachments/{attachment.pk}/").status_code == 404


def test_a_removed_file_can_be_put_back(world: World):
    task = world.experiment()
    attachment = Attachment.add(task, world.mei, SimpleUploadedFile("roc.png", b"png"))
    url = f"{task.get_absolute_url()}attachments/{attachment.pk}/"
    client = as_(world.mei)
    client.post(f"{url}removal/")
    assert client.get(url).status_code == 404
    client.post(f"{url}return/")
    assert client.get(url).status_code == 200
    assert [line[:2] for line in history_of(task)[-3:]] == [
        ("attached", "attachments"),
        ("detached", "attachments"),
        ("attached", "attachments"),
    ]


def test_an_empty_or_huge_file_is_refused_in_words(world: World, monkeypatch):
    task = world.experiment()
    url = f"{task.get_absolute_url()}attachments/"
    response = as_(world.mei).post(url, {"file": SimpleUploadedFile("nothing.txt", b"")})
    assert (response.status_code, "That file is empty." in response.content.decode()) == (422, True)
    monkeypatch.setattr("experiments.models.stored_file.LARGEST", 3)
    response = as_(world.mei).post(url, {"file": SimpleUploadedFile("four.txt", b"four")})
    assert (response.status_code, "four.txt is larger than 20 MB." in response.content.decode()) == (422, True)
    assert not Attachment.objects.exists()


def test_every_verb_of_history_has_its_words(world: World):
    task = world.in_analysis()
    world.decided(Outcome.PRODUCTIONIZE, task)
    task.change(world.lead, owner="omar@example.org")
    page(as_(world.mei), task)
    verbs = set(Activity.objects.values_list("verb", flat=True))
    assert verbs >= {"created", "moved", "assigned", "reported", "decided"}
