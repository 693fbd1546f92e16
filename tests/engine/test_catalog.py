"""The catalog: the built-in one, others, and what makes one unusable."""

import pytest

from migration.engine.catalog import BUILTIN_CATALOG, Database, Reference, load_catalog
from migration.engine.drafting import draft_catalog
from migration.engine.errors import CatalogError, SourceError
from tests.engine.moving import looks

ENTRY = 'name = "things"\ndatafile = "things.db"\ndatabase = "admin"\n'


def catalog_of(tmp_path, *entries, version="version = 1"):
    path = tmp_path / "catalog.toml"
    path.write_text("\n".join([version, *(f"[[collections]]\n{entry}" for entry in entries)]))
    return load_catalog(path)


# The built-in one


def test_the_builtin_catalog_has_the_applications_collections():
    catalog = load_catalog()

    assert [c.name for c in catalog.of(Database.ADMIN)] == [
        "admin_users",
        "admin_roles",
        "permission_atoms",
        "permission_audit_logs",
    ]
    assert len(catalog.of(Database.APPLICATION)) == 17
    assert all(c.timestamps for c in catalog.collections)


def test_its_datafiles_are_named_after_the_collections():
    catalog = load_catalog()

    assert catalog["appointments_slots"].datafile == "appointments-slots.db"
    assert catalog["syncQueue"].datafile == "sync-queue.db"
    assert {c.datafile for c in catalog.collections if c.name != "syncQueue"} == {
        f"{c.name.replace('_', '-')}.db" for c in catalog.collections if c.name != "syncQueue"
    }


def test_it_knows_passwords_private_fields_and_references():
    catalog = load_catalog()

    assert catalog["admin_users"].required == (
        "adminId",
        "email",
        "passwordHash",
        "level",
        "status",
    )
    assert catalog["admin_users"].password == ("passwordHash",)
    assert set(catalog["users"].sensitive) == {"email", "phone", "password", "passwordHash"}
    assert catalog["admin_roles"].references == (
        Reference(
            field="permissions", collection="permission_atoms", target_field="atomId", allow=("*",)
        ),
    )
    assert sum(len(c.references) for c in catalog.collections) == 14


def test_asking_for_a_collection_that_is_not_there_fails():
    assert "nobody" not in load_catalog()
    with pytest.raises(KeyError):
        load_catalog()["nobody"]


# Any other


def test_a_catalog_of_ones_own_is_read(tmp_path):
    catalog = catalog_of(
        tmp_path, ENTRY.replace("admin", "application"), ENTRY.replace("things", "x")
    )

    assert [c.name for c in catalog.collections] == ["x", "things"]
    assert catalog["things"].timestamps is False


def test_the_digest_is_that_of_the_text(tmp_path):
    first = catalog_of(tmp_path, ENTRY).digest

    assert catalog_of(tmp_path, ENTRY).digest == first
    assert catalog_of(tmp_path, ENTRY + "timestamps = true").digest != first
    assert load_catalog().digest == load_catalog(BUILTIN_CATALOG).digest


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ('name = "things"\n', "collections[0].datafile"),
        (ENTRY + "nonsense = 1", "collections[0].nonsense"),
        (ENTRY.replace('"admin"', '"other"'), "collections[0].database"),
        (ENTRY.replace('"admin"', "1"), "collections[0].database"),
        (ENTRY.replace("things.db", "../things.db"), "collections[0].datafile"),
        (ENTRY.replace("things.db", "/etc/passwd"), "collections[0].datafile"),
        (ENTRY.replace("things.db", ".things.db"), "collections[0].datafile"),
        (ENTRY.replace("things.db", "things.db~"), "collections[0].datafile"),
        (ENTRY.replace("things.db", ""), "collections[0].datafile"),
        (ENTRY.replace('"things"', '"7 things"'), "collections[0].name"),
        (ENTRY.replace('"things"', '"x; drop table users"'), "collections[0].name"),
        (ENTRY.replace('"things"', f'"{"x" * 64}"'), "collections[0].name"),
        (ENTRY + 'required = "email"', "collections[0].required"),
        (ENTRY + 'unique = [""]', "collections[0].unique"),
        (ENTRY + "sensitive = [1]", "collections[0].sensitive"),
        (ENTRY + "timestamps = 1", "collections[0].timestamps"),
        (ENTRY + 'references = "users"', "collections[0].references"),
        (ENTRY + "references = [1]", "collections[0].references[0]"),
        (ENTRY + 'references = [{ to = "things._id" }]', "collections[0].references[0].field"),
        (
            ENTRY + 'references = [{ field = "a", to = "things" }]',
            "collections[0].references[0].to",
        ),
        (ENTRY + 'references = [{ field = "a", to = "nobody._id" }]', "things.references"),
    ],
)
def test_a_bad_entry_is_refused_by_file_key_and_reason(tmp_path, entry, key):
    with pytest.raises(CatalogError) as caught:
        catalog_of(tmp_path, entry)

    assert (caught.value.key, caught.value.path) == (key, str(tmp_path / "catalog.toml"))
    assert caught.value.reason
    assert key in str(caught.value)


@pytest.mark.parametrize(
    ("entries", "key"),
    [
        ([ENTRY, ENTRY.replace("things.db", "other.db")], "collections.name"),
        ([ENTRY, ENTRY.replace('"things"', '"other"')], "collections.datafile"),
        ([], "collections"),
    ],
)
def test_names_and_datafiles_are_there_once(tmp_path, entries, key):
    with pytest.raises(CatalogError) as caught:
        catalog_of(tmp_path, *entries)

    assert caught.value.key == key


@pytest.mark.parametrize("version", ["", "version = 2", 'version = "1"', "version = 1\nextra = 1"])
def test_another_version_is_refused(tmp_path, version):
    with pytest.raises(CatalogError):
        catalog_of(tmp_path, ENTRY, version=version)


@pytest.mark.parametrize("content", [b"version = ", b"\xff\xfe", b"version = 1\n[[collections]\n"])
def test_what_is_no_toml_is_refused(tmp_path, content):
    (tmp_path / "catalog.toml").write_bytes(content)

    with pytest.raises(CatalogError) as caught:
        load_catalog(tmp_path / "catalog.toml")
    assert caught.value.reason


def test_a_missing_catalog_is_refused(tmp_path):
    with pytest.raises(CatalogError, match="No such file"):
        load_catalog(tmp_path / "catalog.toml")


# Drafting one


def test_a_draft_names_every_datafile_and_can_be_loaded(tmp_path):
    legacy = tmp_path / "legacy"
    legacy.mkdir()
    (legacy / "users.db").write_bytes(b'{"$$indexCreated":{"fieldName":"email","unique":true}}\n')
    (legacy / "admin-users.db").write_bytes(b'{"_id":"a"}\n')
    (legacy / "7 odd names.db").write_bytes(b"")
    (legacy / "left.db~").write_bytes(b"")
    (legacy / "notes.txt").write_bytes(b"")
    before = looks(legacy)

    path = tmp_path / "draft.toml"
    path.write_text(draft_catalog(legacy), encoding="utf-8")
    catalog = load_catalog(path)

    assert {c.datafile: c.database for c in catalog.collections} == {
        "admin-users.db": Database.ADMIN,
        "users.db": Database.APPLICATION,
        "7 odd names.db": Database.APPLICATION,
        "left.db": Database.APPLICATION,
    }
    assert catalog["users"].unique == ("email",)
    assert looks(legacy) == before


def test_there_is_no_draft_of_nothing(tmp_path):
    with pytest.raises(SourceError):
        draft_catalog(tmp_path)
