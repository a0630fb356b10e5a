"""Lesson 02, execution architecture."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_02 as ex

TWO = ex.two_machines.starter
TWO_SOLVED = f"{TWO}\n{ex.two_machines.solution_code}"
LEAVES = ex.goodbye.solution_code


def packed(*numbers: object) -> str:
    return f"packed = dict(zip(('order-61', 'order-62', 'order-63'), {numbers!r}))"


THREE_ENDS = [
    # one gap is left
    Answer("three_ends", "packed = packed | {'order-61': 2, 'order-62': 1}", NOT_ATTEMPTED, says="____"),
    # written otherwise, and more is said than asked
    Answer("three_ends", "packed = dict.fromkeys(packed, 1) | {'order-61': 1 + 1, 'order-64': 5}", CORRECT),
    # a worker's end costs nothing at all
    Answer("three_ends", packed(1, 1, 1), says="packing of order-61 begins once; it began twice"),
    # the order is lost with its worker
    Answer("three_ends", packed(0, 0, 0), says="packing of order-61 never begins"),
    # any end of a worker costs an attempt
    Answer("three_ends", packed(2, 2, 2), says="order-62 begins twice"),
    # a kill costs an attempt, whatever the order was doing
    Answer("three_ends", packed(2, 1, 2), says="nothing was in the dead worker's hands"),
    # what waits is lost
    Answer("three_ends", packed(2, 1, 0), says="order-63 never begins; it began once"),
    # words
    Answer("three_ends", packed(2, "once", 1), says="give a whole number"),
    Answer("three_ends", packed(2, True, 1), says="is True"),
    # an order was taken out
    Answer("three_ends", "packed = {'order-61': 2, 'order-63': 1}", says="nothing about order-62"),
    # a kill is worse than that
    Answer("three_ends", packed(3, 1, 1), says="begins 3 times"),
    # whoever drains drops what it has
    Answer("three_ends", packed(2, 0, 1), says="order-62 never begins"),
    # a number as a word
    Answer("three_ends", packed("2", 1, 1), says="is '2'"),
    # not a dictionary
    Answer("three_ends", "packed = (2, 1, 1)", says="tuple"),
    # written otherwise: counted
    Answer(
        "three_ends",
        "from collections import Counter\npacked = Counter(['order-61', *packed])",
        CORRECT,
    ),
    # the orders of the scenes above
    Answer(
        "three_ends",
        "packed = {'order-41': 2, 'order-42': 1, 'order-43': 1}",
        says="nothing about order-61",
    ),
    # the attempts, not their number
    Answer("three_ends", packed([1, 2], [1], [1]), says="`packed['order-61']` is [1, 2]"),
    # the names without numbers
    Answer("three_ends", "packed = {'order-61', 'order-62', 'order-63'}", says="`set` is not a dictionary"),
]

TWO_MACHINES = [
    # written otherwise: a data class travels
    Answer(
        "two_machines",
        """
from dataclasses import dataclass


@dataclass
class Goods:
    what: str
    order_id: str


@activity.defn
async def pick(order_id: str) -> Goods:
    return Goods(f"goods of {order_id} from row {len(order_id)}", order_id)


@activity.defn
def pack(goods: Goods) -> str:
    return f"a box with the {goods.what}"


@workflow.defn
class FulfilOrder:
    @workflow.run
    async def run(self, order_id: str) -> str:
        picking = workflow.start_activity(pick, order_id, schedule_to_close_timeout=timedelta(seconds=9))
        return await workflow.execute_activity(
            pack, await picking, start_to_close_timeout=timedelta(seconds=2)
        )
