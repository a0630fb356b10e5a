"""Everything that can fail on the stage, in words from which a learner knows what to do next.

Each message states what was seen, what was expected where that is not plain, and what to try. In a
notebook these errors show their message alone: the learner's mistake is never 60 lines down.

    TutorialError
    ├── ServerError
    │   ├── BinaryNotFoundError      no `temporal` program anywhere
    │   ├── DatabaseFileError        a file that a server is to keep its state in is something else
    │   ├── ServerStartError         it was started and did not answer
    │   ├── StateFileError           the file that describes it is damaged
    │   ├── ServerGoneError          it answered, and does not any more
    │   └── LocalServerNeededError   the cell needs a server of its own, and a profile points elsewhere
    ├── WorkerError
    │   ├── WorkerStartError         a worker could not be made
    │   └── WorkerStopError          a worker did not stop by its deadline
    ├── WorkflowStuckError           a result was awaited that nothing will bring
    ├── FolderError                  a folder of the course is not this user's alone, or not the course's
    ├── SettingError                 a TUTORIAL_ variable holds what it cannot hold
    ├── UnusableNameError            what is to become part of a path is no name
    ├── OverwriteError               a file is in the way that the course did not write
    ├── NotebookFileError            a file is no notebook
    ├── NotebookSourceError          the cell behind a workflow cannot be found
    ├── PredictionError              what `lab.predict` is asked is no question, or `was` no answer to it
    ├── HistoryError                 what was given is not a history, or not a whole one
    └── ExportError                  a cell's definition cannot be written to a module
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

__all__ = [
    "BinaryNotFoundError",
    "DatabaseFileError",
    "Diagnosis",
    "ExportError",
    "FolderError",
    "HistoryError",
    "LocalServerNeededError",
    "NotebookFileError",
    "NotebookSourceError",
    "OverwriteError",
    "PredictionError",
    "ServerError",
    "ServerGoneError",
    "ServerStartError",
    "SettingError",
    "StateFileError",
    "Stuck",
    "TutorialError",
    "UnusableNameError",
    "WorkerError",
    "WorkerStartError",
    "WorkerStopError",
    "WorkflowStuckError",
    "shown_as",
]


class TutorialError(Exception):
    """Base of all errors of this package.

    Args:
        seen: What happened, in one sentence.
        hint: What to try, in one sentence; shown on a line of its own after an arrow.
    """

    def __init__(self, seen: str, hint: str = "") -> None:
        super().__init__(f"{seen}\n  → {hint}" if hint else seen)
        self.seen = seen
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        """What IPython prints instead of a traceback (its own protocol for exceptions)."""
        return [f"{type(self).__name__}: {self}"]


def shown_as(error: BaseException, line: str) -> None:
    """Has a notebook show one line in place of an error's traceback.

    Args:
        error: Any error, on its way to the cell.
        line: The line.
    """
    error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]  # IPython's own protocol, as above


class ServerError(TutorialError):
    """Something about the Temporal server."""


class BinaryNotFoundError(ServerError):
    """No `temporal` program was found where the course looks."""


class DatabaseFileError(ServerError):
    """A file in which a server is to keep its state is something else, or cannot be used."""


class ServerStartError(ServerError):
    """The dev server was started and did not answer by its deadline."""


class StateFileError(ServerError):
    """A server runs, and the file that describes it is damaged."""


class ServerGoneError(ServerError):
    """The server answered before and does not any more."""


class KeeperSilentError(ServerError):
    """The process that keeps the dev server is there and does not answer."""


class LocalServerNeededError(ServerError):
    """A cell needs a dev server of its own, and a profile points the course at another server."""


class WorkerError(TutorialError):
    """Something about a worker."""


class WorkerStartError(WorkerError):
    """A worker could not be made or did not start polling."""


class WorkerStopError(WorkerError):
    """A worker did not stop by its deadline."""


class Stuck(enum.Enum):
    """What keeps a workflow execution from making progress."""

    NO_POLLER = "no worker polls the task queue"
    TASK_FAILS = "its workflow task fails and is retried"
    ACTIVITY_FAILS = "an activity fails and is retried"
    OPERATION_FAILS = "a Nexus operation fails and is retried"
    DEADLINE = "nothing is wrong; it took longer than the wait"


@dataclass(frozen=True)
class Diagnosis:
    """What keeps a workflow execution from making progress. Code reads the values, learners the sentences.

    Attributes:
        kind: Which of the five it is.
        seen: What was seen, in one sentence.
        hint: What to try, in one sentence.
        hopeless: Whether waiting longer cannot help unless somebody changes something.
        queue: The task queue without a worker; "" for other kinds.
        elsewhere: Namespaces in which a worker polls a queue of that name.
        activity: Type of the activity that fails, or whose queue has no worker; "" for workflow tasks.
        error_type: Type of the innermost failure: "ValueError"; "" if there is none.
        message: Its message.
        unregistered: Whether the worker does not know the workflow's or the activity's type.
    """

    kind: Stuck
    seen: str = ""
    hint: str = ""
    hopeless: bool = False
    queue: str = ""
    elsewhere: tuple[str, ...] = ()
    activity: str = ""
    error_type: str = ""
    message: str = ""
    unregistered: bool = False


class WorkflowStuckError(TutorialError):
    """A workflow execution will not make progress by itself.

    Args:
        seen: What happened, in one sentence.
        hint: What to try, in one sentence.
        diagnosis: What keeps it, as values.
    """

    def __init__(self, seen: str, hint: str = "", *, diagnosis: Diagnosis) -> None:
        super().__init__(seen, hint)
        self.diagnosis = diagnosis


class FolderError(TutorialError):
    """A folder of the course is not this user's alone, or the course did not make it."""


class SettingError(TutorialError):
    """An environment variable of the course holds what it cannot hold."""


class UnusableNameError(TutorialError):
    """What is to become part of a path is no name."""


class OverwriteError(TutorialError):
    """A file is in the way that the course did not write."""


class NotebookFileError(TutorialError):
    """A file is no notebook, or a damaged one."""


class NotebookSourceError(TutorialError):
    """The cell that defines something a workflow needs could not be found."""


class PredictionError(TutorialError):
    """A prediction asks what nobody could answer, or ends in none of its choices: an author's slip."""


class HistoryError(TutorialError):
    """What was given is not an event history, or not a whole one."""


class ExportError(TutorialError):
    """Something a notebook defines cannot be written out as a module."""
