"""The Django application."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule


class MigrationConfig(AppConfig):
    """Label ``migration``."""

    name = "migration"
    label = "migration"
    verbose_name = "Rolling Migrator"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register system checks, and tasks: a web process that lacks them can send none."""
        import_module("migration.checks")
        if module_has_submodule(import_module("migration"), "tasks"):
            import_module("migration.tasks")