""",
        CORRECT,
    ),
    # the shelf moves into the workflow's module-level code: its sandbox fills a copy
    Answer(
        "two_machines",
        replace(
            TWO,
            "shelf[order_id] = f",
            "return f",
            "-> None",
            "-> str",
            "        await workflow.execute_activity(\n            pick",
            "        shelf[order_id] = await workflow.execute_activity(\n            pick",
        ),
        says="KeyError",
    ),
    # `pick` returns it now, `pack` still looks at its own shelf, and makes do without
    Answer(
        "two_machines",
        replace(
            TWO,
            "shelf[order_id] = f",
            "return f",
            "-> None",
            "-> str",
            "shelf[order_id]}",
            "shelf.get(order_id, 'goods')}",
        ),
        says="with `'order-7'`",
    ),
    # no error any more, and no goods either
    Answer(
        "two_machines",
        replace(TWO, "shelf[order_id]}", "shelf.get(order_id)}"),
        says="is `None`",
    ),
    # a file
    Answer(
        "two_machines",
        replace(
            TWO,
            "shelf[order_id] = f",
            "shelf(order_id).write_text(f",
            'row {len(order_id)}"',
            'row {len(order_id)}")',
            "{shelf[order_id]}",
            "{shelf(order_id).read_text()}",
            "shelf: dict[str, str] = {}  # what was picked, by order",
            "import pathlib, tempfile\n\ndef shelf(order_id):\n"
            "    return pathlib.Path(tempfile.gettempdir()) / f'shelf-{order_id}.txt'\n",
        ),
        says="one disk",
    ),
    # local activities: bound to one worker
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "execute_activity", "execute_local_activity"),
        says="local activity",
    ),
    # patience
    Answer(
        "two_machines",
        replace(
            TWO,
            "pack, order_id, start_to_close_timeout=LIMIT",
            "pack, order_id, start_to_close_timeout=LIMIT, retry_policy=RetryPolicy(maximum_attempts=1)",
            "from temporalio import",
            "from temporalio.common import RetryPolicy\nfrom temporalio import",
        ),
        says="a retry policy cannot help",
    ),
    # pick is left out
    Answer(
        "two_machines",
        replace(
            TWO,
            "{shelf[order_id]}",
            "goods of {order_id} from row {len(order_id)}",
            "        await workflow.execute_activity(\n"
            "            pick, order_id, start_to_close_timeout=LIMIT\n        )\n",
            "",
        ),
        says="`pick` was never scheduled",
    ),
    # pack is told the goods without waiting for them
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "goods = await workflow.execute_activity", "goods = workflow.start_activity"),
        says="await wasn't used with future",
    ),
    # makes everything again in `pack`
    Answer(
        "two_machines",
        replace(
            TWO,
            "{shelf[order_id]}",
            "goods of {order_id} from row {len(order_id)}",
            "-> None",
            "-> str",
            'shelf[order_id] = f"goods of {order_id} from row {len(order_id)}"',
            "return order_id",
        ),
        says="is `'order-7'`, and `pack` was given `'order-7'`",
    ),
    # the function is called, not named
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "pack, goods,", "pack(goods),"),
        says="asks a worker to",
    ),
    # a name with two letters swapped
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "pack, goods,", '"pakc", goods,'),
        says="pakc",
    ),
    # handed over, and not returned
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "        return await workflow", "        await workflow"),
        says="the order returned None",
    ),
    # written otherwise: the whole shelf travels
    Answer(
        "two_machines",
        """
@activity.defn
async def pick(order_id: str) -> dict[str, str]:
    return {order_id: f"goods of {order_id} from row {len(order_id)}"}


@activity.defn
async def pack(order_id: str, shelf: dict[str, str]) -> str:
    return f"a box with the {shelf[order_id]}"


@workflow.defn
class FulfilOrder:
    @workflow.run
    async def run(self, order_id: str) -> str:
        shelf = await workflow.execute_activity(
            pick, order_id, start_to_close_timeout=LIMIT
        )
        return await workflow.execute_activity(
            pack, args=[order_id, shelf], start_to_close_timeout=LIMIT
        )
