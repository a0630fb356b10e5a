"""Not attempted, the wrong kind of object, an older definition: each gets a sentence, and is no error."""

from __future__ import annotations

import pytest

from tests.support.attempts import CHECK, GOOD, STARTER, check
from tests.support.kernels import Kernel

CELLS = {
    "the starter as shipped": (STARTER, CHECK, "`GreetCustomer` has a `____` left"),
    "a comment only": (STARTER + "# I wonder\n", CHECK, "`GreetCustomer` has a `____` left"),
    "the gap itself": (
        STARTER,
        "await ex.greeting.check(____, write_greeting)",
        "put your answer in place of",
    ),
    "a gap in an object": (
        STARTER + "from temporalio.common import RetryPolicy\n",
        "await ex.greeting.check(RetryPolicy(maximum_attempts=____), write_greeting)",
        "put your answer in place of",
    ),
    "a gap among other code": (
        STARTER.replace("return ____", "return await workflow.execute_activity(write_greeting, name, ____)"),
        CHECK,
        "`GreetCustomer` has a `____` left",
    ),
}


@pytest.mark.parametrize("what", CELLS)
def test_what_is_not_attempted_is_told_so(learner: Kernel, what: str):
    source, call, says = CELLS[what]
    told = check(learner, source, call)
    assert told.words == "not attempted yet"
    assert told.text.startswith("○ not attempted yet: ")
    assert says in told.text
    assert told.printed.strip() == ""


BAD = {
    "nothing": ("await ex.greeting.check()", "the check got nothing, and wants 2 things"),
    "one thing": ("await ex.greeting.check(GreetCustomer)", "the check got 1 thing, and wants 2 things"),
    "three things": ("await ex.greeting.check(GreetCustomer, write_greeting, 1)", "the check got 3 things"),
    "turned round": (
        "await ex.greeting.check(write_greeting, GreetCustomer)",
        "`write_greeting` is an activity",
    ),
    "twice the class": (
        "await ex.greeting.check(GreetCustomer, GreetCustomer)",
        "`GreetCustomer` is a workflow",
    ),
    "an instance": (
        "await ex.greeting.check(GreetCustomer(), write_greeting)",
        "an instance of `GreetCustomer`",
    ),
    "a called activity": (
        "await ex.greeting.check(GreetCustomer, write_greeting('Ada'))",
        "the result of calling the activity",
    ),
    "the run method": ("await ex.greeting.check(GreetCustomer.run, write_greeting)", "is no workflow class"),
    "a name": (
        "await ex.greeting.check('GreetCustomer', 'write_greeting')",
        "`'GreetCustomer'` is no workflow class",
    ),
    "None": ("await ex.greeting.check(None, write_greeting)", "`None` is no workflow class"),
    "a module": ("await ex.greeting.check(GreetCustomer, workflow)", "this `module` is no activity"),
}


@pytest.mark.parametrize("what", BAD)
def test_the_wrong_kind_of_thing_is_told_so(learner: Kernel, what: str):
    call, says = BAD[what]
    told = check(learner, GOOD, call)
    assert told.words == "not yet"
    assert says in told.text
    assert "await ex.greeting.check(GreetCustomer, write_greeting)" in told.text, "how it is called"
    assert told.printed.strip() == ""


UNDECORATED = {
    "a class that is no workflow": (
        GOOD.replace("@workflow.defn\n", ""),
        "`GreetCustomer` is a class, but no workflow: `@workflow.defn` does not stand above it",
    ),
    "a function that is no activity": (
        GOOD.replace("@activity.defn\n", ""),
        "`write_greeting` is a function, but no activity: `@activity.defn` does not stand above it",
    ),
}


@pytest.mark.parametrize("what", UNDECORATED)
def test_a_missing_decorator_is_named(learner: Kernel, what: str):
    source, says = UNDECORATED[what]
    told = check(learner, source)
    assert told.words == "not yet"
    assert says in told.text


def test_a_name_that_is_not_defined_is_pythons_own_error(learner: Kernel):
    ran = learner.run("await ex.greeting.check(GreetCustomr, write_greeting)")
    assert ran.error == "NameError: name 'GreetCustomr' is not defined"


def test_an_older_class_is_refused_after_its_cell_was_run_again(learner: Kernel):
    assert learner.run(GOOD).error is None
    learner.run("kept = GreetCustomer")
    told = check(learner, GOOD, "await ex.greeting.check(kept, write_greeting)")
    assert told.words == "not yet"
    assert "this `GreetCustomer` is an older one: its cell was run again since" in told.text


def test_what_is_right_is_right_in_a_cell_of_its_own_names(learner: Kernel):
    renamed = GOOD.replace("GreetCustomer", "Hello").replace("write_greeting", "write")
    activity_named = renamed.replace("@activity.defn", '@activity.defn(name="write_greeting")')
    told = check(learner, activity_named, "await ex.greeting.check(Hello, write)")
    assert told.words == "correct"


def test_hints_come_one_by_one_and_the_solution_explains(learner: Kernel):
    learner.run("ex.greeting._hinted = 0")
    first, second, third = (learner.run("ex.greeting.hint()").text for _ in range(3))
    assert first.startswith("Your first workflow: hint 1 of 2\n1. ")
    assert "(1 more)" in first
    assert second.startswith("Your first workflow: hint 2 of 2\n1. ")
    assert "2. " in second
    assert third == second
    solution = learner.run("ex.greeting.solution()").text
    assert "execute_activity(" in solution
    assert "start_to_close_timeout=" not in first + second, "a hint that tells is none"


def test_a_failure_in_a_check_is_told_by_the_check_and_one_in_the_lab_by_the_cell(learner: Kernel):
    broken = GOOD.replace('return f"Dear', 'raise ValueError("no ink")\n    return f"Dear')
    told = check(learner, broken)
    assert told.words == "not yet"
    assert "no ink" in told.text
    assert told.printed.strip() == ""
    ran = learner.run(
        'worker = lab.start_worker(task_queue="ink", workflows=[GreetCustomer],'
        " activities=[write_greeting])\n"
        'h = await lab.client.start_workflow(GreetCustomer.run, "Ada", id="ink-1", task_queue="ink")\n'
        "import asyncio\n"
        "while not any(each.HasField('last_failure')\n"
        "              for each in (await h.describe()).raw_description.pending_activities):\n"
        "    await asyncio.sleep(0.02)\n"
        "await h.terminate(); worker.stop()"
    )
    assert "ACTIVITY FAILED write_greeting attempt 1: ValueError: no ink" in ran.text
