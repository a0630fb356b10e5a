"""A notebook taken home as a project: what goes into which file, and what cannot be taken."""

from __future__ import annotations

import ast
import json
import pathlib
import tomllib

import pytest

from tests.cells.projects import CELLS, DEFINITIONS, IMPORTS, OLD_SHOP, SETUP, SHOP, notebook
from tutorial_lib.cells import export_project
from tutorial_lib.errors import ExportError

USES_LAB = """@activity.defn
async def act() -> str:
    return lab.namespace"""
USES_COURSE = """from tutorial_lib import open_lab
@activity.defn
async def act() -> None:
    open_lab"""
USES_TUNER = """async def main(client, runtime):
    Worker(client, task_queue='q', workflows=[Shop], tuner=runtime.tuner)"""
USES_STARTUP_FILE = """@activity.defn
async def act() -> str:
    return shout("a")"""


def test_each_definition_has_its_place(tmp_path: pathlib.Path) -> None:
    written = export_project(notebook(tmp_path / "01_orders.ipynb", *CELLS), tmp_path / "out")
    texts = {path.name: path.read_text() for path in written}
    assert list(texts) == [
        "workflows.py", "activities.py", "shared.py",
        "worker.py", "starter.py", "test_workflows.py", "pyproject.toml", "README.md",
    ]  # fmt: skip

    def defined(name: str) -> list[str]:
        nodes = ast.parse(texts[name]).body
        return [node.name for node in nodes if isinstance(node, (ast.ClassDef, ast.FunctionDef))]

    assert defined("workflows.py") == ["Shop", "Count", "Hello"]
    assert defined("activities.py") == ["charge", "Store"] or defined("activities.py") == ["Store", "charge"]
    assert defined("shared.py") == ["Order", "clean"]
    assert "an older version" not in texts["workflows.py"]
    assert "# used on both sides" in texts["shared.py"]
    assert not any("lab" in texts[name].split() for name in texts)
    assert "nbformat" in tomllib.loads(texts["pyproject.toml"])["project"]["dependencies"]
    assert "await asyncio.sleep(0.02)" in texts["worker.py"]
    assert all(f"`{name}`" in texts["README.md"] for name in texts if name != "README.md")
    assert "from activities import Store, charge" in texts["workflows.py"]
    assert "with workflow.unsafe.imports_passed_through():\n    import nbformat" in texts["activities.py"]


def test_a_notebook_without_calls_gets_a_queue_of_its_own(tmp_path: pathlib.Path) -> None:
    path = notebook(tmp_path / "02_first_steps.ipynb", IMPORTS, DEFINITIONS, SHOP)
    texts = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}
    assert 'task_queue="02-first-steps-tq"' in texts["worker.py"]
    assert '"Hello": (Hello.run, "02-first-steps-tq", None, []),' in texts["starter.py"]
    assert '"Shop": (Shop.run, "02-first-steps-tq", None, None),' in texts["starter.py"]


def test_a_lessons_exercises_stay_where_they_are(tmp_path: pathlib.Path) -> None:
    exercises = "from tutorial_lib.course import lesson_01 as ex\nfrom tutorial_lib.exercises import ____"
    starter = SHOP.replace("class Shop", "class Gaps") + "\n\nawait ex.shop.check(Gaps, ____)"
    path = notebook(tmp_path / "lesson.ipynb", exercises, IMPORTS, DEFINITIONS, starter, SHOP)
    cells = json.loads(path.read_text())
    for cell in cells["cells"]:
        if "Gaps" in "".join(cell["source"]):
            cell["metadata"] = {"course": {"exercise": "shop", "part": "starter"}}
    path.write_text(json.dumps(cells))
    texts = "".join(file.read_text() for file in export_project(path, tmp_path / "out"))
    assert "class Shop" in texts
    assert "Gaps" not in texts


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


