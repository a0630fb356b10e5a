"""What a learner's own IPython brings into every kernel: startup files, configuration, scripts that ran."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.kernels import OPEN, Kernel, kernel
from tutorial_lib.stage import stop_server

STARTUP = """
import json as js
from datetime import timedelta
from IPython.display import Markdown
from temporalio import activity, workflow

TAX = {"de": 19}

def shout(text):
    return js.loads(js.dumps(text.upper()))
"""
CONFIG = 'c.InteractiveShellApp.exec_lines = ["from dataclasses import dataclass", "GREETING = \'Hello\'"]'
SCRIPT = "def quiet(text):\n    return text.lower()\n"
CELLS = """
%run quiet.py

@dataclass
class Person:
    name: str

@activity.defn
async def greet(person: Person) -> str:
    with open("{path}") as file:  # the builtin one, in whatever process
        file.read()
    return f"{GREETING}, {shout(person.name)}, {quiet(person.name)}! {TAX['de']} {Markdown('*').data}"

@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, name: str) -> str:
        told = await workflow.execute_activity(
            greet, Person(name), start_to_close_timeout=timedelta(seconds=10)
        )
        return f"{shout(told)} {quiet(GREETING)} {TAX}"

async def result(queue):
    return await lab.client.execute_workflow(
        Greeting.run, "Ada", id=queue, task_queue=queue, execution_timeout=timedelta(seconds=90)
    )
"""
TOLD = "HELLO, ADA, ADA! 19 * hello {'de': 19}"


@pytest.fixture(scope="module")
def learners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel of somebody whose IPython has a startup file and configuration."""
    folder = tmp_path_factory.mktemp("learner")
    profile = folder / "ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    (profile / "startup" / "00-mine.py").write_text(STARTUP)
    (profile / "ipython_kernel_config.py").write_text(CONFIG)
    (folder / "quiet.py").write_text(SCRIPT)
    with kernel(folder / "state", folder, IPYTHONDIR=str(folder / "ipython")) as started:
        opened = started.run(OPEN.format(name="startup"))
        assert opened.error is None, opened
        defined = started.run(CELLS.replace("{path}", str(folder / "quiet.py")))
        assert defined.error is None, defined
        yield started
    stop_server(folder / "state")


@pytest.mark.parametrize("how", ["start_worker", "spawn_worker"])
def test_names_of_a_startup_file_are_there_in_cells_code(learners: Kernel, how: str):
    ran = learners.run(
        f'worker = lab.{how}(task_queue="{how}", workflows=[Greeting], activities=[greet])\n'
        f'print(await result("{how}"))'
    )
    assert ran.error is None
    assert ran.text == TOLD + "\n"


def test_ipythons_own_names_stay_outside(learners: Kernel):
    ran = learners.run(
        "from tutorial_lib.cells.sandbox.notebook import Notebook\n"
        "names = Notebook.of_shell(get_ipython()).namespace\n"
        'print([name for name in ("open", "exit", "quit", "get_ipython", "In", "Out") if name in names])'
    )
    assert ran.text == "[]\n"
