"""The API itself: tokens, problems, bodies, limits."""

import pytest
from django.test import Client
from django.utils import timezone

from dsboard import throttle
from dsboard.models import ApiToken, User
from tests.caller import Caller
from tests.dsboard.conftest import Cast


def problem_of(answer) -> dict:
    """The problem in an answer, which says its own status."""
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["title"] and said["detail"]
    return said


def test_the_document_is_open_and_complete(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document = answer.json()
    assert document["openapi"] == "3.1.0"
    for operations in document["paths"].values():
        for method, operation in operations.items():
            said = {"400", "401", "403", "404", "413", "422", "429"} | ({"415"} if "requestBody" in operation else set())
            assert said <= operation["responses"].keys(), operation["operationId"]
            assert operation["security"] == [{"Token": []}]
            assert method in {"get", "post", "patch", "put", "delete"}


def test_without_a_valid_token_it_is_401(cast: Cast) -> None:
    for caller in (Caller(), Caller(token="dsb_nonsense"), Caller(token="\xff")):
        answer = caller.get("/teams")
        assert problem_of(answer)["detail"] == "Send a valid token: Authorization: Bearer dsb_…"
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_a_session_opens_pages_but_not_the_api(cast: Cast, as_) -> None:
    browser = as_(cast.lead)
    assert browser.get("/api/v1/teams").status_code == 401
    assert browser.post("/api/v1/teams/FRAUD/tasks", "{}", content_type="application/json").status_code == 401


def test_a_token_tells_its_own_team_only(cast: Cast) -> None:
    caller = Caller(cast.viewer)
    answer = caller.get("/teams")
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["count"] == 1
    assert answer.json()["items"][0] == caller.get("/teams/FRAUD").json() == caller.get("/teams/fraud").json()
    assert answer.json()["items"][0] == {
        "key": "FRAUD",
        "name": "Fraud",
        "members": [
            {"email": "arjun@example.org", "name": "Arjun Patel", "role": "member", "side": "engineering"},
            {"email": "mei@example.org", "name": "Mei Tanaka", "role": "lead", "side": "science"},
            {"email": "sofia@example.org", "name": "Sofia Rossi", "role": "viewer", "side": "science"},
        ],
        "calendar": {
            "time_zone": "UTC",
            "hours_per_day": 8,
            "week": "Mon-Fri 09:00-17:00",
            "country": None,
            "region": None,
            "days_off": [],
        },
        "policies": {
            "deciders": "leads",
            "own_decisions": "auto",
            "limits": {"active": 3, "analysis": 4, "in_progress": 4, "review": 4},
            "guideline": {"committed": 60, "experiments": 30, "learning": 10},
            "tolerance": 5,
            "sprint_weeks": 2,
            "rate": 0.5,
            "rate_source": "assumed",
        },
        "url": "http://testserver/t/FRAUD/board/",
    }


def test_another_team_is_as_unknown_as_none(cast: Cast) -> None:
    caller = Caller(cast.lead)
    answers = [problem_of(caller.get(f"/teams/{key}")) for key in ("OTHER", "NOWHERE", "%00", "é")]
    assert {answer["status"] for answer in answers} == {404}
    assert len({answer["detail"] for answer in answers}) == 1


def test_a_token_that_was_revoked_or_whose_owner_left_is_dead(cast: Cast) -> None:
    revoked, left, inactive = Caller(cast.member), Caller(cast.member), Caller(cast.viewer)
    assert left.get("/teams").status_code == 200
    ApiToken.objects.order_by("pk").first().revoke()
    assert revoked.get("/teams").status_code == 401
    User.objects.filter(pk=cast.viewer.user_id).update(is_active=False)
    assert inactive.get("/teams").status_code == 401
    assert left.get("/teams").status_code == 200
    cast.member.delete()
    assert left.get("/teams").status_code == 401


def test_scopes_are_asked_by_method(cast: Cast) -> None:
    reading, runs = Caller(cast.lead, scope="read"), Caller(cast.lead, scope="runs")
    assert reading.get("/teams").status_code == 200
    assert problem_of(reading.post("/teams/FRAUD/tasks"))["detail"] == "This token may only read. Make one with the scope “write”."
    assert problem_of(runs.get("/teams"))["detail"] == "This token may only post runs and values of models in operation."
    assert runs.post("/teams/FRAUD/tasks").status_code == 403


def test_a_token_never_beats_its_owners_role(cast: Cast) -> None:
    caller = Caller(cast.viewer, scope="write")
    answer = caller.post("/teams/FRAUD/tasks", kind="research", title="Mine")
    assert problem_of(answer)["detail"] == "You can read everything here. To edit cards, ask a lead to make you a member."
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["", "/", "/nowhere", "/tasks", "/teams/", "/tasks/FRAUD-1/", "/tasks/%2e%2e/%2e%2e", "/docs"])
def test_an_address_that_does_not_exist_answers_in_json(cast: Cast, path: str) -> None:
    for caller in (Caller(), Caller(cast.lead)):
        assert problem_of(caller.get(path))["status"] == 404


