"""Names that become part of a path: names, and never a way to another folder."""

from __future__ import annotations

import re
from urllib.parse import quote

from tutorial_lib.errors import UnusableNameError

__all__ = ["NAME", "check_name", "file_stem"]

NAME = r"\w(?:[\w.-]*\w)?"
"""What `check_name` takes, as a regular expression."""

_NAME = re.compile(NAME)
_LONGEST = 120  # bytes: file systems take 255 for all that stands between two slashes
# Windows opens the device, whatever comes after a dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def check_name(name: str, what: str) -> str:
    """Returns a name that may become part of a path.

    Args:
        name: What was given.
        what: What it is to name: "a lab".

    Raises:
        UnusableNameError: If it is something else: a path, empty, too long.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UnusableNameError(
            f"{_shown(name)} cannot be the name of {what}",
            "a name is made of letters and digits, with `-`, `_` and `.` inside: lesson-03",
        )
    if len(name.encode()) > _LONGEST:
        raise UnusableNameError(f"{_shown(name)} is too long for the name of {what}", "take a shorter one")
    if _DEVICES.fullmatch(name):
        raise UnusableNameError(
            f"{_shown(name)} cannot be the name of {what}: to Windows it is a device", "take another one"
        )
    return name


def file_stem(name: str) -> str:
    """A file name without its ending for any text, a login name for instance: two texts never share one.

    Args:
        name: Any text, a "/" and bytes that are no text included.
    """
    return quote(name.encode("utf-8", "surrogatepass"), safe=" @+")


def _shown(name: object) -> str:
    text = repr(name)
    return text if len(text) <= _LONGEST else f"{text[:40]}...{text[-20:]}"
