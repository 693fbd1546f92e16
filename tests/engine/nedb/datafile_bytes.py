"""Datafiles drawn at random, byte by byte: what the library writes, what crashes and editors leave,
and what nobody would write on purpose.
"""

from hypothesis import strategies as st

# Few ids, so that lines of one document meet; of several types, so that they collide.
_TEXT_IDS = (b'"a"', b'"b"', b'"c"', b'"7"', b'"true"', b'"\\u0061"', b'"\xe5\x91\xa8"')
_OTHER_IDS = (
    b"7",
    b"7.0",
    b"-1.5",
    b"1e21",
    b"1e400",
    b"true",
    b"12345678901234567890",
    b'"Infinity"',
)
_ODD_IDS = (
    b'""',
    b"0",
    b"-0",
    b"null",
    b"false",
    b"[]",
    b'["z"]',
    b"{}",
    b'{"$$date":5}',
    b'"\\u0000"',
    b'"\\ud83d"',
    b'"__proto__"',
    b'"constructor"',
    b'"\xff"',
    b'"a\xe2\x80\xa8"',
    b'"' + b"x" * 1025 + b'"',
    b'"' + b"\xe5\x91\xa8" * 300 + b'"',
    b'"' + b"y" * 600 + b'"',
)
ids = st.one_of(
    st.sampled_from(_TEXT_IDS),
    st.sampled_from(_TEXT_IDS),
    st.sampled_from(_OTHER_IDS),
    st.sampled_from(_ODD_IDS),
)

_VALUES = (
    b"1",
    b"1.0",
    b"-0",
    b"0",
    b"1E5",
    b"1e400",
    b"-1e400",
    b"9007199254740993",
    b"5e-324",
    b'"x"',
    b'""',
    b'"\\ud83d"',
    b'"\\ud83d\\ude00"',
    b'"\\u0000"',
    b'"\\u2028"',
    b'"\xe2\x80\xa8"',
    b'"\xe2\x80\xa9"',
    b'"\xc2\x85"',
    b'"\xff"',
    b'"\xed\xa0\x80"',
    b'"\xe5\x91\xa8\xe6\x9d\xb0"',
    b'"\xf0\x9f\x98\x80"',
    b'"\\/\\b\\n"',
    b"true",
    b"false",
    b"null",
    b"[]",
    b"{}",
    b"[1,[2]]",
    b'["x","x"]',
    b'{"$$date":1700000000000}',
    b'{"$$date":1700000000000.9,"z":1}',
    b'{"$$date":null}',
    b'{"$$date":"2020-01-01"}',
    b'{"$$date":9e15}',
    b'{"a":1,"b":2,"a":3}',
    b'{"_id":"q"}',
    b'[{"y":1},{"y":2}]',
    b'{"y":{"z":1}}',
    b"\t1 ",
    b'"\x7f"',
    b"[" * 30 + b"]" * 30,
)
_BROKEN_VALUES = (
    b"NaN",
    b"01",
    b"1.",
    b".5",
    b"+1",
    b"'x'",
    b'"\x01"',
    b'"\t"',
    b"undefined",
    b"tru",
    b'"\\x41"',
    b'"\\ud83',
    b"[1,]",
    b"{,}",
    b'{"a"}',
    b"1 2",
    b"",
    b"-",
    b"1e",
    b'"\x00"',
    b"\xef\xbb\xbf1",
    b"\xc2\xa01",
)
values = st.one_of(
    st.sampled_from(_VALUES),
    st.sampled_from(_VALUES),
    st.sampled_from(_VALUES),
    st.text(max_size=6).map(
        lambda t: ('"' + "".join(c for c in t if c >= " " and c not in '"\\') + '"').encode(
            "utf-8", "surrogatepass"
        )
    ),
    st.sampled_from(_BROKEN_VALUES),
)
_NAMES = (
    b'"n"',
    b'"n"',
    b'"m"',
    b'"x"',
    b'"x"',
    b'"10"',
    b'""',
    b'"\xe5"',
    b'"\\u006e"',
    b'"_id "',
)
_RISKY_NAMES = (
    b'"$x"',
    b'"p.q"',
    b'"\\u0024x"',
    b'"$$date"',
    b'"$$deleted"',
    b'"$$indexCreated"',
    b'"__proto__"',
    b'"$x" ',
)
names = st.one_of(
    st.sampled_from(_NAMES),
    st.sampled_from(_NAMES),
    st.sampled_from(_NAMES),
    st.sampled_from(_RISKY_NAMES),
)
members = st.lists(st.builds(lambda n, v: n + b":" + v, names, values), max_size=3)
_ID_NAMES = st.sampled_from((b'"_id":', b'"_id":', b'"_id":', b'"\\u005fid":', b'"_id" : '))


