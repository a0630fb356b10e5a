"""The copy of a notebook that is presented: presenting runs and writes, and a file stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tutorial_lib.course.copies import CopyError, aside_name, copy_bytes, make_copies
from tutorial_lib.disk.folders import within
from tutorial_lib.disk.output import new_file
from tutorial_lib.errors import NotebookFileError

__all__ = ["presented_copy"]


def presented_copy(notebook: Path, lessons: Sequence[Path], state: Path) -> tuple[Path, Path | None]:
    """Makes a fresh copy without outputs, among copies of all lessons, in a folder of the course.

    Args:
        notebook: What is presented.
        lessons: Of the course: links between them lead on.
        state: The course's state folder.

    Returns:
        The copy, and where the last one is kept if its cells were changed while it was presented.

    Raises:
        CopyError: If there can be no copy.
        NotebookFileError: If the notebook is damaged.
    """
    folder = within(state, "presenting")
    data, edition = copy_bytes(notebook, notes=True)
    make_copies(folder, lessons, notes=True)
    target, kept = folder / notebook.name, None
    try:
        if target.exists():
            try:
                is_changed = copy_bytes(target, notes=True)[1] != edition
            except NotebookFileError:
                is_changed = True
            if is_changed:
                kept = aside_name(target)
                target.rename(kept)
            else:
                target.unlink()
        new_file(target, data)
    except OSError as error:
        raise CopyError(
            f"no copy to present can be made in {folder}: {error.strerror}", "make the folder writable"
        ) from error
    return target, kept
