import json
import math
import pickle
import struct
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migration.engine.documents import (
    INVALID_DATE,
    UNDEFINED,
    JsDate,
    NotJsonError,
    bad_key,
    canonical,
    dot_value,
    identity_text,
    is_truthy,
    javascript_number,
    nesting_depth,
    number_text,
    parse,
    revive,
    serialise,
)
from tests.engine.document_values import (
    all_values,
    compact_json,
    javascript_answers,
    json_values,
    numbers,
    strings,
    value_of,
    written_documents,
)

DEEP = 100_000


def canonical_or_none(text):
    try:
        return canonical(parse(text))
    except NotJsonError:
        return None


# Reading


def test_lines_mean_what_the_real_library_makes_of_them():
    answers = javascript_answers("lines")

    read = [
        [line, canonical_or_none(line.encode("utf-8", "surrogateescape"))] for line, _ in answers
    ]

    assert read == answers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"\ud83d\ude00"', '"😀"'),
        ('"\ud83d\\ude00"', '"😀"'),
        ('"\\ud83d\ude00"', '"😀"'),
        ('"\\\\\ud83d"', '"\\\\\\ud83d"'),
        ('"\\\ud83d"', None),
        ("\ud83d", None),
    ],
)
def test_halves_of_a_character_are_joined_as_javascript_joins_them(text, expected):
    assert canonical_or_none(text) == expected


def test_of_two_equal_keys_the_last_value_counts_at_the_first_place():
    assert list(parse(b'{"a":1,"b":2,"a":3}').items()) == [("a", 3), ("b", 2)]


def test_integers_that_a_double_cannot_hold_are_rounded():
    small, big, huge = parse(b"[9007199254740992,9007199254740993,123456789012345678901234567890]")

    assert (type(small), small) == (int, 2**53)
    assert (type(big), big) == (float, 2.0**53)
    assert huge == 1.2345678901234568e29


def test_numbers_beyond_all_doubles_are_infinite():
    assert parse(b"[1e400,-1e400]") == [math.inf, -math.inf]
    assert parse(b"9" * 5000) == math.inf


@pytest.mark.parametrize("text", [b"-0", b"[-0]", b'{"a": -0}', b"[-0 ]", b"-0.0", b"-0e7"])
def test_minus_zero_keeps_its_sign(text):
    assert '{"$$number":"-0"}' in canonical(parse(text))


def test_a_refused_line_is_not_quoted_in_the_error():
    with pytest.raises(NotJsonError) as caught:
        parse(b'{"password":"swordfish"')

    assert caught.value.reason == "Expecting ',' delimiter at character 23"
    assert "swordfish" not in str(caught.value)


@given(json_values)
@settings(deadline=None)
def test_text_that_the_quick_parser_refuses_is_read_the_same(value):
    text = compact_json(value)

    quickly = parse(text)
    slowly = parse(f'[{text},"\\ud800"]')[0]

    assert repr(slowly) == repr(quickly)


@given(json_values)
@settings(deadline=None, max_examples=40)
def test_deeply_nested_text_is_read_the_same(value):
    text = json.dumps(value, indent=1)

    quickly = parse(text)
    deep = parse("[" * 1500 + text + "]" * 1500)
    for _ in range(1500):
        (deep,) = deep

    assert repr(deep) == repr(quickly)


@pytest.mark.parametrize("missing", [1, -1])
def test_deeply_nested_text_must_close_all_it_opens(missing):
    text = "[" * DEEP + "]" * (DEEP - missing)

    with pytest.raises(NotJsonError):
        parse(text)


@pytest.mark.parametrize(
    "member",
    ['{"a"}', '{"a":}', '{"a":1,}', "{1:2}", '{"a":1]', "[1,]", "[1 2]", "[1}", "nul", '"', ""],
)
def test_malformed_members_are_refused_at_any_depth(member):
    assert canonical_or_none(member) is None
    assert canonical_or_none("[" * 1500 + f"1,{member}" + "]" * 1500) is None


