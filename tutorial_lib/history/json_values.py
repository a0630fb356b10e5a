"""The values of protobuf's JSON: 64-bit numbers as text, bytes as base64, times and durations as text.

Each function takes what the JSON has and gives what protobuf's constructors take.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from datetime import UTC, datetime
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 60  # characters of a wrong value in a message


class WrongError(Exception):
    """A value that does not fit.

    Args:
        value: The value.
        expected: What would fit.

    Attributes:
        path: The fields that lead to it, innermost first; grows on the way up.
    """

    def __init__(self, value: object, expected: str) -> None:
        self.value = value
        self.expected = expected
        self.path: list[str] = []

    def __str__(self) -> str:
        told = repr(self.value)
        short = told if len(told) <= _LONGEST else f"{told[: _LONGEST - 3]}..."
        return f"{'.'.join(reversed(self.path)) or 'it'} is {short}, {self.expected} expected"


def integer(value: Any) -> int:
    """A whole number of any size; 64-bit ones are text."""
    if isinstance(value, str):  # as a rule
        try:
            return int(value)
        except ValueError:
            raise WrongError(value, "a whole number") from None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise WrongError(value, "a whole number")


def number(value: Any) -> float:
    """A number; NaN and the infinities are text."""
    if not isinstance(value, bool) and isinstance(value, (int, float, str)):
        with contextlib.suppress(ValueError, OverflowError):
            return float(value)
    raise WrongError(value, "a number")


def boolean(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise WrongError(value, "true or false")


def text(value: Any) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise WrongError(value, "a text")


def base64_bytes(value: Any) -> bytes:
    """Bytes, in either alphabet of base64, with or without padding."""
    given = text(value).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(given + "=" * (-len(given) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise WrongError(value, "base64") from None


def duration(value: Any) -> dict[str, int]:
    """A `Duration`, e.g. "1.5s"."""
    whole, _, fraction = text(value).removesuffix("s").partition(".")
    try:
        nanos = _nanos(fraction)
        return {"seconds": int(whole or 0), "nanos": -nanos if whole.startswith("-") else nanos}
    except ValueError:
        raise WrongError(value, 'a duration like "1.5s"') from None


def timestamp(value: Any) -> dict[str, int]:
    """A `Timestamp`, e.g. "2026-01-31T12:00:00.123456789Z"."""
    given, fraction = text(value), ""
    clock, zone = given[:19], given[19:]  # Python's own parser stops at microseconds
    if zone.startswith("."):
        digits = len(zone) - len(zone[1:].lstrip("0123456789"))
        fraction, zone = zone[1:digits], zone[digits:]
    try:
        since = datetime.fromisoformat(clock + zone) - _EPOCH
        return {"seconds": since.days * 86400 + since.seconds, "nanos": _nanos(fraction)}
    except (ValueError, OverflowError, TypeError):  # TypeError: a time without a zone
        raise WrongError(value, 'a time like "2026-01-31T12:00:00.5Z"') from None


def _nanos(fraction: str) -> int:
    return int(fraction[:9].ljust(9, "0")) if fraction else 0
