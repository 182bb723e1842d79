"""The administration: what staff see, do, and can't do."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dsboard.models import (
    Absence,
    Activity,
    ApiToken,
    DayOff,
    Delivery,
    Feed,
    JobRun,
    Membership,
    Notice,
    SignInLink,
    Team,
    User,
    Webhook,
    job_run,
)
from tests.dsboard.conftest import Cast

LISTS = ["user", "team", "activity", "notice", "apitoken", "feed", "jobrun", "absence", "dayoff", "webhook", "delivery"]
HOOK = "https://hooks.example.org/services/T024BE7LH/XXXXsecretXXXXa1b2"


@pytest.fixture
def root(cast: Cast) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.org", "Root", "a long password"))
    return client


@pytest.fixture
def helper(cast: Cast) -> Client:
    """Staff with every right over people, but no superuser."""
    user = User.objects.create_user("helper@example.org", "Helper", "a long password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="dsboard"))
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:dsboard_{name}", args=args)


def act(client: Client, model: str, action: str, *rows: Any) -> str:
    response = client.post(page(f"{model}_changelist"), {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def some_of_everything(cast: Cast, first: int, last: int) -> None:
    for n in range(first, last):
        place, _ = cast.team.invite(cast.lead, email=f"p{n}@example.org", name=f"Person {n}")
        ApiToken.issue(place)
        Feed.issue(place.user)
        Notice.objects.post(team_id=cast.team.pk, user_id=place.user_id, kind="assigned", key=f"k{n}", title=f"Card {n}", url="/")
        JobRun.note(f"job {n}")
        Absence.add(place, cast.lead, first_day=date(2026, 12, 1), last_day=date(2026, 12, 2))
        DayOff.add(cast.team, cast.lead, day=date(2027, 1, 1) + timedelta(days=n), name="Retreat")
        team = Team.found(key=f"T{n}", name=f"Team {n}", lead=place.user)
        hook = Webhook.set_up(team, team.memberships.get(), url=HOOK)
        Delivery.post(team, "findings", title=f"Card {n}", text="", url="/", key=f"k{n}")
        Delivery.objects.filter(webhook=hook).update(state="failed")


@pytest.mark.parametrize("who", ["lead", "viewer", "outsider"])
def test_only_staff_get_in(cast: Cast, as_: Any, who: str) -> None:
    assert as_(getattr(cast, who)).get("/admin/").status_code == 302
    assert as_(getattr(cast, who)).get("/admin/", follow=True).status_code == 403
    stranger = Client().get("/admin/dsboard/user/", follow=True)
    assert stranger.request["PATH_INFO"] == "/sign-in/"


@pytest.mark.parametrize("name", LISTS)
def test_lists_take_as_many_queries_for_thirty_rows_as_for_one(
    cast: Cast, root: Client, name: str, django_assert_max_num_queries: Any
) -> None:
    some_of_everything(cast, 0, 1)
    with django_assert_max_num_queries(40) as one:
        assert root.get(page(f"{name}_changelist")).status_code == 200
    some_of_everything(cast, 1, 30)
    with django_assert_max_num_queries(len(one)):
        assert root.get(page(f"{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_searched_and_filtered(cast: Cast, root: Client, name: str) -> None:
    some_of_everything(cast, 0, 2)
    response = root.get(page(f"{name}_changelist"), {"q": "1"})
    assert response.status_code == 200
    site_admin = admin.site.get_model_admin({m._meta.model_name: m for m in admin.site._registry}[name])
    assert site_admin.search_fields and site_admin.list_display != ("__str__",)


@pytest.mark.parametrize("name", ["activity", "notice", "apitoken", "feed", "jobrun", "webhook", "delivery"])
def test_what_happened_is_only_read(cast: Cast, root: Client, name: str) -> None:
    some_of_everything(cast, 0, 1)
    row = {m._meta.model_name: m for m in admin.site._registry}[name].objects.first()
    assert root.get(page(f"{name}_add")).status_code == 403
    assert root.get(page(f"{name}_change", row.pk)).status_code == 200
    forged = {"verb": "forged", "digest": "x", "url": "https://evil.example/", "state": "sent"}
    assert root.post(page(f"{name}_change", row.pk), forged).status_code == 403
    assert root.post(page(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    act(root, name, "delete_selected", row)
    assert type(row).objects.filter(pk=row.pk).exists()


def test_no_secret_is_shown(cast: Cast, root: Client) -> None:
    token = ApiToken.issue(cast.member)
    row = ApiToken.objects.get()
    secret, feed = Feed.issue(cast.member.user), Feed.objects.get()
    pages = [page("apitoken_changelist"), page("apitoken_change", row.pk), page("user_change", cast.member.user_id)]
    pages += [page("feed_changelist"), page("feed_change", feed.pk)]
    text = "".join(root.get(path).content.decode() for path in pages)
    assert token not in text and row.digest not in text
    assert secret not in text and feed.digest not in text
    assert cast.member.user.password not in text


def test_the_address_of_a_webhook_and_its_secret_are_shown_to_no_administrator(cast: Cast, root: Client) -> None:
    some_of_everything(cast, 0, 1)
    hook, sent = Webhook.objects.get(), Delivery.objects.get()
    pages = [page("webhook_changelist"), page("webhook_change", hook.pk), page("delivery_changelist"), page("delivery_change", sent.pk)]
    text = "".join(root.get(path).content.decode() for path in pages)
    assert "hooks.example.org/…a1b2" in text
    assert "XXXXsecretXXXX" not in text and hook.secret not in text
    assert Webhook.objects.filter(url__contains="secret").exists()
    assert "0 webhooks" in root.get(page("webhook_changelist"), {"q": "XXXXsecret"}).content.decode()
    # A filter made up in the address would let an administrator guess it letter by letter.
    for path, look_up in (("webhook_changelist", "url__startswith"), ("delivery_changelist", "webhook__url__startswith")):
        assert root.get(page(path), {look_up: "https://hooks"}).status_code == 400


def test_deliveries_are_sent_again_one_by_one(cast: Cast, root: Client, helper: Client) -> None:
    some_of_everything(cast, 0, 3)
    first, second, third = Delivery.objects.order_by("pk")
    Webhook.objects.filter(pk=second.webhook_id).update(is_on=False)
    said = act(root, "delivery", "send_again", first, second)
    assert "On their way once more: 1." in said
    assert "Findings are reported: Card 1: The webhook is off. Switch it on first." in said
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["waiting", "failed", "failed"]
    act(helper, "delivery", "send_again", third)
    assert Delivery.objects.get(pk=third.pk).state == "waiting"


def test_who_may_only_look_at_deliveries_sends_none_again(cast: Cast) -> None:
    some_of_everything(cast, 0, 1)
    looker = User.objects.create_user("looker@example.org", "Looker", "a long password", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename__in=["view_delivery"]))
    client = Client()
    client.force_login(looker)
    act(client, "delivery", "send_again", Delivery.objects.get())
    assert Delivery.objects.get().state == "failed"


def test_deactivating_closes_the_door_and_keeps_a_lead(cast: Cast, root: Client, as_: Any) -> None:
    mine = as_(cast.member)
    text = act(root, "user", "deactivate", cast.member.user, cast.lead.user, User.objects.get(email="root@example.org"))
    assert "Deactivated: Arjun Patel." in text
    assert "Mei Tanaka is the only lead of Fraud." in text and "You can&#x27;t deactivate yourself." in text
    assert mine.get("/me/settings/").status_code == 302
    act(root, "user", "reactivate", cast.member.user)
    assert User.objects.get(pk=cast.member.user_id).is_active


def test_the_form_deactivates_by_the_same_rule(cast: Cast, root: Client) -> None:
    response = save_user(root, cast.lead.user, is_active=None)
    assert response.status_code == 422 and "is the only lead of Fraud" in response.content.decode()
    assert User.objects.get(pk=cast.lead.user_id).is_active
    assert save_user(root, cast.member.user, is_active=None).status_code == 302
    assert not User.objects.get(pk=cast.member.user_id).is_active


def test_a_sign_in_link_is_shown_once(cast: Cast, root: Client) -> None:
    text = act(root, "user", "sign_in_link", cast.member.user)
    found = re.search(r"http://testserver(/sign-in/[\w-]+/)", text)
    assert found
    assert "/sign-in/" not in root.get(page("user_changelist")).content.decode()
    assert Client().get(found[1]).status_code == 302
    act(root, "user", "sign_in_link", cast.member.user, cast.viewer.user)
    assert SignInLink.objects.count() == 1


def test_signing_somebody_out_everywhere(cast: Cast, root: Client, as_: Any) -> None:
    mine = as_(cast.member)
    act(root, "user", "end_sessions", cast.member.user)
    assert mine.get("/me/settings/").status_code == 302


def test_revoking_a_token(cast: Cast, root: Client) -> None:
    token = ApiToken.issue(cast.member)
    assert "Revoked: 1." in act(root, "apitoken", "revoke", ApiToken.objects.get())
    assert ApiToken.holder(token) is None


def test_revoking_a_calendar_feed(cast: Cast, root: Client, helper: Client) -> None:
    mine, others = Feed.issue(cast.member.user), Feed.issue(cast.lead.user)
    assert "Revoked: 1." in act(helper, "feed", "revoke", cast.member.user.feed)
    assert (Feed.holder(mine), Feed.holder(others)) == (None, cast.lead.user)
    assert "Revoked: 1." in act(root, "feed", "revoke", cast.lead.user.feed)
    assert Feed.holder(others) is None


def test_whoever_may_only_look_revokes_no_feed(cast: Cast) -> None:
    user = User.objects.create_user("looker@example.org", "Looker", "a long password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_feed"))
    client, token = Client(), Feed.issue(cast.member.user)
    client.force_login(user)
    assert client.get(page("feed_changelist")).status_code == 200
    act(client, "feed", "revoke", cast.member.user.feed)
    assert Feed.holder(token) == cast.member.user


# ── staff who are no superusers can't raise themselves ──


def save_user(client: Client, user: User, **changes: Any) -> Any:
    places = list(user.memberships.all())
    fields: dict[str, Any] = {"email": user.email, "name": user.name, "is_active": "on", "theme": "system", "single_keys": "on"}
    fields |= {"memberships-TOTAL_FORMS": len(places), "memberships-INITIAL_FORMS": len(places)}
    for n, place in enumerate(places):
        row = {"id": place.pk, "user": user.pk, "team": place.team_id, "role": place.role, "side": place.side}
        fields |= {f"memberships-{n}-{name}": value for name, value in row.items()}
    fields = {name: value for name, value in (fields | changes).items() if value is not None}
    return client.post(page("user_change", user.pk), fields)


def test_a_helper_gives_no_rights_over_the_server(cast: Cast, helper: Client) -> None:
    me = User.objects.get(email="helper@example.org")
    assert save_user(helper, me, is_staff="on", is_superuser="on", name="Helper B").status_code == 302
    me.refresh_from_db()
    assert (me.name, me.is_superuser) == ("Helper B", False)
    save_user(helper, cast.member.user, is_staff="on", is_superuser="on")
    assert not User.objects.filter(is_superuser=True).exists()
    assert User.objects.filter(is_staff=True).count() == 1


def test_a_helper_reaches_no_superuser(cast: Cast, helper: Client) -> None:
    boss = User.objects.create_superuser("boss@example.org", "Boss", "a long password")
    assert save_user(helper, boss, name="Mine").status_code == 403
    new = {"password1": "known to the helper", "password2": "known to the helper", "usable_password": "true"}
    assert helper.post(f"/admin/dsboard/user/{boss.pk}/password/", new).status_code == 403
    act(helper, "user", "sign_in_link", boss)
    act(helper, "user", "deactivate", boss)
    assert not SignInLink.objects.exists()
    boss.refresh_from_db()
    assert boss.is_active and boss.check_password("a long password")


# ── the same verbs, the same history ──


def save_team(client: Client, team: Team, **changes: Any) -> Any:
    places = list(team.memberships.order_by("user__name"))
    fields: dict[str, Any] = {name: getattr(team, name) for name in Team.SETTINGS}
    fields |= {"memberships-TOTAL_FORMS": len(places), "memberships-INITIAL_FORMS": len(places)}
    for n, place in enumerate(places):
        row = {"id": place.pk, "team": team.pk, "user": place.user_id, "role": place.role, "side": place.side}
        fields |= {f"memberships-{n}-{name}": value for name, value in row.items()}
    return client.post(page("team_change", team.pk), fields | changes)


def lines(subject_type: str) -> list[tuple[str, str, str, Any, Any]]:
    rows = Activity.objects.filter(subject_type=subject_type).order_by("pk")
    return [(a.actor.name if a.actor else "", a.verb, a.field, a.before, a.after) for a in rows]


def test_settings_changed_here_are_in_the_teams_history(cast: Cast, root: Client) -> None:
    assert save_team(root, cast.team, limit_active=7, key="EVIL").status_code == 302
    team = Team.objects.get(pk=cast.team.pk)
    assert (team.limit_active, team.key) == (7, "FRAUD")
    assert lines("team") == [("Root", "changed", "limit_active", 3, 7)]
    assert save_team(root, cast.team, guide_learning=50).status_code == 200
    assert Team.objects.get(pk=cast.team.pk).guide_learning == 10


def test_roles_changed_here_are_too_and_a_lead_stays(cast: Cast, root: Client) -> None:
    # In the order of the names: Arjun, Mei, Sofia.
    assert save_team(root, cast.team, **{"memberships-2-role": "member"}).status_code == 302
    assert lines("membership") == [("Root", "changed", "role", "viewer", "member")]
    refused = save_team(root, cast.team, **{"memberships-1-role": "member"})
    assert refused.status_code == 422 and "is the only lead" in refused.content.decode()
    assert Membership.objects.get(pk=cast.lead.pk).role == "lead"


def test_a_place_is_given_but_never_handed_to_another(cast: Cast, root: Client) -> None:
    added = {
        "memberships-TOTAL_FORMS": 4,
        "memberships-3-user": cast.outsider.user_id,
        "memberships-3-role": "viewer",
        "memberships-3-side": "science",
    }
    assert save_team(root, cast.team, **added).status_code == 302
    assert lines("membership") == [("Root", "joined", "", None, {"role": "viewer", "side": "science"})]
    swapped = save_team(root, cast.other, **{"memberships-0-user": cast.viewer.user_id})
    assert swapped.status_code == 422
    assert Membership.objects.get(pk=cast.outsider.pk).user == cast.outsider.user


def test_nobody_and_no_team_is_deleted(cast: Cast, root: Client) -> None:
    assert root.post(page("user_delete", cast.member.user_id), {"post": "yes"}).status_code == 403
    assert root.post(page("team_delete", cast.team.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in root.get(page("user_changelist")).content.decode()


def test_a_new_person_and_a_new_team(cast: Cast, root: Client) -> None:
    new = {
        "email": "New@example.org",
        "name": "Tomás",
        "usable_password": "false",
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
    }
    assert root.post(page("user_add"), new).status_code == 302
    user = User.objects.get(email="new@example.org")
    assert not user.has_usable_password()
    assert root.get(page("user_change", user.pk)).status_code == 200
    assert root.get(page("team_add")).status_code == 200


class TestTheOutbox:
    def notice(self, cast: Cast, **more: Any) -> Notice:
        Notice.objects.post(team_id=cast.team.pk, user_id=cast.member.user_id, kind="mention", key="k", title="Look here", url="/")
        Notice.objects.update(**more)
        return Notice.objects.get()

    def test_mail_is_sent_again_by_an_action(self, cast: Cast, root: Client) -> None:
        notice = self.notice(cast, mail="perhaps", letter="9c5b94b1-35ad-49bb-b118-8e8fc24abf80")
        assert "Sent again with the next sweep: 1." in act(root, "notice", "send_again", notice)
        notice.refresh_from_db()
        assert notice.mail == "waiting"

    def test_what_is_on_its_way_is_named(self, cast: Cast, root: Client) -> None:
        text = act(root, "notice", "send_again", self.notice(cast))
        assert "“Look here” is on its way already." in text
        assert "Sent again with the next sweep: 0." in text

    def test_who_only_looks_sends_nothing(self, cast: Cast) -> None:
        user = User.objects.create_user("eyes@example.org", "Eyes", "a long password", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_notice"))
        client = Client()
        client.force_login(user)
        notice = self.notice(cast, mail="perhaps", letter="9c5b94b1-35ad-49bb-b118-8e8fc24abf80")
        act(client, "notice", "send_again", notice)
        notice.refresh_from_db()
        assert notice.mail == "perhaps"


class TestWhatIsStuck:
    """The first page says at a glance what does not move by itself."""

    @pytest.fixture(autouse=True)
    def just_started(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No job is late yet, however long the tests have been running in this process."""
        monkeypatch.setattr(job_run, "STARTED", job_run.time.monotonic())

    def lines(self, root: Client) -> list[str]:
        text = root.get("/admin/").content.decode()
        return re.findall(r"<li class=\"warning\"><a href=\"([^\"]+)\">([^<]+)</a>", text)

    def test_nothing(self, root: Client) -> None:
        assert self.lines(root) == []
        assert "Nothing. Every job has run in time" in root.get("/admin/").content.decode()

    def test_mail_by_its_state(self, cast: Cast, root: Client) -> None:
        for n, state in enumerate(("waiting", "perhaps", "perhaps", "failed", "sent", "waiting")):
            Notice.objects.post(team_id=cast.team.pk, user_id=cast.member.user_id, kind="mention", key=f"k{n}", title="x", url="/")
            Notice.objects.filter(key=f"k{n}").update(mail=state)
        Notice.objects.filter(key="k0").update(mail_due_at=timezone.now() - timedelta(minutes=16))
        assert self.lines(root) == [
            ("/admin/dsboard/notice/?mail__exact=waiting", "Notices whose mail should have left: 1"),
            ("/admin/dsboard/notice/?mail__exact=perhaps", "Mail perhaps sent: look, and send it again: 2"),
            ("/admin/dsboard/notice/?mail__exact=failed", "Mail refused by the mail server: 1"),
        ]

    def test_webhook_messages(self, cast: Cast, root: Client) -> None:
        Webhook.set_up(cast.team, cast.lead, url=HOOK)
        for n in range(3):
            Delivery.post(cast.team, "findings", title="x", text="", url="/", key=f"k{n}")
        Delivery.objects.filter(key="k0").update(state="failed")
        Delivery.objects.filter(key="k1").update(due_at=timezone.now() - timedelta(minutes=16))
        assert self.lines(root) == [
            ("/admin/dsboard/delivery/?state__exact=waiting", "Webhook messages that should have left: 1"),
            ("/admin/dsboard/delivery/?state__exact=failed", "Webhook messages given up: send them again: 1"),
        ]

    def test_a_sweep_that_is_late(self, root: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(job_run, "STARTED", job_run.time.monotonic() - 1000)
        for name in ("dsboard.sweep", "dsboard.mail", "dsboard.deliver", "handoffs.recheck", "experiments.track", "handoffs.monitor"):
            JobRun.note(name)
        assert self.lines(root) == [("/admin/dsboard/jobrun/", "Late jobs (experiments.remind): 1")]

    def test_staff_without_rights_see_the_count_and_no_mail(self, cast: Cast) -> None:
        Notice.objects.post(team_id=cast.team.pk, user_id=cast.member.user_id, kind="mention", key="k", title="Secret", url="/")
        Notice.objects.update(mail="failed")
        user = User.objects.create_user("eyes@example.org", "Eyes", "a long password", is_staff=True)
        client = Client()
        client.force_login(user)
        assert len(self.lines(client)) == 1
        assert "Secret" not in client.get("/admin/").content.decode()
        assert client.get("/admin/dsboard/notice/").status_code == 403
