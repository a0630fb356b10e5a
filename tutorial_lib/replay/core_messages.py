"""Core's messages in one line: they carry whole events and states of its own machines as debug text."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'message: "((?:[^"\\]|\\.)*)"')
_CODE = re.compile(r"\[TMPRL\d+\]")
_TRANSITION = re.compile(
    r"Fatal error in workflow machines: (\w+) in state (\w+) says the transition is invalid during event "
    r"EventInfo \{ event_id: (\d+), event_type: (\w+).*"
)
_EVENT = re.compile(r"(?:Some\()?HistoryEvent \{ event_id: (\d+),.*?event_type: (\w+).*")
_REASON = re.compile(r"^\d+: ")  # the number of the eviction's reason, which the SDK puts in front
_LONGEST = 600  # characters


def core_message(text: str) -> str:
    """Core's own sentence out of the text that an eviction carries."""
    found = _QUOTED.findall(text)
    told = next((one for one in found if _CODE.search(one)), found[0] if found else _REASON.sub("", text))
    told = " ".join(told.replace('\\"', '"').replace("\\'", "'").replace("\\n", " ").split())
    told = _TRANSITION.sub(r"Core cannot follow the history at event \3 (\4): \1 is in state \2", told)
    told = _EVENT.sub(r"event \1 (\2)", told)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]} ..."
