import json
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from migration.engine.documents import INVALID_DATE, UNDEFINED, JsDate, Undefined
from migration.engine.index_keys import (
    KEY_BYTES_MAX,
    compound_key,
    element_keys,
    identity_key,
    index_key,
    is_exact,
)
from tests.engine.document_values import all_values, javascript_answers, strings, value_of

KINDS = [Undefined, type(None), float, str, bool, JsDate, list, dict]


def order(left, right):
    return (left > right) - (left < right)


def utf16(text):
    return text.encode("utf-16-be", "surrogatepass")


def key_of_notation(text):
    return identity_key(value_of(json.loads(text)))


def compare(left, right):
    """NeDB's compareThings, said plainly."""
    kinds = [KINDS.index(float if type(value) is int else type(value)) for value in (left, right)]
    if kinds[0] != kinds[1]:
        return order(*kinds)
    if type(left) is dict:
        left, right = ([side[name] for name in sorted(side, key=utf16)] for side in (left, right))
    if type(left) is list:
        pairs = (compare(*pair) for pair in zip(left, right, strict=False))
        return next(filter(None, pairs), order(len(left), len(right)))
    return order(sortable(left), sortable(right))


def sortable(value):
    if value is None or value is UNDEFINED:
        return 0
    if type(value) is str:
        return utf16(value)
    return value.ms if type(value) is JsDate else value


def test_keys_sort_as_the_real_library_sorts_values():
    answers = javascript_answers("comparisons")

    sorted_as = [[*texts, order(*map(key_of_notation, texts))] for *texts, _ in answers]

    assert sorted_as == answers


@given(all_values, all_values)
@settings(deadline=None, max_examples=400)
def test_keys_sort_as_their_values(left, right):
    left_key, right_key = index_key(left), index_key(right)
    assume(is_exact(left_key) and is_exact(right_key))

    assert order(left_key, right_key) == compare(left, right)


@given(all_values, all_values)
@settings(deadline=None)
def test_keys_are_equal_only_for_equal_values(left, right):
    assert (index_key(left) == index_key(right)) == (compare(left, right) == 0)


@given(st.lists(all_values, max_size=3), st.lists(all_values, max_size=3))
@settings(deadline=None)
def test_compound_keys_sort_by_the_first_field_that_differs(left, right):
    left_key, right_key = compound_key(left), compound_key(right)
    assume(is_exact(left_key) and is_exact(right_key))

    assert order(left_key, right_key) == compare(left, right)


def test_a_compound_key_is_that_of_the_object_nedb_makes_of_the_fields():
    assert compound_key(["x", UNDEFINED]) == index_key({"city": "x", "zip": UNDEFINED})


def test_one_value_of_each_kind_in_order():
    values = [
        UNDEFINED, None, -math.inf, -1e300, -1, -5e-324, 0, 5e-324, 1, 1.5, 2**53, math.inf,
        "", "\x00", "a", "a\x00", "ab", "é", "\ud7ff", "\ud800", "😀", "\udfff", "\ue000", "\uffff",
        False, True, JsDate(-1.0), JsDate(0.0), JsDate(1.0),
        [], [UNDEFINED], [UNDEFINED, 1], [None], [1], [1, 1], ["a"], ["a", 0], ["a\x00"], [[]],
        [[], 0], [{}],
        {}, {"z": UNDEFINED}, {"b": 1}, {"a": 1, "c": 1}, {"a": 2},
    ]  # fmt: skip

    assert sorted(values, key=index_key) == values
    assert len({index_key(value) for value in values}) == len(values)


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, 1.0), (0, -0.0), ({"a": 1}, {"b": 1}), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ([0.0], [0])],
)
def test_values_that_nedb_finds_equal_have_one_key(left, right):
    assert index_key(left) == index_key(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, True), (0, False), (1, "1"), (None, UNDEFINED), (5, JsDate(5)), ([1], {"a": 1}), ("", [])],
)
def test_values_of_different_kinds_have_different_keys(left, right):
    assert index_key(left) != index_key(right)


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (UNDEFINED, "00"),
        (None, "01"),
        (0, "028000000000000000"),
        (1, "02bff0000000000000"),
        (-1, "02400fffffffffffff"),
        ("", "03"),
        ("a\x00é", "036100c3a9"),
        ("😀", "03eda0bdedb880"),
        (False, "0400"),
        (True, "0401"),
        (JsDate(0.0), "058000000000000000"),
        (JsDate(1.0), "05bff0000000000000"),
        ([], "0600"),
        (["a\x00", None], "0601036100ff00010100"),
        ([[]], "0601060000"),
        ({"b": 1, "a": None}, "0701010102bff000000000000000"),
    ],
)
def test_keys_never_change_since_targets_hold_them(value, key):
    assert index_key(value).hex() == key


def test_what_is_no_number_comes_after_all_numbers_and_equals_itself():
    assert index_key(math.inf) < index_key(math.nan) == index_key(-math.nan) < index_key("")
    assert index_key(JsDate(8.64e15)) < index_key(INVALID_DATE) == index_key(JsDate(-math.nan))


def test_long_keys_are_cut_and_stay_equal_only_for_equal_values():
    longest, longer = "x" * (KEY_BYTES_MAX - 2), "x" * (KEY_BYTES_MAX - 1)

    assert is_exact(index_key(longest))
    assert not is_exact(index_key(longer))
    assert len(index_key(longer)) == len(index_key(["é" * 300])) == KEY_BYTES_MAX
    assert index_key(longer) == index_key("x" * (KEY_BYTES_MAX - 1))
    assert len({index_key(text) for text in (longest, longer, longer + "x", longer + "y")}) == 4


def test_cut_keys_keep_the_order_of_their_first_bytes():
    assert index_key("a" * 400) < index_key("a" * 200 + "b" * 200) < index_key("b")


def test_compound_keys_are_cut_too():
    key = compound_key(["x" * 200, "y" * 200])

    assert len(key) == KEY_BYTES_MAX
    assert key != compound_key(["x" * 200, "y" * 201])


@given(strings, strings)
@settings(deadline=None)
def test_identities_sort_in_full_however_long_they_are(left, right):
    head = "x" * KEY_BYTES_MAX

    keys = identity_key(head + left), identity_key(head + right)

    assert order(*keys) == compare(left, right)


def test_an_array_is_found_under_each_distinct_element_once():
    values = ["a", 1, "a", True, 1.0, None, UNDEFINED, ["a"], -0.0, 0, JsDate(1.0)]

    assert element_keys(values) == [
        index_key(value) for value in ["a", 1, True, None, UNDEFINED, ["a"], 0, JsDate(1.0)]
    ]


def test_an_empty_array_has_no_elements_to_be_found_under():
    assert element_keys([]) == []


def test_a_value_nested_a_hundred_thousand_times_has_a_key():
    deep, deeper = [], []
    for _ in range(100_000):
        deep, deeper = [{"a": deep}], [{"a": deeper}]

    assert index_key(deep) == index_key(deeper)
    assert index_key(deep) != index_key([deeper])
