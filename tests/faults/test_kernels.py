"""What happens to server and workers when kernels, servers and ports misbehave; each fault is a real one."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

import psutil
import pytest

from tests.support.kernels import DEFINE, OPEN, kernel
from tests.support.waiting import BACKSTOP, gone, wait_for
from tutorial_lib.stage import find_server

RUN_ALL = [
    OPEN.format(name="lesson-01"),
    "import asyncio" + DEFINE,
    'lab.start_worker(task_queue="greetings", workflows=[Greeting, Approval], activities=[greet])',
]


def test_a_killed_kernel_leaves_no_server_and_no_worker_for_ten_seconds(state):
    with kernel(state) as one:
        for source in RUN_ALL:
            assert one.run(source).error is None
        ran = one.run(
            'p = lab.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet])\n'
            "print(p.pid, lab.server.pid, lab.server.keeper_pid)"
        )
        assert ran.error is None, ran.error
        pids = [int(word) for word in ran.text.split()]
        os.kill(one.pid, signal.SIGKILL)
        wait_for(lambda: all(map(gone, pids)))
    assert not (state / "server.json").exists()


HOLDS_THE_LOCK = """
import ctypes, time
from datetime import timedelta
from temporalio import activity, workflow

@activity.defn
def hold_the_lock(path: str) -> None:
    open(path, "w").close()
    ctypes.PyDLL(None).sleep(60)  # unlike CDLL, it does not give Python's lock away

@workflow.defn
class Held:
    @workflow.run
    async def run(self, path: str) -> None:
        await workflow.execute_activity(hold_the_lock, path, start_to_close_timeout=timedelta(minutes=5))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a watcher does it: tests/stage/test_leash.py")
@pytest.mark.parametrize("how", ["from a cell", "from a button"])
def test_a_worker_process_that_holds_pythons_lock_ends_with_a_killed_kernel(state, tmp_path, how):
    start_again = "p.kill()\nimport threading\nt = threading.Thread(target=p.start)\nt.start()\nt.join()"
    held = tmp_path / "held"
    with kernel(state) as one:
        for source in [
            OPEN.format(name="lesson-02"),
            HOLDS_THE_LOCK,
            'p = lab.spawn_worker(task_queue="q", workflows=[Held], activities=[hold_the_lock])',
            start_again if how == "from a button" else "",
            f'await lab.client.start_workflow(Held.run, {str(held)!r}, id="held", task_queue="q")',
        ]:
            assert one.run(source).error is None
        ran = one.run("print(p.pid)")
        wait_for(held.exists)
        os.kill(one.pid, signal.SIGKILL)
        wait_for(lambda: gone(int(ran.text)))


def test_a_restarted_kernel_finds_the_same_server(state):
    hold = (
        "from tutorial_lib.stage import hold_server\nhold = hold_server(who='kernel')\nprint(hold.info.pid)"
    )
    with kernel(state) as one:
        before = one.run(hold).text
        one.manager.restart_kernel(now=True)
        one.client.wait_for_ready(timeout=60)
        assert one.run(hold).text == before


def test_a_killed_server_is_a_clear_error_and_the_next_lab_a_new_start(state):
    with kernel(state) as one:
        for source in RUN_ALL:
            assert one.run(source).error is None
        os.kill(find_server(state).pid, signal.SIGKILL)
        wait_for(lambda: find_server(state) is None)
        ran = one.run('lab.start_worker(task_queue="q", workflows=[Greeting], activities=[greet])')
        assert ran.error.startswith("ServerGoneError: the dev server (pid ")
        assert "was ended by SIGKILL; its log is" in ran.error
        assert one.run(OPEN.format(name="lesson-01")).error is None
        assert one.run(RUN_ALL[2]).error is None
        ran = one.run(
            'await lab.client.execute_workflow(Greeting.run, "Ada", id="g", task_queue="greetings")'
        )
        assert "Hello, Ada!" in ran.text


def test_with_a_database_file_the_workflow_goes_on_after_a_killed_server(state):
    database = state / "course.db"
    opened = OPEN.format(name="lesson-01").replace(
        'open_lab("lesson-01")', f'open_lab("lesson-01", db_filename={str(database)!r})'
    )
    with kernel(state) as one:
        for source in [opened, *RUN_ALL[1:]]:
            ran = one.run(source)
            assert ran.error is None, ran.error
        started = one.run(
            'h = await lab.client.start_workflow(Approval.run, id="order-42", task_queue="greetings")'
        )
        assert started.error is None
        os.kill(find_server(state).pid, signal.SIGKILL)
        wait_for(lambda: find_server(state) is None)
        # A server on the same file and ports, and the worker of before connects again by itself.
        ran = one.run(
            "from tutorial_lib.stage.opening import course_server\nfrom pathlib import Path\n"
            "from tutorial_lib.stage.namespaces import make_namespace\n"
            f"hold = course_server(db_filename=Path({str(database)!r}))\n"
            # That worker asks for its namespace while the server still reads its file, and the server
            # remembers "not found" for a second.
            "await make_namespace(lab.client, lab.namespace)"
        )
        assert ran.error is None, ran.error
        ran = one.run("await h.signal(Approval.approve)\nawait h.result()", seconds=60)
        assert ran.error is None, ran.error
        assert "approved" in ran.text


