"""Every kind of change by one person stands on the other's open page, whose half-written words stay as they are.

How long each took, from before the act to the moment it stood there, is told with `-rP`; a second is the promise. It is not
asserted, since a busy machine would break it.
"""

import time
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Locator, Page, expect

from dsboard.models import Membership
from experiments.models import Attachment, Comment, Run, outcomes
from experiments.models.extension import extend
from experiments.models.link import build_on
from experiments.models.pauses import pause, resume
from experiments.models.undo import take_back
from experiments.stages import Stage
from handoffs.models import Deployment, Handoff, MLModel, Series, Version
from sprints.models import Sprint
from tests.browser.conftest import PageOf
from tests.browser.eyes import looking
from tests.handoffs.models.conftest import answer_all, built
from tests.handoffs.table import agree, line, offered, provide_all
from tests.world import F1, World

HALF = "Half a thought of my own"
#: whether an element says some words, or there is one at all
SAYS = "([where, words]) => [...document.querySelectorAll(where)].some((one) => one.textContent.includes(words))"
GONE = f"(values) => !({SAYS})(values)"
#: keeps a promise of the moment at which that becomes so
WATCH = """(values) => {
  window.standing = new Promise((done) => {
    const look = () => (%s)(values) && done(Date.now());
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  });
}"""


class Watched:
    """One person's open page, with a field in which something is half written."""

    def __init__(self, page_as: PageOf, who: Membership, path: str, write: Callable[[Page], Locator] | None = None) -> None:
        self.page = looking(page_as, who, path)
        self.field = write(self.page) if write else None
        if self.field:
            self.field.focus()
            self.page.keyboard.type(HALF)

    def shows(self, act: Callable[[], object], where: str, words: str = "") -> None:
        """After this act the element says these words, which it did not before."""
        assert not self.page.evaluate(SAYS, [where, words])
        self.becomes(act, SAYS, where, words)

    def loses(self, act: Callable[[], object], where: str, words: str = "") -> None:
        """After this act it says them no more, or is gone."""
        assert self.page.evaluate(SAYS, [where, words])
        self.becomes(act, GONE, where, words)

    def becomes(self, act: Callable[[], object], test: str, *values: str) -> None:
        self.page.evaluate(WATCH % test, list(values))
        began = time.time()
        act()
        arrived = self.page.evaluate("Promise.race([window.standing, new Promise((_) => setTimeout(_, 15000, 0))])")
        assert arrived, f"It never came: {values}"
        print(f"{arrived - began * 1000:5.0f} ms  {' '.join(values)}")
        if self.field:
            expect(self.field).to_have_value(HALF)
            expect(self.field).to_be_focused()


def quick(page: Page) -> Locator:
    page.locator("#col-ideation [data-quick-open]").click()
    return page.locator("#col-ideation form[data-quick] textarea")


def comment(page: Page) -> Locator:
    return page.get_by_label("Comment", exact=True)


def in_dialog(link: str) -> Callable[[Page], Locator]:
    """The first line to write in of the dialog behind a link."""

    def write(page: Page) -> Locator:
        page.locator(f'#main a[data-dialog][href$="{link}"]').first.click()
        field = page.locator("#dialog :is(textarea, input[type=text], input[type=url])").first
        field.fill("")
        return field

    return write


def test_the_board(page_as: PageOf, world: World) -> None:
    hers = Watched(page_as, world.omar, "board/", quick)
    first, second = world.experiment(), world.experiment(title="Second")
    one, at = f"#task-{first.ref}", "#list-{} #task-{}".format
    expect(hers.page.locator(one)).to_be_visible()
    expect(hers.page.locator(f"#task-{second.ref}")).to_be_visible()
    hers.shows(lambda: world.research(title="A new question"), "#list-ideation", "A new question")
    hers.shows(lambda: second.move_to(Stage.IDEATION, world.mei, after=first.ref), f"li:has(#task-{second.ref}) + li {one}")
    hers.shows(lambda: first.change(world.mei, title="A clearer title"), one, "A clearer title")
    hers.shows(lambda: first.change(world.mei, metrics=[F1 | {"name": "recall"}]), one, "recall")
    hers.shows(lambda: first.change(world.mei, owner="omar@example.org"), one, "Omar Haddad")
    hers.shows(lambda: world.omar.user.change(name="Omar Haddad-Sato", theme="system", single_keys=True), one, "Omar Haddad-Sato")
    hers.shows(lambda: Comment.write(first, world.mei, "Looks good."), one, "1 comment")
    hers.shows(lambda: first.move_to(Stage.ACTIVE, world.mei), at("active", first.ref))
    hers.shows(lambda: pause(first, world.mei, reason="Waiting for labels."), one, "Paused")
    hers.loses(lambda: resume(first, world.mei), one, "Paused")
    hers.shows(lambda: extend(first, world.lead, hours=4, reason="One more seed."), one, "4h")
    moved = first.move_to(Stage.IDEATION, world.mei)
    assert moved
    expect(hers.page.locator(at("ideation", first.ref))).to_be_visible()
    hers.shows(lambda: take_back(first, moved, world.mei), at("active", first.ref))
    hers.shows(lambda: world.report(first), at("analysis", first.ref))
    hers.shows(lambda: outcomes.abandon(first, world.lead, why="We know enough."), at("decision", first.ref))
    hers.shows(lambda: outcomes.reverse(first, world.lead, reason="A leak."), at("analysis", first.ref))
    hers.loses(lambda: second.drop(world.mei, "Nobody asks any more."), f"#task-{second.ref}")
    hers.shows(lambda: second.restore(world.mei), f"#task-{second.ref}")
    hers.loses(lambda: second.delete_to_bin(world.mei), f"#task-{second.ref}")
    hers.shows(lambda: world.team.change(world.lead, limit_active=7), "#col-active-head", "of 7")


