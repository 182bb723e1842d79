"""The other floors, found by name: floor 0 collects what they bring, and never imports them."""

from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule


def modules(name: str) -> list[ModuleType]:
    """The modules called `name` of the other apps, lowest floor first."""
    configs = [c for c in apps.get_app_configs() if c.name != "dsboard" and c.module and module_has_submodule(c.module, name)]
    return [import_module(f"{config.name}.{name}") for config in configs]