""",
        CORRECT,
    ),
    # two arguments, one behind the other
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "pack, goods,", "pack, order_id, goods,"),
        says="several as `args=[...]`; everything else",
    ),
    # `pack` wants one more than it is given
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "async def pack(goods: str)", "async def pack(order_id: str, goods: str)"),
        says="several as `args=[...]`",
    ),
    # the goods are kept in the workflow, and looked for by the activity
    Answer(
        "two_machines",
        replace(
            TWO,
            "shelf[order_id] = f",
            "return f",
            "-> None",
            "-> str",
            "        await workflow.execute_activity(\n            pick",
            "        self.goods = await workflow.execute_activity(\n            pick",
            "shelf[order_id]",
            "self.goods",
        ),
        says="nothing of the workflow that asks for it",
    ),
    # bound to one machine by a queue
    Answer(
        "two_machines",
        replace(TWO, "pack, order_id, start", "pack, order_id, task_queue='machine-1', start"),
        says="both machines poll the workflow's own queue",
    ),
    # another sentence
    Answer(
        "two_machines",
        replace(TWO_SOLVED, "a box with the {goods}", "a box with {goods}"),
        says="it is to be 'a box with the goods",
    ),
    # a number for a time
    Answer(
        "two_machines",
        replace(
            TWO_SOLVED, "pack, goods, start_to_close_timeout=LIMIT", "pack, goods, start_to_close_timeout=2"
        ),
        says="a time is a `timedelta`",
    ),
    # hangs
    Answer(
        "two_machines",
        replace(TWO, "    shelf[order_id] = f", "    while True: shelf[order_id] = f"),
        says="loop for ever",
    ),
]

GOODBYE = [
    # written otherwise: run and shutdown by hand
    Answer(
        "goodbye",
        """
async def work(client, task_queue, sigterm):
    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[PackOrder],
        activities=[pack],
        graceful_shutdown_timeout=timedelta(milliseconds=900),
    )
    running = asyncio.create_task(worker.run())
    await sigterm.wait()
    await worker.shutdown()
    await running
""",
        CORRECT,
    ),
    # time is given, nobody listens
    Answer(
        "goodbye",
        replace(
            ex.goodbye.starter,
            "**know)",
            "**know, graceful_shutdown_timeout=timedelta(seconds=1))",
        ),
        says="still takes new orders",
    ),
    # listens, no time
    Answer(
        "goodbye",
        replace(LEAVES, "        graceful_shutdown_timeout=timedelta(seconds=1),\n", ""),
        says="The default is zero",
    ),
    # too little time
    Answer("goodbye", replace(LEAVES, "(seconds=1)", "(seconds=0.3)"), says="waited a little"),
    # too much
    Answer("goodbye", replace(LEAVES, "(seconds=1)", "(seconds=30)"), says="less than Kubernetes gives"),
    # the block ends at once
    Answer(
        "goodbye",
        replace(LEAVES, "await sigterm.wait()", "pass"),
        says="nothing is packed, `work` has ended, and it has never asked for `sigterm`",
    ),
    # asks once, and does not wait
    Answer(
        "goodbye",
        replace(LEAVES, "await sigterm.wait()", "sigterm.is_set()"),
        says="has ended before anybody had set `sigterm`",
    ),
    # a signal handler
    Answer(
        "goodbye",
        replace(
            LEAVES,
            "        await sigterm.wait()",
            "        import signal\n        signal.signal(signal.SIGTERM, lambda *_: sigterm.set())\n      "
            "  await sigterm.wait()",
        ),
        says="main thread",
    ),
    # forgets to wait for the wait
    Answer(
        "goodbye",
        replace(LEAVES, "await sigterm.wait()", "sigterm.wait()"),
        says="`Event.wait(...)` was never",
    ),
    # waits for the event itself
    Answer("goodbye", replace(LEAVES, "await sigterm.wait()", "await sigterm"), says="TypeError"),
    # a number for a duration
    Answer("goodbye", replace(LEAVES, "timedelta(seconds=1)", "1"), says="a time is a `timedelta`"),
    # waits in a loop that gives nobody else a turn
    Answer(
        "goodbye",
        replace(LEAVES, "await sigterm.wait()", "while not sigterm.is_set(): pass"),
        says="keep its loop busy",
    ),
    # exits
    Answer(
        "goodbye",
        replace(LEAVES, "await sigterm.wait()", "await sigterm.wait()\n        raise SystemExit(0)"),
        says="SystemExit",
    ),
    # goes without a word
    Answer(
        "goodbye",
        """