def test_a_line_nested_a_hundred_thousand_times_is_read_and_written():
    text = '[{"a":' * (DEEP // 2) + '{"$$date":5}' + "}]" * (DEEP // 2)

    value = parse(text.encode())

    assert nesting_depth(text) == DEEP + 1
    assert canonical(value) == text
    assert serialise({"deep": value}) == f'{{"deep":{text}}}'
    assert bad_key(value) is None
    assert dot_value(value, "0.a.0.b") is UNDEFINED


def test_brackets_inside_strings_are_no_nesting():
    assert nesting_depth(r'{"a":"[[[\"[[","b":[{"c":"}"}]}') == 3
    assert nesting_depth("5") == 0


# Dates


@pytest.mark.parametrize(("text", "ms"), javascript_answers("dates"))
def test_a_date_written_as_text_is_read_as_node_reads_it(text, ms):
    date = parse(json.dumps({"$$date": text}))

    assert date == (INVALID_DATE if ms is None else JsDate(ms))


def test_a_date_takes_the_place_of_its_whole_object():
    assert parse(b'{"at":{"z":1,"$$date":5},"list":[{"$$date":6}]}') == {
        "at": JsDate(5),
        "list": [JsDate(6)],
    }
    assert parse(b'{"$$date":7,"_id":"x"}') == JsDate(7)


def test_what_another_parser_read_can_be_revived():
    assert revive({"a": [{"$$date": 1.9}], "b": 2**53 + 1, "c": 10**400}) == {
        "a": [JsDate(1)],
        "b": float(2**53),
        "c": math.inf,
    }


# Numbers and identities


def test_numbers_are_printed_as_javascript_prints_them():
    answers = javascript_answers("numbers")

    printed = [
        [bits, number_text(*struct.unpack(">d", bytes.fromhex(bits)))] for bits, _ in answers
    ]

    assert printed == answers


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None)
def test_a_printed_number_is_the_same_number_when_read(number):
    assert float(number_text(number)) == number
    assert parse(number_text(number)) == number


def test_what_is_no_finite_number_has_its_javascript_name():
    texts = [number_text(number) for number in (math.nan, math.inf, -math.inf)]

    assert texts == ["NaN", "Infinity", "-Infinity"]


def test_integers_are_printed_as_the_double_that_they_become():
    assert number_text(12345678901234567890) == "12345678901234567000"
    assert number_text(10**400) == "Infinity"
    assert javascript_number(-(10**400)) == -math.inf


@pytest.mark.parametrize(
    ("value", "text"),
    [("u1", "u1"), ("", ""), (7, "7"), (7.0, "7"), (1e21, "1e+21"), (-0.0, "0"), (True, "true"),
     (False, "false"), (None, "null"), (UNDEFINED, "undefined")],
)  # fmt: skip
def test_an_identity_is_known_by_its_javascript_text(value, text):
    assert identity_text(value) == text


@pytest.mark.parametrize("value", [[], {}, JsDate(0)])
def test_an_array_an_object_or_a_date_is_no_identity(value):
    with pytest.raises(TypeError):
        identity_text(value)


@pytest.mark.parametrize("value", [None, UNDEFINED, False, 0, 0.0, -0.0, math.nan, ""])
def test_falsy_values(value):
    assert not is_truthy(value)


@pytest.mark.parametrize("value", [True, -0.5, "0", " ", [], {}, INVALID_DATE, JsDate(0), math.inf])
def test_truthy_values(value):
    assert is_truthy(value)


def test_undefined_stays_itself_when_copied():
    assert deepcopy(UNDEFINED) is UNDEFINED
    assert pickle.loads(pickle.dumps(UNDEFINED)) is UNDEFINED  # noqa: S301 - our own bytes


# Canonical text


@given(all_values)
@settings(deadline=None)
def test_canonical_text_says_all_of_a_value(value):
    text = canonical(value)

    assert canonical(value_of(json.loads(text))) == text


@given(json_values)
@settings(deadline=None)
def test_canonical_text_of_plain_json_is_json(value):
    assert canonical(parse(canonical(value))) == canonical(value)


