"""Lesson 06, event history."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_06 as ex


def parcel(told_weight: object = 7, went_on: object = 11, attempts: object = 3, code_ran: object = 4) -> str:
    """The four answers, right where nothing else is said."""
    return f"told_weight, went_on, attempts, code_ran = {told_weight}, {went_on}, {attempts}, {code_ran}"


def guess(a: object = 3, b: object = 2, c: object = 1, weigh: object = 1, entries: object = 3) -> str:
    """The guess, right where nothing else is said."""
    return f'guess = {{"A": {a}, "B": {b}, "C": {c}, "weigh": {weigh}, "entries": {entries}}}'


BALANCE = ex.replay_it_yourself.solution_code
HEAD = "def balance_of(history) -> int:\n    balance = 0\n    for event in history:\n"
OPENING = '        if event.id == 1:\n            balance = event.payloads["input"][0]\n'
GIFT = (
    '        if event.type == "ActivityTaskCompleted":\n            balance += event.payloads["result"][0]\n'
)
PUT = (
    '        if event.type == "WorkflowExecutionSignaled":\n'
    '            balance += event.payloads["input"][0]\n'
)

ANSWERS = [
    # ---- a_parcel: counted by hand, with the eye
    Answer("a_parcel", parcel(), CORRECT),
    Answer("a_parcel", "told_weight = 7", NOT_ATTEMPTED),
    # the question, not the answer
    Answer("a_parcel", parcel(told_weight=5), says="that is the question"),
    # the activity began
    Answer("a_parcel", parcel(told_weight=6), says="nobody knows the weight yet"),
    # the task in which the code hears of it
    Answer("a_parcel", parcel(told_weight=9), says="*because*"),
    # the other activity's result
    Answer("a_parcel", parcel(told_weight=17), says="which activity weighs"),
    Answer("a_parcel", parcel(told_weight=99), says="no event 99"),
    # what the signal led to
    Answer("a_parcel", parcel(went_on=12), says="just before it"),
    Answer("a_parcel", parcel(went_on=15), says="without being asked for"),
    Answer("a_parcel", parcel(went_on=1), says="called a signal"),
    # one started event, one attempt
    Answer("a_parcel", parcel(attempts=1), says="what does its sentence say"),
    # only those that failed
    Answer("a_parcel", parcel(attempts=2), says="was an attempt, too"),
    Answer("a_parcel", parcel(attempts=5), says="you say 5"),
    # all events of workflow tasks
    Answer("a_parcel", parcel(code_ran=12), says="three of these events"),
    # "it ran, and waited now and then"
    Answer("a_parcel", parcel(code_ran=1), says="had to be run on"),
    Answer("a_parcel", parcel(code_ran=2), says="the number of activities"),
    Answer("a_parcel", parcel(code_ran=3), says="one is missing"),
    Answer("a_parcel", parcel(code_ran='"four"'), says="is not a number"),
    # the weight itself, not where it stands
    Answer("a_parcel", parcel(told_weight=800), says="what the parcel weighs"),
    # the start of everything
    Answer("a_parcel", parcel(told_weight=1), says="look for the result"),
    # what the signal brought
    Answer("a_parcel", parcel(went_on='"Oslo"'), says="is not the number of an event"),
    # one too many, one too few
    Answer("a_parcel", parcel(attempts=4), says="you say 4"),
    Answer("a_parcel", parcel(attempts=0), says="you say 0"),
    Answer("a_parcel", parcel(code_ran=5), says="you say 5"),
    Answer("a_parcel", parcel(code_ran=0), says="you say 0"),
    # the task that the answer led to
    Answer("a_parcel", parcel(went_on=13), says="what gave it a reason"),
    # ---- forgetful: the same guess, worked out
    Answer(
        "forgetful",
        'tasks = 3\nguess = dict(zip("ABC", range(tasks, 0, -1)), weigh=1, entries=len("ABC"))',
        CORRECT,
    ),
    # as if nothing were replayed
    Answer("forgetful", guess(a=1, b=1), says='the line with "A": you say once'),
    # everything each time
    Answer("forgetful", guess(b=3, c=3), says="which tasks get to this line"),
    # replay does not run the old lines
    Answer("forgetful", guess(b=1), says='the line with "B": you say once'),
    # the activity is taken to be answered without having run
    Answer("forgetful", guess(weigh=0), says="you say never"),
    # only the last object's own line
    Answer("forgetful", guess(entries=1), says="you say 1"),
    # the list, not its length
    Answer("forgetful", guess(entries=["A", "B", "C"]), says="no whole number"),
    # half of a run
    Answer("forgetful", guess(b=1.5), says="1.5"),
    # the activities again as well
    Answer("forgetful", guess(weigh=3), says="to whom does the history give it"),
    # added up over the objects
    Answer("forgetful", guess(entries=6), says="from empty"),
    # one too many: the start counted twice
    Answer("forgetful", guess(a=4), says="you say 4 times"),
    Answer("forgetful", 'guess = {"A": 3, "B": 2, "C": 1}', says="says nothing of 'weigh'"),
    Answer("forgetful", guess(c='"once"'), says="no whole number"),
    # the code was changed so that it never gets there
    Answer(
        "forgetful",
        replace(
            ex.forgetful.starter,
            "await workflow.sleep(0.1)",
            "await workflow.wait_condition(lambda: False)",
            ex.forgetful.starter[ex.forgetful.starter.index("guess = ") :],
            guess(),
        ),
        says="still running",
    ),
    # ---- replay_it_yourself: with match, and the sum cut off by a function
    Answer(
        "replay_it_yourself",
        """
