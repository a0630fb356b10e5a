"""Lesson 10, timers."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_10 as ex

LETTERS = ex.three_letters.solution_code
CART = ex.full_cart.solution_code
TIMERS = ex.how_many_timers.solution_code
SESSION = ex.logged_out.solution_code

LEFT = """            left = start + timedelta(days=day) - workflow.now()
            await asyncio.sleep(left.total_seconds())
"""

ANSWERS = [
    # ---- three letters ---------------------------------------------------------------------------
    # all three wait at the same time
    Answer(
        "three_letters",
        """
@workflow.defn
class Letters:
    @workflow.run
    async def run(self, customer: str) -> None:
        await asyncio.gather(*(self.send(*each) for each in LETTERS.items()))

    async def send(self, letter: str, day: int) -> None:
        await workflow.sleep(timedelta(days=day))
        await workflow.execute_activity("send_letter", letter, start_to_close_timeout=LIMIT)
""",
        CORRECT,
    ),
    # the days before are taken away
    Answer(
        "three_letters",
        """
@workflow.defn
class Letters:
    @workflow.run
    async def run(self, customer: str) -> None:
        before = 0
        for letter, day in LETTERS.items():
            if day > before:
                await asyncio.sleep((day - before) * 24 * 60 * 60)
            await workflow.execute_activity("send_letter", letter, start_to_close_timeout=LIMIT)
            before = day
""",
        CORRECT,
    ),
    # each length is counted from the letter before
    Answer(
        "three_letters",
        replace(LETTERS, LEFT, "            await workflow.sleep(timedelta(days=day))\n"),
        says="7 days, and then 28 more",
    ),
    # days are taken for seconds
    Answer(
        "three_letters",
        replace(LETTERS, LEFT, "            await asyncio.sleep(day)\n"),
        says="`asyncio.sleep` takes seconds",
    ),
    Answer(
        "three_letters",
        replace(LETTERS, "left.total_seconds()", "left"),
        says="timedelta",
    ),
    Answer(
        "three_letters",
        replace(LETTERS, "await asyncio.sleep(left", "asyncio.sleep(left"),
        says="nothing was waited for",
    ),
    # the wrong way round: a negative time
    Answer(
        "three_letters",
        replace(
            LETTERS,
            "start + timedelta(days=day) - workflow.now()",
            "workflow.now() - start - timedelta(days=day)",
        ),
        says="on day 0",
    ),
    # of another clock
    Answer(
        "three_letters",
        replace(
            LETTERS, "start = workflow.now()", "from datetime import datetime\n        start = datetime.now()"
        ),
        says="datetime.now",
    ),
    Answer(
        "three_letters",
        replace(LETTERS, "await asyncio.sleep(", "import time; time.sleep("),
        says="time.sleep",
    ),
    # the wait comes after the letter
    Answer(
        "three_letters",
        """
@workflow.defn
class Letters:
    @workflow.run
    async def run(self, customer: str) -> None:
        start = workflow.now()
        for letter, day in LETTERS.items():
            await workflow.execute_activity(
                "send_letter", letter, start_to_close_timeout=LIMIT
            )
            await workflow.sleep(start + timedelta(days=day) - workflow.now())
""",
        says="negative delay",
    ),
    # hours are forgotten: a day of 60 times 60 seconds
    Answer(
        "three_letters",
        replace(LETTERS, LEFT, "            await asyncio.sleep(day * 60 * 60)\n"),
        says="a day has 86400",
    ),
    # the seconds of the last day only
    Answer(
        "three_letters",
        replace(LETTERS, "left.total_seconds()", "left.seconds"),
        says="`total_seconds()` is all",
    ),
    # a moment is taken for a length
    Answer(
        "three_letters",
        replace(
            LETTERS,
            " - workflow.now()\n            await asyncio.sleep(left.total_seconds())",
            "\n            await workflow.sleep(left)",
        ),
        says="datetime",
    ),
    # one wait for all, before the loop
    Answer(
        "three_letters",
        replace(
            LETTERS,
            LEFT,
            "",
            "        start = workflow.now()\n",
            "        await workflow.sleep(timedelta(days=28))\n",
        ),
        says="`welcome` was sent on day 28",
    ),
    # one gap is left
    Answer(
        "three_letters", replace(LETTERS, "        start = workflow.now()\n", "        ____\n"), NOT_ATTEMPTED
    ),
    # a timeout that is never reached
    Answer(
        "three_letters",
        """
