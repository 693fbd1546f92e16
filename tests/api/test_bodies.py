"""Bodies: what is read, and what is refused before it can do harm."""

import pytest

pytestmark = pytest.mark.django_db

LOGIN = "/api/auth/login"


@pytest.fixture
def send(client):
    def send(body, content_type="application/json"):
        # As it is: post() would encode it in the charset named.
        answer = client.generic("POST", LOGIN, body, content_type)
        return answer.status_code, answer.json()["code"]

    return send


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b"[" * 1_000_000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b'{"a":' + b"9" * 401 + b"}", "number_too_long"),
        (b"1" * 2_000_000, "number_too_long"),
        (b'{"a":NaN}', "bad_json"),
        (b'{"a":-Infinity}', "bad_json"),
        (b"{", "bad_json"),
        (b'{"a":1}{"b":2}', "bad_json"),
        (b'"' + b'\\"' * 900_000, "bad_json"),
        (b"[]" * 900_000, "bad_json"),
        (b'{"a":"\xff"}', "bad_json"),
        (b"\xef\xbb\xbf{}", "bad_json"),
        ('{"a":1}'.encode("utf-16"), "bad_json"),
        (b"\x00", "bad_json"),
    ],
)
def test_a_body_that_is_no_json_or_a_bomb_is_refused(send, body, code):
    assert send(body) == (400, code)


def test_brackets_and_digits_inside_of_a_text_are_text(send):
    assert send(b'{"username":"' + b"[" * 100 + b"9" * 10 + b'\\"]","password":"x"}') == (
        401,
        "bad_credentials",
    )


def test_sixty_four_levels_are_read(send):
    assert send(b"[" * 64 + b"]" * 64) == (400, "invalid_input")


def test_a_body_that_is_too_large_is_refused(send, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    assert send(b'{"username":"' + b"x" * 1000 + b'"}') == (413, "too_large")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_nothing_but_json_is_read(send, content_type):
    assert send(b'{"username":"alice","password":"alicealice"}', content_type) == (
        415,
        "unsupported_media_type",
    )


@pytest.mark.parametrize("charset", ["utf-8", "bz2_codec", "utf-16", "nonsense"])
def test_json_is_utf_8_whatever_is_said_of_it(send, charset):
    body = b'{"username":"nobody","password":"x"}'

    assert send(body, f"application/json; charset={charset}") == (401, "bad_credentials")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7", b"true", b"{}"])
def test_a_body_of_another_shape_is_refused(send, body):
    assert send(body) == (400, "invalid_input")


def test_a_body_in_chunks_is_refused_and_not_taken_for_an_empty_one(client):
    answer = client.generic(
        "POST", LOGIN, b"{}", "application/json", HTTP_TRANSFER_ENCODING="chunked"
    )

    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