def balance_of(history) -> int:
    balances = [0]
    for event in history:
        match event.type, event.name:
            case ("WorkflowExecutionStarted", _):
                change = event.payloads["input"][0]
            case ("ActivityTaskCompleted", "ask_grandma"):
                (change,) = event.payloads["result"]
            case ("WorkflowExecutionSignaled", "put"):
                (change,) = event.payloads["input"]
            case _:
                continue
        balances.append(balances[-1] + change if balances[-1] + change >= 0 else balances[-1])
    return balances[-1]
""",
        CORRECT,
    ),
    # the gap is taken out, nothing is put in
    Answer(
        "replay_it_yourself",
        "def balance_of(history) -> int:\n    for event in history:\n        pass",
        says="None",
    ),
    # the opening balance is forgotten
    Answer("replay_it_yourself", HEAD + GIFT + PUT + "    return balance", says="in the first event"),
    # the gift is forgotten: inputs only
    Answer(
        "replay_it_yourself", HEAD + OPENING + PUT + "    return balance", says="the *result* of an activity"
    ),
    # every event of the activity counts
    Answer(
        "replay_it_yourself",
        HEAD
        + OPENING
        + '        if event.name == "ask_grandma":\n'
        + "            balance += next(iter(event.payloads.values()), (0,))[0]\n"
        + "    return balance",
        says="one is the answer",
    ),
    # the signals under another name
    Answer(
        "replay_it_yourself",
        HEAD
        + OPENING
        + GIFT
        + replace(PUT, "WorkflowExecutionSignaled", "SignalReceived")
        + "    return balance",
        says="what is their type",
    ),
    # the rule of the code is forgotten
    Answer(
        "replay_it_yourself", HEAD + OPENING + GIFT + PUT + "    return balance", says="this one was refused"
    ),
    # taking out stops at nothing: not what the code says
    Answer(
        "replay_it_yourself",
        replace(
            BALANCE,
            "            if balance + amount >= 0:\n                balance += amount\n",
            "            balance = max(balance + amount, 0)\n",
        ),
        says="step through the replay",
    ),
    # it returns in the loop
    Answer(
        "replay_it_yourself",
        replace(BALANCE, "    return balance\n", "        return balance\n"),
        says="look at more than the first event",
    ),
    # each event is taken to have an input
    Answer(
        "replay_it_yourself",
        HEAD + '        balance += event.payloads["input"][0]\n    return balance',
        says="KeyError",
    ),
    # the tuple, not the number in it
    Answer(
        "replay_it_yourself",
        HEAD + replace(OPENING, "[0]", "") + "    return balance",
        says="payloads are tuples",
    ),
    # as a text
    Answer(
        "replay_it_yourself", replace(BALANCE, "return balance", "return str(balance)"), says="it is a text"
    ),
    # the balance is shown instead of returned
    Answer("replay_it_yourself", replace(BALANCE, "return balance", "print(balance)"), says="shows it"),
    # it is asked for nothing
    Answer("replay_it_yourself", replace(BALANCE, "(history)", "()"), says="positional argument"),
    # one letter is missing
    Answer("replay_it_yourself", replace(BALANCE, 'payloads["result"]', 'payload["result"]'), says="payload"),
    # it never ends
    Answer(
        "replay_it_yourself",
        "def balance_of(history) -> int:\n    while True:\n        pass",
        says="loop for ever",
    ),
    # it is called, not handed over
    Answer(
        "replay_it_yourself",
        BALANCE,
        says="is no function",
        call="await ex.replay_it_yourself.check(balance_of([]))",
    ),
]
