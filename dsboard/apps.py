"""App configurations of floor 0."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class DsboardConfig(AppConfig):
    name = "dsboard"
    verbose_name = "People and teams"
    default = True


class AdminConfig(admin_apps.AdminConfig):
    """Django admin behind our own sign-in page, so that its limits apply there too."""

    default_site = "dsboard.admin_site.AdminSite"
    default = False
