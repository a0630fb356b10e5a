"""Terminals that cannot hold a check mark or an umlaut: commands say what they have to say all the same."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.cli.conftest import Tutorial, copies_of, write_notebook
from tests.support.histories import DATA
from tests.support.running_lab import clean_environment, running_lab

WORKFLOW = """from temporalio import workflow

@workflow.defn(name="Grüße")
class Greetings:
    @workflow.run
    async def run(self) -> str:
        return "✓"
"""
C = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}
TERMINALS = [
    pytest.param({**C, "PYTHONIOENCODING": "ascii"}, id="C"),
    pytest.param({"PYTHONIOENCODING": "cp1252"}, id="Windows in Europe"),
    pytest.param({"PYTHONIOENCODING": "cp437:strict"}, id="Windows in the US"),
]
pytestmark = pytest.mark.parametrize("terminal", TERMINALS)


@pytest.fixture
def say(tutorial: Tutorial, terminal: dict[str, str]):
    """Runs a command that has to end as it would in any terminal; returns what it said."""

    def run(*arguments: str, code: int = 0, stdin: str = "") -> str:
        done = tutorial(*arguments, stdin=stdin, **terminal)
        said = str(done.stdout + done.stderr)
        assert done.returncode == code, said
        assert "Traceback" not in said
        assert "UnicodeEncodeError" not in said
        return said

    return run


def test_help_and_mistakes(say):
    assert "Learn Temporal" in say("--help")
    assert "no-such" in say("no-such", code=2)


def test_what_is_there_and_what_ran(say, course: Path):
    assert re.search(r"^\+ ok +Python", say("doctor"), re.MULTILINE)
    write_notebook(course / "notebooks" / "02_broken.ipynb", "raise ValueError('kein ✓ für dich … „nie“')")
    said = say("run", "00", "02", code=1)
    assert re.search(r"^\+ ran .* 00_start_here.ipynb \(2 cells\)$", said, re.MULTILINE)
    assert re.search(r"^x failed .* 02_broken.ipynb, cell 1:$", said, re.MULTILINE)
    assert "ValueError: kein + f" in said
    assert "-> " in say("run", "09", code=1)


def test_what_is_taken_home_shown_and_reset(say, course: Path):
    write_notebook(course / "notebooks" / "02_grüße.ipynb", WORKFLOW)
    assert "workflows.py" in say("export", "notebooks/02_grüße.ipynb", str(course / "größe"))
    assert "-> " in say("export", "notebooks/00_start_here.ipynb", str(course / "nothing"), code=1)
    shutil.copy(DATA / "family.json", course / "→.json")
    assert "events" in say("show", "→.json", "-o", "→.html")
    assert "-> " in say("show", "no→such.json", code=1)
    lesson = copies_of(course) / "00_start_here.ipynb"
    notebook = nbformat.read(lesson, 4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", name="stdout", text="✓\n")]
    nbformat.write(notebook, lesson)
    assert "Done." in say("reset", "--yes")
    assert "clean" in say("reset", "--yes")


def test_the_server(say):
    assert "No server runs" in say("server", "status", code=3)
    assert "The server runs." in say("server", "start")
    assert "used by   nobody" in say("server", "status")
    assert "has stopped" in say("server", "stop")


def test_the_lab(terminal: dict[str, str], course: Path, tmp_path: Path):
    with running_lab(course, tmp_path, **terminal) as lab:
        assert "JupyterLab" in lab.wait_for("JupyterLab +http")[0]
        lab.process.terminate()
        assert lab.process.wait(60) == 0
        assert "The Temporal server has stopped." in lab.log.read_text(encoding="latin-1")


def test_the_courses_upkeep(terminal: dict[str, str], course: Path, state_dir: Path, tmp_path: Path):
    lesson = course / "notebooks" / "00_start_here.ipynb"
    notebook = nbformat.read(write_notebook(lesson, "print('✓ grün → gelb')"), 4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("Grün → gelb ✓"))
    notebook.cells[0].update(
        execution_count=1, outputs=[nbformat.v4.new_output("stream", name="stdout", text="✗ rot … gelb\n")]
    )
    nbformat.write(notebook, lesson)
    env = clean_environment(state_dir, tmp_path) | terminal

    def run(name: str, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes]:
        command = [sys.executable, "-m", "tutorial_lib.cli", "author", name, *arguments]
        done = subprocess.run(command, env=env, cwd=course, input=stdin, capture_output=True, check=False)
        assert b"Traceback" not in done.stderr, done.stderr.decode("latin-1")
        return done.returncode, done.stdout

    code, said = run("refresh", str(lesson))
    assert code == 1
    assert b"-> gelb" in said
    assert run("claims", str(lesson))[0] == 0
    assert run("style", str(lesson))[0] == 1
    assert run("validate", str(lesson), "-p", "no:cacheprovider")[0] == 1
    # A notebook's text is no message: it is written as it is, and read again.
    code, text = run("text", str(lesson))
    assert code == 0
    assert "print('✓ grün → gelb')" in text.decode("utf-8")
    assert run("build", "-", str(lesson), stdin=text)[0] == 0
    assert nbformat.read(lesson, 4).cells[1].source == "Grün → gelb ✓"
