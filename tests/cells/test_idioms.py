"""What runs in a notebook runs the same in a project: idioms.py, each in four ways."""

from __future__ import annotations

import ast
import json
import pathlib
import subprocess
import sys

import pytest

from tests.cells.idioms import IDIOMS, PRELUDE, Idiom
from tests.cells.projects import notebook
from tests.support.cell_kernel import Kernel
from tutorial_lib.cells import export_project

# All idioms run in the fixtures, which count to the first test that asks for one.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
RUNS = pathlib.Path(__file__).with_name("idiom_runs.py")
NAMES = [each.name for each in IDIOMS]
# The names that an idiom made are forgotten before the next one: as after a restart, but for what ran.
FORGET = """
for _name in [n for n in globals() if n not in _kept and not n.startswith("_")]:
    del globals()[_name]
"""


def run_modules(modules: list[tuple[Idiom, pathlib.Path, list[str]]], address: str) -> dict[str, str]:
    """The outcome of each idiom, run from modules by a process that knows nothing of notebooks."""
    specification = [
        {"folder": str(folder), "modules": names, "activities": each.activities, "args": each.args}
        for each, folder, names in modules
    ]
    done = subprocess.run(
        [sys.executable, RUNS, address], input=json.dumps(specification), capture_output=True, text=True,
        timeout=250,  # a backstop
        check=False,
        cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(zip([each.name for each, *_ in modules], json.loads(done.stdout), strict=True))


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory, dev_server_address: str) -> dict[str, str]:
    """Outcomes of the same code in a file."""
    folder = tmp_path_factory.mktemp("scripts")
    modules = []
    for number, each in enumerate(IDIOMS):
        (folder / f"script_{number}.py").write_text(each.text)
        modules.append((each, folder, [f"script_{number}"]))
    return run_modules(modules, dev_server_address)


@pytest.fixture(scope="module")
def in_notebook(
    tmp_path_factory: pytest.TempPathFactory, dev_server_address: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Outcomes in cells, and of the modules that are written for worker processes."""
    folder = tmp_path_factory.mktemp("processes")
    embedded: dict[str, str] = {}
    refused: dict[str, str] = {}
    modules = []
    with Kernel(dev_server_address) as kernel:
        kernel.good("%load_ext tutorial_lib")
        kernel.good(RUNS.read_text().partition('if __name__ == "__main__":')[0])
        kernel.good(f"import os\nclient = await Client.connect({dev_server_address!r})")
        kernel.good("from tutorial_lib.cells import write_worker_module")
        kernel.good(PRELUDE)
        kernel.good("_kept = set(globals())")
        for number, each in enumerate(IDIOMS):
            call = f"await outcome(client, globals(), {each.activities!r}, {each.args!r})"
            outputs = kernel.run_all([FORGET, *each.cells, call])
            assert not any(output.error for output in outputs), (each, outputs)
            embedded[each.name] = ast.literal_eval(outputs[-1].text)
            written = kernel.run(
                f"write_worker_module([Flow, *{each.activities}], {str(folder)!r}, name='process_{number}')"
            )
            if written.error:
                refused[each.name] = written.error
            else:
                modules.append((each, folder, [f"process_{number}"]))
    return embedded, {**refused, **run_modules(modules, dev_server_address)}


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory, dev_server_address: str) -> dict[str, str]:
    """Outcomes of the project that `tutorial export` makes of a notebook file that nobody ran."""
    folder = tmp_path_factory.mktemp("projects")
    modules = []
    for number, each in enumerate(IDIOMS):
        use = f"Worker(client, task_queue='q', workflows=[Flow], activities={each.activities})"
        path = notebook(folder / f"{number}.ipynb", PRELUDE, *each.cells, use)
        exported = export_project(path, folder / str(number))
        written = {file.stem for file in exported}
        order = [name for name in ("shared", "options", "activities", "workflows") if name in written]
        modules.append((each, folder / str(number), order))
    return run_modules(modules, dev_server_address)


@pytest.mark.parametrize("number", range(len(IDIOMS)), ids=NAMES)
def test_a_file_does_what_is_expected(number: int, scripts: dict[str, str]) -> None:
    assert scripts[NAMES[number]] == IDIOMS[number].expected


@pytest.mark.parametrize("number", range(len(IDIOMS)), ids=NAMES)
def test_cells_do_what_a_file_does(number: int, in_notebook: tuple[dict[str, str], dict[str, str]]) -> None:
    assert in_notebook[0][NAMES[number]] == IDIOMS[number].expected


@pytest.mark.parametrize("number", range(len(IDIOMS)), ids=NAMES)
def test_a_worker_process_does_what_a_file_does(
    number: int, in_notebook: tuple[dict[str, str], dict[str, str]]
) -> None:
    outcome = in_notebook[1][NAMES[number]]
    expected = IDIOMS[number].expected
    # What a sandbox refuses when it loads the module, it refuses here, before there is a process.
    assert outcome == expected or expected in outcome


@pytest.mark.parametrize("number", range(len(IDIOMS)), ids=NAMES)
def test_a_project_does_what_a_file_does(number: int, projects: dict[str, str]) -> None:
    assert projects[NAMES[number]] == IDIOMS[number].expected