def test_a_card(page_as: PageOf, world: World) -> None:
    task = world.experiment()
    hers = Watched(page_as, world.omar, f"tasks/{task.ref}/", comment)
    main = "#card-page"
    hers.shows(lambda: Comment.write(task, world.mei, "Somebody else's words"), "#stream", "Somebody else's words")
    hers.shows(lambda: task.change(world.mei, title="A clearer title"), "h1", "A clearer title")
    hers.shows(lambda: task.change(world.mei, description="A description"), main, "A description")
    hers.shows(lambda: task.change(world.mei, hypothesis="Another hypothesis"), main, "Another hypothesis")
    hers.shows(lambda: task.change(world.mei, success="A third of the cost"), main, "A third of the cost")
    hers.shows(lambda: task.change(world.mei, metrics=[F1 | {"name": "recall"}]), main, "recall")
    hers.shows(lambda: task.change(world.mei, labels=["nlp"]), main, "nlp")
    hers.shows(lambda: task.change(world.mei, owner="omar@example.org"), main, "made omar@example.org the owner")
    hers.shows(lambda: Attachment.add(task, world.mei, SimpleUploadedFile("curve.csv", b"step,f1\n1,0.8\n")), main, "curve.csv")
    hers.shows(lambda: task.move_to(Stage.ACTIVE, world.mei), main, "started the clock")
    hers.shows(lambda: Run.tell(task, world.mei, "run-1", metrics={"recall": 0.91}), main, "run-1")
    hers.shows(lambda: Run.tell(task, world.mei, "run-2", name="A try by night"), main, "A try by night")
    hers.shows(lambda: pause(task, world.mei, reason="Waiting for labels."), main, "Waiting for labels.")
    hers.shows(lambda: resume(task, world.mei), main, "let the clock run on")
    hers.shows(lambda: extend(task, world.lead, hours=4, reason="One more seed."), main, "One more seed.")
    hers.shows(lambda: world.report(task, learned="The encoder is enough"), main, "The encoder is enough")
    hers.shows(lambda: outcomes.abandon(task, world.lead, why="We know plenty."), main, "We know plenty.")
    hers.shows(lambda: outcomes.reverse(task, world.lead, reason="A leak was found."), main, "A leak was found.")


def test_the_plan_and_the_board_of_a_sprint(page_as: PageOf, world: World) -> None:
    task, sized = world.experiment(owner="mei@example.org"), world.development(title="Serve the ranker soon")
    sprint = Sprint.plan(world.team, world.lead)
    hers = Watched(page_as, world.omar, f"sprints/{sprint.number}/plan/", lambda page: page.get_by_role("searchbox"))
    hers.shows(lambda: sprint.take_in(task, world.mei), "#main", "3 of")
    hers.shows(lambda: task.change(world.mei, title="Renamed in the plan"), "#main", "Renamed in the plan")
    hers.shows(lambda: sized.change(world.mei, title="Renamed in the backlog"), "#main", "Renamed in the backlog")
    hers.shows(lambda: sprint.change(world.lead, goal="A ranker that is fair"), "#main", "A ranker that is fair")
    hers.loses(lambda: sprint.take_in(sized, world.mei), "#backlog-rows", "Renamed in the backlog")
    sprint.take_out(sized, world.mei)
    sprint.start(world.lead)
    board = Watched(page_as, world.vera, f"sprints/{sprint.number}/board/")
    board.shows(lambda: sprint.take_in(sized, world.lead), f"#task-{sized.ref}")
    board.shows(lambda: task.move_to(Stage.ACTIVE, world.mei), "#main", "left")


