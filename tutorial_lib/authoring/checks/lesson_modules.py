"""Modules of lessons while they are being written: one that cannot be imported is an error in words."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutorial_lib import settings
from tutorial_lib.errors import TutorialError

__all__ = ["LessonModuleError", "errors_in_words"]

_FOLDERS = ("tutorial_lib/course", "tests/exercises/answers")


class LessonModuleError(TutorialError):
    """A file of exercises, questions or answers cannot be imported."""


@contextmanager
def errors_in_words(root: Path | None = None) -> Iterator[None]:
    """Turns an error in a lesson's own files into one that names file, line and error.

    Args:
        root: The checkout; the one that holds this package if None.

    Raises:
        LessonModuleError: In place of such an error; any other one is left as it is.
    """
    root = root or settings.CHECKOUT
    try:
        yield
    except Exception as error:
        file, line = _place(error, root)
        if file is None:
            raise
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        raise LessonModuleError(
            f"{file.relative_to(root)}, line {line}: {type(error).__name__}: {what}",
            "mend that line, then run this again",
        ) from error


def _place(error: Exception, root: Path) -> tuple[Path | None, int]:
    """The last line of a lesson's own files that leads to an error; None if there is none."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno))
    own = [root / folder for folder in _FOLDERS]
    for name, line in reversed(frames):
        file = Path(name)
        # The folders' own modules are the library's: an author's are below them.
        if any(folder in file.parents and (folder != own[0] or file.parent != folder) for folder in own):
            return file, line or 0
    return None, 0
