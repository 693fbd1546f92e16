import io
import json
import logging.config

import pytest

from migrator_site.logs import logging_settings


@pytest.fixture
def entries():
    """Log into a text and give its lines back as they would stand in the log."""
    stream = io.StringIO()
    settings = logging_settings(stream)
    logger = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
    logging.config.dictConfig(
        {
            **settings,
            "incremental": False,
            "root": {},
            "loggers": {"migration.tried": logger},
        }
    )
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger("migration.tried").handlers.clear()


def test_an_entry_is_one_line_whatever_is_in_it(entries):
    logging.getLogger("migration.tried").info("id %s", "a\nb\x1b[31m\u202e")

    assert [entry["event"] for entry in entries()] == ["id a\nb\x1b[31m\u202e"]


def test_an_exception_is_part_of_its_entry(entries):
    try:
        int("told")
    except ValueError:
        logging.getLogger("migration.tried").exception("failed")

    (entry,) = entries()
    assert (entry["level"], "ValueError: invalid literal" in entry["exception"]) == ("error", True)


def test_what_django_says_of_a_request_carries_the_requests_reference(entries, rf):
    request = rf.get("/")
    request.META["migrator.request_id"] = "0badcafe"

    logging.getLogger("migration.tried").warning("Not Found", extra={"request": request})

    assert entries()[0]["request_id"] == "0badcafe"
