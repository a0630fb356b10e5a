"""A cell that failed made nothing: its exercise is not judged by what an earlier run of it left."""

from __future__ import annotations

import pytest

from tests.support.answering import replace
from tests.support.attempts import CHECK, GOOD, STARTER
from tests.support.kernels import Kernel
from tests.support.waiting import wait_for

TWO = """
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet

class Total(Exercise):
    lesson, name, title, task = "lesson-90", "total", "Two numbers", "Make five."
    starter = "first = ____\\nsecond = ____"
    takes = (a_value("first", int, "a number"), a_value("second", int, "a number"))
    hints, solution_code, why = ("Add.", "Count."), "first, second = 2, 3", "2 + 3"

    async def verify(self, bench, first, second):
        if first + second != 5:
            raise NotYet(f"{first} + {second} is not 5", "try others")
        return "that is five"

total = Total()
"""
TOTAL = "await total.check(first, second)"


@pytest.fixture
def two(learner: Kernel) -> Kernel:
    """A kernel in which a right answer to an exercise of two numbers has run."""
    good(learner, TWO)
    good(learner, "first = 2\nsecond = 3")
    assert told(learner, TOTAL).startswith("✓ correct")
    return learner


def good(kernel: Kernel, source: str) -> None:
    ran = kernel.run(source)
    assert ran.error is None, ran.shown


def told(kernel: Kernel, check: str) -> str:
    ran = kernel.run(f"_said = {check}\nprint(repr(_said))")
    assert ran.error is None, ran.shown
    return ran.text.strip()


def bad(kernel: Kernel, source: str) -> int:
    """Run a cell that fails; returns its number."""
    assert kernel.run(source).error is not None
    ran = kernel.run("print(get_ipython().execution_count)")
    return int(ran.text) - 1


FAILED = {
    "first = 2\nsecond = trhee": ("NameError: name 'trhee' is not defined", "`second` has"),
    "first = tow\nsecond = 3": ("NameError: name 'tow' is not defined", "`first` and `second` have"),
    "1 / 0\nfirst = 2\nsecond: int = 3": ("ZeroDivisionError: division by zero", "`first` and `second` have"),
    "first, second = 2": ("TypeError: cannot unpack non-iterable int object", "`first` and `second` have"),
    "for second in []: pass\nfor k in 1,:\n    1 / 0\n    first = 2": (
        "ZeroDivisionError: division by zero",
        "`first` has",
    ),
    "%%time\nfirst = 1 / 0": ("ZeroDivisionError: division by zero", "`first` has"),
    "first = int('two')": ("ValueError: invalid literal for int() with base 10: 'two'", "`first` has"),
    "import asyncio\nawait asyncio.sleep(0)\nfirst = 1 / 0": ("ZeroDivisionError", "`first` has"),
    "def inner():\n    raise KeyError('x')\nfirst = inner()": ("KeyError: 'x'", "`first` has"),
}


@pytest.mark.parametrize("cell", FAILED)
def test_a_cell_that_raised_before_it_bound_is_named_and_nothing_is_judged(two: Kernel, cell: str):
    error, names = FAILED[cell]
    number = bad(two, cell)
    said = told(two, TOTAL)
    assert said.startswith(f"✗ not yet: cell In[{number}] raised {error}"), said
    assert f"{names} now is from an earlier run" in said
    assert said.endswith("→ mend that cell and run it, then this one")
    good(two, "first = 1\nsecond = 4")
    assert told(two, TOTAL).startswith("✓ correct")


NO_PYTHON = [
    "first = (2\nsecond = 3",
    "first = 2 +",
    "first = 2\n  second = 3",
    "first, second = 2, 3)",
    "first = 'two",
    "%%time\nfirst = (",
]


