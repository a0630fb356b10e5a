"""What a cell's tags and comments mean to nbval, read as nbval reads them."""

from __future__ import annotations

import re

from nbformat import NotebookNode

__all__ = ["CLAIM_TAG", "ignore_reason", "is_ignored", "is_skipped", "may_raise", "tags"]

CLAIM_TAG = "claim:"

_REASON_LINE = re.compile(r"^# reason: (\S.*)$", re.MULTILINE)


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags."""
    return list(cell.metadata.get("tags", []))


def is_ignored(cell: NotebookNode) -> bool:
    """Whether nbval leaves this cell's output alone."""
    return "nbval-ignore-output" in tags(cell) or _has_comment(cell, "NBVAL_IGNORE_OUTPUT")


def is_skipped(cell: NotebookNode) -> bool:
    """Whether nbval or nbclient leaves this cell out."""
    return bool({"nbval-skip", "skip-execution"} & set(tags(cell))) or _has_comment(cell, "NBVAL_SKIP")


def may_raise(cell: NotebookNode) -> bool:
    """Whether an error is this cell's proper outcome."""
    marked = {"raises-exception", "nbval-raises-exception"} & set(tags(cell))
    return bool(marked) or _has_comment(cell, "NBVAL_RAISES_EXCEPTION")


def ignore_reason(cell: NotebookNode) -> str:
    """Why its output is not compared: `nbval.reason` in the metadata, or a `# reason:` line."""
    reason = str(cell.metadata.get("nbval", {}).get("reason", "")).strip()
    match = _REASON_LINE.search(cell.source)
    return reason or (match[1].strip() if match else "")


def _has_comment(cell: NotebookNode, marker: str) -> bool:
    # The bare comment alone: nbval does not see a marker with words behind it.
    return any(
        line.strip().startswith("#") and line.strip().lstrip("#").strip() == marker
        for line in cell.source.splitlines()
    )
