"""Predict what a worker without a cache runs again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value, a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet

if TYPE_CHECKING:
    from tutorial_lib.replay.steps import Line, Recording, Step


class Forgetful(Exercise):
    """Predict what a worker without a cache runs again."""

    title = "Predict: a worker that remembers nothing"
    task = (
        "This worker forgets each workflow as soon as its task is done. Leave the code as it is, and say how "
        "often each of its lines will run until the parcel is done."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def weigh(parcel: str) -> int:
    return 700


@workflow.defn
class Parcel:
    @workflow.run
    async def run(self, parcel: str) -> list[str]:
        self.log = ["A"]
        await workflow.execute_activity(
            weigh, parcel, start_to_close_timeout=timedelta(seconds=10)
        )
        self.log.append("B")
        await workflow.sleep(0.1)
        self.log.append("C")
        return self.log


guess = {"A": ____, "B": ____, "C": ____}
guess |= {"weigh": ____, "entries": ____}
"""
    takes = (a_workflow("Parcel"), an_activity("weigh"), a_value("guess", dict, "a dict with five numbers"))
    hints = (
        "How many workflow tasks are there: at which places does the code stop and wait?",
        (
            "Without a cache each workflow task begins with a new object and at the first line. How far "
            "does each of them get? What answers it at the places where an earlier one had to wait?"
        ),
    )
    solution_code = """
guess = {"A": 3, "B": 2, "C": 1, "weigh": 1, "entries": 3}
"""
    why = (
        "Three workflow tasks: at the start, when the weight is known, when the timer fired. Each begins "
        "with a new object at the first line, so `A` runs in all three, `B` in the last two. `weigh` is "
        "answered from the history, and so is the timer. And the log has three entries, for each object is "
        "filled from empty: state is computed again, not added up."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """What ran is recorded in the worker, line by line; nothing is counted by heart."""
        from tutorial_lib.replay.recorder import Recorder
        from tutorial_lib.views import Stepper

        parcel, weigh_it, guess = answers
        numbers = self._numbers(guess)
        recorder = Recorder()
        run = await bench.run(
            parcel,
            "parcel-7",
            activities=[weigh_it],
            seconds=4,
            max_cached_workflows=0,
            workflow_runner=recorder.runner(),
        )
        run.expect.status("Completed")
        recording = recorder.recording(run.history)
        view = Stepper.of(recording)
        for letter in "ABC":
            steps = [
                step for step in recording.steps for line in _ran(recording, step) if f'"{letter}"' in line
            ]
            if not steps:
                raise NotYet(
                    f'no line with "{letter}" ran', "run the starter cell again: the guess is about its code"
                )
            if numbers[letter] != len(steps):
                view.step = steps[-1].number  # where it runs for the last time
                raise self._line(
                    letter,
                    numbers,
                    len(steps),
                    [recording.lives[step.life][-1].started_id for step in steps],
                    view,
                )
        if numbers["weigh"] != run.expect.attempts("weigh"):
            done = run.expect.has("ActivityTaskCompleted", "weigh")
            raise NotYet(
                f"`weigh`: you say {_times(numbers['weigh'])}; it ran {_times(run.expect.attempts('weigh'))}",
                f"event {done.id} has its result: to whom does the history give it, and how often?",
                view=view,
            )
        if numbers["entries"] != len(run.result):
            raise NotYet(
                f"`entries`: you say {numbers['entries']}; the workflow returned {run.result}",
                "each object fills a log of its own, from empty; the others were thrown away with theirs",
                view=view,
            )
        started = _listed([life[-1].started_id for life in recording.lives])
        return (
            f"{len(recording.lives)} objects, for the workflow tasks of events {started}. Each ran from the "
            "first line, and only the last line of each was new; `weigh` ran once, for it has an answer."
        )

    @staticmethod
    def _numbers(guess: dict[str, Any]) -> dict[str, int]:
        wanted = ("A", "B", "C", "weigh", "entries")
        missing = [key for key in wanted if key not in guess]
        if missing:
            raise NotYet(f"`guess` says nothing of {missing[0]!r}", f"its keys are {', '.join(wanted)}")
        for key in wanted:
            if not isinstance(guess[key], int) or isinstance(guess[key], bool):
                raise NotYet(f"`guess[{key!r}]` is {guess[key]!r}, which is no whole number")
        return {key: guess[key] for key in wanted}

    @staticmethod
    def _line(letter: str, numbers: dict[str, int], seen: int, tasks: list[int], view: Any) -> NotYet:
        said = numbers[letter]
        if said < seen:
            lead = "each workflow task has a new object, which has run nothing yet: where does it begin?"
        else:
            lead = "a task runs only as far as there are answers: which tasks get to this line?"
        return NotYet(
            f'the line with "{letter}": you say {_times(said)}; it ran {_times(seen)}, in the workflow '
            f"task{'s' if seen > 1 else ''} of event{'s' if seen > 1 else ''} {_listed(tasks)}",
            lead,
            view=view,
        )


def _ran(recording: Recording, step: Step) -> Iterator[str]:
    """Texts of the lines that a step ran, without those that it only continued in."""
    lines: list[Line] = [line for line in step.lines if not line.resumed]
    return (recording.source_line(line.file, line.line) for line in lines)


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _listed(numbers: list[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last
