"""Lesson 07, determinism."""

from __future__ import annotations

from textwrap import indent

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_07 as ex

DRAWN = ex.a_fair_raffle.solution_code
RAFFLE = ex.a_fair_raffle.starter
DICE = ("random.randint(1, tickets)", "workflow.random().randint(1, tickets)")
NUMBER = ("uuid.uuid4()", "workflow.uuid4()")
NOW = ("datetime.now()", "workflow.now()")
FREE = (
    "        with workflow.unsafe.sandbox_unrestricted():\n            winner = random.randint(1, tickets)\n"
)

GUESS = ex.changes.solution_code
LIMIT, CHARGING, SHIPPING, NAME, FIRST, ADDRESS = ex.changes.made

RUNNING = ex.new_bank.starter
CHARGE = """\
            await workflow.execute_activity(
                "charge_card", customer, start_to_close_timeout=limit
            )
"""
ACCOUNT = CHARGE.replace("charge_card", "charge_account")


def guess(question: str, answer: str) -> str:
    """All as it is, but for one answer."""
    line = next(line for line in GUESS.splitlines() if question in line)
    return replace(GUESS, line, f'    "{question}": {answer},')


def bank(*lines: str) -> str:
    """The subscription with other lines where the card is charged."""
    return replace(RUNNING, CHARGE, "".join(lines))


def deeper(line: str) -> str:
    """Lines one level further in."""
    return indent(line, "    ")


