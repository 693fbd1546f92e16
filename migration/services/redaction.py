"""Taking out what must not be kept: secrets by the name of their field, and by how they look.

Control characters come out escaped, so that nothing that is kept can break a line, move a cursor
or turn the direction of writing where it is shown.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from math import isfinite
from typing import Any, Final

REDACTED: Final = "[redacted]"

_SECRET_WORDS: Final = frozenset(
    {
        *("password", "passwords", "passphrase", "passwd", "secret", "secrets", "otp", "totp"),
        *("authorization", "cookie", "credential", "credentials", "csrf"),
        *("email", "emails", "phone"),
    }
)
# As numbers these are counts.
_SECRET_TEXTS: Final = frozenset({"token", "tokens", "key", "keys", "identity", "identities"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LOOKS_SECRET: Final = re.compile(
    r"AGE-SECRET-KEY-1[0-9A-Z]+"
    r"|\brm_[0-9A-Za-z_-]{20,}"
    r"|(?i:bearer)\s+\S+"
    r"|\$(?:2[abxy]|argon2\w*|scrypt|pbkdf2[\w-]*)\$[^\s\"',;]+"
    r"|(?<=://)[^/\s@]+(?=@)"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
)
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_DEPTH_MAX: Final = 8


def redacted(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return details as they may be kept: values that JSON has, without secrets."""
    return {escaped(str(name)): _value(str(name), value, 1) for name, value in details.items()}


def without_secrets(text: str) -> str:
    """Return a text with what looks like a secret, a password's hash or an address taken out."""
    return _LOOKS_SECRET.sub(REDACTED, text)


def escaped(text: str) -> str:
    """Return a text whose control, formatting and separating characters are written out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c.encode("unicode_escape").decode("ascii") if unicodedata.category(c) in _HIDDEN else c
        for c in text
    )


def _is_secret(name: str, value: object) -> bool:
    words = {word.lower() for word in _WORD.findall(name)}
    if words & _SECRET_WORDS:
        return True
    return bool(words & _SECRET_TEXTS) and not isinstance(value, int | float)


def _value(name: str, value: object, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if _is_secret(name, value):
        return REDACTED
    if isinstance(value, Mapping | Sequence | Set) and not isinstance(value, str | bytes):
        return _nested(name, value, depth)
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    # Infinity and NaN are no JSON.
    return value if isinstance(value, float) and isfinite(value) else _text(value)


def _nested(name: str, value: Mapping[Any, Any] | Sequence[Any] | Set[Any], depth: int) -> object:
    if depth >= _DEPTH_MAX:
        return "[too deep]"
    if isinstance(value, Mapping):
        return {escaped(str(k)): _value(str(k), v, depth + 1) for k, v in value.items()}
    members = sorted(value, key=str) if isinstance(value, Set) else value
    return [_value(name, member, depth + 1) for member in members]


def _text(value: object) -> str:
    return escaped(without_secrets(str(value)))
