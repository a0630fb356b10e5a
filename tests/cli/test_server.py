"""`tutorial server`: a server that stays without JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest
from temporalio.client import Client

from tests.cli.conftest import Tutorial
from tests.support.running_lab import stranger_on
from tests.support.waiting import gone, wait_for
from tutorial_lib.stage.server.shared import find_server, hold_server


def test_start_status_stop(tutorial: Tutorial, state_dir: Path):
    before = tutorial("server", "status")
    assert before.returncode == 3
    assert "No server runs" in before.stdout

    started = tutorial("server", "start")
    assert started.returncode == 0, started.stderr
    info = find_server(state_dir)
    assert info is not None
    assert info.address in started.stdout
    assert info.ui_url in started.stdout
    assert str(info.binary.path) in started.stdout

    again = tutorial("server", "start")
    assert "runs already" in again.stdout
    assert info.address in again.stdout

    with hold_server(who="a notebook", state_dir=state_dir):
        status = tutorial("server", "status")
    assert status.returncode == 0
    assert "used by   a notebook (pid " in status.stdout
    assert "in memory" in status.stdout

    stopped = tutorial("server", "stop")
    assert "has stopped" in stopped.stdout
    assert not psutil.pid_exists(info.pid)
    assert "No server was running" in tutorial("server", "stop").stdout


def test_a_started_server_stays_when_nobody_uses_it(tutorial: Tutorial, state_dir: Path, tmp_path: Path):
    tutorial("server", "start")
    info = find_server(state_dir)
    assert info is not None
    # An ordinary one, whose user leaves later, goes first.
    with hold_server(who="a notebook", state_dir=tmp_path / "ordinary") as hold:
        pass
    wait_for(lambda: gone(hold.info.pid))
    assert psutil.pid_exists(info.pid)


def test_taken_ports_are_left_alone(tutorial: Tutorial, state_dir: Path):
    for _ in range(10):  # until it is this test, or for long enough another run, that has the port
        with stranger_on(7233) as is_here:
            done = tutorial("server", "start")
        assert done.returncode == 0, done.stderr
        info = find_server(state_dir)
        assert info is not None
        if is_here or info.grpc_port != 7233:
            break
        tutorial("server", "stop")
    assert info.grpc_port != 7233


async def test_a_database_file_keeps_what_the_server_knew(
    tutorial: Tutorial, state_dir: Path, tmp_path: Path
):
    database = tmp_path / "course.db"

    async def start_and_connect() -> Client:
        done = tutorial("server", "start", "--db-filename", database)
        assert done.returncode == 0, done.stderr
        assert str(database) in done.stdout
        return await Client.connect(json.loads((state_dir / "server.json").read_text())["address"])

    client = await start_and_connect()
    await client.start_workflow("Remembered", id="remember-me", task_queue="nobody")
    tutorial("server", "stop")
    client = await start_and_connect()
    assert (await client.get_workflow_handle("remember-me").describe()).workflow_type == "Remembered"


def test_another_database_file_is_refused_while_a_server_runs(tutorial: Tutorial, tmp_path: Path):
    tutorial("server", "start")
    done = tutorial("server", "start", "--db-filename", tmp_path / "other.db")
    assert done.returncode == 1
    assert "in memory" in done.stderr
    assert "→ `tutorial server stop`" in done.stderr


def test_without_a_temporal_program_start_says_so(tutorial: Tutorial, tmp_path: Path):
    done = tutorial("server", "start", TEMPORAL_CLI=str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert "TEMPORAL_CLI names" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["start", "stop", "status"])
def test_no_command_leaves_a_server_behind_it_did_not_say(command: str, tutorial: Tutorial, state_dir: Path):
    done = tutorial("server", command)
    assert ("The server runs." in done.stdout) == (find_server(state_dir) is not None)


def test_a_path_with_brackets_is_shown_as_it_is(tutorial: Tutorial, tmp_path: Path):
    folder = tmp_path / "[red]my[" / "]course[" / "]"
    folder.mkdir(parents=True)
    for command in (["server", "status"], ["server", "start", "--db-filename", folder / "course.db"]):
        done = tutorial(*command, TUTORIAL_STATE_DIR=str(folder / "state"))
        assert "Traceback" not in done.stderr
        assert str(folder) in done.stdout
    assert tutorial("server", "stop", TUTORIAL_STATE_DIR=str(folder / "state")).returncode == 0
