"""Every page, for every eye: no violation in light or dark, no sideways scroll, a title, one heading."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import expect

from dsboard import clock
from dsboard.kinds import Kind
from dsboard.models import Absence, Delivery, Membership, Notice, Webhook
from experiments.models import Run, RunLink, Task, Tracker
from experiments.models.pauses import pause
from experiments.stages import Outcome
from handoffs.checklists import CRITERIA
from handoffs.models import Alarm, CardEdition, Deployment, EvidenceFile, Handoff, MLModel, RegistryLink, RetrainingPlan, Series, Version
from handoffs.models.alarm import Why
from sprints.models import Sprint
from tests.browser.conftest import PageOf
from tests.browser.eyes import sideways, sticking_out, violations
from tests.browser.hands import title
from tests.handoffs.table import everything_verified, line
from tests.world import World

LONG = "Explore_a_very_long_identifier_without_any_place_to_break_it_of_the_kind_that_pipelines_have"


def told_of_everything(world: World) -> Task:
    """A card whose findings are due, with a notice of each kind for the lead; some of them are read or put off."""
    with clock.at(timezone.now() - timedelta(days=9)):
        task = world.started(world.experiment(title="Ended", owner="ines@example.org"), world.lead)
    for n, kind in enumerate(Kind.values):
        said = {
            "text": "Three sentences are enough.",
            "url": task.get_absolute_url(),
            "key": kind,
            "by_id": world.mei.user_id if n % 2 else None,
        }
        Notice.objects.post(team_id=world.team.pk, user_id=world.lead.user_id, kind=kind, title=f"{Kind(kind).label}: Ended", **said)
    Notice.objects.filter(key__in=Kind.values[:2]).update(read_at=timezone.now())
    Notice.objects.filter(key__in=Kind.values[2:4]).update(snoozed_until=timezone.now() + timedelta(days=2))
    return task


def fill(world: World) -> dict[str, str]:
    """Something of everything; the references by name."""
    tasks = {
        "research": world.research(title=LONG),
        "experiment": world.started(world.experiment(labels=["nlp", "churn"], description="- [x] tokenizer\n- [ ] seeds")),
        "development": world.development(points=5),
        "maintenance": world.started(world.maintenance()),
        "analysis": world.in_analysis(),
        "done": world.done(),
        "abandoned": world.decided(Outcome.ABANDON).task,
        "more": world.decided(Outcome.MORE_RESEARCH).task,
        "productionized": world.decided(Outcome.PRODUCTIONIZE).task,
        "binned": world.experiment(title="Not this one"),
        "paused": world.started(world.experiment(title="Waits")),
        "ended": told_of_everything(world),
    }
    pause(tasks["paused"], world.mei, reason="The labels are late.", until=timezone.localdate() + timedelta(days=9))
    tasks["binned"].delete_to_bin(world.mei)
    tell(world)
    tell_runs(world, tasks["experiment"])
    run_sprints(world, tasks)
    keep_models(world, tasks["productionized"])
    return {name: task.ref for name, task in tasks.items()}


def tell_runs(world: World, task: Task) -> None:
    """Runs of every status, with long words, and one metric step by step."""
    for place, status in enumerate(("finished", "failed", "running", "killed", "finished")):
        numbers = {"macro-F1": 0.8 + place / 50, LONG[:200]: [[0, 0.5], [1, "NaN"], [2, 0.123456789]]}
        said: dict[str, Any] = {"url": "https://runs.example.org/", "status": status, "name": LONG[:200] * (place % 2)}
        said |= {"params": {LONG[:200]: LONG}, "metrics": numbers, "dataset": {"name": LONG[:200], "digest": "a1" * 32}, "notes": LONG}
        Run.tell(task, world.mei, f"{LONG[:150]}{place}", **said)
    tracker = Tracker.connect(world.team, world.lead, name=LONG[:60], url="http://127.0.0.1:9")
    RunLink.link(task, world.mei, tracker, experiment=LONG[:250], filter=LONG[:500])
    model = MLModel.register(world.team, world.mei, name="Registered")
    link = RegistryLink.link(model, world.mei, tracker, LONG[:250])
    link.take([{"number": "1", "aliases": [LONG[:60]], "status": "READY", "run_id": LONG[:64], "incomplete": False}])
    RunLink.objects.update(trouble="refused", said=LONG[:400])
    Tracker.objects.update(trouble="unreachable", said=LONG[:400], next_at=timezone.now() + timedelta(hours=1))


def operate(model: MLModel, by: Membership) -> None:
    """Metrics in operation with long names, an alarm of every kind, and a plan."""
    version = model.versions.get(name="v2.3")
    for name in ("AUC", LONG[:60]):
        Series.watch(model, by, name, threshold=0.5, times=1, window=1, direction="higher")
        values = [0.9, 0.8, 0.4]
        rows = [
            {"name": name, "value": value, "version": "v2.3", "at": timezone.now() - timedelta(hours=9 - n)}
            for n, value in enumerate(values)
        ]
        points = Series.tell_all(model, by, rows)
    for kind in ("drift", "stale"):
        Alarm.raise_(points[1][0], Why(kind), LONG[:500])
    Alarm.objects.filter(kind="drift").update(version=version)
    RetrainingPlan.plan(model, by, every="quarter", on_alarm=True)


def run_sprints(world: World, tasks: dict[str, Task]) -> None:
    """A sprint that runs and one that is planned, with everything to warn of."""
    first, second = (Sprint.plan(world.team, world.lead, goal=f"{LONG} and a decision") for _ in range(2))
    for name in ("research", "experiment", "development", "maintenance", "analysis"):
        first.take_in(tasks[name], world.lead, "learning" if name == "research" else "")
    second.take_in(tasks["maintenance"], world.lead)
    second.take_in(world.experiment(title=LONG, metrics=[], success="", hours=80, owner="mei@example.org"), world.lead)
    second.take_in(world.development(title="Unsized", points=None), world.lead)
    Absence.add(world.mei, world.mei, first_day=second.starts_on, last_day=second.starts_on)
    first.start(world.lead)


def keep_models(world: World, origin: Task) -> None:
    """A model with a version that is live in every way, one that retrains it, and one without anything."""
    owners = [member.user.email for member in (world.mei, world.omar, world.lead)]
    facts = {
        "origin": origin,
        "origin_run": LONG,
        "artifact": f"s3://models/{LONG}",
        "checksum": f"sha256:{'a1' * 32}",
        "metrics": {LONG[:60]: 4.81},
    }
    model = MLModel.register(
        world.team, world.mei, name=LONG, purpose=LONG, owners=owners, version="v2.3", starts_at="model-development", **facts
    )
    built = model.versions.get()
    for criterion in CRITERIA[:12]:
        built.answer(criterion.slug, world.mei, state="met", evidence=f"https://wiki.example.org/{LONG}")
    built.advance("deployment", world.lead, override_reason=LONG)
    for mode in ("shadow", "share", "full"):
        Deployment.deploy(built, world.mei, environment="staging", mode=mode, share=20 if mode == "share" else None)
    Deployment.deploy(built, world.lead, environment="production", override_reason=LONG).retire(world.lead)
    hand_over(world, Version.add(model, world.mei, name="v2.4", retrains=built))
    CardEdition.write(
        built, world.mei, f"---\nname: {LONG}\n---\n# {LONG}\n\n## Limitations\n\n{LONG}\n\n| a | b |\n|---|---|\n| {LONG} | 1 |\n"
    )
    CardEdition.write(built, world.mei, f"# {LONG}\n\n## Limitations\n\n{LONG}\n")
    EvidenceFile.add(built, world.mei, SimpleUploadedFile(f"{LONG[:100]}.pdf", b"%PDF"))
    Task.objects.filter(kind="maintenance").update(serves=model.slug)
    built.answer("ab-test", world.mei, state="not_applicable", reason=LONG)
    built.go_back("model-experimentation", world.mei, reason=LONG)
    operate(model, world.mei)
    MLModel.register(world.team, world.mei, name="Churn")


def hand_over(world: World, version: Version) -> None:
    """A handoff with a line in every state, and a signature for an earlier version."""
    handoff = Handoff.start(version, world.lead)
    everything_verified(world, handoff)
    handoff.sign(world.mei)
    line(handoff, "trained-model-artifact").put("provided", world.mei, evidence=f"https://wiki.example.org/{LONG}")
    line(handoff, "model-card").put("returned", world.omar, reason=LONG)
    line(handoff, "feature-requirements").put("not_needed", world.mei, reason=LONG)
    day = timezone.localdate() + timedelta(days=9)
    line(handoff, "ab-testing-framework").put("blocked", world.omar, reason=LONG, owner="omar@example.org", due_on=day)
    line(handoff, "serving-platform").put("missing", world.omar)
    line(handoff, "documentation").put("provided", world.mei, evidence=LONG)


def tell(world: World) -> None:
    """A webhook whose log has a message in every state, with the longest words that fit."""
    hook = Webhook.set_up(world.team, world.lead, url=f"https://{'hooks-' * 9}a.example.org/services/T024BE7LH/XXXXsecretXXXXa1b2")
    outcomes: dict[str, dict[str, Any]] = {
        "waiting": {"attempts": 3, "error": "hooks.example.org did not answer within 5 seconds."},
        "sending": {"attempts": 1, "leased_until": timezone.now()},
        "sent": {"attempts": 1, "status": 200, "answer": "ok", "sent_at": timezone.now()},
        "failed": {"attempts": 8, "status": 500, "answer": "x" * 500, "error": f"{LONG} answered 500."},
    }
    for state, outcome in outcomes.items():
        Delivery.objects.create(webhook=hook, event="findings", key=state, facts={"title": LONG}, state=state, **outcome)


def pages(world: World, refs: dict[str, str]) -> list[str]:
    """The addresses of every page that a lead can open."""
    team = "/t/fraud"
    cards = [f"{team}/tasks/{ref}/" for name, ref in refs.items() if name != "binned"]
    forms = [
        f"{team}/tasks/{refs['experiment']}/findings/",
        f"{team}/tasks/{refs['experiment']}/move/",
        f"{team}/tasks/{refs['experiment']}/runs/",
        f"{team}/tasks/{refs['research']}/runs/",
        f"{team}/tasks/{refs['experiment']}/runs/{Run.objects.get(status='killed').pk}/",
        f"{team}/tasks/{refs['experiment']}/runs/links/",
        f"{team}/tasks/{refs['experiment']}/runs/file/",
        f"{team}/tasks/{refs['experiment']}/runs/new/",
        f"{team}/tasks/{refs['experiment']}/runs/comparison/?{'&'.join(f'run={run.pk}' for run in Run.objects.all()[:3])}",
        f"{team}/tasks/{refs['experiment']}/fields/metrics/",
        f"{team}/tasks/{refs['experiment']}/time-box/extension/",
        f"{team}/tasks/{refs['experiment']}/time-box/pause/",
        f"{team}/tasks/{refs['experiment']}/fields/people/",
        f"{team}/settings/members/{world.mei.pk}/calendar/",
        f"{team}/tasks/{refs['analysis']}/decision/",
        f"{team}/tasks/{refs['abandoned']}/decision/reversal/",
        *(f"{team}/tasks/new/?kind={kind}" for kind in ("research", "experiment", "development", "maintenance")),
    ]
    plain = ["board", "delivery", "backlog", "findings", "archive", "bin", "import", "settings", "settings/members", "settings/calendar"]
    plain += ["settings/webhook", "settings/webhook/removal", "sprints", "sprints/new"]
    tracker = Tracker.objects.get().pk
    plain += ["settings/trackers", f"settings/trackers/{tracker}", f"settings/trackers/{tracker}/removal"]
    plain += [f"sprints/1/{name}" for name in ("plan", "board", "review", "close", "details")]
    plain += [f"sprints/2/{name}" for name in ("plan", "board", "start", "capacity", "details", "removal")]
    plain += ["models", "models/today", "models/new", "models/churn/versions", "models/churn/details"]
    operated = f"models/{LONG[:60].lower()}/monitoring"
    plain += ["models/churn/monitoring", "models/registered/registry", operated, f"{operated}/series/{Series.objects.get(name='AUC').pk}"]
    versions = [f"models/{LONG[:60].lower()}/versions/{name}" for name in ("v2.3", "v2.4")]
    plain += [
        *versions,
        *(f"{versions[0]}/{name}" for name in ("details", "criteria/documented", "gate", "back", "deployments", "card", "card/edit")),
    ]
    pk = Handoff.objects.get().pk
    plain += ["handoffs", f"handoffs/{pk}", f"handoffs/{pk}/return", f"handoffs/{pk}/withdrawal", "models/churn/versions/v1/handoffs"]
    plain += [f"handoffs/{pk}/lines/{name}" for name in ("model-card", "serving-platform", "documentation/verification")]
    plain += ["reports/allocation", "reports/experiments", "reports/time-boxes"]
    forms += [f"{team}/{versions[0]}/card/?edition=2&since=1"]
    forms += [f"{team}/tasks/{refs['development']}/sprint/", f"{team}/sprints/1/seats/{refs['development']}/"]
    return [
        "/me/",
        "/me/?show=later",
        "/me/?show=done",
        "/me/settings/",
        "/styleguide/",
        *(f"{team}/{name}/" for name in plain),
        *cards,
        *forms,
        f"{team}/tasks/FRAUD-999/",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_violation(page_as: PageOf, world: World, theme: str) -> None:
    world.lead.user.is_staff = True
    world.lead.user.save()
    page = page_as(world.lead.user, theme=theme)
    found = {}
    for address in pages(world, fill(world)):
        page.goto(address)
        expect(page.locator("h1")).to_have_count(1)
        expect(page).to_have_title(re.compile(r"^[^·]+.* · dsboard$"))
        if lines := violations(page):
            found[address] = lines
    assert found == {}


def test_no_page_scrolls_sideways(page_as: PageOf, world: World) -> None:
    world.lead.user.is_staff = True
    world.lead.user.save()
    page = page_as(world.lead.user)
    found = {}
    for address in pages(world, fill(world)):
        page.goto(address)
        if lines := sideways(page):
            found[address] = lines
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_open_part_has_a_violation(page_as: PageOf, world: World, theme: str) -> None:
    """Menus, dialogs, the palette, toasts and a held card, each while it is open."""
    task = world.experiment()
    world.started(world.experiment(title="Runs"))
    page = page_as(world.lead.user, theme=theme)
    page.goto("/t/fraud/board/")
    found = {}
    for name, key in {"move": "m", "findings": "r", "decision": "d", "new": "c", "shortcuts": "?", "palette": "Control+k"}.items():
        title(page, task.ref).focus()
        page.keyboard.press(key)
        expect(page.get_by_role("dialog").locator("h2, input:not([type=hidden])").first).to_be_visible()
        found[name] = violations(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator(".side summary").first.click()
    page.locator(".filters summary").first.click()
    found["menus"] = violations(page)
    page.keyboard.press("Escape")
    title(page, task.ref).focus()
    page.keyboard.press("Space")
    found["held"] = violations(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#toasts [data-toast]")).to_be_visible()
    found["toast"] = violations(page)
    page.locator("#col-ideation [data-quick-open]").click()
    found["quick-add"] = violations(page)
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_no_dialog_scrolls_sideways_on_a_phone(page_as: PageOf, world: World) -> None:
    task = world.in_analysis()
    page = page_as(world.lead.user)
    found = {}
    for key in "mdc":
        page.goto("/t/fraud/board/")
        title(page, task.ref).focus()
        page.keyboard.press(key)
        expect(page.get_by_role("dialog").locator("h2").first).to_be_visible()
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate("() => { const one = document.querySelector('dialog'); return one.scrollWidth > one.clientWidth }"):
            found[key] = sticking_out(page)
        page.set_viewport_size({"width": 1440, "height": 900})
    assert found == {}