def test_keys_are_sorted_by_code_point_and_not_by_utf16_unit():
    assert canonical({"😀": 1, "\uff5e": 2, "b": 3, "a": 4}) == '{"a":4,"b":3,"\uff5e":2,"😀":1}'


def test_values_that_json_lacks_are_told_apart():
    value = [INVALID_DATE, JsDate(-1.0), UNDEFINED, math.nan, math.inf, -math.inf, -0.0, 1.0, 1]

    assert canonical(value) == (
        '[{"$$date":null},{"$$date":-1},{"$$undefined":true},{"$$number":"NaN"},'
        '{"$$number":"Infinity"},{"$$number":"-Infinity"},{"$$number":"-0"},1,1]'
    )


def test_strings_are_quoted_as_json_stringify_quotes_them():
    assert canonical('"\\/\b\f\n\r\t\x01\x7f\x85\u2028é😀\ud83d') == (
        '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\x85\u2028é😀\\ud83d"'
    )


# Written text


@pytest.mark.parametrize(("notation", "line"), javascript_answers("serialised"))
def test_a_document_is_written_as_the_real_library_writes_it(notation, line):
    for separator in "\x85\u2028\u2029":
        line = line.replace(separator, f"\\u{ord(separator):04x}")

    assert serialise(value_of(notation)) == line


@given(written_documents)
@settings(deadline=None)
def test_a_written_document_is_read_as_the_same_document(document):
    line = serialise(document)

    assert canonical(parse(line.encode())) == canonical(value_without_minus_zero(document))


@given(written_documents)
@settings(deadline=None)
def test_a_written_document_is_one_line_by_any_rule(document):
    assert len(serialise(document).splitlines()) == 1


@given(strings)
@settings(deadline=None)
def test_a_written_document_can_be_encoded(text):
    assert serialise({text: text}).encode()


def value_without_minus_zero(value):
    if isinstance(value, dict):
        return {name: value_without_minus_zero(member) for name, member in value.items()}
    if isinstance(value, list):
        return [value_without_minus_zero(element) for element in value]
    return 0 if value == 0 and not isinstance(value, bool) else value


# Names


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"_id": "x", "a": {"b": [1]}}, None),
        ({"$a": 1}, "$a"),
        ({"a.b": 1}, "a.b"),
        ({"a": [0, {"b": {"$set": 1}}]}, "a.1.b.$set"),
        ({"b": {"$x": 1}, "a.b": 1, "0": {"$y": 1}}, "0.$y"),
        ({"a": {"b": {"c": 1}}, "$d": 1}, "$d"),
        ({"$$date": 5}, None),
        ({"$$date": math.nan}, None),
        ({"$$date": "5"}, "$$date"),
        ({"$$date": True}, "$$date"),
        ({"$$date": JsDate(5)}, "$$date"),
        ({"$$deleted": True}, None),
        ({"$$deleted": 1}, "$$deleted"),
        ({"$$indexCreated": {"fieldName": "a.b"}}, None),
        ({"$$indexCreated": {"a.b": 1}}, "$$indexCreated.a.b"),
        ({"$$indexRemoved": None}, None),
        ({"$$other": 1}, "$$other"),
        ({"": 1, "a$": 1}, None),
        ({"at": JsDate(5), "u": UNDEFINED}, None),
        ([[{"$a": 1}]], "0.0.$a"),
        ("$a.b", None),
    ],
)
def test_the_first_name_that_nedb_refuses_is_found(document, path):
    assert bad_key(document) == path


def test_the_values_of_dotted_paths_are_those_of_the_real_library():
    answers = javascript_answers("dot_values")
    document = value_of(json.loads(answers["document"]))

    values = {path: canonical(dot_value(document, path)) for path, _ in answers["values"]}

    assert values == dict(answers["values"])


@pytest.mark.parametrize("path", ["constructor", "toString", "__proto__", "a.toString", "s.trim"])
def test_what_every_javascript_value_inherits_is_not_there(path):
    assert dot_value({"a": 1, "s": "x"}, path) is UNDEFINED


@given(numbers)
@settings(deadline=None)
def test_a_number_has_no_fields(number):
    assert dot_value({"n": number}, "n.a") is UNDEFINED
