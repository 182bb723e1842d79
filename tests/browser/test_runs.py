"""Runs and models in operation by hand: compare, read a server now, judge an alarm, with a finger and without script."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from dsboard import clock
from experiments.models import Run, RunLink, Task, Tracker
from experiments.tracking import sync
from handoffs.models import Alarm, Deployment, MLModel, Series
from tests.browser.conftest import PageOf
from tests.experiments.tracking.fake import Store, run, tracking
from tests.world import F1, World


def begun(world: World) -> Task:
    return world.started(world.experiment(metrics=[F1]))


def test_two_runs_are_ticked_and_compared_by_keyboard(page_as: PageOf, world: World) -> None:
    task = begun(world)
    for name, value in (("small", 0.81), ("large", 0.93)):
        Run.tell(task, world.mei, name, params={"size": name, "seed": 7}, metrics={"macro-F1": value})
    page = page_as(world.mei.user)
    page.goto(task.get_absolute_url())
    expect(page.get_by_role("img", name="macro-F1 of 2 runs, 2 of them counted, best 0.93. Target ≥ 0.9.")).to_be_visible()
    for name in ("small", "large"):
        page.get_by_role("checkbox", name=f"Compare {name}").focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 runs compared")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("macro-F1")).get_by_text("Best")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


@pytest.mark.parametrize("touch", [False, True])
def test_a_server_is_read_now_and_the_card_says_so(page_as: PageOf, world: World, touch: bool) -> None:
    task = begun(world)
    with tracking(Store([run(1, value=0.93)])) as fake:
        tracker = Tracker.connect(world.team, world.lead, name="MLflow", url=fake.url)
        RunLink.link(task, world.mei, tracker, experiment="ticket-clf")
        sync.sweep()
        page = page_as(world.mei.user, width=390 if touch else 1440, touch=touch)
        page.goto(task.get_absolute_url())
        expect(page.get_by_text("MLflow · synced")).to_be_visible()
        press = page.get_by_role("button", name="Sync MLflow")
        press.tap() if touch else press.click()
        expect(page.get_by_text("MLflow is read within seconds")).to_be_visible()
        sync.sweep()
        expect(page.get_by_text("MLflow · synced")).to_be_visible()


def test_links_and_feedback_need_no_script(page_as: PageOf, world: World) -> None:
    task = begun(world)
    Tracker.connect(world.team, world.lead, name="MLflow", url="http://127.0.0.1:9")
    page = page_as(world.mei.user, script=False)
    page.goto(f"{task.get_absolute_url()}runs/links/")
    page.get_by_label("Experiment", exact=True).fill("ticket-clf")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.get_by_text("MLflow is read within seconds")).to_be_visible()
    page.goto(f"{task.get_absolute_url()}runs/links/")
    page.get_by_role("button", name="Unlink ticket-clf").click()
    assert not RunLink.objects.exists()


def test_an_alarm_is_judged_and_becomes_a_task(page_as: PageOf, world: World) -> None:
    model = MLModel.register(world.team, world.mei, name="Churn", starts_at="model-development")
    Deployment.deploy(model.versions.get(), world.mei, environment="staging")
    now = clock.now()
    values = [0.9 + 0.004 * (n % 5 - 2) for n in range(40)] + [0.8] * 5
    rows = [{"name": "AUC", "value": value, "at": now - timedelta(hours=50 - n)} for n, value in enumerate(values)]
    Series.tell_all(MLModel.objects.select_related("team").get(), world.mei, rows)
    assert Alarm.objects.get().kind == "drift"
    page = page_as(world.mei.user)
    page.goto("/t/fraud/models/churn/monitoring/")
    page.get_by_role("button", name="Right").click()
    expect(page.get_by_role("button", name="Right")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Open a task").click()
    expect(page.get_by_text(re.compile("Retrain or inspect Churn: AUC 0.8")).first).to_be_visible()
    page.goto("/t/fraud/models/churn/monitoring/")
    expect(page.get_by_role("heading", name="In operation")).to_be_visible()
    expect(page.get_by_role("button", name="Open a task")).to_have_count(0)
    page.get_by_role("link", name=re.compile("How it is watched")).click()
    page.get_by_role("dialog").get_by_label("Threshold").fill("0.85")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_text("threshold ≥ 0.85").first).to_be_visible()
