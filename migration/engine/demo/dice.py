"""Chance that falls the same way for the same seed, and the made-up values that hang on it."""

import random
import string
from collections.abc import Sequence
from typing import Final, TypeVar
from uuid import UUID

from migration.engine.demo import words
from migration.engine.documents import Value

_T = TypeVar("_T")

_LETTERS: Final = string.ascii_letters + string.digits
_BCRYPT: Final = "./" + string.ascii_uppercase + string.ascii_lowercase + string.digits


class Dice:
    """Draws values; one instance draws for all datafiles, so that none repeats another's."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing here is secret

    def number(self, low: int, high: int) -> int:
        """Draw from low to high, both included."""
        return self._random.randint(low, high)

    def happens(self, percent: int) -> bool:
        """Draw yes or no."""
        return self._random.randrange(100) < percent

    def pick(self, options: Sequence[_T]) -> _T:
        """Draw one."""
        return options[self._random.randrange(len(options))]

    def some(self, options: Sequence[Value], low: int, high: int) -> list[Value]:
        """Draw from low to high different ones."""
        return self._random.sample(options, min(len(options), self.number(low, high)))

    def sentences(self, most: int) -> str:
        """Draw up to so many different sentences about oneself."""
        return "".join(self._random.sample(words.SENTENCES, self.number(0, most)))

    def person(self) -> str:
        """Draw a name."""
        given = self._random.sample(words.GIVEN_NAMES, 1 if self.happens(10) else 2)
        return self.pick(words.SURNAMES) + "".join(given)

    def phone(self) -> str:
        """Draw a telephone number that belongs to nobody."""
        return f"0900-000-{self.number(0, 999):03}"

    def address(self) -> str:
        """Draw an IP address kept for documentation."""
        return f"192.0.2.{self.number(1, 254)}"

    def uuid(self) -> str:
        """Draw a UUID of version 4."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def identity(self) -> str:
        """Draw an ``_id`` as NeDB generates them."""
        return self._text(_LETTERS, 16)

    def password_hash(self) -> str:
        """Draw what looks like a bcrypt hash; no password has it."""
        # bcrypt fills 22 and 31 characters with 128 and 184 bits: the last of each is never full.
        salt = self._text(_BCRYPT, 21) + self.pick(_BCRYPT[::16])
        return f"$2b$12${salt}{self._text(_BCRYPT, 30)}{self.pick(_BCRYPT[::4])}"

    def _text(self, characters: str, length: int) -> str:
        return "".join(self._random.choices(characters, k=length))
