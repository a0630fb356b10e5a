"""`tutorial lab` as a process: what it prints, what it leaves alone, how it ends.

A start and an end take some six seconds together, so each lab here answers several questions.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil

from tests.cli.conftest import Tutorial, in_own_folder, write_notebook
from tests.support.running_lab import OWN, TERMINAL, fetch, running_lab
from tests.support.waiting import BACKSTOP
from tutorial_lib.stage.server.shared import hold_server


@contextmanager
def taken(port: int) -> Iterator[int]:
    """A port that another program listens on; 0 picks one. Gives 0 if somebody else has it, and may go."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", port))
            other.listen()
        except OSError:
            yield 0
        else:
            yield other.getsockname()[1]


# What another lab does that starts at the same moment: it takes the port that Jupyter has just found free.
ROBBED = """
import socket
from jupyterlab.labapp import LabApp
from tutorial_lib.cli import main

found = LabApp.initialize_server

def initialize_server(arguments):
    global thief
    app = found(arguments)
    thief = socket.create_server(("127.0.0.1", app.port))
    print("taken:", app.port, flush=True)
    return app

LabApp.initialize_server = initialize_server
main()
"""


def test_a_lab_whose_port_is_taken_at_the_last_moment_has_another(course: Path, tmp_path: Path):
    command = (sys.executable, "-c", ROBBED, "lab", "--no-browser")
    with running_lab(course, tmp_path, command=command) as lab:
        taken_port = int((lab.state_dir / "jupyterlab.log").read_text().split("taken: ")[1].split()[0])
        assert f":{taken_port}/" not in lab.url
        assert lab.api("/api/kernelspecs")["kernelspecs"]


def test_the_lessons_kernel_is_this_python_whatever_the_user_installed(course: Path, tmp_path: Path):
    own = tmp_path / "home" / ".local" / "share" / "jupyter" / "kernels"
    for name in ("python3", "mine"):
        (own / name).mkdir(parents=True)
        spec = {"argv": ["/another/python", "{connection_file}"], "display_name": name, "language": "python"}
        (own / name / "kernel.json").write_text(json.dumps(spec))
    with running_lab(course, tmp_path, JUPYTER_PREFER_ENV_PATH="0") as lab:
        specs = lab.api("/api/kernelspecs")["kernelspecs"]
        assert specs["python3"]["spec"]["argv"][0] == sys.executable
        assert specs["python3"]["resources"]  # its icon
        assert specs["mine"]["spec"]["argv"][0] == "/another/python"
        with lab.kernel("00_start_here.ipynb") as kernel:
            which = {"python": "__import__('sys').executable"}
            reply = kernel.execute("", user_expressions=which, reply=True, timeout=BACKSTOP)
        assert sys.executable in reply["content"]["user_expressions"]["python"]["data"]["text/plain"]


def test_urls_web_ui_workspace_and_settings_are_the_courses_own(course: Path, tmp_path: Path):
    lesson = ["from x import open_lab", 'lab = await open_lab("lesson-02")']
    write_notebook(course / "notebooks" / "02_activities.ipynb", *lesson)
    own = tmp_path / "home" / ".jupyter"
    own.mkdir(parents=True)
    (own / "jupyter_server_config.py").write_text("raise SystemExit('read')")

    with running_lab(course, tmp_path, "02") as lab:
        assert "JupyterLab" in fetch(lab.url)
        assert "svelte" in fetch(lab.ui_url).lower()
        assert fetch(lab.at("/temporal-ui/")) == fetch(lab.ui_url)  # the same, under JupyterLab's origin
        host, _, port = lab.address.partition(":")
        socket.create_connection((host, int(port)), timeout=BACKSTOP).close()
        assert "02_activities.ipynb" in json.dumps(lab.api("/api/contents"))

        workspace = json.dumps(lab.api("/lab/api/workspaces/temporal-course"))
        assert "notebook:02_activities.ipynb" in workspace
        assert "/temporal-ui/namespaces/lesson-02/workflows" in workspace
        answer = lab.api("/temporal-ui/api/v1/namespaces/lesson-02")
        assert answer["namespaceInfo"]["name"] == "lesson-02"  # there before the first cell runs

        news = lab.api("/lab/api/settings/@jupyterlab/apputils-extension:notification")
        assert news["schema"]["properties"]["fetchNews"]["default"] == "false"
        # Nothing here is to be built; with Node.js on the machine, each page would ask whether it is.
        config = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', fetch(lab.url), re.DOTALL)
        page = json.loads(config[1])
        assert (page["buildCheck"], page["buildAvailable"]) == (False, False)

        before = lab.processes()
        lab.process.send_signal(signal.SIGTERM)
        _, left = psutil.wait_procs(before, timeout=BACKSTOP)
        assert not left
        assert lab.process.wait() == 0
        assert lab.log.read_text().endswith("The Temporal server has stopped.\n")
    assert [path.name for path in own.iterdir()] == ["jupyter_server_config.py"]