@workflow.defn
class Letters:
    @workflow.run
    async def run(self, customer: str) -> None:
        start = workflow.now()
        for letter, day in LETTERS.items():
            left = start + timedelta(days=day) - workflow.now()
            try:
                await workflow.wait_condition(lambda: False, timeout=left)
            except TimeoutError:
                pass
            await workflow.execute_activity("send_letter", letter, start_to_close_timeout=LIMIT)
""",
        CORRECT,
    ),
    # ---- a full cart -----------------------------------------------------------------------------
    # all in `run`, and asyncio's own timeout
    Answer(
        "full_cart",
        """
import asyncio


@workflow.defn
class Cart:
    def __init__(self) -> None:
        self.bought = False

    @workflow.run
    async def run(self, customer: str) -> str:
        for days, letter in ((1, "your cart waits"), (2, None)):
            try:
                async with asyncio.timeout(days * 86400):
                    await workflow.wait_condition(lambda: self.bought)
                return "bought"
            except asyncio.TimeoutError:
                if letter:
                    await workflow.execute_activity("send_letter", letter, start_to_close_timeout=LIMIT)
        return "given up"

    @workflow.signal
    def buy(self) -> None:
        self.bought = True
""",
        CORRECT,
    ),
    # it is expected to return False
    Answer(
        "full_cart",
        replace(
            CART,
            """        try:
            await workflow.wait_condition(
                lambda: self.bought, timeout=time
            )
        except TimeoutError:
            return False
        return True
""",
            """        return await workflow.wait_condition(
            lambda: self.bought, timeout=time
        )
""",
        ),
        says="`wait_condition` returns nothing",
    ),
    # a sleep, and then a look
    Answer(
        "full_cart",
        replace(
            CART,
            """        try:
            await workflow.wait_condition(
                lambda: self.bought, timeout=time
            )
        except TimeoutError:
            return False
        return True
""",
            """        await workflow.sleep(time)
        return self.bought
""",
        ),
        says="a sleep hears of no purchase",
    ),
    # the second wait is not caught
    Answer(
        "full_cart",
        """
@workflow.defn
class Cart:
    def __init__(self) -> None:
        self.bought = False

    @workflow.run
    async def run(self, customer: str) -> str:
        try:
            await workflow.wait_condition(lambda: self.bought, timeout=timedelta(days=1))
        except TimeoutError:
            await workflow.execute_activity(
                "send_letter", "your cart waits", start_to_close_timeout=LIMIT
            )
            await workflow.wait_condition(lambda: self.bought, timeout=timedelta(days=2))
        return "bought"

    @workflow.signal
    def buy(self) -> None:
        self.bought = True
""",
        says="Eve never buys, and her cart failed",
    ),
    # the letter comes, whatever happened
    Answer(
        "full_cart",
        """
@workflow.defn
class Cart:
    def __init__(self) -> None:
        self.bought = False

    @workflow.run
    async def run(self, customer: str) -> str:
        for days in (1, 2):
            try:
                await workflow.wait_condition(lambda: self.bought, timeout=timedelta(days=days))
                return "bought"
            except TimeoutError:
                await workflow.execute_activity(
                    "send_letter", "your cart waits", start_to_close_timeout=LIMIT
                )
        return "given up"

    @workflow.signal
    def buy(self) -> None:
        self.bought = True
""",
        says="`send_letter` was scheduled twice",
    ),
    # given up after one day
    Answer(
        "full_cart",
        replace(
            CART,
            'if await self.bought_within(timedelta(days=2)):\n            return "bought"\n        return',
            "return",
        ),
        says="how long do the two waits last together",
    ),
    # two days from the start are one more day
    Answer(
        "full_cart",
        replace(CART, "days=2", "days=1"),
        says="Bob buys after 60 hours; before that, after 48 h",
    ),
    Answer("full_cart", replace(CART, "days=2", "days=3"), says="a day, and then two more"),
    # numbers are seconds
    Answer(
        "full_cart",
        replace(CART, "timedelta(days=1)", "1", "timedelta(days=2)", "2", "time: timedelta", "time: float"),
        says="Ada buys after an hour; before that",
    ),
    # another exception
    Answer(
        "full_cart",
        replace(
            CART,
            "except TimeoutError",
            "except asyncio.CancelledError",
            "@workflow.defn",
            "import asyncio\n\n\n@workflow.defn",
        ),
        says="raises `TimeoutError`: catch it",
    ),
    Answer(
        "full_cart",
        replace(CART, '"given up"', '"bought"'),
        says="it is to give her up",
    ),
    # asyncio's own way to wait for either
    Answer(
        "full_cart",
        """
