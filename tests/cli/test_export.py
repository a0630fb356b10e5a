"""`tutorial export`: a notebook taken home as a project."""

from __future__ import annotations

import compileall
from pathlib import Path

from tests.cli.conftest import Tutorial, copies_of, write_notebook
from tutorial_lib.disk.output import LIST

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
    written = {path.name for path in target.iterdir()} - {LIST}
    assert {"worker.py", "workflows.py", "starter.py", "README.md"} <= written
    assert {line.strip() for line in done.stdout.splitlines()[1:]} == written
    assert compileall.compile_dir(target, quiet=1)


def test_ones_own_copy_is_taken_home(tutorial: Tutorial, course: Path, tmp_path: Path):
    write_notebook(course / "notebooks" / "02_greeting.ipynb", WORKFLOW)
    write_notebook(copies_of(course) / "02_greeting.ipynb", WORKFLOW.replace("Hello", "Good day"))
    assert tutorial("export", "02", tmp_path / "home").returncode == 0
    assert "Good day" in (tmp_path / "home" / "workflows.py").read_text()


def test_a_notebook_without_workflows_is_refused_in_words(tutorial: Tutorial, tmp_path: Path):
    done = tutorial("export", "00", tmp_path / "out")
    assert done.returncode == 1
    assert "✗" in done.stderr
    assert "Traceback" not in done.stderr


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_an_export_is_renewed_and_a_learners_edit_stays(tutorial: Tutorial, course: Path, tmp_path: Path):
    notebook = write_notebook(course / "notebooks" / "02_greeting.ipynb", WORKFLOW)
    target = tmp_path / "home"
    assert tutorial("export", "02", target).returncode == 0
    write_notebook(notebook, WORKFLOW.replace("Hello", "Good day"))
    assert tutorial("export", "02", target).returncode == 0
    assert "Good day" in (target / "workflows.py").read_text()
    (target / "worker.py").write_text("mine now")
    write_notebook(notebook, WORKFLOW)
    before = contents(target)
    done = tutorial("export", "02", target)
    assert done.returncode == 1
    said = "worker.py is there already, and what is in it is not the course's, or was changed since"
    assert said in done.stderr
    assert "--force" in done.stderr
    assert contents(target) == before
    assert tutorial("export", "02", target, "--force").returncode == 0
    assert "mine now" not in (target / "worker.py").read_text()
    assert "Good day" not in (target / "workflows.py").read_text()


def test_files_of_the_learners_own_project_stay(tutorial: Tutorial, course: Path, tmp_path: Path):
    write_notebook(course / "notebooks" / "02_greeting.ipynb", WORKFLOW)
    target = tmp_path / "shop"
    target.mkdir()
    (target / "README.md").write_text("# My shop")
    done = tutorial("export", "02", target)
    assert (done.returncode, contents(target)) == (1, {"README.md": "# My shop"})
    (target / "README.md").unlink()
    outside = tmp_path / "outside.py"
    outside.write_text("print('mine')")
    (target / "worker.py").symlink_to(outside)
    done = tutorial("export", "02", target)
    assert done.returncode == 1
    assert f"worker.py is a link to {outside}" in done.stderr
    assert tutorial("export", "02", target, "--force").returncode == 0
    assert outside.read_text() == "print('mine')"
    assert not (target / "worker.py").is_symlink()


def test_a_folder_that_is_a_file_is_told_in_words(tutorial: Tutorial, course: Path, tmp_path: Path):
    write_notebook(course / "notebooks" / "02_greeting.ipynb", WORKFLOW)
    (tmp_path / "file").write_text("mine")
    done = tutorial("export", "02", tmp_path / "file", "--force")
    assert done.returncode == 1
    assert "cannot make the folder" in done.stderr
    assert "Traceback" not in done.stderr
