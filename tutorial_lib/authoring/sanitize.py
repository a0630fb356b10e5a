"""The few parts of an output that may differ between runs, and the comparison that forgives them.

`compare` sees outputs as strict nbval does, so that `make refresh` and `make test` never disagree.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring.committed_form import WIDGET_VIEW

__all__ = ["CONFIG", "MAX_RULES", "Rule", "apply_rules", "compare", "load_rules"]

CONFIG = Path(__file__).with_name("sanitize.cfg")

# Each rule is a thing that no test sees any more. What differs between runs is to be left out of
# the output, or printed by the library in a stable form such as `<pid>`.
MAX_RULES = 4

# Model ids are random; pictures differ by a byte between versions of a library. As in nbval.
NOT_COMPARED = frozenset({WIDGET_VIEW, "image/png", "image/jpeg"})

_RULE = re.compile(
    r"(?:^# reason: (?P<reason>.+)\n)?^regex: (?P<regex>.*)\n^replace: (?P<replace>.*)$", re.MULTILINE
)
_OVERWRITTEN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """One replacement made in both texts before they are compared."""

    regex: re.Pattern[str]
    replace: str
    reason: str


def load_rules(path: Path = CONFIG) -> list[Rule]:
    """The rules of a sanitize file, in order; a rule without a reason has an empty one."""
    found = _RULE.finditer(path.read_text(encoding="utf-8"))
    return [Rule(re.compile(m["regex"]), m["replace"], (m["reason"] or "").strip()) for m in found]


def apply_rules(text: str, rules: Sequence[Rule]) -> str:
    """The text after every rule."""
    for rule in rules:
        text = rule.regex.sub(rule.replace, text)
    return text


def compare(
    committed: Sequence[NotebookNode], fresh: Sequence[NotebookNode], rules: Sequence[Rule]
) -> list[str]:
    """The lines of a unified diff of two cells' outputs; none when strict nbval would call them equal."""
    old, new = _flatten(committed, rules), _flatten(fresh, rules)
    lines: list[str] = []
    for key in sorted(old.keys() | new.keys()):
        if old[key] != new[key]:
            lines += difflib.unified_diff(
                _lines(old[key]), _lines(new[key]), f"committed {key}", f"new {key}", lineterm=""
            )
    return lines


def _flatten(outputs: Sequence[NotebookNode], rules: Sequence[Rule]) -> defaultdict[str, list[str]]:
    """All texts by stream name, mime type or part of an error: order matters within a key only."""
    flat: defaultdict[str, list[str]] = defaultdict(list)
    streams: dict[str, str] = {}
    for output in outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        elif output.output_type == "error":
            flat["ename"].append(output.ename)
            flat["evalue"].append(output.evalue)
        else:
            for mime, value in output.data.items():
                if mime not in NOT_COMPARED:
                    flat[mime].append(str(value))
    for name, text in streams.items():
        flat[name].append(_OVERWRITTEN.sub("", text))
    for key, values in flat.items():
        flat[key] = [apply_rules(value, rules) for value in values]
    return flat


def _lines(values: list[str]) -> list[str]:
    return [line for value in values for line in value.splitlines()]