def test_both_default_ports_taken_by_something_else(state):
    listeners = []
    for port in (7233, 8233):
        try:
            listeners.append(socket.create_server(("127.0.0.1", port)))
        except OSError:
            continue  # taken already, by a server that may go again
    try:
        with kernel(state) as one:
            for source in RUN_ALL:
                assert one.run(source).error is None
            # Pasted code that names Temporal's default address still finds the course.
            ran = one.run(
                "from temporalio.client import Client\n"
                'c = await Client.connect("localhost:7233", namespace="lesson-01")\n'
                'await c.execute_workflow(Greeting.run, "Ada", id="g", task_queue="greetings")'
            )
            assert "Hello, Ada!" in ran.text
            server = find_server(state)
            ours = {listener.getsockname()[1] for listener in listeners}
            assert not ours & {server.grpc_port, server.ui_port}
    finally:
        for listener in listeners:
            listener.close()


def test_two_notebooks_at_once_share_the_server_and_nothing_else(state):
    with kernel(state) as one, kernel(state) as two:
        where = "print(lab.server.pid, lab.namespace)"
        # Both kernels have all their cells before either is read: they really run at the same time.
        first = one.send([OPEN.format(name="lesson-01"), *RUN_ALL[1:], where])
        second = two.send([OPEN.format(name="lesson-02"), *RUN_ALL[1:], where])
        ran = [one.collect(first), two.collect(second)]
        assert [cell.error for cells in ran for cell in cells] == [None] * 8
        pids, namespaces = zip(*(cells[-1].text.split() for cells in ran), strict=True)
        assert len(set(pids)) == 1
        assert set(namespaces) == {"lesson-01", "lesson-02"}


def test_the_same_notebook_in_two_kernels_does_not_meet_itself(state):
    start = 'h = await lab.client.start_workflow(Approval.run, id="order-42", task_queue="greetings")'
    with kernel(state) as one, kernel(state) as two:
        for which in (one, two):
            for source in [*RUN_ALL, start]:
                ran = which.run(source)
                assert ran.error is None, ran.error
        assert two.run("print(lab.namespace)").text == "lesson-01-2\n"
        # The second did not terminate what the first runs.
        assert one.run("print((await h.describe()).status.name)").text == "RUNNING\n"


def test_the_same_notebook_twice_in_one_kernel(state):
    cells = [
        *RUN_ALL,
        'h = await lab.client.start_workflow(Approval.run, id="order-42", task_queue="greetings")',
        "await h.signal(Approval.approve)\nprint(await lab.result(h))",
    ]
    with kernel(state) as one:
        for _ in range(2):
            ran = [one.run(source) for source in cells]
            assert [cell.error for cell in ran] == [None] * len(cells)
            assert ran[-1].text == "approved\n"


def test_all_cells_queued_at_once_with_asyncio_run_in_several(state):
    greet = 'lab.client.execute_workflow(Greeting.run, "{n}", id="{id}", task_queue="greetings")'
    main = f"async def main():\n    print(await {greet})\nasyncio.run(main())"
    cells = [*RUN_ALL]
    for number in range(6):
        cells.append(main.format(n=number, id=f"nested-{number}"))
        cells.append(f"print(await {greet})".format(n=number, id=f"top-level-{number}"))
    with kernel(state) as one:
        ran = one.run_all(cells, seconds=90)
    assert [cell.error for cell in ran] == [None] * len(cells)
    assert [cell.text for cell in ran[3:]] == [f"Hello, {n // 2}!\n" for n in range(12)]


def test_ctrl_c_ends_a_waiting_cell_and_the_kernel_goes_on(state, tmp_path):
    waits = tmp_path / "waits"
    with kernel(state) as one:
        for source in RUN_ALL:
            assert one.run(source).error is None
        wait = (
            'h = await lab.client.start_workflow(Approval.run, id="order-42", task_queue="greetings")\n'
            f"import pathlib; pathlib.Path({str(waits)!r}).touch(); await lab.result(h, timeout=600)"
        )
        sent = one.send([wait])
        wait_for(waits.exists)
        os.kill(one.pid, signal.SIGINT)
        [ran] = one.collect(sent)
        assert ran.error is not None
        assert ran.error.split(":")[0] in {"KeyboardInterrupt", "CancelledError"}
        assert one.run("print((await h.describe()).status.name)").text == "RUNNING\n"
        assert one.run("await h.signal(Approval.approve)\nprint(await lab.result(h))").text == "approved\n"


