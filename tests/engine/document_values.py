"""Values of documents for tests: from their canonical notation, and drawn at random."""

import json
import math
from functools import partial
from pathlib import Path

from hypothesis import strategies as st

from migration.engine.documents import INVALID_DATE, UNDEFINED, JsDate

_ANSWERS = Path(__file__).with_name("javascript_answers.json")
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": -0.0}


def javascript_answers(topic):
    """Return what the real library and Node 20 answered, as recorded."""
    return json.loads(_ANSWERS.read_text(encoding="ascii"))[topic]


def value_of(notation):
    """Build a value from what json.loads makes of the canonical notation."""
    if isinstance(notation, list):
        return [value_of(element) for element in notation]
    if not isinstance(notation, dict):
        return notation
    match list(notation.items()):
        case [("$$undefined", _)]:
            return UNDEFINED
        case [("$$number", name)]:
            return _NUMBERS[name]
        case [("$$date", ms)]:
            return INVALID_DATE if ms is None else JsDate(float(ms))
    return {name: value_of(member) for name, member in notation.items()}


def as_javascript_has_it(text):
    """Join halves of a character that stand side by side, which JavaScript can't keep apart."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


# Small alphabets, so that strings and names meet; characters of all lengths in UTF-8 and UTF-16.
strings = st.one_of(
    st.text("ab0\x00\x01\x7f\x85é\u2028\ud83d\ude00\ue000\uff5e\uffff😀𠮷", max_size=6),
    st.text(st.characters(), max_size=8),
).map(as_javascript_has_it)
names = st.one_of(
    st.sampled_from(["a", "b", "0", "1", "10", "01", "_id", "", "é", "\ue000", "\uff5e", "😀"]),
    st.text(st.characters(exclude_characters="$.", exclude_categories=["Cs"]), max_size=4),
)
numbers = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
)
dates = st.integers(-8_640_000_000_000_000, 8_640_000_000_000_000).map(float).map(JsDate)


def _containers(inner):
    return st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4)


def trees(*leaves):
    return st.recursive(st.one_of(*leaves), _containers, max_leaves=12)


plain = (st.none(), st.booleans(), numbers, strings)
json_values = trees(*plain)
written_values = trees(*plain, dates)
all_values = trees(*plain, dates, st.just(UNDEFINED), st.sampled_from([-0.0, math.inf, -math.inf]))
written_documents = st.dictionaries(names, written_values, max_size=6)
compact_json = partial(json.dumps, separators=(",", ":"))
