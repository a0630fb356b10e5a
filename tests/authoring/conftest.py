"""Small notebooks to try the tooling on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from typer.testing import CliRunner

from tutorial_lib.authoring import committed_form, text_form
from tutorial_lib.authoring.headless.run import run_notebook
from tutorial_lib.authoring.reading.stated import state_minutes
from tutorial_lib.cli.author import app

GOOD = '''\
# %% [markdown]
"""
# A probe

**What you will do**: little. **What you will know**: less. **Needs** nothing.

**Time.** 1 minute.
"""
# %%
# %load_ext tutorial_lib
from tutorial_lib import open_lab
from tutorial_lib.course import lesson_07 as ex
from tutorial_lib.exercises import ____

lab = await open_lab("lesson-07")
lab
# %% [markdown]
"""
## A scene

One sentence of question.
"""
# %% tags=["claim:engine"]
print("seen")
# %% [markdown] slideshow={"slide_type": "notes"}
"""
<details><summary>For instructors</summary>

**Say.** Draw it first.

**Ask.** "Who has seen it before?" Expected: two or three.

</details>
"""
# %% [markdown]
"""
## Recap

- What was seen.
- It means,
  a second line.

[Workflows](https://docs.temporal.io/workflows). The next lesson does more.
"""
'''


@pytest.fixture
def good_text() -> str:
    """A lesson that breaks no rule, as text."""
    return GOOD


@pytest.fixture
def good_lesson() -> NotebookNode:
    """A lesson that breaks no rule, with outputs."""
    notebook = text_form.text_to_notebook(GOOD)
    for count, (cell, text) in enumerate(
        zip(committed_form.code_cells(notebook), ["the lab", "seen\n"], strict=True), start=1
    ):
        cell.execution_count = count
        cell.outputs = [committed_form.node({"output_type": "stream", "name": "stdout", "text": text})]
    state_minutes(notebook)
    return notebook


@pytest.fixture
def save(tmp_path: Path) -> Callable[[NotebookNode | str, str], Path]:
    """Writes a notebook, given as such or as text; returns its path."""

    def write(notebook: NotebookNode | str, name: str = "07_probe.ipynb") -> Path:
        path = tmp_path / name
        if isinstance(notebook, str):
            notebook = text_form.text_to_notebook(notebook)
        state_minutes(notebook)  # as build and refresh do
        path.write_text(committed_form.dump(notebook), encoding="utf-8")
        return path

    return write


@pytest.fixture
def executed(save: Callable[[NotebookNode | str, str], Path]) -> Callable[[str], Path]:
    """Writes a notebook given as text, with the outputs of a real run."""

    def write(text: str, name: str = "07_probe.ipynb") -> Path:
        run = run_notebook(save(text, name))
        assert run.ok, run.error
        return save(committed_form.normalise(run.notebook), name)

    return write


@pytest.fixture
def author() -> Callable[..., str]:
    """Runs `tutorial author ...`; returns what it printed."""

    def run(*arguments: object, fails: bool = False, says: str | None = None) -> str:
        result = CliRunner().invoke(app, list(map(str, arguments)), input=says)
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return run