def test_a_learner_works_in_copies_and_the_lessons_stay_as_they_are(course: Path, tmp_path: Path):
    lessons = course / "notebooks"
    notebook = nbformat.read(lessons / "01_core_concepts.ipynb", 4)
    notebook.cells[0].update(execution_count=1, outputs=[nbformat.v4.new_output("stream", text="42\n")])
    nbformat.write(notebook, lessons / "01_core_concepts.ipynb")
    before = {path.name: path.read_bytes() for path in lessons.iterdir()}
    # By the path of the lesson, too, it is the copy that opens.
    with running_lab(course, tmp_path, "notebooks/01_core_concepts.ipynb") as lab:
        assert f"your work    {course / OWN}\n" in lab.log.read_text()
        assert "notebook:01_core_concepts.ipynb" in json.dumps(lab.api("/lab/api/workspaces/temporal-course"))
        listed = {entry["name"] for entry in lab.api("/api/contents")["content"]}
        assert listed == {"00_start_here.ipynb", "01_core_concepts.ipynb"}
        opened = lab.api("/api/contents/01_core_concepts.ipynb")["content"]
        assert [cell["outputs"] for cell in opened["cells"]] == [[], []]
        opened["cells"][0]["source"] = "mine = 1"
        saved = {"type": "notebook", "format": "json", "content": opened}
        lab.api("/api/contents/01_core_concepts.ipynb", saved, "PUT")
    assert {path.name: path.read_bytes() for path in lessons.iterdir()} == before
    mine = (course / OWN / "01_core_concepts.ipynb").read_bytes()
    assert b"mine = 1" in mine
    # The lessons change; nothing is forced on whoever works on their copy.
    for name in ("00_start_here", "01_core_concepts"):
        write_notebook(lessons / f"{name}.ipynb", "6 * 8")
    with running_lab(course / OWN, tmp_path, "01") as lab:
        assert (
            "• Lessons 00 and 01 have changed since your copies were made: "
            "`tutorial reset 00 01` takes them, and keeps your copies aside\n"
        ) in lab.log.read_text()
        assert lab.api("/api/contents/01_core_concepts.ipynb")["content"]["cells"][0]["source"] == "mine = 1"
    assert (course / OWN / "01_core_concepts.ipynb").read_bytes() == mine


def test_what_is_in_the_way_of_ones_copies_is_told_before_anything_starts(
    tutorial: Tutorial, course: Path, tmp_path: Path
):
    def told(*named: str) -> str:
        done = tutorial("lab", "--no-browser", *named)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "state" / "server.json").exists()
        return str(done.stderr)

    (course / OWN).write_text("mine")
    assert "my-course is not a folder\n  → move it away; your copies" in told()
    (course / OWN).unlink()
    (course / OWN).symlink_to(tmp_path)
    assert "and the course does not follow it" in told()
    (course / OWN).unlink()
    in_own_folder(course, "00_start_here.ipynb").write_text("<<<<<<< HEAD")
    assert "is not a notebook that can be read\n  → `tutorial reset 00` makes a fresh copy" in told()
    in_own_folder(course, "01_core_concepts.ipynb").unlink()
    in_own_folder(course, "01_core_concepts.ipynb").symlink_to("../notebooks/01_core_concepts.ipynb")
    assert "which is not your copy of the lesson\n  → `tutorial reset 01`" in told("01")
    elsewhere = write_notebook(tmp_path / "elsewhere.ipynb", "1")
    assert "is outside of your folder" in told(str(elsewhere))
    assert "no notebook '42'" in told("42")