import asyncio


@workflow.defn
class Cart:
    def __init__(self) -> None:
        self.bought = False

    @workflow.run
    async def run(self, customer: str) -> str:
        purchase = asyncio.create_task(workflow.wait_condition(lambda: self.bought))
        await workflow.wait([purchase], timeout=24 * 60 * 60)
        if not self.bought:
            await workflow.execute_activity("send_letter", "your cart waits", start_to_close_timeout=LIMIT)
            await workflow.wait([purchase], timeout=48 * 60 * 60)
        return "bought" if self.bought else "given up"

    @workflow.signal
    def buy(self) -> None:
        self.bought = True
""",
        CORRECT,
    ),
    # the timeout is given to the starter's line, and nothing else is changed
    Answer(
        "full_cart",
        replace(
            ex.full_cart.starter,
            "wait_condition(lambda: self.bought)",
            "wait_condition(lambda: self.bought, timeout=timedelta(days=1))",
        ),
        says="who buys after an hour gets no letter",
    ),
    # the condition is read once, and not asked again
    Answer("full_cart", replace(CART, "lambda: self.bought, timeout", "self.bought, timeout"), says="bool"),
    # the signal sets another name
    Answer(
        "full_cart",
        replace(CART, "None:\n        self.bought = True", "None:\n        self.paid = True"),
        says="what does `buy` change",
    ),
    # the wait is not awaited
    Answer(
        "full_cart",
        replace(CART, "            await workflow.wait_condition(", "            workflow.wait_condition("),
        says="await",
    ),
    # another text
    Answer("full_cart", replace(CART, "your cart waits", "Your cart waits!"), says="it is 'your cart waits'"),
    # the right value, of another type
    Answer("full_cart", replace(CART, 'return "given up"', "return None"), says="it is to give her up"),
    # ---- how many timers -------------------------------------------------------------------------
    Answer("how_many_timers", "timers = dict(zip('ABCDE', (1 + 1, 3, False + 0, 1, 0)))", CORRECT),
    Answer("how_many_timers", "timers = {**timers, 'A': 2, 'B': 3, 'C': 0, 'E': 0}", NOT_ATTEMPTED),
    # two that run at the same time are taken for one
    Answer("how_many_timers", replace(TIMERS, '"A": 2', '"A": 1'), says="each call of `asyncio.sleep`"),
    # a loop is taken for one timer that fires again and again
    Answer("how_many_timers", replace(TIMERS, '"B": 3', '"B": 1'), says="a timer fires once"),
    # any sleep is taken for a timer
    Answer("how_many_timers", replace(TIMERS, '"C": 0', '"C": 1'), says="this sleep is an activity's"),
    # a timeout that is never reached is taken for none
    Answer("how_many_timers", replace(TIMERS, '"D": 1', '"D": 0'), says="a timeout is a timer, too"),
    # the timeout and the activity's sleep
    Answer("how_many_timers", replace(TIMERS, '"D": 1', '"D": 2'), says="D: you wrote 2"),
    Answer("how_many_timers", replace(TIMERS, '"E": 0', '"E": 1'), says="holds already"),
    Answer("how_many_timers", "timers = dict.fromkeys('ABCDE', 1)", says="(3 more of the five"),
    Answer("how_many_timers", replace(TIMERS, '"B": 3', '"B": "three"'), says="is no whole number"),
    Answer("how_many_timers", "timers = {'A': 2}", says="has no line 'B'"),
    Answer("how_many_timers", "timers = [2, 3, 0, 1, 0]", says="is not the dictionary"),
    Answer("how_many_timers", replace(TIMERS, '"B": 3', '"B": 3.0'), says="is no whole number"),
    # who counts both kinds of events, started and fired
    Answer("how_many_timers", replace(TIMERS, '"A": 2', '"A": 4'), says="A: you wrote 4"),
    # ---- logged out ------------------------------------------------------------------------------
    # counted, and without a loop that takes back
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.times = 0

    @workflow.run
    async def run(self, user: str) -> str:
        known = -1
        while known != self.times:
            known = self.times
            try:
                await workflow.wait_condition(lambda: self.times > known, timeout=1800)
            except TimeoutError:
                pass
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        self.times += 1
""",
        CORRECT,
    ),
    # until a moment, which each `seen` puts off; the timer itself is left to its end
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.until = workflow.now() + HALF_HOUR

    @workflow.run
    async def run(self, user: str) -> str:
        while (left := self.until - workflow.now()) > timedelta(0):
            await workflow.sleep(left)
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        self.until = workflow.now() + HALF_HOUR
""",
        CORRECT,
    ),
    # never taken back
    Answer(
        "logged_out",
        replace(SESSION, "            self.is_seen = False\n            try", "            try"),
        says="who takes it back",
    ),
    # no loop
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.is_seen = False

    @workflow.run
    async def run(self, user: str) -> str:
        try:
            await workflow.wait_condition(lambda: self.is_seen, timeout=HALF_HOUR)
        except TimeoutError:
            pass
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        self.is_seen = True
""",
        says="was logged out after 20 minutes",
    ),
    # a plain sleep
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    @workflow.run
    async def run(self, user: str) -> str:
        await workflow.sleep(HALF_HOUR)
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None: ...
""",
        says="went on as if nothing had been said",
    ),
    # looked at only when the time is over
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.is_seen = True

    @workflow.run
    async def run(self, user: str) -> str:
        while self.is_seen:
            self.is_seen = False
            await workflow.sleep(HALF_HOUR)
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        self.is_seen = True
""",
        says="a sleep hears of no signal",
    ),
    # once more, and no further
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.is_seen = False

    @workflow.run
    async def run(self, user: str) -> str:
        try:
            await workflow.wait_condition(lambda: self.is_seen, timeout=HALF_HOUR)
            await workflow.sleep(HALF_HOUR)
        except TimeoutError:
            pass
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        self.is_seen = True
""",
        says="not after 75",
    ),
    # not caught
    Answer(
        "logged_out",
        replace(
            SESSION,
            """            try:
                await workflow.wait_condition(
                    lambda: self.is_seen, timeout=HALF_HOUR
                )
            except TimeoutError:
                break