@st.composite
def _documents(draw):
    parts = draw(members)
    where = draw(st.integers(0, len(parts)))
    parts.insert(where, draw(_ID_NAMES) + draw(ids))
    if draw(st.integers(0, 15)) == 0:
        parts.insert(draw(st.integers(0, len(parts))), b'"_id":' + draw(ids))
    if draw(st.integers(0, 30)) == 0:
        parts.append(b'"$$deleted":' + draw(st.sampled_from([b"false", b"1", b'"true"', b"true"])))
    return b"{" + b",".join(parts) + b"}"


_tombstones = st.builds(
    lambda deleted, i: b'{"$$deleted":' + deleted + b',"_id":' + i + b"}",
    st.sampled_from([b"true", b"true", b"true", b"true", b"false", b"1"]),
    ids,
)
_FIELDS = (b'"n"', b'"m"', b'"x"', b'"x"', b'"x.y"', b'"n,x"', b'["n","m"]', b'"_id"')
_ODD_FIELDS = (
    b"null",
    b'""',
    b"5",
    b'"a..b"',
    b'"\\ud83d"',
    b'"$$date"',
    b'"x.y.z"',
    b"true",
    b"{}",
    b'"__proto__"',
)
_index_lines = st.builds(
    lambda name, rest: b'{"$$indexCreated":{"fieldName":' + name + rest + b"}}",
    st.one_of(*[st.sampled_from(_FIELDS)] * 5, st.sampled_from(_ODD_FIELDS)),
    st.sampled_from(
        [
            b"",
            b',"unique":true',
            b',"unique":true,"sparse":true',
            b',"unique":false,"sparse":false',
            b',"expireAfterSeconds":60',
            b',"unique":1',
            b',"sparse":true',
        ]
    ),
)
_removed = st.sampled_from(
    [b'{"$$indexRemoved":"n"}', b'{"$$indexRemoved":"x"}', b'{"$$indexRemoved":5}']
)
_JUNK = (
    b"",
    b"",
    b" ",
    b"\t",
    b"{}",
    b"[]",
    b"5",
    b'"x"',
    b"null",
    b"true",
    b"{",
    b"}",
    b'{"_id":"a"',
    b'{"n":1}',
    b"U2FsdGVkX1+",
    b'{"_id":"a"}{"_id":"b"}',
    b'{"_id":"a"},',
    b"\x00",
    b"\xff\xfe",
    b"\xe2\x80\xa8",
    b"nul",
    b"\xef\xbb\xbf",
    b"[" * 5000 + b"]" * 5000,
    b'{"_id":"deep","n":' + b"[" * 1100 + b"]" * 1100 + b"}",
)
_junk = st.sampled_from(_JUNK)


@st.composite
def _mutations(draw):
    """A good line with some bytes changed."""
    line = bytearray(draw(st.one_of(_documents(), _tombstones, _index_lines)))
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(line)))
        kind = draw(st.integers(0, 2))
        if kind == 0:
            line[place:place] = bytes([draw(st.integers(0, 255).filter(lambda b: b != 10))])
        elif kind == 1:
            del line[place : place + draw(st.integers(1, 3))]
        elif place < len(line):
            line[place] = draw(st.integers(0, 255).filter(lambda b: b != 10))
    return bytes(line)


plain_lines = st.builds(
    lambda i, n: b'{"_id":' + i + b',"n":' + n + b"}",
    st.sampled_from(_TEXT_IDS),
    st.sampled_from(_VALUES[:4]),
)
lines = st.one_of(
    plain_lines,
    plain_lines,
    _documents(),
    _documents(),
    _tombstones,
    _index_lines,
    _removed,
    _junk,
    _mutations(),
)
_line_ends = st.sampled_from(
    [b"\n"] * 30
    + [b"\r\n"] * 4
    + [
        b"\n\n",
        b"\r",
        b"\r\r\n",
        b"\x0b",
        b"\x0c",
        b"\xe2\x80\xa8",
        b"\xe2\x80\xa9\n",
        b"\xc2\x85",
        b"\n\xe2\x80\xa8",
        b" \n",
        b"\n\x0b",
    ]
)


@st.composite
def datafiles(draw):
    """Whole datafiles; the last line may lack its end, or be torn."""
    drawn = draw(st.lists(st.tuples(lines, _line_ends), max_size=14))
    content = b"".join(line + end for line, end in drawn)
    if draw(st.integers(0, 12)) == 0:
        content = b"\xef\xbb\xbf" + content
    if draw(st.integers(0, 4)) == 0:
        content += draw(lines)
    if draw(st.integers(0, 12)) == 0:
        content = content[: draw(st.integers(0, len(content)))]
    return content