def test_an_author_sees_the_lesson_itself(course: Path, tmp_path: Path):
    lesson = course / "notebooks" / "01_core_concepts.ipynb"
    command = (sys.executable, "-m", "tutorial_lib", "author", "preview", str(lesson))
    with running_lab(course, tmp_path, command=command, BROWSER="true") as lab:
        assert lab.api("/api/contents/01_core_concepts.ipynb")["content"]["cells"][0]["source"] == "import os"
        assert not (course / OWN).exists()


def test_ctrl_c_in_a_terminal_stops_kernels_and_servers_without_a_question(course: Path, tmp_path: Path):
    with taken(8888) as port, running_lab(course, tmp_path, through=TERMINAL) as lab:
        assert not lab.base.endswith(f":{port}")
        with lab.kernel("00_start_here.ipynb") as kernel:
            child = "import subprocess; subprocess.Popen(['sleep', '600'])"
            assert kernel.execute(child, reply=True, timeout=BACKSTOP)["content"]["status"] == "ok"
        before = lab.processes()
        assert {"sleep", "temporal"} <= {process.name() for process in before}
        assert lab.process.stdin
        lab.process.stdin.write(b"\x03")
        lab.process.stdin.flush()
        _, left = psutil.wait_procs(before, timeout=BACKSTOP)
        assert not left
        assert "[y/" not in lab.log.read_text()


def test_sigkill_leaves_nothing_either(course: Path, tmp_path: Path):
    with running_lab(course, tmp_path) as lab, lab.kernel("00_start_here.ipynb") as kernel:
        assert kernel.execute("1", reply=True, timeout=BACKSTOP)["content"]["status"] == "ok"
        before = lab.processes()
        assert len(before) >= 4  # lab, kernel, keeper, server
        lab.process.kill()
        _, left = psutil.wait_procs(before, timeout=BACKSTOP)
        assert not left


def test_a_server_that_others_use_goes_on(course: Path, tmp_path: Path):
    with hold_server(who="a notebook", state_dir=tmp_path / "state") as hold:
        with running_lab(course, tmp_path) as lab:
            assert lab.address == hold.info.address
            lab.process.send_signal(signal.SIGHUP)  # its terminal was closed
            assert lab.process.wait(BACKSTOP) == 0
            assert "The Temporal server goes on, used by a notebook" in lab.log.read_text()
        assert hold.alive


def test_it_works_in_a_home_that_cannot_be_written(course: Path, tmp_path: Path):
    # /proc takes no files from anyone, the super-user (as CI often is) included
    with running_lab(course, tmp_path, HOME="/proc") as lab:
        with lab.kernel("00_start_here.ipynb") as kernel:
            assert kernel.execute("6 * 7", reply=True, timeout=BACKSTOP)["content"]["status"] == "ok"
        assert lab.log.read_text().count("\n") < 9  # the terminal has our lines alone


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(tutorial: Tutorial):
    with taken(0) as port:
        done = tutorial("lab", "--no-browser", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr


def test_a_server_that_is_killed_is_told_and_the_next_one_taken_over(course: Path, tmp_path: Path):
    with running_lab(course, tmp_path) as lab:
        state = json.loads((lab.state_dir / "server.json").read_text())
        psutil.Process(state["pid"]).kill()
        lab.wait_for("was ended by SIGKILL")
        assert "server.log" in lab.log.read_text()
        with hold_server(who="a notebook", state_dir=lab.state_dir) as hold:
            lab.wait_for("A new server runs")
            assert "tutorial lab" in {user["who"] for user in hold.users()}


def test_an_address_elsewhere_means_that_nothing_is_started(
    course: Path, tmp_path: Path, dev_server_address: str
):
    with running_lab(course, tmp_path, TEMPORAL_ADDRESS=dev_server_address) as lab:
        assert lab.address == dev_server_address
        assert not (lab.state_dir / "server.json").exists()
        assert "temporal-ui" not in json.dumps(lab.api("/lab/api/workspaces/temporal-course"))
        lab.process.send_signal(signal.SIGINT)
        assert lab.process.wait(BACKSTOP) == 0
