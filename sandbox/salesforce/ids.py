"""Record ids: 15 case-sensitive characters, and 3 more that make them case-safe."""

import re
from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_FORM = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Z]{3})?", re.ASCII)
_FAST = [_DIGITS[n // 62] + _DIGITS[n % 62] for n in range(62 * 62)]
"""Pairs of digits, so that an id costs a few lookups."""
_UPPER = [sum(1 << i for i, char in enumerate(pair) if "A" <= char <= "Z") for pair in _FAST]
"""Which digits of a pair are upper case, as the bits of a checksum."""


def checksum(id15: str) -> str:
    """Return the 3 characters that say which letters of *id15* are upper case."""
    return "".join(_check(id15[start : start + 5]) for start in (0, 5, 10))


@lru_cache(maxsize=65_536)
def _check(block: str) -> str:
    return _CHECK[sum(1 << i for i, char in enumerate(block) if "A" <= char <= "Z")]


def full(record_id: str) -> str | None:
    """Return the 18-character form of a 15 or 18-character id; None when it is malformed."""
    if not _FORM.fullmatch(record_id):
        return None
    id15 = record_id[:15]
    id18 = id15 + checksum(id15)
    return id18 if record_id in (id15, id18) else None


class IdSequence:
    """Ids of one object: prefix, instance, counter."""

    def __init__(self, prefix: str, instance: str, count: int = 0) -> None:
        self.prefix = prefix
        self.instance = instance
        self.count = count
        self._start = prefix + instance
        self._first = _check(self._start[:5])

    def next(self) -> str:
        """Return the next id, 18 characters."""
        self.count += 1
        rest, low = divmod(self.count, 62 * 62)
        rest, middle = divmod(rest, 62 * 62)
        high, digit = divmod(rest, 62)
        tail = _DIGITS[digit] + _FAST[middle] + _FAST[low]
        last = _CHECK[_UPPER[digit] >> 1 | _UPPER[middle] << 1 | _UPPER[low] << 3]
        head = self._start + _FAST[high % 3844] + _FAST[high // 3844 % 3844]
        return head + tail + self._first + _check(head[5:10]) + last
