r"""Notebooks as readable text, and back: a lesson is written and reviewed without its JSON.

A text is a row of cells. Each starts with a `# %%` line; what follows up to the next one is the
cell's source, as it stands (Markdown is not commented out)::

    # %% [markdown]
    # Namespaces and task queues
    # %% tags=claim:ns-one,claim:tq-one
    print(lab.namespace)
    # %% ignore="the CLI prints its own version"
    !temporal --version
    # %% [markdown] slide=notes
    Three minutes. Ask who has used a message queue.

After `# %%`, in any order, all optional:

    [markdown] | [raw]   kind of cell; a code cell without it. `[metadata]`: JSON of the notebook itself.
    slide=KIND           slide, subslide, fragment, skip, notes or -; else a cell that starts with a heading
                         of level 1 or 2 is a slide, level 3 a subslide, every other cell a fragment
    tags=A,B             cell tags
    ignore="REASON"      nbval does not compare this cell's output, and why
    collapsed            a Markdown heading whose section starts folded
    hidden               a code cell whose source starts folded
    meta='JSON'          any other cell metadata

A source line that itself starts with `# %%` is written with a backslash before it.
`build` keeps the outputs of code cells whose source did not change.

    python -m tutorial_lib.authoring.text_form build TEXT NOTEBOOK
    python -m tutorial_lib.authoring.text_form text NOTEBOOK
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.cli.consoles import settle_streams
from tutorial_lib.errors import TutorialError

__all__ = [
    "IGNORE_TAG",
    "SLIDE_TYPES",
    "default_slide",
    "keep_outputs",
    "main",
    "notebook_to_text",
    "text_to_notebook",
]

IGNORE_TAG = "nbval-ignore-output"
SLIDE_TYPES = ("slide", "subslide", "fragment", "skip", "notes", "-")

_MARK = "# %%"
_ESCAPED = re.compile(r"^(\\*)# %%")
_KINDS = ("markdown", "raw", "metadata")
_COLLAPSED = "jp-MarkdownHeadingCollapsed"


def text_to_notebook(text: str) -> NotebookNode:
    """Builds a notebook, in its committed form and without outputs.

    Args:
        text: Cells in the format that this module's docstring tells.

    Raises:
        ValueError: A line is not in that format; the message names it.
    """
    notebook = committed_form.new_notebook()
    for number, head, lines in _split(text):
        kind, metadata = _parse_head(head, number)
        source = "\n".join(lines).strip("\n")
        if kind == "metadata":
            notebook.metadata.update(committed_form.node(_json(source, number)))
            continue
        metadata.setdefault("slideshow", {"slide_type": default_slide(kind, source)})
        notebook.cells.append(committed_form.new_cell(kind, source, metadata))
    return committed_form.normalise(notebook)


def notebook_to_text(notebook: NotebookNode) -> str:
    """The notebook as text; outputs are left out."""
    notebook = committed_form.normalise(notebook)
    blocks = []
    extra = {k: v for k, v in notebook.metadata.items() if k not in ("kernelspec", "language_info")}
    if extra:
        blocks.append(f"{_MARK} [metadata]\n{json.dumps(extra, indent=1, sort_keys=True)}\n")
    for cell in notebook.cells:
        lines = [_ESCAPED.sub(r"\1\\# %%", line) for line in cell.source.split("\n")]
        blocks.append("\n".join([_head(cell), *lines]) + "\n")
    return "\n".join(blocks)


def default_slide(kind: str, source: str) -> str:
    """The slide type of a cell that states none: headings of level 1 and 2 begin a slide."""
    match = re.match(r"(#{1,3}) ", source) if kind == "markdown" else None
    if match is None:
        return "fragment"
    return "subslide" if len(match[1]) == 3 else "slide"  # noqa: PLR2004 - heading level


def keep_outputs(new: NotebookNode, old: NotebookNode) -> NotebookNode:
    """Gives each code cell of `new` the outputs of the cell of `old` with the same source.

    Cells with equal sources are matched in order. Returns `new`.
    """
    by_source: dict[str, list[NotebookNode]] = {}
    for cell in committed_form.code_cells(old):
        by_source.setdefault(cell.source, []).append(cell)
    for cell in committed_form.code_cells(new):
        if twins := by_source.get(cell.source):
            twin = twins.pop(0)
            cell.execution_count, cell.outputs = twin.execution_count, twin.outputs
    return committed_form.normalise(new)


def _split(text: str) -> list[tuple[int, str, list[str]]]:
    """The cells as (line number of the head, head, source lines)."""
    cells: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(_MARK):
            cells.append((number, line[len(_MARK) :].strip(), []))
        elif cells:
            cells[-1][2].append(re.sub(r"^\\(\\*# %%)", r"\1", line))
        elif line.strip():
            raise ValueError(f"line {number}: expected '# %%' before the first text, not {line!r}")
    return cells


def _parse_head(head: str, number: int) -> tuple[str, dict[str, Any]]:
    try:
        tokens = shlex.split(head)
    except ValueError as error:
        raise ValueError(f"line {number}: {error} in {head!r}") from None
    kind, metadata = "code", dict[str, Any]()
    for word in tokens:
        key, given, value = word.partition("=")
        if word[0] == "[" and word[1:-1] in _KINDS:
            kind = word[1:-1]
        elif key == "slide" and value in SLIDE_TYPES:
            metadata["slideshow"] = {"slide_type": value}
        elif key == "tags" and value:
            metadata.setdefault("tags", []).extend(value.split(","))
        elif key == "ignore" and value:
            metadata.setdefault("tags", []).append(IGNORE_TAG)
            metadata["nbval"] = {"reason": value}
        elif key == "meta" and value:
            metadata.update(_json(value, number))
        elif word == "collapsed":
            metadata[_COLLAPSED] = True
        elif word == "hidden":
            metadata.setdefault("jupyter", {})["source_hidden"] = True
        else:
            expected = "[markdown], slide=, tags=, ignore=, collapsed, hidden or meta="
            detail = f"one of {', '.join(SLIDE_TYPES)} after slide=" if key == "slide" else expected
            raise ValueError(f"line {number}: expected {detail}, not {word if given else head!r}")
    return kind, metadata


def _json(text: str, number: int) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"line {number}: {error} in {text!r}") from None
    if not isinstance(value, dict):
        raise ValueError(f"line {number}: expected a JSON object, not {text!r}")  # noqa: TRY004 - one error type
    return value


def _head(cell: NotebookNode) -> str:
    metadata = json.loads(json.dumps(cell.metadata))
    words = [_MARK]
    if cell.cell_type != "code":
        words.append(f"[{cell.cell_type}]")
    slide = metadata.get("slideshow", {}).get("slide_type")
    if list(metadata.get("slideshow", {})) == ["slide_type"] and slide in SLIDE_TYPES:
        del metadata["slideshow"]
        if slide != default_slide(cell.cell_type, cell.source):
            words.append(f"slide={slide}")
    tags = metadata.pop("tags", [])
    reason = metadata.get("nbval", {}).get("reason")
    if IGNORE_TAG in tags and reason and list(metadata["nbval"]) == ["reason"]:
        tags.remove(IGNORE_TAG)
        del metadata["nbval"]
        words.append(f"ignore={_quote(reason)}")
    if tags:
        words.insert(1 if cell.cell_type == "code" else 2, f"tags={_quote(','.join(tags))}")
    if metadata.get(_COLLAPSED) is True:
        del metadata[_COLLAPSED]
        words.append("collapsed")
    if metadata.get("jupyter") == {"source_hidden": True}:
        del metadata["jupyter"]
        words.append("hidden")
    if metadata:
        words.append(f"meta={shlex.quote(json.dumps(metadata, sort_keys=True, ensure_ascii=False))}")
    return " ".join(words)


def _quote(value: str) -> str:
    if re.fullmatch(r"[\w:,.-]+", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `build TEXT NOTEBOOK` or `text NOTEBOOK`; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tutorial_lib.authoring.text_form",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="make (or renew) a notebook from text")
    build.add_argument("text", help="text file, or - for standard input")
    build.add_argument("notebook", type=Path)
    show = commands.add_parser("text", help="print a notebook as text")
    show.add_argument("notebook", type=Path)
    options = parser.parse_args(argv)
    settle_streams()
    for stream in (sys.stdin, sys.stdout):  # a notebook's text goes to and comes from a file: nothing is lost
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    if options.command == "text":
        try:
            sys.stdout.write(notebook_to_text(committed_form.read(options.notebook)))
        except (OSError, TutorialError) as error:
            sys.stderr.write(f"{error}\n")
            return 1
        return 0
    try:
        text = sys.stdin.read() if options.text == "-" else Path(options.text).read_text(encoding="utf-8")
        notebook = text_to_notebook(text)
        if options.notebook.exists():  # what is no notebook is not overwritten, the text itself for one
            notebook = keep_outputs(notebook, committed_form.read(options.notebook))
        changed = committed_form.write(notebook, options.notebook)
    except (ValueError, OSError, TutorialError) as error:
        sys.stderr.write(f"{options.text}: {error}\n")
        return 1
    cells = committed_form.code_cells(notebook)
    fresh = sum(cell.execution_count is None for cell in cells)
    state = "written" if changed else "unchanged"
    sys.stdout.write(f"{options.notebook}: {state}, {len(cells)} code cells, {fresh} to be run by refresh\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