def test_a_read_only_home_is_enough(state, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o555)
    with kernel(state, HOME=str(home), IPYTHONDIR=str(home / ".ipython")) as one:
        for source in RUN_ALL:
            assert one.run(source).error is None
    assert list(home.iterdir()) == [] or os.getuid() == 0  # root writes wherever it likes


def test_without_a_program_the_first_cell_says_what_to_do(state, tmp_path):
    with kernel(state, TEMPORAL_CLI=str(tmp_path / "nowhere")) as one:
        ran = one.run(OPEN.format(name="lesson-01"))
    assert ran.error.startswith("BinaryNotFoundError: TEMPORAL_CLI names ")
    assert not (state / "server.json").exists()


def test_a_kernel_ends_quietly_with_workers_running(state):
    with kernel(state) as one:
        for source in RUN_ALL:
            assert one.run(source).error is None
        process = psutil.Process(one.pid)
        one.client.shutdown()
        wait_for(lambda: gone(process.pid))
        assert (
            one.manager.provisioner.process.wait(BACKSTOP) == 0
        )  # no crash of the SDK's core on the way out


def test_the_state_file_is_plain_json_for_other_tools(state):
    with kernel(state) as one:
        assert one.run(OPEN.format(name="lesson-01")).error is None
        assert json.loads((state / "server.json").read_text())["address"] == find_server(state).address


@pytest.mark.parametrize(
    "name", ["random", "json", "queue", "asyncio", "temporalio", "tutorial_lib", "typing"]
)
def test_a_file_beside_the_notebook_does_not_come_before_pythons_own(state, tmp_path, name):
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "my_prices.py").write_text("PRICE = 42\n")
    helper = DEFINE.replace('return f"Hello, {name}!"', 'return f"{name} pays {my_prices.PRICE}"')
    with kernel(state, folder) as one:
        for source in [
            OPEN.format(name="lesson-02"),
            "import asyncio, my_prices" + helper,
        ]:
            ran = one.run(source)
            assert ran.error is None, ran.error
        # The kernel has what it needs by now, as one has that runs when such a file is saved.
        (folder / f"{name}.py").write_text("raise SystemExit('this is the learner's own file')\n")
        for source in [
            "p = lab.spawn_worker(task_queue='q', workflows=[Greeting], activities=[greet])",
            "print(await lab.client.execute_workflow(Greeting.run, 'Ada', id='g', task_queue='q'))",
        ]:
            ran = one.run(source)
            assert ran.error is None, ran.error
        assert "Ada pays 42" in ran.text
        # Another server's keeper is started from here as well.
        ran = one.run(
            "from tutorial_lib.stage import start_dev_server\n"
            "server = await start_dev_server()\nprint(server.alive)\nserver.close()"
        )
        assert (ran.error, ran.text.strip()) == (None, "True")


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (signal.SIGKILL, "was ended by SIGKILL; its log is"),
        (signal.SIGSTOP, "does not answer"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        "await h.result()",
        "await lab.client.start_workflow(Approval.run, id='b', task_queue='q')",
    ],
    ids=["result", "start"],
)
def test_below_the_sdks_own_error_stands_what_has_become_of_the_server(state, call, number, says):
    with kernel(state) as one:
        for source in [
            *RUN_ALL,
            "h = await lab.client.start_workflow(Approval.run, id='a', task_queue='greetings')",
        ]:
            assert one.run(source).error is None
        server = find_server(state).pid
        os.kill(server, number)
        try:
            ran = one.run(call, seconds=120)
            assert ran.error is not None
            assert ran.error.startswith("RPCError: "), ran.error
            assert call in ran.shown, "the traceback is there"
            assert says in ran.shown.split(ran.error.partition(": ")[2])[-1]
            caught = f"try:\n    {call}\nexcept Exception as error:\n    print(type(error).__module__, error)"
            ran = one.run(caught, seconds=120)
            assert ran.text.startswith("temporalio.service")
            assert says not in ran.text
        finally:
            if number == signal.SIGSTOP:
                os.kill(server, signal.SIGCONT)


def test_an_error_that_a_server_gives_is_left_alone(state):
    with kernel(state) as one:
        assert one.run(OPEN.format(name="lesson-01")).error is None
        ran = one.run("await lab.client.get_workflow_handle('nobody').describe()")
        assert ran.error.startswith("RPCError: ")
        assert "open_lab" not in ran.shown
