"""Code that hangs, crashes, burns or ends the program: the check ends in time, and the kernel stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attempts import CHECK, GOOD, OPEN, activity, burnt, check, left, workflow
from tests.support.kernels import Kernel, kernel
from tests.support.waiting import wait_for
from tutorial_lib.disk.state import state_folder
from tutorial_lib.exercises.progress import NOBODY
from tutorial_lib.stage.server.shared import stop_server

DEADLINE = 3.0  # seconds, instead of the exercise's own: what does not end is waited for

AWKWARD = {
    "a workflow that loops": (workflow("while True:", "    pass"), "deadlock"),
    "a workflow that waits for ever": (
        workflow("await workflow.wait_condition(lambda: False)"),
        "nothing is under way; it waits for",
    ),
    "a workflow that crashes": (workflow("return 1 / 0"), "division by zero"),
    "a workflow that is not deterministic": (workflow("import random", "return random.random()"), "random"),
    "a workflow that exits": (workflow("raise SystemExit(1)"), "the code ends the program: SystemExit 1"),
    "a workflow that ends the process": (workflow("import os", "os._exit(1)"), "os._exit"),
    "a workflow that never ends": (
        workflow("while True:", "    await workflow.execute_activity(", "        write_greeting, name,",
                 "        start_to_close_timeout=timedelta(seconds=9))"),
        "it goes on and on, with",
    ),
    "a workflow that never ends, and takes its time": (  # few events a second, as on a busy machine
        workflow("while True:", "    await workflow.sleep(0.3)"), "it goes on and on, with",
    ),
    "an async activity that loops": (activity("while True: pass"), "has begun and does not end"),
    "a sync activity that loops": (activity("while True: pass", kind="def"), "has begun and does not end"),
    "a sync activity that will not be ended": (
        activity("while 1:", "    try:", "        while 1: pass", "    except Exception: pass", kind="def"),
        "has begun and does not end",
    ),
    "an async activity that waits for ever": (activity("await asyncio.sleep(3600)"), "does not end"),
    "an async activity that exits": (activity("sys.exit(3)"), "ends the program (SystemExit: 3)"),
    "a sync activity that exits": (activity("sys.exit(3)", kind="def"), "ends the program (SystemExit: 3)"),
    "an activity that ends the process": (activity("os._exit(1)"), "ends the program (SystemExit: os._exit)"),
    "an activity that kills the process": (
        activity("os.kill(os.getpid(), signal.SIGKILL)", kind="def"),
        "ends the program (SystemExit: os.kill)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", AWKWARD)
def test_it_ends_in_time_says_why_and_leaves_nothing_behind(learner: Kernel, what: str):
    source, says = AWKWARD[what]
    told = check(learner, source, seconds=DEADLINE)
    assert told.words == "not yet"
    assert says in told.text
    assert left(learner) == []
    assert told.printed.strip() == ""


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_call_that_blocks_in_the_system_is_left_and_goes_when_it_returns(learner: Kernel, kind: str):
    learner.run("_gate, _key = os.pipe(); os.environ['GATE'] = str(_gate)")
    told = check(learner, activity("os.read(int(os.environ['GATE']), 1)", kind=kind), seconds=DEADLINE)
    assert "`write_greeting` has begun and does not end" in told.text
    assert told.printed.strip() == ""
    assert burnt(learner) < 0.1
    assert check(learner, GOOD).words == "correct", "the kernel is usable while it blocks"
    assert learner.run("threads_of_checks()").text.strip() != "[]"
    learner.run("os.write(_key, b'x')")
    assert left(learner) == []


def test_a_right_answer_is_still_right_after_all_that(learner: Kernel):
    told = check(learner, GOOD)
    assert told.words == "correct"
    assert left(learner) == []
    assert told.printed.strip() == ""


def test_nothing_of_a_check_stays_open_on_the_server(learner: Kernel):
    check(learner, workflow("await workflow.wait_condition(lambda: False)"), seconds=DEADLINE)
    listed = learner.run(
        "from tutorial_lib.exercises.checks.check_namespace import check_client\n"
        "_c = await check_client()\n"
        "[e.id async for e in _c.list_workflows(\"ExecutionStatus = 'Running'\")]"
    )
    assert listed.error is None
    assert listed.text.strip() == "[]"


def test_a_kernel_with_a_blocked_check_can_be_shut_down():
    with kernel(state_folder(), Path.cwd(), TUTORIAL_LEARNER=NOBODY) as running:
        running.run(OPEN)
        told = check(running, activity("time.sleep(3600)"), seconds=DEADLINE)
        assert "does not end" in told.text
        running.client.shutdown()
        wait_for(lambda: not running.manager.is_alive(), lambda: "the blocked thread holds the kernel up")


@pytest.mark.parametrize(
    ("signal", "says"), [("KILL", "was ended by SIGKILL; its log is"), ("STOP", "does not answer")]
)
def test_a_server_that_goes_in_the_middle_is_named_and_the_next_check_has_a_new_one(
    tmp_path: Path, signal: str, says: str
):
    state = tmp_path / "state"
    state.mkdir()
    try:
        with kernel(state, TUTORIAL_LEARNER=NOBODY) as running:
            running.run(OPEN)
            told = check(
                running,
                activity(f"os.system('kill -{signal} ' + os.environ['DOOMED'])", "await asyncio.sleep(60)"),
                "await (os.environ.update(DOOMED=str(lab.server.pid)) or "
                + CHECK.removeprefix("await ")
                + ")",
                seconds=8.0,  # for the activity to begin; a suspended server is waited for
            )
            assert told.words == "not yet"
            assert says in told.text
            assert "for ever" not in told.text
            assert running.run("os.system('kill -CONT ' + os.environ['DOOMED'])").error is None
            assert check(running, GOOD).words == "correct"
    finally:
        stop_server(state)
