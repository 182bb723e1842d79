"""Addresses of floor 0."""

from django.urls import URLPattern, path

from dsboard.views import feed, first_run, health, home, live, me, members, notices, password, sign_in, styleguide, team, webhook

urlpatterns: list[URLPattern] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("", home.home, name="home"),
    path("start/", first_run.start, name="first-run"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/<str:token>/", sign_in.one_time_link, name="one-time-link"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("password/", password.forgotten, name="password-forgotten"),
    path("password/<str:uid>/<str:token>/", password.new, name="password-new"),
    path("me/settings/", me.settings, name="me-settings"),
    path("me/settings/password/", me.password, name="me-password"),
    path("me/settings/sessions/", me.sessions, name="me-sessions"),
    path("me/settings/tokens/", me.tokens, name="me-tokens"),
    path("me/settings/tokens/<int:pk>/revocation/", me.revocation, name="me-revocation"),
    path("me/notices/reading/", notices.reading_all, name="notices-reading"),
    path("me/settings/feed/", feed.address, name="me-feed"),
    path("me/settings/feed/revocation/", feed.revocation, name="me-feed-revocation"),
    path("calendar/<str:token>.ics", feed.calendar, name="calendar-feed"),
    path("me/notices/<int:pk>/reading/", notices.reading, name="notice-reading"),
    path("me/notices/<int:pk>/snooze/", notices.snooze, name="notice-snooze"),
    path("me/settings/mail/", notices.mail_choice, name="me-mail"),
    path("me/mail-stop/<str:token>/", notices.mail_stop, name="mail-stop"),
    path("t/<str:team>/live/", live.changes, name="live-changes"),
    path("t/<str:team>/live/editing/", live.editing, name="live-editing"),
    path("t/<str:team>/settings/", team.settings, name="team-settings"),
    path("t/<str:team>/settings/members/", members.members, name="team-members"),
    path("t/<str:team>/settings/members/<int:pk>/", members.place, name="team-member"),
    path("t/<str:team>/settings/members/<int:pk>/link/", members.link, name="team-member-link"),
    path("t/<str:team>/settings/webhook/", webhook.webhook, name="team-webhook"),
    path("t/<str:team>/settings/webhook/secret/", webhook.secret, name="team-webhook-secret"),
    path("t/<str:team>/settings/webhook/test/", webhook.test, name="team-webhook-test"),
    path("t/<str:team>/settings/webhook/removal/", webhook.removal, name="team-webhook-removal"),
    path("t/<str:team>/settings/webhook/deliveries/<int:pk>/replay/", webhook.replay, name="team-webhook-replay"),
]
