"""What a check costs on top of the workflow that it runs: the goal is 0.3 s at most (`make bench`)."""

from __future__ import annotations

import statistics

import pytest

from tests.bench.rounds import rounds
from tests.support.attempts import GOOD, OPEN
from tests.support.kernels import kernel
from tutorial_lib.stage import stop_server

pytestmark = pytest.mark.timeout(300)

ROUNDS = rounds(10)
GOAL = 0.3  # seconds

CHECKED = """
_began = time.perf_counter()
_outcome = await ex.greeting.check(GreetCustomer, write_greeting)
_took = time.perf_counter() - _began
assert _outcome.correct, _outcome
print("TOOK", _took)
"""
WORKER = 'lab.start_worker(task_queue="alone", workflows=[GreetCustomer], activities=[write_greeting])'
# The same workflow, on a worker that is there: what the check cannot do without.
ALONE = """
_began = time.perf_counter()
await lab.client.execute_workflow(GreetCustomer.run, "Ada", id=f"alone-{_began}", task_queue="alone")
print("TOOK", time.perf_counter() - _began)
"""


def test_a_check_of_a_right_answer(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    checked, alone = [], []
    try:
        with kernel(state, TUTORIAL_LEARNER="ada") as one:
            for cell in (
                OPEN,
                GOOD,
                WORKER,
                ALONE,
            ):
                ran = one.run(cell)
                assert ran.error is None, ran.error
            first = seconds(one.run(CHECKED))
            for _ in range(ROUNDS):
                checked.append(seconds(one.run(CHECKED)))
                alone.append(seconds(one.run(ALONE)))
    finally:
        stop_server(state)
    extra = statistics.median(checked) - statistics.median(alone)
    spread = f"{min(checked):.3f}-{max(checked):.3f} s / {min(alone):.3f}-{max(alone):.3f} s"
    print(
        f"\n  check() of a right answer, on top of its workflow: {extra:.3f} s  (goal <= {GOAL} s; medians "
        f"{statistics.median(checked):.3f} s / {statistics.median(alone):.3f} s, n={ROUNDS}, {spread}; "
        f"a kernel's first check took {first:.3f} s)"
    )


def seconds(ran) -> float:
    """What a cell printed."""
    assert ran.error is None, ran.error
    [line] = [line for line in ran.text.splitlines() if line.startswith("TOOK ")]
    return float(line.split()[1])