def test_a_start_by_an_update_is_a_start(tmp_path: pathlib.Path) -> None:
    use = """WithStartWorkflowOperation(Shop.run, Order("tea"), id="shop-7", task_queue="lesson-tq")"""
    path = notebook(tmp_path / "lesson.ipynb", IMPORTS, DEFINITIONS, SHOP, use)
    starter = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}["starter.py"]
    assert """"Shop": (Shop.run, "lesson-tq", "shop-7", [Order('tea')]),""" in starter


BEGINS = """async def begin(run: Any, item: str, *more: Any, queue: str = "shop-tq", where=lab.client):
    return await where.start_workflow(run, args=[item, *more], id=f"begun-{item}", task_queue=queue)"""
BY_NAME = """async def start(kind: type, what: str, workflow_id: str) -> None:
    await lab.client.start_workflow(kind.__name__, what, id=workflow_id, task_queue="shop-tq")"""
IN_TWO_STEPS = """async def start(kind: type, workflow_id: str) -> None:
    await press(kind, "tea", workflow_id=workflow_id)
async def press(kind: type, *given: str, **options: Any) -> None:
    await lab.client.start_workflow(kind.run, *given, task_queue="shop-tq", id="pressed")"""
ITSELF = """async def again(item: str, turns: int) -> None:
    await lab.client.start_workflow(Shop.run, item, id="again", task_queue="shop-tq")
    await again(item, turns - 1)"""


@pytest.mark.parametrize(
    ("helper", "use", "row"),
    [
        (BEGINS, 'await begin(Shop.run, "tea")', "\"shop-tq\", None, ['tea']"),
        (BEGINS, 'await begin(Shop.run, "tea", 3, [1])', "\"shop-tq\", None, ['tea', 3, [1]]"),
        (BEGINS, 'await begin(item="tea", run=Shop.run, queue="night-tq")', "\"night-tq\", None, ['tea']"),
        (BEGINS, 'for each in ("a", "b"):\n    await begin(Shop.run, each)', '"shop-tq", None, None'),
        (BEGINS, 'await begin(Shop.run, *["tea"])', '"shop-tq", None, None'),
        (BEGINS, "await begin(Shop.run)", '"shop-tq", None, None'),
        (BY_NAME, 'await start(Shop, "tea", "shop-7")', '"shop-tq", "shop-7", [\'tea\']'),
        (IN_TWO_STEPS, 'await start(Shop, "shop-8")', '"shop-tq", "pressed", [\'tea\']'),
        (ITSELF, 'await again("tea", 3)', '"shop-tq", "again", [\'tea\']'),
    ],
)
def test_a_start_through_a_function_of_the_notebook_is_a_start(
    tmp_path: pathlib.Path, helper: str, use: str, row: str
) -> None:
    workers = (
        'lab.start_worker(task_queue="shop-tq", workflows=[Shop])\n'
        'lab.start_worker(task_queue="night-tq", workflows=[Shop])'
    )
    path = notebook(tmp_path / "lesson.ipynb", SETUP, IMPORTS, DEFINITIONS, SHOP, workers, helper, use)
    starter = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}["starter.py"]
    assert f'    "Shop": (Shop.run, {row}),' in starter
    ast.parse(starter)


def test_a_workflow_that_no_worker_lists_runs_where_it_is_started(tmp_path: pathlib.Path) -> None:
    use = (
        "def deploy(queue, version):\n"
        "    return lab.start_worker(task_queue=queue, workflows=[version], activities=[charge])\n"
        "versions = [Shop]\n"
        "lab.start_worker(task_queue='front', workflows=[Count])\n"
        "deploy('back', versions[0])\n"
        "await lab.client.start_workflow('Shop', Order('tea'), id='s', task_queue='back')"
    )
    path = notebook(tmp_path / "two.ipynb", SETUP, IMPORTS, DEFINITIONS, SHOP, use)
    worker = {file.name: file.read_text() for file in export_project(path, tmp_path / "out")}["worker.py"]
    assert worker.index('task_queue="back"') < worker.index("workflows=[Shop]")
    assert worker.index("workflows=[Count, Hello]") < worker.index('task_queue="back"')