async def work(client, task_queue, sigterm):
    worker = Worker(client, task_queue=task_queue, workflows=[PackOrder], activities=[pack])
    running = asyncio.create_task(worker.run())
    await sigterm.wait()
    await asyncio.sleep(1)  # for what is in hand
""",
        says="not handed back",
    ),
    # stops the worker, and stays
    Answer("goodbye", f"{LEAVES}    await asyncio.sleep(60)\n", says="killed for nothing"),
    # forgets an activity
    Answer("goodbye", replace(LEAVES, "activities=[pack]", "activities=[]"), says="know `pack`"),
    # written otherwise: looks again and again
    Answer(
        "goodbye",
        replace(
            LEAVES,
            "await sigterm.wait()",
            "while not sigterm.is_set():\n            await asyncio.sleep(0.05)",
        ),
        CORRECT,
    ),
    # goes when an order is packed, and listens to nobody
    Answer(
        "goodbye",
        replace(
            ex.goodbye.starter + LEAVES,
            "    await asyncio.sleep(seconds)",
            "    await asyncio.sleep(seconds)\n    packed.append(order_id)",
        ).replace("await sigterm.wait()", "while not packed:\n            await asyncio.sleep(0.05)")
        + "\n\npacked = []\n",
        says="order-71 is packed (event 7), `work` has ended, and it has never asked for `sigterm`",
    ),
    # goes when its hands are full, and takes its time
    Answer(
        "goodbye",
        replace(
            ex.goodbye.starter + LEAVES,
            "    await asyncio.sleep(seconds)",
            "    hands.append(order_id)\n    await asyncio.sleep(seconds)",
        )
        .replace("await sigterm.wait()", "while len(hands) < 2:\n            await asyncio.sleep(0.05)")
        .replace("(seconds=1)", "(seconds=30)")
        + "\n\nhands = []\n",
        says="still there, and it has never asked for `sigterm`",
    ),
    # as long as Kubernetes gives, to the moment
    Answer("goodbye", replace(LEAVES, "(seconds=1)", "(seconds=2)"), says="at the moment of the kill"),
    # does it itself
    Answer(
        "goodbye", replace(LEAVES, "await sigterm.wait()", "sigterm.set()"), says="has set `sigterm` itself"
    ),
    # waits before the worker runs
    Answer(
        "goodbye",
        replace(ex.goodbye.starter, "    await Worker(", "    await sigterm.wait()\n    await Worker("),
        says="does its worker run while it waits?",
    ),
    # the wrong `with`
    Answer("goodbye", replace(LEAVES, "async with Worker", "with Worker"), says="with `async with`"),
    # the order made short
    Answer(
        "goodbye",
        f"{replace(ex.goodbye.starter, 'asyncio.sleep(seconds)', 'asyncio.sleep(0)')}\n{LEAVES}",
        says="the seconds that it is given",
    ),
    # shut down, and not waited for
    Answer(
        "goodbye",
        """
async def work(client, queue, sigterm):
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[PackOrder],
        activities=[pack],
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
    asyncio.create_task(worker.run())
    await sigterm.wait()
    worker.shutdown()
""",
        says="`Worker.shutdown(...)` was never awaited",
    ),
    # called
    Answer(
        "goodbye",
        LEAVES,
        says="without ()",
        call="await ex.goodbye.check(work(None, '', None), PackOrder, pack)",
    ),
]

ANSWERS = [*THREE_ENDS, *TWO_MACHINES, *GOODBYE]
