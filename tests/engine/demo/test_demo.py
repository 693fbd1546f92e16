import json
import re
from collections import Counter

import pytest

from migration.engine.catalog import Database, load_catalog
from migration.engine.copying import CollectionCopy
from migration.engine.demo import write_demo_datafiles
from migration.engine.nedb.folder import LegacyFolder
from migration.engine.ports import Claim
from migration.engine.stores.sqlite import SqliteStore
from migration.engine.validation.findings import Severity
from migration.engine.validation.suite import validate
from tests.nedb import oracle

CATALOG = load_catalog()
BCRYPT = re.compile(r"\$2b\$12\$[./A-Za-z0-9]{53}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("legacy")
    write_demo_datafiles(folder)
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def lines_of(demo, name):
    return (demo / CATALOG[name].datafile).read_text(encoding="utf-8").splitlines()


def live_documents(demo, name):
    live = {}
    for line in map(json.loads, lines_of(demo, name)):
        if "_id" in line:
            live.pop(line["_id"], None) if line.get("$$deleted") else live.update(
                {line["_id"]: line}
            )
    return list(live.values())


def values_at(value, path):
    for name in path.split("."):
        reached = [v for v in (value if isinstance(value, list) else [value]) if name in v]
        value = [element for v in reached for element in as_list(v[name])]
    return value


def as_list(value):
    return value if isinstance(value, list) else [value]


# The files


def test_the_same_seed_gives_the_same_bytes(demo, tmp_path):
    write_demo_datafiles(tmp_path, seed=1)

    assert contents(tmp_path) == contents(demo)


def test_another_seed_gives_other_documents_and_as_many(demo, tmp_path):
    documents = write_demo_datafiles(tmp_path, seed=2)

    assert documents == sum(len(live_documents(demo, c.name)) for c in CATALOG.collections)
    assert all(content != contents(demo)[name] for name, content in contents(tmp_path).items())


def test_each_collection_gets_its_datafile_and_nothing_else_is_left(demo):
    assert sorted(contents(demo)) == sorted(c.datafile for c in CATALOG.collections)


def test_the_live_documents_are_counted(tmp_path):
    documents = write_demo_datafiles(tmp_path / "made" / "on the way")

    counts = {
        c.name: len(live_documents(tmp_path / "made" / "on the way", c.name))
        for c in CATALOG.collections
    }
    assert sum(counts.values()) == documents
    assert 1900 <= documents <= 2100
    assert min(counts.values()) > 0


@pytest.mark.parametrize("is_link", [False, True])
def test_a_file_that_is_there_is_kept_and_nothing_is_written(tmp_path, is_link):
    theirs = tmp_path / "users.db"
    theirs.symlink_to("nowhere") if is_link else theirs.write_bytes(b"theirs")

    with pytest.raises(FileExistsError, match=r"users\.db"):
        write_demo_datafiles(tmp_path)

    assert list(tmp_path.iterdir()) == [theirs]
    assert theirs.is_symlink() == is_link
    assert is_link or theirs.read_bytes() == b"theirs"


# The history


def test_documents_were_changed_and_removed_since_the_last_start(demo):
    lines = [json.loads(line) for c in CATALOG.collections for line in lines_of(demo, c.name)]
    changed = Counter(line["_id"] for line in lines if "_id" in line and "$$deleted" not in line)

    assert sum(line.get("$$deleted", False) for line in lines) >= 20
    assert sum(times > 1 for times in changed.values()) >= 50


def test_each_start_writes_its_index_lines(demo):
    indexes = [line for line in lines_of(demo, "users") if line.startswith('{"$$index')]

    assert indexes[0] == '{"$$indexCreated":{"fieldName":"email","unique":true,"sparse":false}}'
    assert indexes[len(indexes) // 2] == '{"$$indexCreated":{"fieldName":"email","unique":true}}'
    assert indexes[-1] == '{"$$indexCreated":{"fieldName":"lastSync"}}'


def test_what_the_catalog_calls_unique_has_a_unique_index(demo):
    for collection in CATALOG.collections:
        asked = lines_of(demo, collection.name)
        for name in collection.unique:
            assert f'{{"$$indexCreated":{{"fieldName":"{name}","unique":true}}}}' in asked


# The documents


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_reference_leads_to_a_live_document(tmp_path, seed):
    write_demo_datafiles(tmp_path, seed=seed)

    for collection in CATALOG.collections:
        for reference in collection.references:
            targets = live_documents(tmp_path, reference.collection)
            known = {target[reference.target_field] for target in targets} | {*reference.allow}
            named = values_at(live_documents(tmp_path, collection.name), reference.field)
            assert named
            assert {*named} <= known


def test_administrators_have_all_they_need(demo):
    admins = live_documents(demo, "admin_users")

    assert all(admin[name] for admin in admins for name in CATALOG["admin_users"].required)
    assert {admin["status"] for admin in admins} == {"active"}
    assert {admin["level"] for admin in admins} == {1, 2}


def test_passwords_are_bcrypt_hashes(demo):
    hashes = [admin["passwordHash"] for admin in live_documents(demo, "admin_users")]
    hashes += [user["password"] for user in live_documents(demo, "users")]

    assert all(BCRYPT.fullmatch(text) for text in hashes)
    assert len({*hashes}) == len(hashes)


def test_no_document_has_the_id_of_another(demo):
    ids = [d["_id"] for c in CATALOG.collections for d in live_documents(demo, c.name)]

    assert len({*ids}) == len(ids)
    assert all(re.fullmatch("[A-Za-z0-9]{16}", identity) for identity in ids)


def test_a_validation_has_nothing_to_complain_of(demo, tmp_path):
    stores = {}
    for database in Database:
        collections = CATALOG.of(database)
        store = SqliteStore(tmp_path / f"{database}.db", collections=[c.name for c in collections])
        store.claim(Claim(installation="demo", run="demo", token=1))
        folder = LegacyFolder(demo, targets=[tmp_path / f"{d}.db" for d in Database])
        for collection in collections:
            for _ in CollectionCopy(folder.locate(collection), store).steps():
                pass
        stores[database] = store

    report = validate(CATALOG, folder, stores)

    for store in stores.values():
        store.close()
    assert [f for f in report.findings if f.severity is not Severity.INFO] == []
    assert sum(f.count for f in report.findings if f.code == "record_counts") == 2000


# The real library


@pytest.mark.needs_node
@pytest.mark.parametrize("collection", CATALOG.collections, ids=lambda c: c.name)
def test_the_real_library_reads_every_line(demo, collection):
    loaded = oracle.dump(demo / collection.datafile)

    assert not loaded.refused
    assert loaded.summary["corrupt"] == loaded.summary["ignored"] == 0
    assert loaded.summary["count"] == len(live_documents(demo, collection.name))


@pytest.mark.needs_node
@pytest.mark.parametrize("collection", CATALOG.collections, ids=lambda c: c.name)
def test_the_real_library_would_have_written_the_same_text(demo, collection):
    datafile = demo / collection.datafile

    _, compacted = oracle.run(datafile, [{"op": "compact"}, {"op": "file"}])

    # Its compaction writes what is alive anew, then each index with all of its options.
    assert set(compacted.value.splitlines()) <= set(lines_of(demo, collection.name))
