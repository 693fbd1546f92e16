"""Datafiles that each show one behaviour of the library, by name."""

# Enough good lines that the library does not refuse a file for one bad one.
GOOD = b"".join(b'{"_id":"g%02d","n":%d}\n' % (n, n) for n in range(20))

BEHAVIOURS = {
    "empty": b"",
    "plain": GOOD,
    "updates-and-tombstones": GOOD
    + b'{"_id":"g00","n":100}\n{"$$deleted":true,"_id":"g01"}\n{"_id":"g01","n":101}\n'
    + b'{"$$deleted":true,"_id":"g02"}\n{"$$deleted":true,"_id":"nobody"}\n',
    "tombstones-that-are-none": GOOD + b'{"n":{"$$deleted":true},"_id":"g01"}\n',
    "index-lines": GOOD
    + b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n'
    + b'{"$$indexCreated":{"fieldName":"m","sparse":true}}\n{"$$indexRemoved":"m"}\n',
    "unique-conflict": GOOD
    + b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n{"_id":"twin","n":3}\n',
    "sparse-dates-are-not-unique": GOOD
    + b'{"$$indexCreated":{"fieldName":"d","unique":true,"sparse":true}}\n'
    + b'{"_id":"x","d":{"$$date":5}}\n{"_id":"y","d":{"$$date":5}}\n',
    "dates": GOOD
    + b'{"_id":"d1","d":{"$$date":1700000000000}}\n{"_id":"d2","d":{"$$date":-1.9,"z":1}}\n'
    + b'{"_id":"d3","d":{"$$date":"2020-01-01"}}\n{"_id":"d4","d":[{"$$date":null}]}\n'
    + b'{"_id":"d5","d":{"$$date":9e15}}\n{"_id":"d6","$$date":5}\n',
    "numbers": GOOD
    + b'{"_id":"n1","n":[1.0,1E5,-0,0.1,1e21,1e-7,5e-324]}\n'
    + b'{"_id":"n2","n":[9007199254740993,12345678901234567890,1e400,-1e400]}\n',
    "duplicate-keys": GOOD + b'{"_id":"a","n":1,"n":2,"_id":"b"}\n{"_id":"c","x":{"y":1,"y":2}}\n',
    "key-order": GOOD + b'{"b":1,"10":2,"a":3,"1":4,"_id":"k","":5,"__proto__":6}\n',
    "escapes": GOOD + b'{"_id":"e","t":"\\u0000\\ud83d\\ude00\\ud83d\\/\\b\\u2028"}\n',
    "utf8": GOOD + '{"_id":"周","t":"杰倫 😀 é \x7f"}\n'.encode(),
    "invalid-utf8": GOOD + b'{"_id":"b\xff","t":"\xe4\xb8 \xed\xa0\x80 \xf0\x9f\x98 \xc0\xaf"}\n',
    "line-separators": GOOD + b'{"_id":"s1","t":"a\xe2\x80\xa8b"}\n',
    "too-many-line-separators": GOOD
    + b"".join(b'{"_id":"s%d","t":"a\xe2\x80\xa9b"}\n' % n for n in range(5)),
    "windows-lines": GOOD.replace(b"\n", b"\r\n"),
    "macintosh-lines": GOOD.replace(b"\n", b"\r"),
    "blank-lines": b"\n\n" + GOOD + b"\n\r\n\n",
    "line-of-spaces": GOOD + b"   \n",
    "byte-order-mark": b"\xef\xbb\xbf" + GOOD,
    "byte-order-mark-alone": b'\xef\xbb\xbf{"_id":"a"}\n',
    "no-line-end": GOOD + b'{"_id":"last"}',
    "torn": GOOD + b'{"_id":"last","t":"unfin',
    "torn-small": b'{"_id":"a"}\n{"_id":"b',
    "tenth-corrupt": b'{"_id":"a"}\n' * 18 + b"bad\n" * 2,
    "over-a-tenth-corrupt": GOOD + b"bad\n" * 3,
    "null-is-corrupt": GOOD + b"null\n",
    "values-that-are-no-documents": GOOD + b'{}\n[]\n5\n"text"\ntrue\n',
    "falsy-ids": GOOD + b'{"_id":""}\n{"_id":0}\n{"_id":null}\n{"_id":false}\n{"n":1}\n',
    "ids-of-several-types": GOOD
    + b'{"_id":7,"n":1}\n{"_id":"7","n":2}\n{"_id":true}\n{"_id":1.50}\n{"_id":1e21}\n',
    "ids-that-no-database-holds": GOOD + b'{"_id":["z"]}\n{"_id":{"a":1}}\n{"_id":"a\\u0000"}\n',
    "ids-of-objects-own-names": GOOD + b'{"_id":"__proto__"}\n{"_id":"constructor"}\n',
    "dollar-key": GOOD + b'{"_id":"bad","$set":1}\n',
    "dotted-key": GOOD + b'{"_id":"bad","a":[{"b.c":1}]}\n',
    "dollar-key-replaced": GOOD + b'{"_id":"bad","$set":1}\n{"_id":"bad"}\n',
    "deep": GOOD + b'{"_id":"deep","n":' + b"[" * 500 + b"]" * 500 + b"}\n",
    "encrypted": b"U2FsdGVkX1+vupppZksvRf5pq5g5XjFRlipRkwB0K1Y96Q==\n" * 5,
    "nul-bytes": GOOD + b"\x00\x00\x00\x00\n",
}