""",
            """            await workflow.wait_condition(
                lambda: self.is_seen, timeout=HALF_HOUR
            )
""",
        ),
        says="Ada is never seen, and the session failed",
    ),
    Answer("logged_out", replace(SESSION, "timeout=HALF_HOUR", "timeout=30"), says="a number is seconds"),
    Answer(
        "logged_out",
        replace(SESSION, 'return f"{user} is logged out"', "return user"),
        says="return what the starter returns",
    ),
    Answer("logged_out", replace(SESSION, "    @workflow.signal\n", ""), says="no signal `seen`"),
    # until a moment that `seen` moves, and the timer with it
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.last = workflow.now()

    @workflow.run
    async def run(self, user: str) -> str:
        while True:
            last = self.last
            try:
                await workflow.wait_condition(
                    lambda: self.last > last, timeout=last + HALF_HOUR - workflow.now()
                )
            except TimeoutError:
                return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        self.last = workflow.now()
""",
        CORRECT,
    ),
    # the signal waits itself
    Answer(
        "logged_out",
        """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.over = False

    @workflow.run
    async def run(self, user: str) -> str:
        await workflow.wait_condition(lambda: self.over)
        return f"{user} is logged out"

    @workflow.signal
    async def seen(self) -> None:
        await workflow.sleep(HALF_HOUR)
        self.over = True
""",
        says="Ada is never seen, and is not logged out",
    ),
    # the flag is set from the start
    Answer(
        "logged_out",
        replace(
            SESSION,
            "            self.is_seen = False\n            try",
            "            try",
            "        self.is_seen = False\n",
            "        self.is_seen = True\n",
        ),
        says="Ada is never seen, and then the code does not come to rest",
    ),
    # half an hour, each time a new one, and never an end
    Answer(
        "logged_out",
        replace(SESSION, "                break", "                continue"),
        says="goes on and on",
    ),
]
