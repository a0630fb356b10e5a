"""The course's own notebooks, as `notebooks.txt` lists them, and which of their cells are for instructors.

The list has a file name a line, in the order of the lessons.

By these names a folder `notebooks` is known as the course's, and not as one of another project.
`tutorial author new` adds to the list, and `tutorial author check` names what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["LIST", "add_notebook", "is_for_instructors", "notebooks"]

LIST = Path(__file__).with_name("notebooks.txt")


def notebooks(path: Path = LIST) -> list[str]:
    """File names of the course's notebooks: "00_start_here.ipynb" ...

    Args:
        path: The list.
    """
    return path.read_text(encoding="utf-8").split()


def add_notebook(name: str, path: Path = LIST) -> None:
    """Adds a notebook to the list, at its place; does nothing if it is there.

    Args:
        name: Its file name.
        path: The list.
    """
    path.write_text("".join(f"{each}\n" for each in sorted({*notebooks(path), name})), encoding="utf-8")


def is_for_instructors(cell: Mapping[str, Any]) -> bool:
    """Whether a cell of a notebook holds speaker notes, which learners do not get.

    Args:
        cell: The cell, as it is in the file.
    """
    slideshow = cell.get("metadata", {}).get("slideshow", {})
    return isinstance(slideshow, Mapping) and slideshow.get("slide_type") == "notes"
