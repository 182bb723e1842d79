"""./dev manage import_tasks: the same plan in a terminal."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Task
from tests.world import World

JIRA = str(Path(__file__).parents[2] / "data" / "jira_export.csv")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import_tasks", *arguments, stdout=out)
    return out.getvalue()


def test_a_dry_run_says_every_row_and_writes_nothing(world: World, tmp_path: Path) -> None:
    file = tmp_path / "cards.csv"
    file.write_text("Title,Kind,Colour\nAsk,research,red\n")
    assert run(str(file), "--team", "FRAUD", "--dry-run").splitlines() == [
        "line 2: create research “Ask” in Ideation.",
        "Columns without a place here: Colour.",
        "1 card to create.",
        "Nothing was imported: this was a dry run.",
    ]
    assert Task.objects.count() == 0


@pytest.mark.parametrize("flag", [[], ["--dry-run"]])
def test_refused_rows_fail_the_command(world: World, flag: list[str]) -> None:
    with pytest.raises(CommandError, match=r"Nothing was imported\. Correct the refused rows") as failed:
        run(JIRA, "--team", "FRAUD", *flag)
    assert failed.value.returncode == 1
    assert Task.objects.count() == 0


def test_the_good_rows_are_imported_when_asked(world: World) -> None:
    assert run(JIRA, "--team", "fraud", "--good-rows").endswith("7 cards to create, 2 refused.\nImported 7 cards.\n")
    assert {task.created_by for task in Task.objects.within(world.team)} == {world.lead.user}
    assert "0 cards to create, 7 skipped, 2 refused." in run(JIRA, "--team", "FRAUD", "--good-rows")


def test_somebody_else_can_be_the_importer(world: World, tmp_path: Path) -> None:
    file = tmp_path / "cards.csv"
    file.write_text("Title\nOne\n")
    run(str(file), "--team", "FRAUD", "--by", "mei@example.org")
    assert Task.objects.get().created_by == world.mei.user


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/nowhere.csv", "--team", "FRAUD"], "/nowhere.csv can't be read: No such file or directory."),
        ([JIRA, "--team", "NONE"], "There is no team NONE."),
        ([JIRA, "--team", "FRAUD", "--by", "ivo@example.org"], "ivo@example.org is not in the team FRAUD."),
        ([JIRA, "--team", "FRAUD", "--by", "vera@example.org"], "To import cards, ask a lead to make you a member."),
    ],
)
def test_what_can_not_be_is_said_in_a_sentence(world: World, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as failed:
        run(*arguments)
    assert sentence in str(failed.value)
