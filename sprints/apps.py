"""App configuration of floor 2: sprints and the balance between committed work, experiments and learning."""

from django.apps import AppConfig


class SprintsConfig(AppConfig):
    name = "sprints"
    verbose_name = "Sprints"