def test_a_model(page_as: PageOf, world: World) -> None:
    model = MLModel.register(world.team, world.mei, name="Recommendation", purpose="What to show next.")
    version: Version = model.versions.get()
    hers = Watched(page_as, world.omar, "models/recommendation/", in_dialog("/details/"))
    slugs = [criterion.slug for criterion in version.open_criteria()]
    hers.shows(lambda: version.answer(slugs[0], world.mei, state="met", evidence="We looked at it twice"), "#main", "We looked at it twice")
    answer_all(world, version, version.stage)
    hers.shows(lambda: version.advance("data-exploration", world.mei), "#main header .tag", "Data Exploration")
    hers.shows(lambda: version.go_back("problem-definition", world.lead, reason="The goal changed"), "#main", "The goal changed")
    hers.shows(lambda: model.change(world.mei, purpose="What to show after that."), "#main", "What to show after that.")
    hers.shows(lambda: Version.add(model, world.mei, name="v7"), "#main", "v7")
    hers.shows(lambda: Series.watch(model, world.mei, "precision"), "#main", "precision")
    ready = built(world, model)
    hers = Watched(page_as, world.omar, "models/recommendation/versions/v2/", in_dialog("/details/"))
    hers.shows(lambda: Deployment.deploy(ready, world.omar, environment="staging", mode="full"), "#main", "deployed it to staging")
    hers.shows(lambda: Series.tell(model, world.mei, name="precision", value=0.937, version="v2"), "#main", "0.937")


def test_a_handoff(page_as: PageOf, world: World) -> None:
    handoff = Handoff.start(built(world, MLModel.register(world.team, world.mei, name="Recommendation")), world.mei)
    first = handoff.read_lines()[0]
    hers = Watched(page_as, world.omar, f"handoffs/{handoff.pk}/", in_dialog("/"))
    row = f"#{first.slug}"
    hers.shows(lambda: line(handoff, first.slug).put("provided", world.mei, evidence="Look at page nine"), row, "Look at page nine")
    provide_all(world, handoff)
    hers.shows(lambda: handoff.offer(world.mei), "#main", "Offered")
    hers.shows(lambda: line(handoff, first.slug).verify(world.omar), f"{row}[data-st=ver]")
    hers.shows(lambda: handoff.give_back(world.omar, reason="The formats changed"), "#main", "The formats changed")
    offered(world, handoff)
    for one in handoff.read_lines():
        if not one.is_settled:
            agree(world, one)
    handoff.refresh_from_db()
    hers.shows(lambda: handoff.sign(world.mei), ".sig__n", "Mei Tanaka")


def test_what_waits_for_a_person(page_as: PageOf, world: World) -> None:
    task = world.started(world.experiment())
    hers = Watched(page_as, world.lead, "board/", quick)
    hers.shows(lambda: world.report(task), ".count__slot", "1 waiting")
    hers.loses(lambda: outcomes.abandon(task, world.lead, why="We know enough."), ".count__slot", "1 waiting")


def test_lists(page_as: PageOf, world: World) -> None:
    task = world.experiment(owner="omar@example.org")
    Watched(page_as, world.omar, "backlog/").shows(lambda: task.change(world.mei, title="Renamed once"), "#main", "Renamed once")
    findings = Watched(page_as, world.vera, "findings/")
    findings.shows(lambda: world.decided(task=world.in_analysis(task)), "#main", "Renamed once")
    models = Watched(page_as, world.vera, "models/")
    models.shows(lambda: MLModel.register(world.team, world.mei, name="Recommendation"), "#main", "Recommendation")


def test_a_card_of_development(page_as: PageOf, world: World) -> None:
    task, found = world.development(), world.decided(task=world.in_analysis(world.experiment(title="What came before"))).task
    hers = Watched(page_as, world.omar, f"tasks/{task.ref}/", comment)
    main = "#card-page"
    hers.shows(lambda: task.change(world.mei, deliverables=[{"text": "A quick endpoint", "done": False}]), main, "A quick endpoint")
    hers.shows(lambda: task.change(world.mei, points=8), main, "8 pt")
    hers.shows(lambda: build_on(task, found, world.mei), main, "What came before")
    hers.shows(lambda: task.move_to(Stage.IN_PROGRESS, world.mei), main, "started work")
    hers.shows(lambda: task.drop(world.lead, "Nobody asks any more."), main, "Nobody asks any more.")