def test_a_cell_with_the_tag_no_export_stays_in_the_notebook(tmp_path: pathlib.Path) -> None:
    broken = f"{IMPORTS}\nimport time\n" + SHOP.replace("class Shop", "class Broken")
    use = (
        "lab.start_worker(task_queue='q', workflows=[Broken, Shop])\n"
        "await lab.client.start_workflow(Broken.run, Order('a'), id='b', task_queue='q')"
    )
    path = notebook(tmp_path / "lesson.ipynb", SETUP, broken, DEFINITIONS, SHOP, use)
    cells = json.loads(path.read_text())
    tagged = [cell for cell in cells["cells"] if "class Broken" in "".join(cell["source"])]
    tagged[0]["metadata"] = {"tags": ["no-export"]}
    path.write_text(json.dumps(cells))
    exported = export_project(path, tmp_path / "out")
    texts = {file.name: file.read_text() for file in exported}
    assert not any("Broken" in text for text in texts.values())
    assert "workflows=[Shop, Count, Hello]" in texts["worker.py"]
    assert "from temporalio import workflow" in texts["workflows.py"]  # an import of the tagged cell
    assert not exported.notes


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
        (
            [SETUP, IMPORTS, USES_LAB, OLD_SHOP.replace("Order", "str")],
            "`lab` exists only while the notebook runs. It is None in the project",
        ),
        (
            [IMPORTS, USES_COURSE, OLD_SHOP.replace("Order", "str")],
            "`open_lab` exists only while the notebook runs",
        ),
        (
            [IMPORTS, USES_STARTUP_FILE, OLD_SHOP.replace("Order", "str")],
            "`shout` is bound by no cell: an IPython startup file",
        ),
        (
            [IMPORTS, "def broken(:", OLD_SHOP.replace("Order", "str")],
            "cell 2 is not Python (",
        ),
        (
            [IMPORTS, OLD_SHOP.replace("Order", "str"), USES_TUNER],
            "`tuner=runtime.tuner` of the worker of 'q' exists only while the notebook runs",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_named(tmp_path: pathlib.Path, cells: list[str], message: str) -> None:
    exported = export_project(notebook(tmp_path / "lesson.ipynb", *cells), tmp_path / "out")
    assert any(note.startswith(message) for note in exported.notes), exported.notes
    readme = (tmp_path / "out" / "README.md").read_text()
    assert "## What could not be taken along" in readme
    assert message in readme
    for file in exported.files:
        if file.suffix == ".py":
            ast.parse(file.read_text())


def test_a_notebook_without_workflows_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ExportError, match="defines no workflow"):
        export_project(notebook(tmp_path / "lesson.ipynb", IMPORTS), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_notebook_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ExportError, match="There is no file"):
        export_project(tmp_path / "missing.ipynb", tmp_path)
    (tmp_path / "text.ipynb").write_text("hello")
    with pytest.raises(ExportError, match=r"text\.ipynb is not a notebook"):
        export_project(tmp_path / "text.ipynb", tmp_path)


@pytest.mark.parametrize(
    "turn", ["", 'started = await lab.client.start_workflow(Shop.run, Order("x"), id="s", task_queue="q")\n']
)
def test_nothing_of_a_prediction_is_taken_home(tmp_path: pathlib.Path, turn: str) -> None:
    ask = 'goes_on = lab.predict("Which orders go on?", "both", "neither")'
    cells = (SETUP, IMPORTS, DEFINITIONS, SHOP, ask, f'{turn}goes_on.was("both")')
    path = notebook(tmp_path / "lesson.ipynb", *cells)
    texts = "".join(file.read_text() for file in export_project(path, tmp_path / "out"))
    assert "class Shop" in texts
    assert "goes_on" not in texts
    assert "Which orders" not in texts
