"""The first run: open to whoever has the link, closed once anybody is here."""

import pytest
from django.test import Client

from dsboard.models import SignInLink, Team, User, first_run
from dsboard.models.first_run import proposed_key

pytestmark = pytest.mark.django_db
ANSWERS = {"name": "Mei Tanaka", "email": "Mei@example.org", "team": "Applied ML", "key": "", "time_zone": "Europe/Lisbon", "password": ""}


def with_link() -> Client:
    client = Client()
    assert client.get(f"/sign-in/{SignInLink.issue(None)}/")["Location"] == "/start/"
    return client


def test_it_founds_the_first_person_and_team(client: Client) -> None:
    client = with_link()
    assert client.get("/start/").status_code == 200
    response = client.post("/start/", ANSWERS)
    assert response["Location"] == "/t/AML/board/"
    user, team = User.objects.get(), Team.objects.get()
    assert (user.email, user.is_staff, user.is_superuser, user.has_usable_password()) == ("mei@example.org", True, True, False)
    assert (team.key, team.name, team.time_zone) == ("AML", "Applied ML", "Europe/Lisbon")
    assert (team.memberships.get().user, team.memberships.get().role) == (user, "lead")
    assert client.get("/start/").status_code == 404


def test_it_needs_the_link(client: Client) -> None:
    assert client.get("/start/").status_code == 404
    assert client.post("/start/", ANSWERS).status_code == 404
    assert not User.objects.exists()


def test_it_closes_for_every_open_page(client: Client) -> None:
    first, second = with_link(), with_link()
    first.post("/start/", ANSWERS)
    assert second.post("/start/", {**ANSWERS, "email": "late@example.org"}).status_code == 404
    assert User.objects.count() == 1


def test_two_answers_at_once_make_one_person() -> None:
    first_run.begin(email="mei@example.org", name="Mei", team="Fraud")
    with pytest.raises(first_run.Forbidden):
        first_run.begin(email="late@example.org", name="Late", team="Late")


def test_unknown_fields_change_nothing() -> None:
    with_link().post("/start/", {**ANSWERS, "is_active": "", "role": "viewer", "theme": "dark", "id": "77"})
    user = User.objects.get()
    assert (user.is_active, user.theme) == (True, "system")
    assert user.pk != 77


def test_bad_answers_get_sentences_and_make_nothing() -> None:
    response = with_link().post("/start/", {**ANSWERS, "email": "mei", "team": "", "password": "short"})
    assert response.status_code == 422
    assert "Two things need attention:" in response.content.decode()
    weak = with_link().post("/start/", {**ANSWERS, "password": "short"})
    assert weak.status_code == 422 and "at least 10 characters" in weak.content.decode()
    badly = with_link().post("/start/", {**ANSWERS, "key": "1-A"})
    assert badly.status_code == 422 and "A key has 2 to 10 capital letters" in badly.content.decode()
    assert not User.objects.exists() and not Team.objects.exists()


@pytest.mark.parametrize(
    ("name", "key"), [("Applied ML", "AML"), ("Fraud", "FRAUD"), ("Recommendations", "RECOM"), ("ML for search", "MLFS"), ("Ä & B", "B")]
)
def test_the_proposed_key(name: str, key: str) -> None:
    assert proposed_key(name) == key
