"""Lesson 11, signals, queries and updates."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_11 as ex

# ---- two_ways_to_say_no
NO = ex.two_ways_to_say_no.starter
SAYS_NO = ex.two_ways_to_say_no.solution_code
GAP, LAST_GAP = "        ____\n", "\n    ____\n"
TOO_MUCH = """\
        if LIMITS[name] < PRICE:
            raise ApplicationError(f"{PRICE} is too much for {name}")
"""
IS_A_BOSS = """
    @approve.validator
    def is_a_boss(self, name: str) -> None:
        if name not in LIMITS:
            raise ValueError(f"{name} is no boss")
"""


def no(handler: str = TOO_MUCH, validator: str = IS_A_BOSS) -> str:
    """The purchase with what stands in its two gaps."""
    return replace(NO, GAP, handler, LAST_GAP, validator)


# ---- last_seat
SEAT = ex.last_seat.starter
BUY = SEAT[SEAT.index("        if self.sold_to:") :]
INIT = '        self.sold_to = ""\n'
RUN = '        await workflow.wait_condition(lambda: self.sold_to != "")\n'
FINISHED = "        await workflow.wait_condition(workflow.all_handlers_finished)\n"
LOCK = INIT + "        self.lock = asyncio.Lock()\n"
LOOK = """\
        if self.sold_to:
            return "sold out"
"""
CHARGE = '        await workflow.execute_activity("charge", name, **TIME)\n'
SOLD = "        self.sold_to = name\n"
SEND = '        await workflow.execute_activity("send_ticket", name, **TIME)\n'
ANSWERED = '        return f"sold to {name}"\n'


def within(lock: str, *lines: str) -> str:
    """Lines below `async with`."""
    inner = "".join(f"    {line}\n" for line in "".join(lines).splitlines())
    return f"        async with {lock}:\n{inner}"


def seat(buy: str, *, init: str = LOCK, run: str = RUN + FINISHED) -> str:
    """The seat with another `buy`, and more."""
    return replace(SEAT, INIT, init, RUN, run, BUY, buy)


LOCKED = within("self.lock", LOOK, CHARGE, SOLD) + SEND + ANSWERED

# ---- a_tab_for_each_table
TAB = ex.a_tab_for_each_table.solution_code
OPENS = ex.a_tab_for_each_table.starter

ANSWERS = [
    Answer("two_ways_to_say_no", no(), CORRECT),
    # by a list of names, and caught where it happens
    Answer(
        "two_ways_to_say_no",
        no(
            """\
        limit = LIMITS.get(name, 0)
        if limit < PRICE:
            raise ApplicationError("too much", type="OverLimit", non_retryable=True)
""",
            """
    @approve.validator
    def known(self, name: str) -> None:
        LIMITS[name]
