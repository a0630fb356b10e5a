"""A notebook taken home as a project, run outside Jupyter."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tutorial_lib.cells import export_project
from tutorial_lib.errors import ExportError

SETUP = """%load_ext tutorial_lib
from tutorial_lib import open_lab
lab = await open_lab("lesson-01")
lab"""
IMPORTS = """import asyncio, random
from dataclasses import dataclass
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.worker import Worker
with workflow.unsafe.imports_passed_through():
    import nbformat"""
DEFINITIONS = '''QUEUE = "orders-tq"

@dataclass
class Order:
    """What is bought."""
    item: str
    amount: int = 1

def clean(text: str) -> str:
    return text.strip()  # used on both sides

@activity.defn
def charge(order: Order) -> str:
    return f"charged {clean(order.item)} x{order.amount} with {nbformat.__name__}"

class Store:
    def __init__(self, name: str) -> None:
        self.name = name

    @activity.defn
    async def ship(self, order: Order) -> str:
        return f"shipped from {self.name}"

store = Store("north")'''
OLD_SHOP = """@workflow.defn
class Shop:
    @workflow.run
    async def run(self, order: Order) -> str:
        return "an older version" """
SHOP = """SOON = timedelta(seconds=10)

@workflow.defn
class Shop:
    @workflow.run
    async def run(self, order: Order) -> list[str]:
        charged = await workflow.execute_activity(charge, order, start_to_close_timeout=SOON)
        shipped = await workflow.execute_activity_method(Store.ship, order, start_to_close_timeout=SOON)
        return [clean(charged), shipped]

@workflow.defn
class Count:
    @workflow.run
    async def run(self, number: int) -> int:
        return number

@workflow.defn
class Hello:
    @workflow.run
    async def run(self) -> str:
        return "hello\""""
USE = """worker = lab.start_worker(
    task_queue=QUEUE, workflows=[Shop, Count, Hello], activities=[charge, store.ship])
!temporal workflow list
await lab.client.execute_workflow(Shop.run, Order("tea ", 2), id="order-1", task_queue=QUEUE)
for number in range(3):
    await lab.client.execute_workflow(Count.run, number, id=f"count-{number}", task_queue=QUEUE)"""
USES_LAB = """@activity.defn
async def act() -> str:
    return lab.namespace"""
USES_COURSE = """from tutorial_lib import open_lab
@activity.defn
async def act() -> None:
    open_lab"""
CELLS = [SETUP, IMPORTS, DEFINITIONS, OLD_SHOP, SHOP, USE]


