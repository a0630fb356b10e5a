"""`tutorial export`: a notebook taken home as a project."""

from __future__ import annotations

import compileall
from pathlib import Path

from tests.cli.conftest import Tutorial, write_notebook

WORKFLOW = """from temporalio import workflow

@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, name: str) -> str:
        return f"Hello, {name}!"
"""


def test_the_files_are_written_and_listed(tutorial: Tutorial, course: Path, tmp_path: Path):
    write_notebook(course / "notebooks" / "02_greeting.ipynb", WORKFLOW)
    target = tmp_path / "to take home"
    done = tutorial("export", "02", target)
    assert done.returncode == 0, done.stderr
    written = {path.name for path in target.iterdir()}
    assert {"worker.py", "workflows.py", "starter.py", "README.md"} <= written
    assert {line.strip() for line in done.stdout.splitlines()[1:]} == written
    assert compileall.compile_dir(target, quiet=1)


def test_a_notebook_without_workflows_is_refused_in_words(tutorial: Tutorial, tmp_path: Path):
    done = tutorial("export", "00", tmp_path / "out")
    assert done.returncode == 1
    assert "✗" in done.stderr
    assert "Traceback" not in done.stderr