""",
        ),
        CORRECT,
    ),
    Answer("two_ways_to_say_no", replace(NO, GAP, TOO_MUCH), NOT_ATTEMPTED),
    # nobody looks at the name before; a KeyError in the handler
    Answer("two_ways_to_say_no", no(validator=""), says="a validator would have refused her"),
    # both in the handler
    Answer(
        "two_ways_to_say_no",
        no('        if LIMITS.get(name, 0) < PRICE:\n            raise ApplicationError("no")\n', ""),
        says="only the validator refuses",
    ),
    # both in the validator
    Answer(
        "two_ways_to_say_no",
        no(
            "",
            IS_A_BOSS + '        if LIMITS[name] < PRICE:\n            raise ApplicationError("too much")\n',
        ),
        says="the auditors want to find his try",
    ),
    # the validator answers instead of raising
    Answer(
        "two_ways_to_say_no",
        no(
            '        if LIMITS.get(name, 999) < PRICE:\n            raise ApplicationError("no")\n',
            "\n    @approve.validator\n    def known(self, name: str) -> bool:\n"
            "        return name in LIMITS\n",
        ),
        says="a validator refuses by raising",
    ),
    # an ordinary exception in the handler
    Answer(
        "two_ways_to_say_no",
        no(replace(TOO_MUCH, "ApplicationError", "ValueError")),
        says="an ordinary exception is taken for a bug",
    ),
    # the no is returned
    Answer(
        "two_ways_to_say_no",
        no('        if LIMITS[name] < PRICE:\n            return "too much"\n'),
        says="to fail, the handler raises",
    ),
    # first set, then looked
    Answer(
        "two_ways_to_say_no",
        no("        self.approved_by = name\n" + TOO_MUCH),
        says="look first, then set",
    ),
    # the comparison is the wrong way round
    Answer(
        "two_ways_to_say_no",
        no(replace(TOO_MUCH, "<", ">")),
        says="look at his limit before",
    ),
    # the validator is the wrong way round
    Answer(
        "two_ways_to_say_no",
        no(validator=replace(IS_A_BOSS, "not in", "in")),
        says="the validator let her through",
    ),
    # everybody is refused
    Answer(
        "two_ways_to_say_no",
        no(replace(TOO_MUCH, "LIMITS[name] < PRICE", "True")),
        says="Ada may approve 500",
    ),
    # ---- last_seat: who comes first is written down first
    Answer("last_seat", seat(LOOK + SOLD + CHARGE + SEND + ANSWERED, init=INIT), CORRECT),
    # all of it under the lock, in one condition
    Answer(
        "last_seat",
        seat(
            within("self.lock", LOOK, CHARGE, SOLD, SEND, ANSWERED),
            run=RUN.replace('!= "")', '!= "" and workflow.all_handlers_finished())'),
        ),
        CORRECT,
    ),
    # only the end is mended
    Answer("last_seat", seat(BUY, init=INIT), says="keep others out meanwhile"),
    # only the race is mended
    Answer("last_seat", seat(LOCKED, run=RUN), says="let it wait for them, last"),
    # first the name, and `run` returns
    Answer(
        "last_seat", seat(LOOK + SOLD + CHARGE + SEND + ANSWERED, init=INIT, run=RUN), says="came too late"
    ),
    # a lock of each call's own
    Answer(
        "last_seat",
        seat(within("asyncio.Lock()", LOOK, CHARGE, SOLD) + SEND + ANSWERED, init=INIT),
        says="a lock that each call makes for itself",
    ),
    # the look is outside
    Answer(
        "last_seat",
        seat(LOOK + within("self.lock", CHARGE, SOLD) + SEND + ANSWERED),
        says="hold the lock from the look at `sold_to` to its change",
    ),
    # the condition is awaited itself
    Answer(
        "last_seat",
        seat(LOCKED, run=RUN + "        await workflow.all_handlers_finished()\n"),
        says="is a condition, to be waited for",
    ),
    # it is asked, not given
    Answer(
        "last_seat",
        seat(LOCKED, run=RUN + FINISHED.replace("finished)", "finished())")),
        says="is a condition, to be waited for",
    ),
    # asked too early
    Answer("last_seat", seat(LOCKED, run=FINISHED + RUN), says="does not wait for the handlers *last*"),
    # the handler waits for itself
    Answer(
        "last_seat",
        seat(LOOK + SOLD + CHARGE + SEND + FINISHED + ANSWERED, init=INIT),
        says="waits for itself",
    ),
    # too long to wait for
    Answer(
        "last_seat",
        seat(LOCKED, run=RUN + "        await asyncio.sleep(60)\n"),
        says="how long does a ticket take?",
    ),
    # the second one is refused beforehand
    Answer(
        "last_seat",
        seat(
            within(
                "self.lock", LOOK.replace('return "sold out"', 'return "sorry"'), CHARGE, SOLD, SEND, ANSWERED
            )
        ),
        says="heard 'sorry'",
    ),
    # the ticket is forgotten
    Answer(
        "last_seat",
        seat(within("self.lock", LOOK, CHARGE, SOLD) + ANSWERED),
        says="one charge, then one ticket",
    ),
    # ---- a_tab_for_each_table: another id, and by keyword
    Answer(
        "a_tab_for_each_table",
        replace(TAB, 'f"tab-{table}"', '"table " + table', '"add", drink', '"add", arg=drink'),
        CORRECT,
    ),
    Answer("a_tab_for_each_table", replace(OPENS, "id=____", "id=table"), NOT_ATTEMPTED),
    # an id for each drink
    Answer(
        "a_tab_for_each_table", replace(TAB, "tab-{table}", "tab-{table}-{drink}"), says="are on two tabs"
    ),
    # one for all
    Answer("a_tab_for_each_table", replace(TAB, 'f"tab-{table}"', '"tab"'), says="one tab for all of them"),
    # the open tab is a mistake
    Answer("a_tab_for_each_table", replace(TAB, "USE_EXISTING", "FAIL"), says="which conflict policy finds"),
    # a new tab each time
    Answer("a_tab_for_each_table", replace(TAB, "USE_EXISTING", "TERMINATE_EXISTING"), says="TERMINATE"),
    # the table is written down
    Answer(
        "a_tab_for_each_table", replace(TAB, '"add", drink', '"add", table'), says="`add` takes the drink"
    ),
    # a list
    Answer(
        "a_tab_for_each_table",
        replace(TAB, '"add", drink', '"add", [drink]'),
        says="Failed decoding arguments",
    ),
    # another queue
    Answer("a_tab_for_each_table", replace(TAB, "bar-tq", "tab-tq"), says='the worker polls "bar-tq"'),
    # another name
    Answer("a_tab_for_each_table", replace(TAB, '"add"', '"order"'), says="is called `add`"),
    # its answer is thrown away
    Answer(
        "a_tab_for_each_table", replace(TAB, "return await", "await"), says="how many drinks are on the tab"
    ),
    # made, not raised
    Answer("two_ways_to_say_no", no(TOO_MUCH.replace("raise ", "")), says="made, and not raised"),
    # another slip
    Answer(
        "two_ways_to_say_no", no(TOO_MUCH.replace("[name]", "(name)")), says="'dict' object is not callable"
    ),
    # a flag in the place of a lock, waited for or looked at
    Answer(
        "last_seat",
        seat(
            f"        await workflow.wait_condition(lambda: not self.busy)\n{LOOK}        self.busy = True\n"
            f"{CHARGE}{SOLD}        self.busy = False\n{SEND}{ANSWERED}",
            init=INIT + "        self.busy = False\n",
        ),
        CORRECT,
    ),
    # a lock of threads
    Answer(
        "last_seat",
        "import threading\n"
        + seat(LOCKED.replace("async with", "with"), init=INIT + "        self.lock = threading.Lock()\n"),
        says="Cannot access threading.Lock",
    ),
    # it does not yield
    Answer(
        "last_seat",
        seat(LOCKED, run=RUN + "        while not workflow.all_handlers_finished():\n            pass\n"),
        says="Potential deadlock detected",
    ),
    # the answer is raised
    Answer(
        "last_seat",
        "from temporalio.exceptions import ApplicationError\n"
        + seat(LOCKED.replace('return "sold out"', 'raise ApplicationError("sold out")')),
        says="`sold out` is an answer",
    ),
    # only the handlers are waited for
    Answer(
        "last_seat",
        seat(LOOK + SOLD + CHARGE + SEND + ANSWERED, init=INIT, run=FINISHED),
        says="`run` waits for `sold_to` first",
    ),
    # a handle has it, not a client
    Answer(
        "a_tab_for_each_table",
        replace(TAB, "_with_start_workflow(", "("),
        says="no attribute 'execute_update'",
    ),
    # started, not executed
    Answer("a_tab_for_each_table", replace(TAB, "execute_update", "start_update"), says="wait_for_stage"),
    # another type
    Answer("a_tab_for_each_table", replace(TAB, '"Tab"', '"tab"'), says="available workflows: Tab"),
    # no table
    Answer(
        "a_tab_for_each_table", replace(TAB, "        table,\n", ""), says="its one argument is the table"
    ),
    # the validator takes the update's name, as a property's setter does
    Answer(
        "two_ways_to_say_no",
        no(validator=replace(IS_A_BOSS, "is_a_boss", "approve")),
        says="it takes the update's place",
    ),
    # a slip in the validator
    Answer(
        "two_ways_to_say_no",
        no(validator=replace(IS_A_BOSS, "name not in", "self.name not in")),
        says="this is a slip of its own",
    ),
    # returned before it is set
    Answer(
        "two_ways_to_say_no",
        no(TOO_MUCH + '        return f"thank you, {name}"\n'),
        says="is `approved_by` set for her?",
    ),
    # an exception that is none
    Answer(
        "two_ways_to_say_no",
        no(validator=replace(IS_A_BOSS, "ValueError", "BaseException")),
        says="is no `Exception`",
    ),
    # an assertion in the validator, the boundary in the handler
    Answer(
        "two_ways_to_say_no",
        no(
            TOO_MUCH.replace("LIMITS[name] < PRICE", "not PRICE <= LIMITS[name]"),
            "\n    @approve.validator\n    def known(self, name: str) -> None:\n"
            "        assert name in LIMITS\n",
        ),
        CORRECT,
    ),
    # taken, and given back on one way out only: the third one waits for ever
    Answer(
        "last_seat",
        seat(
            f"        await self.lock.acquire()\n{LOOK}{CHARGE}{SOLD}"
            f"        self.lock.release()\n{SEND}{ANSWERED}"
        ),
        says="Cem hears nothing",
    ),
    # a semaphore for one
    Answer("last_seat", seat(LOCKED, init=LOCK.replace("Lock()", "Semaphore(1)")), CORRECT),
    # two functions, of which `and` leaves the second
    Answer(
        "last_seat",
        seat(
            LOCKED,
            run=RUN.replace("lambda", "workflow.all_handlers_finished and (lambda").replace('"")', '""))'),
        ),
        says="`and` of two functions",
    ),
    # named in a lambda, not called
    Answer(
        "last_seat",
        seat(LOCKED, run=RUN + FINISHED.replace("workflow.all", "lambda: workflow.all")),
        says="named and not called is always true",
    ),
    # a signal has no answer
    Answer(
        "last_seat",
        seat(LOCKED).replace("@workflow.update", "@workflow.signal"),
        says="leave `buy` an update",
    ),
    # charged, then looked
    Answer("last_seat", seat(CHARGE + LOOK + SOLD + SEND + ANSWERED, init=INIT), says="look first"),
    # compared, not set
    Answer(
        "last_seat", seat(LOCKED).replace("self.sold_to = name", "self.sold_to == name"), says="nobody sets"
    ),
    # a number is no id
    Answer(
        "a_tab_for_each_table",
        replace(TAB, 'f"tab-{table}"', "hash(table)"),
        says="bad argument type",
    ),
    # no drink
    Answer("a_tab_for_each_table", replace(TAB, '"add", drink', '"add"'), says="argument is missing"),
    # the drink opens the tab
    Answer(
        "a_tab_for_each_table",
        replace(TAB, "        table,\n", "        drink,\n"),
        says="the argument of `Tab` is the table",
    ),
    # nobody awaits
    Answer(
        "a_tab_for_each_table",
        replace(TAB, "async def", "def", "return await", "return"),
        says="a call that nobody awaited",
    ),
    # each id once
    Answer(
        "a_tab_for_each_table",
        "from temporalio.common import WorkflowIDReusePolicy\n"
        + replace(
            TAB,
            "USE_EXISTING,\n",
            "USE_EXISTING,\n        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,\n",
        ),
        says="the id is used up",
    ),
    # the arguments as a list, by keyword
    Answer("a_tab_for_each_table", replace(TAB, '"add", drink', '"add", args=[drink]'), CORRECT),
]
