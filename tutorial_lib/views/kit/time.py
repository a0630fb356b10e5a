"""Seconds for people: round steps on an axis, and durations with no more digits than they need.

static/common.js has the same functions; a test holds them together.
"""

from __future__ import annotations

import math
from typing import Final

_STEPS: Final = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_MOST: Final = 2  # units that people read at a glance
_DAY: Final = 86400


def ticks(low: float, high: float, count: float) -> list[float]:
    """Round numbers of seconds from `low` to `high`, about `count` of them.

    Args:
        low: Start of the axis, in seconds.
        high: Its end.
        count: How many there is room for.
    """
    rough = (high - low) / max(1.0, count)
    if rough <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    if step > 30:  # noqa: PLR2004 - half a minute: from here on, steps are those of a clock
        step = next((each for each in _STEPS if each >= rough), math.ceil(rough / _DAY) * _DAY)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def duration(seconds: float, step: float | None = None) -> str:
    """Seconds as people write them: "0.25 s", "12 ms", "1 min 30 s", "2 h 5 min".

    Args:
        seconds: The duration.
        step: The difference that must be seen; a hundredth of the duration if None.
    """
    step = abs(seconds) / 100 if step is None else step
    if seconds < 0:
        return f"\N{MINUS SIGN}{duration(-seconds, step)}"
    if seconds < 59.995:  # noqa: PLR2004 - what would round to "60 s"
        digits = 0 if step >= 1 or seconds == 0 else min(3, math.ceil(-math.log10(step or 1) - 1e-9))
        if seconds < 0.9995 and digits >= 3:  # noqa: PLR2004 - milliseconds read better than 0.012 s
            return f"{math.floor(seconds * 1000 + 0.5)} ms"
        return f"{round(seconds, digits):g} s"
    whole = math.floor(seconds + 0.5)
    parts = _parts(whole)
    if len(parts) > _MOST:
        size = parts[_MOST - 1][1]
        parts = _parts(math.floor(whole / size + 0.5) * size)
    return " ".join(f"{many} {name}" for many, _, name in parts)


def in_full(seconds: float) -> str:
    """Seconds that somebody asked for, in full: "12.345 s", "1 d 5 s"; else "about 14 d 7 h".

    Args:
        seconds: A timeout, an interval.
    """
    value = round(seconds, 3)
    is_exact = value < 60 or (value == int(value) and len(_parts(int(value))) <= _MOST)  # noqa: PLR2004
    return ("" if is_exact else "about ") + duration(value, 0.001)


def _parts(seconds: int) -> list[tuple[int, int, str]]:
    """Whole seconds in units: how many, of how many seconds, and the name."""
    found = []
    for size, name in _UNITS:
        many, seconds = divmod(seconds, size)
        if many:
            found.append((many, size, name))
    return found
