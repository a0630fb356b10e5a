"""One form for every committed notebook, so that a diff shows only what changed in a lesson.

What Jupyter adds by the way is removed: widget views and state (a saved view shows "model not found" and
hides the fallback), timings, random cell ids, the Python patch version, the order of two flushes.
"""

from __future__ import annotations

import contextlib
import copy
import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tutorial_lib import settings
from tutorial_lib.disk.output import replace_file
from tutorial_lib.errors import NotebookFileError

# What nbformat raises for a file that is something else, depending on how far it comes.
_WRONG = (ValueError, TypeError, KeyError, AttributeError, RecursionError, nbformat.ValidationError)
_SHOWN = 120  # characters

# nbformat says that it is typed, and its functions are not.
_nbformat: Any = nbformat

__all__ = [
    "KERNELSPEC",
    "WIDGET_VIEW",
    "code_cells",
    "dump",
    "new_cell",
    "new_notebook",
    "node",
    "normalise",
    "read",
    "scrub_paths",
    "write",
]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

# As ipykernel writes it, less `version`: that would change with each Python the course is run on.
LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}

# What editors leave behind; none of it is the author's.
NOTEBOOK_NOISE = ("widgets", "signature", "celltoolbar", "vscode", "orig_nbformat")
CELL_NOISE = (
    "execution",
    "ExecuteTime",
    "collapsed",
    "scrolled",
    "trusted",
    "vscode",
    "jupyter.outputs_hidden",
)


def read(path: Path) -> NotebookNode:
    """Reads a notebook, in the current format (version 4).

    Raises:
        FileNotFoundError: There is no such file.
        NotebookFileError: It is not a notebook.
    """
    try:
        notebook: NotebookNode = _nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise
    except (*_WRONG, OSError) as error:
        said = getattr(error, "strerror", None) or str(error).partition("\n")[0][:_SHOWN]
        raise NotebookFileError(
            f"{path} is not a notebook that can be read: {said}",
            "name an .ipynb file; `tutorial reset 03` makes a fresh copy of a lesson, and keeps the old one",
        ) from error
    return notebook


def node(value: dict[str, Any]) -> NotebookNode:
    """A plain dictionary as a piece of a notebook."""
    piece: NotebookNode = _nbformat.from_dict(value)
    return piece


def new_notebook() -> NotebookNode:
    """A notebook without cells."""
    return node({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def new_cell(kind: str, source: str, metadata: dict[str, Any] | None = None) -> NotebookNode:
    """A cell that was never executed; `kind` is "code", "markdown" or "raw"."""
    cell = {"id": "new", "cell_type": kind, "metadata": metadata or {}, "source": source}
    return node(cell | {"execution_count": None, "outputs": []} if kind == "code" else cell)


def dump(notebook: NotebookNode) -> str:
    """The text of a notebook file as Jupyter writes it: sorted keys, one space of indent."""
    return str(_nbformat.writes(notebook, version=4)).rstrip("\n") + "\n"


def write(notebook: NotebookNode, path: Path) -> bool:
    """Writes a notebook when that changes the file; returns whether it did."""
    text = dump(notebook)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    replace_file(path.resolve(), text.encode())  # at once: a full disk leaves the notebook that was there
    return True


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def normalise(notebook: NotebookNode) -> NotebookNode:
    """A copy of the notebook in the form in which it is committed."""
    result = copy.deepcopy(notebook)
    result.nbformat, result.nbformat_minor = 4, 5
    for key in NOTEBOOK_NOISE:
        result.metadata.pop(key, None)
    result.metadata.kernelspec = node(KERNELSPEC)
    result.metadata.language_info = node(LANGUAGE_INFO)
    # JupyterLab ends each notebook with an empty cell.
    while result.cells and not result.cells[-1].source.strip():
        result.cells.pop()
    width = max(2, len(str(len(result.cells))))
    count = 0
    for number, cell in enumerate(result.cells, start=1):
        cell.id = f"cell-{number:0{width}}"
        cell.source = _tidy_source(cell.source)
        _tidy_metadata(cell.metadata)
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = _tidy_outputs(cell.outputs, cell.execution_count)
    return result


def scrub_paths(text: str) -> str:
    """The text without this machine's folders: installed packages and the checkout by their own names."""
    for folder, name in _known_folders():  # first: they may hold spaces, which end a path for what follows
        text = text.replace(folder + os.sep, name)
    text = re.sub(r"[^\s\"'(\x1b]*[/\\]site-packages[/\\]", "site-packages/", text)
    return re.sub(r"(?:[^\s\"'(\x1b]*[/\\])?\blib[/\\]python3\.\d+[/\\]", "python/", text)


def _known_folders() -> list[tuple[str, str]]:
    folders = [(sys.prefix, ""), (sys.base_prefix, ""), (str(settings.CHECKOUT), "")]
    with contextlib.suppress(RuntimeError):  # a user without a name and a home
        folders.append((str(Path.home()), "~/"))
    # `/` is some service users' home, and would eat every slash.
    return [(folder, name) for folder, name in folders if len(folder) > 1]


def _tidy_source(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.splitlines()).strip("\n")


def _tidy_metadata(metadata: NotebookNode) -> None:
    for key in CELL_NOISE:
        *parents, last = key.split(".")
        holder: Any = metadata
        for parent in parents:
            holder = holder.get(parent, {})
        holder.pop(last, None)
    for key in ("editable", "deletable"):
        if metadata.get(key) is True:  # the default, which JupyterLab writes out now and then
            del metadata[key]
    for key in ("tags", "jupyter", "slideshow"):
        if key in metadata and not metadata[key]:
            del metadata[key]


def _tidy_outputs(outputs: list[NotebookNode], count: int | None) -> list[NotebookNode]:
    tidy: list[NotebookNode] = []
    for output in outputs:
        kind = output.output_type
        if kind == "stream":
            # Two flushes of one stream arrive as one or as two messages, by chance.
            if tidy and tidy[-1].output_type == "stream" and tidy[-1].name == output.name:
                tidy[-1].text += output.text
                continue
        elif kind == "error":
            output.traceback = [scrub_paths(line) for line in output.traceback]
        else:
            output.pop("transient", None)
            output.data.pop(WIDGET_VIEW, None)
            output.metadata.pop(WIDGET_VIEW, None)
            if not output.data:
                continue
            if kind == "execute_result":
                output.execution_count = count
        tidy.append(output)
    return tidy
