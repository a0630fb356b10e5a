"""What a learner has solved and predicted, kept on disk: it is there again after a restart.

A file for each learner, `<state>/progress/NAME.json`. Where it cannot be written, and for `NOBODY`, progress
lasts as long as the kernel.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tutorial_lib import settings
from tutorial_lib.disk.names import file_stem
from tutorial_lib.disk.state import state_folder
from tutorial_lib.stage.server.keeper import lock

__all__ = ["NOBODY", "Progress", "learner"]

NOBODY = "-"  # a learner's name that keeps nothing: kernels without a learner in front of them
_LOCK_SECONDS = 10.0

Entries = dict[str, dict[str, Any]]
Change = Callable[[Entries], Entries]

_unwritten: dict[Path, list[Change]] = {}  # what could not be written yet, in this process


def learner() -> str:
    """Whose progress is kept: `TUTORIAL_LEARNER`, else the login name."""
    if named := settings.LEARNER.get():
        return named
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return "learner"


class Progress:
    """The solved exercises, answered questions and predictions of one learner.

    Args:
        name: Whose; `learner()` if None.
        folder: Where to keep it; a folder of the course's state if None.
    """

    def __init__(self, name: str | None = None, folder: Path | None = None) -> None:
        self.name = name or learner()
        self.folder = folder or state_folder() / "progress"
        self.path = self.folder / f"{file_stem(self.name)}.json"

    def load(self) -> Entries:
        """What is known, by key: "lesson-01/charge" to solved and attempts.

        A file that holds something else is set aside, with a word.
        """
        known: Entries = {}
        with contextlib.suppress(OSError):
            known = self._read()
        return _changed(known, tuple(_unwritten.get(self.path, ())))

    def note(self, key: str, *, solved: bool) -> None:
        """Count an attempt. What was solved once stays solved.

        Args:
            key: Lesson and exercise: "lesson-01/charge".
            solved: Whether this attempt was right.
        """
        self._change(lambda known: _counted(known, key, solved=solved))

    def keep(self, key: str, entry: dict[str, Any]) -> None:
        """Keep something else than an attempt, in place of what was kept by that key.

        Args:
            key: Lesson and what it is: "lesson-07/predict-8d0f".
            entry: Plain values.
        """
        self._change(lambda known: {**known, key: entry})

    def solved(self, key: str) -> bool:
        """Whether it was ever right."""
        return bool(self.load().get(key, {}).get("solved"))

    def _change(self, change: Change) -> None:
        unwritten = _unwritten.setdefault(self.path, [])
        unwritten.append(change)
        if self.name == NOBODY:
            return
        try:
            with self._alone():
                due = tuple(unwritten)
                self._save(_changed(self._read(), due))
                del unwritten[: len(due)]
        except OSError as error:  # no reason for a check to fail
            if len(unwritten) == 1:
                say(f"Your progress lasts only as long as this kernel: it cannot be written ({error}).")

    def _read(self) -> Entries:
        """What the file holds.

        Raises:
            OSError: If it is there and cannot be read.
        """
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
            if not isinstance(known, dict) or not all(isinstance(each, dict) for each in known.values()):
                raise ValueError("it holds something else")  # noqa: TRY301 - as JSON that is none
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError) as error:
            aside = self.path.with_suffix(f".broken-{time.strftime('%Y%m%d-%H%M%S')}")
            with contextlib.suppress(FileNotFoundError):  # another kernel was first
                self.path.replace(aside)
                say(f"Your progress cannot be read ({error}) and begins anew. The old file: {aside}")
            return {}
        return known

    def _save(self, known: Entries) -> None:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=self.folder, prefix=".progress-", delete=False
        ) as file:
            json.dump(known, file, indent=1, sort_keys=True)
        Path(file.name).replace(self.path)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two kernels that finish an exercise at the same moment write one after the other."""
        self.folder.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + _LOCK_SECONDS
        while (held := lock(self.path.with_suffix(".lock"))) is None:
            if time.monotonic() > deadline:
                raise OSError("another kernel holds it")
            time.sleep(0.01)
        try:
            yield
        finally:
            held.close()


def say(text: str) -> None:
    """A word to the learner, in the cell that runs."""
    print(text)  # noqa: T201 - the cell is the place


def _changed(known: Entries, changes: Sequence[Change]) -> Entries:
    for change in changes:
        known = change(known)
    return known


def _counted(known: Entries, key: str, *, solved: bool) -> Entries:
    entry = known.get(key, {})
    before, attempts = entry.get("solved") is True, entry.get("attempts")
    count = (attempts if isinstance(attempts, int) else 0) + (not before)
    return {**known, key: {"solved": before or solved, "attempts": count}}
