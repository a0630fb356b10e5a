"""A failed workflow task or activity attempt as a value: what others match on, and what a cell shows."""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = ["FailureKind", "FailureRecord"]


class FailureKind(enum.Enum):
    """What failed."""

    TASK = "WORKFLOW TASK FAILED"
    ACTIVITY = "ACTIVITY FAILED"


@dataclass(frozen=True)
class FailureRecord:
    """One failure that the SDK logged.

    Attributes:
        kind: What failed.
        name: Workflow type or activity type; "" if it is not known.
        workflow_id: Of the execution; "" if it is not known.
        error_type: Type of the error: "ValueError"; "" where the message is enough.
        message: Its message, in one line.
        place: The learner's line that caused it: `Cell In[3], line 9: <code>`; "" if it is none of theirs.
        attempt: Of the activity, from 1; 0 for a workflow task.
        again: Whether this place was reported before: a retry of the same activity.
        causes: Members of a group and what the error was raised from: each error in a line, with its place.
        advice: What to do about it, in a sentence; "" where the error is enough.
        cancelled: Why an activity was cancelled that its workflow did not cancel; "" if it was not.
    """

    kind: FailureKind
    name: str
    workflow_id: str
    error_type: str
    message: str
    place: str = ""
    attempt: int = 0
    again: bool = False
    causes: tuple[tuple[str, str], ...] = ()
    advice: str = ""
    cancelled: str = ""

    @property
    def error(self) -> str:
        """Type and message, in one line."""
        return (
            f"{self.error_type}: {self.message}"
            if self.error_type and self.message
            else (self.error_type or self.message)
        )

    @property
    def text(self) -> str:
        """The two or three lines that a cell shows, and as many for each cause."""
        if self.cancelled:
            lines = [f"ACTIVITY CANCELLED {self.name} attempt {self.attempt}: {self.cancelled}"]
        elif self.kind is FailureKind.ACTIVITY:
            lines = [f"{self.kind.value} {self.name} attempt {self.attempt}: {self.error}"]
        else:
            execution = f"{self.name} {self.workflow_id!r}" if self.workflow_id else self.name
            lines = [f"{self.kind.value} {execution}", f"  {self.error}"]
        if not self.again:
            lines.append(f"  {self.place}")
            for error, place in self.causes:
                lines += [f"    {error}", f"    {place}"]
            lines.append(f"  → {self.advice}" if self.advice else "")
        return "\n".join(line.rstrip() for line in lines if line.strip())