def notebook(path: pathlib.Path, *cells: str) -> pathlib.Path:
    code = [
        {"cell_type": "code", "source": cell.splitlines(keepends=True), "metadata": {}, "outputs": []}
        for cell in cells
    ]
    text = [{"cell_type": "markdown", "source": "# class NotCode:", "metadata": {}}]
    path.write_text(json.dumps({"cells": text + code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


@contextlib.contextmanager
def running_worker(folder: pathlib.Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "worker.py"], cwd=folder, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as worker:  # fmt: skip
        try:
            yield worker
        finally:
            worker.kill()


def test_the_project_runs_and_stops_cleanly(tmp_path: pathlib.Path, dev_server_address: str) -> None:
    folder = tmp_path / "my project"
    export_project(notebook(tmp_path / "01_orders.ipynb", *CELLS), folder)
    env = {**os.environ, "TEMPORAL_ADDRESS": dev_server_address, "PYTHONUNBUFFERED": "1"}
    env.pop("PYTHONPATH", None)

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "starter.py", *arguments]
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    with running_worker(folder, env) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Worker runs on orders-tq; Ctrl-C stops it.\n"
        assert start().stdout.splitlines() == [
            "Started Shop with id order-1; waiting for its result.",
            "['charged tea x2 with nbformat', 'shipped from north']",
        ]
        assert start("Count", "7").stdout.endswith("\n7\n")
        needs = start("Count")
        assert needs.returncode == 1
        assert "Count needs its arguments, as JSON" in needs.stderr
        assert "No workflow 'Nope' here, only: Shop, Count, Hello" in start("Nope").stderr
        worker.send_signal(signal.SIGINT)
        assert worker.wait(20) == 0
        assert worker.stdout.read() == "Worker stopped.\n"


def test_each_definition_has_its_place(tmp_path: pathlib.Path) -> None:
    written = export_project(notebook(tmp_path / "01_orders.ipynb", *CELLS), tmp_path / "out")
    texts = {path.name: path.read_text() for path in written}
    assert list(texts) == [
        "workflows.py", "activities.py", "shared.py", "helpers.py",
        "worker.py", "starter.py", "requirements.txt", "README.md",
    ]  # fmt: skip

    def defined(name: str) -> list[str]:
        nodes = ast.parse(texts[name]).body
        return [node.name for node in nodes if isinstance(node, (ast.ClassDef, ast.FunctionDef))]

    assert defined("workflows.py") == ["Shop", "Count", "Hello"]
    assert defined("activities.py") == ["charge", "Store"] or defined("activities.py") == ["Store", "charge"]
    assert defined("shared.py") == ["Order"]
    assert defined("helpers.py") == ["clean"]
    assert "an older version" not in texts["workflows.py"]
    assert "# used on both sides" in texts["helpers.py"]
    assert not any("lab" in texts[name].split() for name in texts)
    assert "nbformat" in texts["requirements.txt"]
    assert texts["requirements.txt"].startswith("temporalio==")
    assert "await asyncio.sleep(0.02)" in texts["worker.py"]
    assert all(f"`{name}`" in texts["README.md"] for name in texts if name != "README.md")
    assert (
        "with workflow.unsafe.imports_passed_through():\n    from activities import" in texts["workflows.py"]
    )


def test_a_notebook_without_calls_gets_a_queue_of_its_own(tmp_path: pathlib.Path) -> None:
    path = notebook(tmp_path / "02_first_steps.ipynb", IMPORTS, DEFINITIONS, SHOP)
    texts = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}
    assert 'task_queue="02-first-steps-tq"' in texts["worker.py"]
    assert '"Hello": (Hello.run, "02-first-steps-tq", None, []),' in texts["starter.py"]
    assert '"Shop": (Shop.run, "02-first-steps-tq", None, None),' in texts["starter.py"]


def test_what_a_lesson_keeps_in_its_folder_lies_beside_the_files(tmp_path: pathlib.Path) -> None:
    ledger = """LEDGER = lab.folder / "ledger.txt"  # grows
@activity.defn
async def note(line: str) -> None:
    LEDGER.write_text(line)"""
    path = notebook(tmp_path / "kept.ipynb", SETUP, IMPORTS, ledger, OLD_SHOP.replace("Order", "str"))
    texts = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}
    activities = texts["activities.py"]
    assert 'LEDGER = pathlib.Path(__file__).parent / "ledger.txt"  # grows' in activities
    assert "import pathlib\n" in activities


def test_the_starter_tells_which_signals_a_workflow_takes(tmp_path: pathlib.Path) -> None:
    waiting = """@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
    @workflow.signal
    def packed(self) -> None: ...
    @workflow.signal(name="add-item")
    def add(self, item: str) -> None: ..."""
    path = notebook(tmp_path / "waits.ipynb", IMPORTS, waiting)
    starter = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}["starter.py"]
    assert '"Waits": ["packed", "add-item --input JSON"],' in starter
    assert "temporal workflow signal -w {handle.id} --name {signal}" in starter
    ast.parse(starter)


def test_two_queues_get_two_workers(tmp_path: pathlib.Path) -> None:
    use = (
        "a = lab.start_worker(task_queue='front', workflows=[Shop])\n"
        "async with Worker(lab.client, task_queue='back', workflows=[Hello], activities=[charge]):\n"
        "    await lab.client.start_workflow('Hello', id='h', task_queue='back')"
    )
    path = notebook(tmp_path / "two.ipynb", SETUP, IMPORTS, DEFINITIONS, SHOP, use)
    worker = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}["worker.py"]
    ast.parse(worker)
    assert worker.index('task_queue="front"') < worker.index("workflows=[Shop, Count]")
    assert worker.index('task_queue="back"') < worker.index("workflows=[Hello]")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([IMPORTS], "defines no workflow"),
        (
            [SETUP, IMPORTS, USES_LAB, OLD_SHOP.replace("Order", "str")],
            "'act' cannot be written out: 'lab' exists only while the notebook runs.",
        ),
        (
            [IMPORTS, USES_COURSE, OLD_SHOP.replace("Order", "str")],
            "'open_lab' exists only while the notebook runs",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_told(tmp_path: pathlib.Path, cells: list[str], message: str) -> None:
    with pytest.raises(ExportError, match=message):
        export_project(notebook(tmp_path / "lesson.ipynb", *cells), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_notebook_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ExportError, match="There is no file"):
        export_project(tmp_path / "missing.ipynb", tmp_path)
    (tmp_path / "text.ipynb").write_text("hello")
    with pytest.raises(ExportError, match=r"text\.ipynb is not a notebook"):
        export_project(tmp_path / "text.ipynb", tmp_path)
