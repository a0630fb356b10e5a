"""Which line changed what: locals, and attributes of the workflow's object.

A line runs from its own event until the next event of any of the learner's frames. A call parts it: what is
new when the callee begins, and after it has returned, is the caller's; what is new between is the callee's.
So the attributes are looked at wherever one of the learner's frames begins, resumes, gives control back, or
reaches its next line, and what is new then is put down to the line that ran until then.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType

from tutorial_lib.replay.recording.attributes import state_of
from tutorial_lib.replay.recording.shortening import short
from tutorial_lib.replay.steps import Texts, Write
from tutorial_lib.sdk import WORKFLOW_MARK

Mark = tuple[int, int, dict[str, str], bool]


class LineChanges:
    """What changed in one activation, line by line.

    Args:
        held: The attributes of the workflow's object before the activation, as short texts.
        own: The workflow's object; None as long as the SDK is still making it.

    Attributes:
        before: For each line that was noted, what changed since: locals since the line of its function before
            it, attributes, as `self.name`, since any line before.
        writes: What each line changed, in the order in which it happened.
    """

    def __init__(self, held: Texts | None = None, own: Callable[[], object | None] = lambda: None) -> None:
        self.before: list[tuple[tuple[str, str], ...]] = []
        self.writes: list[Write] = []
        self._held = dict(held or {})
        self._find = own
        self._own: object | None = None
        self._fresh: dict[str, str] = {}  # attributes that changed since the newest line
        self._at: dict[FrameType, tuple[int, dict[str, str]]] = {}  # a frame's newest line, and its locals
        self._line: int | None = None  # the line that runs now; None while none of the learner's does
        self._looked = False  # nothing has run since the attributes were looked at
        self._over = False  # no more lines are noted, so no change can be put down to one

    def enter(self, frame: FrameType) -> None:
        """A frame begins or resumes: nothing of it has run since."""
        if self._over:
            return
        self._look()
        self._looked = True
        if frame in self._at:  # a generator
            self._line = self._at[frame][0]

    def note(self, frame: FrameType, *, resumed: bool) -> None:
        """The next line, of any frame: it has not run."""
        if self._own is None and frame.f_code.co_name == "__init__":
            self._own = _workflow(frame.f_locals.get("self"))  # the SDK has it when that has returned
        if not self._looked:
            self._look()
        self._looked = False
        now = {name: short(value) for name, value in frame.f_locals.items() if name != "self"}
        line, before = self._at.get(frame, (None, {}))
        changed = tuple((name, text) for name, text in now.items() if before.get(name) != text)
        # Where a coroutine goes on, others may have changed what its locals hold.
        if changed and line is not None and not resumed:
            self.writes.append(Write(line, changed))
        self._line = len(self.before)
        self._at[frame] = (self._line, now)
        self.before.append((*changed, *self._fresh.items()))
        self._fresh = {}

    def leave(self, frame: FrameType) -> None:
        """A frame gives control back: the line of the frame that called it continues."""
        if self._over:
            return
        self._look()
        self._line = self._outside(frame)

    def end(self) -> None:
        """No more lines are noted."""
        if not self._over:
            self._look()
            self._over = True

    def forget(self) -> None:
        """Lets go of the frames."""
        self._at.clear()

    def mark(self) -> Mark:
        """What `take_back` needs."""
        return len(self.before), len(self.writes), self._fresh, self._over

    def take_back(self, mark: Mark, frame: FrameType) -> None:
        """Makes undone what was noted of a frame since a mark."""
        lines, writes, self._fresh, self._over = mark
        del self.before[lines:], self.writes[writes:]
        self._at.pop(frame, None)
        self._line = self._outside(frame)

    def _outside(self, frame: FrameType) -> int | None:
        outer = frame.f_back
        while outer is not None and outer not in self._at:
            outer = outer.f_back
        return None if outer is None else self._at[outer][0]

    def _look(self) -> None:
        """Puts attributes that are new or different down to the line that ran."""
        if self._own is None:
            self._own = self._find()
            if self._own is None:
                return
        now, before = state_of(self._own), self._held
        if now == before:
            return
        self._held = dict(now)
        changed = tuple((f"self.{name}", text) for name, text in now.items() if before.get(name) != text)
        self._fresh.update(changed)
        if changed and self._line is not None:
            self.writes.append(Write(self._line, changed))


def _workflow(found: object) -> object | None:
    return found if hasattr(type(found), WORKFLOW_MARK) else None
