"""The groups that say who may do what; Level 1 is the one that may change everything."""

from django.db import migrations

GROUPS = ("Level 1", "Level 2", "Health checks", "Applications")


def make_groups(apps, schema_editor):
    groups = {
        name: apps.get_model("auth", "Group").objects.get_or_create(name=name)[0]
        for name in GROUPS
    }
    # Django makes content types and permissions after all migrations, which is too late here.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="migration", model="installation"
    )
    system, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        codename="system",
        content_type=content_type,
        defaults={"name": "Change everything: what makes an admin Level 1"},
    )
    groups["Level 1"].permissions.add(system)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("migration", "0002_audit_entries_are_only_added"),
    ]

    # Going back leaves the groups: accounts may be in them.
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