ANSWERS = [
    # ---- a_fair_raffle: other dice, other clock, all of Temporal
    Answer(
        "a_fair_raffle",
        replace(
            DRAWN,
            "workflow.random().randint(1, tickets)",
            "workflow.new_random().randrange(tickets) + 1",
            "workflow.uuid4()",
            'f"{workflow.info().workflow_id}/{workflow.info().run_id}"',
            "workflow.now()",
            "workflow.time()",
        ),
        CORRECT,
    ),
    # one after the other: whoever repairs one line meets the next
    Answer("a_fair_raffle", replace(RAFFLE, *DICE), says="uuid.uuid4"),
    Answer("a_fair_raffle", replace(RAFFLE, *NUMBER, *NOW), says="random.randint"),
    Answer("a_fair_raffle", replace(RAFFLE, *DICE, *NUMBER), says="datetime.datetime.now"),
    # the sandbox is sent away
    Answer(
        "a_fair_raffle",
        replace(RAFFLE, "        winner = random.randint(1, tickets)\n", FREE, *NUMBER, *NOW),
        says="in a replay the same raffle says",
    ),
    # a generator of one's own: the sandbox lets it pass
    Answer(
        "a_fair_raffle",
        replace(RAFFLE, DICE[0], "random.Random(42).randint(1, tickets)", *NUMBER, *NOW),
        says="the same winner",
    ),
    # not the dice but their number: no chance, no raffle
    Answer("a_fair_raffle", replace(RAFFLE, DICE[0], "7", *NUMBER, *NOW), says="'ticket 7 wins'"),
    # the time is left out, so that it cannot differ
    Answer(
        "a_fair_raffle",
        replace(RAFFLE, *DICE, *NUMBER, '            f"drawn at {datetime.now()}",\n', ""),
        says="three lines of its protocol",
    ),
    Answer(
        "a_fair_raffle", replace(RAFFLE, *DICE, *NUMBER, "{datetime.now()}", "noon"), says="the same time"
    ),
    # drawn again for whoever asks
    Answer(
        "a_fair_raffle",
        replace(
            DRAWN,
            "    def protocol(self) -> list[str]:\n        return self.lines",
            (
                "    def protocol(self) -> list[str]:\n"
                '        return [f"ticket {workflow.random().randint(1, 10**9)} wins", *self.lines[1:]]'
            ),
        ),
        says="only tells what `run` has drawn",
    ),
    # drawn by an activity: right in principle, and not what is asked here
    Answer(
        "a_fair_raffle",
        replace(
            DRAWN,
            "workflow.random().randint(1, tickets)",
            'await workflow.execute_activity("draw", tickets, start_to_close_timeout=timedelta(seconds=5))',
            "@workflow.defn",
            "from datetime import timedelta\n\n\n@workflow.defn",
        ),
        says="asks for activity `draw`",
    ),
    # nobody can ask any more
    Answer(
        "a_fair_raffle",
        DRAWN[: DRAWN.index("    @workflow.query")],
        says="does not answer the query",
    ),
    Answer(
        "a_fair_raffle",
        replace(DRAWN, "        winner", "        while True:\n            pass\n        winner"),
        says="deadlock",
    ),
    # the worker's own clock by another name
    Answer(
        "a_fair_raffle", replace(RAFFLE, *DICE, *NUMBER, "datetime.now()", "datetime.utcnow()"), says="utcnow"
    ),
    # dice of another library function
    Answer(
        "a_fair_raffle",
        replace(RAFFLE, DICE[0], "random.choice(range(1, tickets + 1))", *NUMBER, *NOW),
        says="random.choice",
    ),
    # the clock of Temporal, without ()
    Answer(
        "a_fair_raffle",
        replace(RAFFLE, *DICE, *NUMBER, "datetime.now()", "workflow.now"),
        says="the time is the function `now`",
    ),
    # the dice of Temporal, asked as the module is
    Answer(
        "a_fair_raffle",
        replace(RAFFLE, DICE[0], "workflow.random.randint(1, tickets)", *NUMBER, *NOW),
        says="randint",
    ),
    # a name that is not there
    Answer("a_fair_raffle", replace(RAFFLE, *DICE, NUMBER[0], "workflow.uuid()", *NOW), says="uuid"),
    # the ids of Temporal, without ()
    Answer(
        "a_fair_raffle",
        replace(RAFFLE, *DICE, NUMBER[0], "workflow.uuid4", *NOW),
        says="the number is the function `uuid4`",
    ),
    # returned as a text
    Answer(
        "a_fair_raffle",
        replace(DRAWN, "        return self.lines\n\n", "        return str(self.lines)\n\n"),
        says="one text",
    ),
    # ---- changes: other words for the same guess
    Answer(
        "changes",
        f"stops = {[CHARGING, NAME, FIRST]}\n"
        'guess = {change: "stops" if change in stops else "goes on" for change in guess}',
        CORRECT,
    ),
    Answer("changes", guess(NAME, "____"), NOT_ATTEMPTED),
    # in other letters
    Answer("changes", replace(GUESS, '"stops"', '"Stops."'), CORRECT),
    # both at once
    Answer("changes", guess(NAME, '["stops", "goes on"]'), says="none of the two answers"),
    # any change at all is taken to stop it
    Answer("changes", guess(LIMIT, '"stops"'), says="their timeouts are not compared"),
    # a sleep is taken for nothing
    Answer("changes", guess(CHARGING, '"goes on"'), says="start timer 1 s"),
    # what lies ahead is taken to matter
    Answer("changes", guess(SHIPPING, '"stops"'), says="has not got there"),
    # a name is taken for a detail
    Answer("changes", guess(NAME, '"goes on"'), says="take_payment"),
    # the same activities, whatever their order
    Answer("changes", guess(FIRST, '"goes on"'), says="event 5 is ActivityTaskScheduled `reserve_stock`"),
    # arguments are taken to be compared
    Answer("changes", guess(ADDRESS, '"stops"'), says="its arguments are not compared"),
    Answer("changes", guess(LIMIT, "True"), says="none of the two answers"),
    Answer("changes", 'guess = {"limit": "goes on"}', says="says nothing of"),
    # ---- new_bank: asked in the loop, with an else
    Answer(
        "new_bank",
        bank(
            '            if workflow.patched("account"):\n',
            deeper(ACCOUNT),
            "            else:\n",
            deeper(CHARGE),
        ),
        CORRECT,
    ),
    # simply changed
    Answer("new_bank", bank(ACCOUNT), says="event 5 is ActivityTaskScheduled `charge_card`"),
    # the else is forgotten, as in the lesson's example
    Answer(
        "new_bank",
        bank('            if workflow.patched("account"):\n', deeper(ACCOUNT)),
        says="asks for nothing",
    ),
    # in addition, as in the lesson's example
    Answer(
        "new_bank",
        bank('            if workflow.patched("account"):\n', deeper(ACCOUNT), CHARGE),
        says="as well as by `charge_account`",
    ),
    # the wrong way round
    Answer(
        "new_bank",
        bank(
            '            if not workflow.patched("account"):\n',
            deeper(ACCOUNT),
            "            else:\n",
            deeper(CHARGE),
        ),
        says="`patched` is false",
    ),
    # decided by whether it is being replayed
    Answer(
        "new_bank",
        bank(
            "            if workflow.unsafe.is_replaying():\n",
            deeper(CHARGE),
            "            else:\n",
            deeper(ACCOUNT),
        ),
        says="`is_replaying` says",
    ),
    # the same, decided once at the beginning: it goes well until somebody replays it
    Answer(
        "new_bank",
        replace(
            ex.new_bank.solution_code,
            'workflow.patched("new-bank")',
            "not workflow.unsafe.is_replaying()",
        ),
        says="it went well once",
    ),
    # a patch of its own for each month: changes the bank half-way
    Answer(
        "new_bank",
        bank(
            '            if workflow.patched(f"account-{month}"):\n',
            deeper(ACCOUNT),
            "            else:\n",
            deeper(CHARGE),
        ),
        says="each patch id is asked by itself",
    ),
    # the patch is taken out at once
    Answer(
        "new_bank",
        bank('            workflow.deprecate_patch("account")\n', ACCOUNT),
        says="is for later",
    ),
    # a flag in the object: every replay sets it as well
    Answer(
        "new_bank",
        replace(
            bank(
                "            charge = 'charge_account' if self.is_new else 'charge_card'\n",
                replace(CHARGE, '"charge_card"', "charge"),
            ),
            "        self.month = 1\n",
            "        self.month = 1\n        self.is_new = True\n",
        ),
        says="What tells old from new",
    ),
    # nothing at all for the new ones
    Answer(
        "new_bank",
        replace(RUNNING, "range(1, 4)", "range(1, 4, 1)"),
        says="a new subscription was charged by `charge_card`",
    ),
    # new customers wait for ever
    Answer(
        "new_bank",
        bank(
            '            if workflow.patched("account"):\n',
            "                await workflow.wait_condition(lambda: False)\n",
            CHARGE,
        ),
        says="no. 2 should",
    ),
    # another workflow type
    Answer(
        "new_bank",
        replace(ex.new_bank.solution_code, "class Subscription", "class Subscription2"),
        says="workflow type",
        call="await ex.new_bank.check(Subscription2)",
    ),
]