@pytest.mark.parametrize("cell", NO_PYTHON)
def test_a_cell_that_is_no_python_made_nothing(two: Kernel, cell: str):
    number = bad(two, cell)
    said = told(two, TOTAL)
    kind = "IndentationError" if "\n  " in cell else "SyntaxError"
    assert said.startswith(f"✗ not yet: cell In[{number}] did not run ({kind}: "), said
    assert ".py" not in said
    assert "from an earlier run" in said


@pytest.mark.parametrize("wait", ["import time; time.sleep(600)", "import asyncio; await asyncio.sleep(600)"])
def test_a_cell_that_was_interrupted_made_nothing_more(two: Kernel, wait: str):
    ids = two.send([f"print('begun')\nfirst = 1\n{wait}\nsecond = 4"])
    begun(two)
    two.manager.interrupt_kernel()
    two.collect(ids)
    said = told(two, TOTAL)
    assert "was interrupted; what `second` has now is from an earlier run" in said, said
    assert said.endswith("→ run that cell to its end, then this one")


def begun(kernel: Kernel) -> None:
    """Wait until a cell that was sent has printed."""

    def printed() -> bool:
        message = kernel.client.get_iopub_msg(timeout=90)
        return message["msg_type"] == "stream"

    wait_for(printed)


def test_what_was_bound_before_the_error_is_judged(two: Kernel):
    bad(two, "first = 1\nsecond = 4\nprint(thrid)")
    assert told(two, TOTAL).startswith("✓ correct")
    number = bad(two, "first = 1\nsecond = 9\nprint(thrid)")
    said = told(two, TOTAL)
    assert said.startswith("✗ not yet: 1 + 9 is not 5"), said
    assert f"cell In[{number}] made it, and then ended with NameError: name 'thrid' is not defined" in said


def test_a_loop_that_bound_it_before_it_failed_has_bound_it(two: Kernel):
    bad(two, "first = 1\nfor second in (7, 4):\n    if second == 4: 1 / 0")
    assert told(two, TOTAL).startswith("✓ correct")


def test_a_cell_that_failed_elsewhere_is_no_matter(two: Kernel):
    bad(two, "print(frist)")
    bad(two, "third = first + fourth")
    assert told(two, TOTAL).startswith("✓ correct")


def test_an_answer_made_in_the_cell_of_the_check_is_new(two: Kernel):
    bad(two, "second = trhee")
    ran = two.run(f"second = 3\n_said = {TOTAL}\nprint(repr(_said))")
    assert ran.text.startswith("✓ correct"), ran.text


def test_an_unrelated_older_binding_is_not_the_answer(two: Kernel):
    good(two, "third = 3")
    bad(two, "third = thre")
    assert "`third` has now" not in told(two, TOTAL)
    assert "what `third` has now is from an earlier run" in told(two, "await total.check(first, third)")


def test_a_gap_that_was_filled_in_wrongly_is_no_gap(two: Kernel):
    good(two, "first = ____\nsecond = ____")
    assert told(two, TOTAL).startswith("○ not attempted yet")
    bad(two, "first = tow\nsecond = 3")
    assert told(two, TOTAL).startswith("✗ not yet: cell In[")


WORKFLOWS = {
    "a class whose body fails": replace(GOOD, "@workflow.run", "@workflow.runn"),
    "a class whose decorator fails": replace(GOOD, "@workflow.defn", "@workflow.define"),
    "an activity that fails": replace(GOOD, "@activity.defn", "@activity.define"),
    "a missing colon": replace(GOOD, "class GreetCustomer:", "class GreetCustomer"),
    "a missing import": "import tempralio\n" + GOOD,
}


@pytest.mark.parametrize("what", WORKFLOWS)
def test_a_workflow_whose_cell_failed_is_not_the_one_before(learner: Kernel, what: str):
    good(learner, GOOD)
    number = bad(learner, WORKFLOWS[what])
    said = told(learner, CHECK)
    assert said.startswith(f"✗ not yet: cell In[{number}] "), said
    assert "from an earlier run" in said
    good(learner, STARTER)
    assert "has a `____` left" in told(learner, CHECK)
