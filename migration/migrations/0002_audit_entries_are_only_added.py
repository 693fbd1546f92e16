"""The audit trail is only ever added to: the database refuses everything else.

A schema migration that makes SQLite rebuild the table (a changed column) drops these triggers, and
has to make them again.
"""

from django.db import migrations

SQLITE = {
    "audit_no_update": """
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON migration_auditentry
        BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
    """,
    "audit_no_delete": """
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON migration_auditentry
        BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger above.
    "audit_no_replace": """
        CREATE TRIGGER audit_no_replace BEFORE INSERT ON migration_auditentry
        WHEN EXISTS (
            SELECT 1 FROM migration_auditentry
            WHERE seq = NEW.seq OR previous = NEW.previous OR digest = NEW.digest
        )
        BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced'); END
    """,
}
POSTGRESQL = {
    "audit_no_change": """
        CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON migration_auditentry
        FOR EACH ROW EXECUTE FUNCTION migration_audit_refuses()
    """,
    "audit_no_truncate": """
        CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON migration_auditentry
        FOR EACH STATEMENT EXECUTE FUNCTION migration_audit_refuses()
    """,
}
POSTGRESQL_FUNCTION = """
    CREATE OR REPLACE FUNCTION migration_audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'audit entries are never changed or deleted'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""


def make_triggers(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for statement in SQLITE.values():
                cursor.execute(statement)
        elif connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_FUNCTION)
            for statement in POSTGRESQL.values():
                cursor.execute(statement)


def drop_triggers(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        elif connection.vendor == "postgresql":
            for name in POSTGRESQL:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON migration_auditentry")


class Migration(migrations.Migration):
    dependencies = [("migration", "0001_installation_tokens_and_audit_trail")]

    operations = [migrations.RunPython(make_triggers, drop_triggers)]