def test_a_wrong_method_answers_in_json_with_the_right_ones(cast: Cast) -> None:
    answer = Caller(cast.lead)("PUT", "/teams/FRAUD/tasks", {})
    assert problem_of(answer)["status"] == 405
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"a": NaN}', "application/json", 400),
        (b'{"a": Infinity}', "application/json", 400),
        (b'{"a": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 400),
        (b'{"\\udfff": 1}', "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b'{"a": "' + b"x" * 1024 * 1024 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_can_not_be_used(cast: Cast, body: bytes, content_type: str, status: int) -> None:
    assert problem_of(Caller(cast.lead).raw("POST", "/teams/FRAUD/tasks", body, content_type))["status"] == status


def test_json_with_a_charset_is_json(cast: Cast) -> None:
    body = b'{"kind": "research", "title": ""}'
    answer = Caller(cast.lead).raw("POST", "/teams/FRAUD/tasks", body, "application/json; charset=utf-8")
    assert problem_of(answer)["errors"] == [{"field": "title", "message": "title can't be empty."}]


@pytest.mark.parametrize(("number", "status"), [("1e999", 422), ("1e308", 422), ("-0.0", 422), ("9" * 400, 422), ("1e-400", 422)])
def test_numbers_out_of_reach_are_refused(cast: Cast, number: str, status: int) -> None:
    body = b'{"kind": "research", "title": "Far", "hours": %s}' % number.encode()
    assert problem_of(Caller(cast.lead).raw("POST", "/teams/FRAUD/tasks", body))["errors"][0]["field"] == "hours"
    body = b'{"kind": "experiment", "title": "Far", "metrics": [{"name": "F1", "target": %s}]}' % number.encode()
    assert Caller(cast.lead).raw("POST", "/teams/FRAUD/tasks", body).status_code in (201, 422)


def test_something_that_breaks_answers_in_json_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("dsboard.models.team.Team.limits", broken)
    caller = Caller(cast.lead)
    caller.client.raise_request_exception = False
    answer = caller.get("/teams")
    assert problem_of(answer)["status"] == 500
    assert b"secret" not in answer.content


def test_bad_tokens_run_into_a_limit_and_good_ones_do_not(cast: Cast) -> None:
    for _ in range(60):
        assert Caller(token="dsb_guess").get("/teams").status_code == 401
    answer = Caller(token="dsb_guess").get("/teams")
    assert problem_of(answer)["status"] == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert Caller(cast.lead).get("/teams").status_code == 200
    throttle.reset()
    assert Caller(token="dsb_guess").get("/teams").status_code == 401


def test_the_rate_that_is_set_holds_for_each_token(cast: Cast, settings) -> None:
    settings.API_RATE = "3/minute"
    busy, calm = Caller(cast.lead), Caller(cast.lead)
    assert [busy.get("/teams").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = busy.get("/teams")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert calm.get("/teams").status_code == 200


def test_no_answer_holds_a_secret(cast: Cast) -> None:
    """Passwords, tokens and hashes are in no answer; a token is told once, when it is made."""
    caller = Caller(cast.lead)
    token = ApiToken.objects.get()
    for path in ("/teams", "/teams/FRAUD", "/teams/FRAUD/tasks", "/teams/FRAUD/findings"):
        said = caller.get(path).content.decode()
        for secret in (caller.token, token.digest, token.prefix, cast.lead.user.password, "md5$", "is_staff", "session"):
            assert secret not in said
    token.refresh_from_db()
    assert token.last_used_at <= timezone.now()
