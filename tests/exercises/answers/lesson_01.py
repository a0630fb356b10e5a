"""Lesson 01, core concepts."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_01 as ex

GREETING = ex.greeting.starter
ASKED = "await workflow.execute_activity(write_greeting, name, start_to_close_timeout=timedelta(seconds=10))"
BANK = ex.verdicts.starter
GAPS = "{Hasty: ____, Sloppy: ____}"
PARTY = ex.adopted.solution_code
RETURN = "        return len(guests)"


def say(hasty: str, sloppy: str) -> str:
    """What a learner expects of the two."""
    return f'prediction = {{Hasty: "{hasty}", Sloppy: "{sloppy}"}}'


ANSWERS = [
    # written otherwise: started first, awaited later
    Answer(
        "greeting",
        replace(
            GREETING,
            "        return ____",
            "        writing = workflow.start_activity(\n"
            "            write_greeting, args=[name], schedule_to_close_timeout=timedelta(minutes=1)\n"
            "        )\n"
            "        return await writing",
        ),
        CORRECT,
    ),
    # by name
    Answer(
        "greeting", replace(GREETING, "____", replace(ASKED, "write_greeting", '"write_greeting"')), CORRECT
    ),
    # the function itself is called
    Answer("greeting", replace(GREETING, "____", "await write_greeting(name)"), says="no event says"),
    # the text is made up in the workflow: the same result, no activity
    Answer("greeting", replace(GREETING, "____", 'f"Hello {name}"'), says="made it up itself"),
    # the server is asked, and nobody waits for it
    Answer(
        "greeting",
        replace(
            GREETING, "        return ____", f"        {replace(ASKED, 'await ', '')}\n        return name"
        ),
        says="`execute_activity(...)` was never awaited",
    ),
    # no timeout
    Answer(
        "greeting",
        replace(GREETING, "____", "await workflow.execute_activity(write_greeting, name)"),
        says="timeout",
    ),
    # a number of seconds
    Answer(
        "greeting",
        replace(GREETING, "____", replace(ASKED, "timedelta(seconds=10)", "10")),
        says="`timedelta(seconds=10)`",
    ),
    # no await
    Answer("greeting", replace(GREETING, "____", replace(ASKED, "await ", "")), says="returned a coroutine"),
    # the activity runs, its result is dropped
    Answer(
        "greeting",
        replace(GREETING, "        return ____", f"        {ASKED}"),
        says="returned None",
    ),
    # twice
    Answer(
        "greeting",
        replace(GREETING, "        return ____", f"        {ASKED}\n        return {ASKED}"),
        says="twice",
    ),
    # the argument is forgotten
    Answer(
        "greeting",
        replace(GREETING, "____", replace(ASKED, "write_greeting, name", "write_greeting")),
        says="who is to be greeted",
    ),
    # the workflow never comes to an end
    Answer("greeting", replace(GREETING, "return ____", "while True: pass"), says="deadlock"),
    Answer(
        "greeting",
        replace(GREETING, "return ____", "await workflow.wait_condition(lambda: False)"),
        says="4 s",
    ),
    # the function is called, and what it returns is handed over: with a timeout, and without
    Answer(
        "greeting",
        replace(GREETING, "____", replace(ASKED, "write_greeting, name", "write_greeting(name)")),
        says="write_greeting",
    ),
    # the name in capitals, as if it were another activity
    Answer(
        "greeting",
        replace(GREETING, "____", replace(ASKED, "write_greeting", '"writeGreeting"')),
        says="writeGreeting",
    ),
    # a wrong name in the call, and the function not named at all
    Answer("greeting", replace(GREETING, "____", replace(ASKED, "name,", "nmae,")), says="nmae"),
    # another text goes in
    Answer("greeting", replace(GREETING, "____", replace(ASKED, "name,", "'name',")), says="Dear name"),
    # all by keyword, in a variable
    Answer(
        "greeting",
        replace(
            GREETING,
            "        return ____",
            "        text: str = await workflow.execute_activity(\n"
            "            activity=write_greeting, arg=name, start_to_close_timeout=timedelta(seconds=10)\n"
            "        )\n"
            "        return text",
        ),
        CORRECT,
    ),
    # started, and the handle returned instead of the result
    Answer(
        "greeting",
        replace(
            GREETING,
            "____",
            "workflow.start_activity(\n"
            "            write_greeting, name, start_to_close_timeout=timedelta(seconds=10)\n"
            "        )",
        ),
        says="is not waited for: put `await`",
    ),
    # a string where a list of arguments belongs
    Answer("greeting", replace(GREETING, "____", replace(ASKED, "name,", "args=name,")), says="wants a list"),
    # the timeout by its place
    Answer(
        "greeting",
        replace(GREETING, "____", replace(ASKED, "start_to_close_timeout=", "")),
        says="everything else has a name",
    ),
    # a timeout that no attempt can keep
    Answer("greeting", replace(GREETING, "____", replace(ASKED, "seconds=10", "seconds=0")), says="timeout"),
    # run by the workflow's own worker, past the server
    Answer(
        "greeting",
        replace(GREETING, "____", replace(ASKED, "execute_activity", "execute_local_activity")),
        says="a *local* activity ran inside",
    ),
    # ---- verdicts: one of two is said
    Answer("verdicts", 'prediction = {Hasty: "FAILED", Sloppy: ____}', NOT_ATTEMPTED),
    # in the SDK's own words, in another order
    Answer(
        "verdicts",
        "from temporalio.client import WorkflowExecutionStatus as Status\n"
        'prediction = {Sloppy: Status.RUNNING, Hasty: "failed"}',
        CORRECT,
    ),
    # a bug fails the workflow
    Answer("verdicts", say("FAILED", "FAILED"), says="WorkflowTaskFailed (KeyError: 'bob')"),
    # activities are retried always
    Answer("verdicts", say("RUNNING", "RUNNING"), says="MaximumAttemptsReached"),
    # a failed activity gives nothing, and the workflow goes on
    Answer("verdicts", say("COMPLETED", "RUNNING"), says="`Hasty` is FAILED, not COMPLETED"),
    Answer("verdicts", say("FAILED", "COMPLETED"), says="`Sloppy` is RUNNING, not COMPLETED"),
    Answer("verdicts", say("RETRYING", "RUNNING"), says="is no status"),
    Answer("verdicts", 'prediction = {Hasty: "FAILED"}', says="nothing about `Sloppy`"),
    Answer("verdicts", 'prediction = {"Hasty": "FAILED", "Sloppy": "RUNNING"}', says="an entry for 'Hasty'"),
    Answer("verdicts", 'prediction = ["FAILED", "RUNNING"]', says="this `list`"),
    # none for one, another end, and no status at all
    Answer("verdicts", 'prediction = {Hasty: "FAILED", Sloppy: None}', says="None, said of `Sloppy`"),
    Answer("verdicts", say("TIMED_OUT", "RUNNING"), says="`Hasty` is FAILED, not TIMED_OUT"),
    Answer("verdicts", "prediction = {Hasty(), Sloppy()}", says="this `set`"),
    # put together in two lines
    Answer(
        "verdicts",
        'prediction = {Sloppy: "running"}\nprediction[Hasty] = "Failed"',
        CORRECT,
    ),
    # changed, so that it does something else: what it really does counts
    Answer(
        "verdicts",
        replace(BANK, '{"alice": 500}["bob"]', '{"alice": 500}.get("bob", 0)', GAPS, "{}")
        + say("FAILED", "RUNNING"),
        says="WorkflowExecutionCompleted",
    ),
    Answer(
        "verdicts",
        replace(BANK, "maximum_attempts=1", "maximum_attempts=0", GAPS, "{}") + say("FAILED", "RUNNING"),
        says="`Hasty` is RUNNING, not FAILED",
    ),
    # ---- adopted: the class has a name of its own, the worker is told the type
    Answer(
        "adopted",
        replace(PARTY, "@workflow.defn", '@workflow.defn(name="CountGuests")', "CountGuests:", "Party:")
        .replace("[CountGuests]", "[Party]")
        .replace("lab.start_worker", "lab.spawn_worker"),
        CORRECT,
    ),
    # a worker with nothing to run on another queue
    Answer("adopted", replace(PARTY, "party-planning-tq", "party-1"), says="your worker asks at 'party-1'"),
    # the type in other letters, or another one
    Answer("adopted", PARTY.replace("CountGuests", "Countguests"), says="capital letters count"),
    Answer("adopted", PARTY.replace("CountGuests", "Party"), says="names its type"),
    # no argument at all, and too many: the SDK drops what `run` does not take
    Answer(
        "adopted", replace(PARTY, "self, guests: list[str]", "self", "len(guests)", "3"), says="`party-2`"
    ),
    Answer(
        "adopted",
        replace(PARTY, "guests: list[str]", "first, second, third", "len(guests)", "3"),
        says="missing",
    ),
    # returns something else
    Answer("adopted", replace(PARTY, RETURN, "        print(len(guests))"), says="returned None"),
    Answer("adopted", replace(PARTY, RETURN, "        return guests"), says="returned ['Ada'"),
    # a worker with activities only, one that was stopped, and none at all
    Answer(
        "adopted",
        "from temporalio import activity\n"
        "@activity.defn\n"
        "async def count(guests: list[str]) -> int:\n"
        "    return len(guests)\n"
        'worker = lab.start_worker(task_queue="party-planning-tq", activities=[count])',
        says="knows no workflow",
    ),
    Answer(
        "adopted",
        replace(PARTY, "party-planning-tq", "elsewhere-tq") + "\nworker.stop()",
        says="your worker has stopped",
    ),
    Answer("adopted", replace(PARTY, "worker = lab", "worker = CountGuests\n_ = lab"), says="is not what"),
    # put to an end instead of run
    Answer(
        "adopted",
        replace(PARTY, "party-planning-tq", "elsewhere-tq") + '\nawait waiting.terminate("enough")',
        says="Terminated",
    ),
    # a type in quotes, and the number as a word
    Answer("adopted", replace(PARTY, RETURN, "        return str(len(guests))"), says="returned '3'"),
    Answer(
        "adopted",
        replace(
            PARTY,
            RETURN,
            "        return len(guests[0])",
        ),
        says="`party-2`",
    ),
    # counted by hand, and the list read as a tuple
    Answer(
        "adopted",
        replace(
            PARTY, "guests: list[str]", "guests: tuple[str, ...]", "len(guests)", "sum(1 for _ in guests)"
        ),
        CORRECT,
    ),
    # the input taken for a text
    Answer(
        "adopted", replace(PARTY, "guests: list[str]", "guests: str"), says="`run` takes it as a `list[str]`"
    ),
    # the SDK's own worker; run and ended here, or it would stand in the way of the next answer's
    Answer(
        "adopted",
        replace(
            PARTY,
            "worker = lab.start_worker(\n    ",
            "from temporalio.worker import Worker\n\nworker = Worker(\n    lab.client, ",
        )
        + "\nasync with worker:\n    pass",
        says="what `lab.start_worker` returns",
    ),
    # one too many
    Answer("adopted", replace(PARTY, RETURN, "        return len(guests) + 1"), says="returned 4"),
    # an end, but not the one that was asked for
    Answer("adopted", replace(PARTY, RETURN, '        raise ValueError("no guests")'), says="no guests"),
    # the name of the queue in other letters
    Answer(
        "adopted",
        replace(PARTY, "party-planning-tq", "Party-Planning-TQ"),
        says="'Party-Planning-TQ'",
    ),
    # the workflow id for the type
    Answer("adopted", PARTY.replace("CountGuests", "party_1"), says="it knows party_1"),
    # never ends
    Answer(
        "adopted",
        replace(PARTY, RETURN, "        await workflow.wait_condition(lambda: False)"),
        says="5 s",
    ),
]
