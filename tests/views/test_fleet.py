"""The fleet view on a real lab: it follows, and its buttons do what they say."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import types
from datetime import timedelta
from typing import Any

import psutil
import pytest

from tests.support.waiting import BACKSTOP, wait_for
from tests.support.workflows import Greeting, Sleeping, greet, stubborn
from tutorial_lib.errors import ServerGoneError
from tutorial_lib.views.fleet.view import Fleet
from tutorial_lib.views.kit.watch import Watch


@pytest.fixture
def view(lab):
    made = Fleet.follow(lab.workers, lab.client, lab._check_server)
    yield made
    made.close()


def row_of(view: Fleet, name: str) -> dict:
    return next(row for row in view.rows if row["name"] == name)


async def test_it_shows_workers_that_come_later_and_what_they_have_in_their_cache(lab, view):
    assert repr(view) == "Fleet: no workers yet."
    lab.start_worker(task_queue="q", workflows=[Sleeping])
    await lab.client.start_workflow(Sleeping.run, 600.0, id="sleeper", task_queue="q")
    wait_for(lambda: view.rows and view.rows[0]["cached"] == ["sleeper"])
    assert view.homeless == []
    assert repr(view) == "Fleet of 1 worker. this kernel on 'q' runs Sleeping: alive."


async def test_it_goes_on_while_a_cell_blocks(lab, view):
    worker = lab.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet], name="worker-1")
    wait_for(lambda: view.rows)
    psutil.Process(worker.pid).kill()  # not through the lab
    # This blocks the loop, as a cell does.
    wait_for(lambda: row_of(view, "worker-1")["state"] == "killed (SIGKILL)")


async def test_the_buttons_kill_and_start_for_real(lab, view):
    worker = lab.spawn_worker(task_queue="q", workflows=[Sleeping], activities=[greet], name="worker-1")
    await lab.client.start_workflow(Sleeping.run, 600.0, id="sleeper", task_queue="q")
    wait_for(lambda: view.rows and row_of(view, "worker-1")["cached"] == ["sleeper"])
    pid, key = worker.pid, row_of(view, "worker-1")["key"]

    view._on_message(view, {"type": "do", "action": "kill", "key": key, "identity": worker.identity}, [])
    wait_for(lambda: "killed with SIGKILL" in view.note)
    assert not psutil.pid_exists(pid)
    assert row_of(view, "worker-1")["state"] == "killed (SIGKILL)"
    wait_for(lambda: [each["id"] for each in view.homeless] == ["sleeper"])

    starting = view.act("start", key)
    assert starting is not None
    assert row_of(view, "worker-1")["state"] == "starting"
    starting.join()
    assert worker.alive
    assert worker.pid != pid
    assert view.note == "worker-1: it runs again, as a new process, with an empty cache."

    stopping = view.act("stop", key)
    assert stopping is not None
    stopping.join()
    assert worker.state == row_of(view, "worker-1")["state"] == "stopped"


async def test_what_it_refuses_it_explains(lab, view):
    worker = lab.start_worker(task_queue="q", workflows=[Greeting], activities=[greet])
    wait_for(lambda: view.rows)
    key = view.rows[0]["key"]
    assert view.act("kill", key) is None
    assert "a thread of this notebook's kernel" in view.note
    assert worker.alive
    assert view.act("stop", key, "the one before") is None
    assert view.note == "this kernel was started anew since: nothing was done."
    assert view.act("stop", "embedded/elsewhere/") is None
    assert view.note == "That worker is not in the lab any more: nothing was done."
    assert view.act("explode", key) is None
    assert worker.alive


async def test_an_action_that_fails_says_so_and_the_view_goes_on(lab):
    def gone() -> None:
        raise ServerGoneError("the server was ended by SIGKILL", "open the lab again")

    view = Fleet.follow(lab.workers, lab.client, gone)
    worker = lab.start_worker(task_queue="q", workflows=[Greeting], activities=[greet])
    worker.stop()
    wait_for(lambda: view.rows and view.rows[0]["state"] == "stopped")
    thread = view.act("start", view.rows[0]["key"])
    assert thread is not None
    thread.join()
    assert view.note == "this kernel: the server was ended by SIGKILL (open the lab again)"
    assert view.rows[0]["state"] == "stopped"
    view.close()


async def test_a_running_activity_is_load_and_stays_so_after_a_kill(lab, view):
    worker = lab.spawn_worker(task_queue="stuck", activities=[stubborn], name="worker-1")
    await lab.client.start_activity(
        stubborn, 600.0, id="stuck", task_queue="stuck", start_to_close_timeout=timedelta(seconds=900)
    )
    wait_for(lambda: view.rows and row_of(view, "worker-1")["load"] == "1 activity: stubborn")
    worker.kill()
    lost = "1 activity: stubborn (lost; the server will know by a timeout)"
    wait_for(lambda: row_of(view, "worker-1")["load"] == lost)
    worker.start()
    wait_for(lambda: row_of(view, "worker-1")["state"] == "alive")
    assert row_of(view, "worker-1")["load"] == lost


async def test_shown_in_a_cell_it_has_the_newest_state_and_a_picture(lab, view):
    worker = lab.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet], name="worker-1")
    data, _ = view._repr_mimebundle_()
    assert data["text/plain"] == "Fleet of 1 worker. worker-1 on 'q' runs Greeting, greet: alive."
    assert data["text/html"].startswith(f'<img alt="{data["text/plain"].replace(chr(39), "&#x27;")}"')
    assert str(worker.pid) not in data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data


async def test_closing_ends_its_thread(lab):
    view = Fleet.follow(lab.workers, lab.client)
    assert view.live
    assert view._watch is not None
    assert view._watch.alive
    view.stop()
    assert not view._watch.alive
    assert not view.live
    assert view.page_state()["live"] is False
    view.stop()


def test_a_watch_keeps_no_interpreter_alive():
    program = (
        "import asyncio\nfrom tutorial_lib.views.kit.watch import Watch\n"
        "async def look():\n    await asyncio.sleep(3600)\n"
        "watch = Watch(look, fast=0.1, slow=0.1)\nwatch.start()\nprint('done')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=BACKSTOP, check=False
    )
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr


def pauses(monkeypatch: pytest.MonkeyPatch, news: list[bool | None], took: float = 0.0) -> list[float]:
    """The pauses of a watch between its looks, on a clock that only looks move; none is waited for.

    Watches that others have left, and that are about to end, keep their own time.
    """
    asked: list[float] = []
    now = [0.0]

    async def look() -> bool | None:
        now[0] += took
        return news.pop(0)

    watch = Watch(look, fast=0.1, slow=0.3)

    def is_it() -> bool:
        return threading.current_thread() is watch._thread.thread

    def no_time(pause: float) -> asyncio.Timeout:
        if is_it():
            asked.append(pause)
        return asyncio.timeout(0 if is_it() else pause)

    def loop() -> Any:
        return types.SimpleNamespace(time=lambda: now[0]) if is_it() else asyncio.get_running_loop()

    stand_in = {**vars(asyncio), "timeout": no_time, "get_running_loop": loop}
    with monkeypatch.context() as patched:
        patched.setattr("tutorial_lib.views.kit.watch.asyncio", types.SimpleNamespace(**stand_in))
        watch.start()
        wait_for(lambda: not watch.alive)
    return asked


def test_a_watch_that_another_test_has_left_keeps_its_own_time(monkeypatch):
    async def looks_on() -> bool:
        return False

    left = Watch(looks_on, fast=0.001, slow=0.001)
    left.start()
    try:
        for _ in range(20):
            assert pauses(monkeypatch, [True, True, None], took=2.0) == pytest.approx([6.0, 6.0])
    finally:
        left.stop()


def test_a_watch_slows_down_without_news(monkeypatch):
    quiet = pauses(monkeypatch, [False, False, False, False, True, None])
    assert quiet == pytest.approx([0.15, 0.225, 0.3, 0.3, 0.1])


def test_a_watch_whose_looks_take_long_leaves_most_of_the_time_to_others(monkeypatch):
    assert pauses(monkeypatch, [True, True, None], took=2.0) == pytest.approx([6.0, 6.0])


def test_a_watch_looks_at_once_when_told():
    seen: list[bool] = []

    async def once_more() -> bool:
        seen.append(True)
        return False

    slow = Watch(once_more, fast=3600.0, slow=3600.0)
    slow.start()
    wait_for(lambda: seen)
    slow.soon()
    wait_for(lambda: len(seen) == 2)
    slow.stop()
    assert not slow.alive


def test_a_watch_that_is_stopped_in_the_moment_of_a_call_ends():
    """`asyncio.wait_for` of Python 3.11 loses the cancellation then, and the thread would look for ever."""
    seen: list[bool] = []

    async def once_more() -> bool:
        seen.append(True)
        return False

    watch = Watch(once_more, fast=3600.0, slow=3600.0)
    watch.start()
    wait_for(lambda: seen)
    watch._thread.call(lambda: (watch._soon.set(), watch._thread._task.cancel()))
    wait_for(lambda: not watch.alive)
