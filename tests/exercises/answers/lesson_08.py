"""Lesson 08, retries and failures."""

from __future__ import annotations

from textwrap import indent

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_08 as ex

POLICY = ex.as_the_bank_wishes.solution_code
PARCEL = ex.fail_for_good.starter
FAILS = ex.fail_for_good.solution_code
RETURN = '        return f"{DAYS[country]} days to {country}"\n'
CHECKED = "        if country not in DAYS:\n            raise {}\n" + RETURN
FAR = "from temporalio.exceptions import ApplicationError\n"

PURCHASE = ex.plan_b.starter
PAYS = PURCHASE[PURCHASE.index("        return await") :]
INVOICE = """\
return await workflow.execute_activity(
    "send_invoice", customer, start_to_close_timeout=LIMIT
)
"""
ERRORS = """
from temporalio.exceptions import ActivityError, ApplicationError


class CardDeclined(Exception):
    pass

"""


def raising(what: str) -> str:
    """Lines that raise this for an unknown country."""
    return replace(CHECKED, "raise {}", f"raise {what}")


def parcel(*lines: str, head: str = FAR) -> str:
    """The parcel with other lines in `run`."""
    return head + replace(PARCEL, RETURN, "".join(lines))


def caught(what: str, *lines: str) -> str:
    """The purchase with its charge in a `try`."""
    tried = f"        try:\n{indent(PAYS, '    ')}        except {what}:\n"
    return replace(
        PURCHASE,
        "@workflow.defn",
        f"{ERRORS}\n@workflow.defn",
        PAYS,
        tried + indent("".join(lines), " " * 12),
    )


ANSWERS = [
    # ---- as_the_bank_wishes: by place, in milliseconds
    Answer(
        "as_the_bank_wishes",
        replace(
            POLICY,
            "timedelta(seconds=0.2)",
            "timedelta(milliseconds=200)",
            "backoff_coefficient=2",
            "backoff_coefficient=2.0",
            "timedelta(seconds=0.5)",
            "timedelta(seconds=1) / 2",
        ),
        CORRECT,
    ),
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "backoff_coefficient=2", "backoff_coefficient=____"),
        NOT_ATTEMPTED,
    ),
    # retries are taken for attempts
    Answer("as_the_bank_wishes", replace(POLICY, "attempts=6", "attempts=5"), says="these are 4 retries"),
    # and the other way round
    Answer("as_the_bank_wishes", replace(POLICY, "attempts=6", "attempts=7"), says="five retries, not more"),
    # for ever
    Answer(
        "as_the_bank_wishes", replace(POLICY, "attempts=6", "attempts=0"), says="no limit to the attempts"
    ),
    # a number for a time
    Answer("as_the_bank_wishes", replace(POLICY, "timedelta(seconds=0.2)", "0.2"), says="no length of time"),
    # minutes
    Answer(
        "as_the_bank_wishes", replace(POLICY, "timedelta(seconds=0.2)", "timedelta(0.2)"), says="0.2 *days*"
    ),
    # the coefficient is taken for what is added
    Answer(
        "as_the_bank_wishes", replace(POLICY, "coefficient=2", "coefficient=1"), says="each wait is 1 times"
    ),
    Answer("as_the_bank_wishes", replace(POLICY, "coefficient=2", "coefficient=0.5"), says="the SDK refuses"),
    # nothing caps it
    Answer("as_the_bank_wishes", replace(POLICY, "timedelta(seconds=0.5)", "None"), says="may grow to 20 s"),
    # the longest wait shorter than the first one
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "timedelta(seconds=0.5)", "timedelta(milliseconds=5)"),
        says="the SDK refuses",
    ),
    Answer("as_the_bank_wishes", "policy = [0.2, 0.4, 0.5, 0.5, 0.5]", says="is not a RetryPolicy"),
    # ---- fail_for_good: caught where it happens
    Answer(
        "fail_for_good",
        parcel(
            "        try:\n            days = DAYS[country]\n        except KeyError:\n",
            '            raise ApplicationError("no way", type="NoDelivery") from None\n',
            '        return f"{days} days to {country}"\n',
        ),
        CORRECT,
    ),
    # a class of one's own, which this workflow takes for a decision
    Answer(
        "fail_for_good",
        replace(
            parcel(raising("NoDelivery(country)"), head=""),
            "@workflow.defn\n",
            "class NoDelivery(Exception):\n    pass\n\n\n"
            "@workflow.defn(failure_exception_types=[NoDelivery])\n",
        ),
        CORRECT,
    ),
    # an ordinary exception, with a better message
    Answer(
        "fail_for_good",
        parcel(raising('ValueError("NoDelivery")')),
        says="`ValueError` is an ordinary",
    ),
    # one of one's own: it has the right name
    Answer(
        "fail_for_good",
        "class NoDelivery(Exception):\n    pass\n\n" + parcel(raising("NoDelivery(country)")),
        says="`NoDelivery` is an ordinary",
    ),
    # made, not raised
    Answer(
        "fail_for_good",
        parcel(CHECKED.replace("raise {}", 'ApplicationError("no", type="NoDelivery")')),
        says="`KeyError` still comes through",
    ),
    # the error is returned
    Answer(
        "fail_for_good",
        parcel(CHECKED.replace("raise {}", 'return "NoDelivery"')),
        says="what is returned is a result",
    ),
    # the type is taken for the message
    Answer("fail_for_good", parcel(raising('ApplicationError("NoDelivery")')), says="has no `type`"),
    Answer(
        "fail_for_good",
        parcel(raising('ApplicationError("no", type="no_delivery")')),
        says="letter by letter",
    ),
    # all are failed
    Answer(
        "fail_for_good",
        parcel('        raise ApplicationError("no", type="NoDelivery")\n'),
        says="France failed, too",
    ),
    # any KeyError is a decision: it fails, by the wrong name
    Answer(
        "fail_for_good",
        replace(PARCEL, "@workflow.defn", "@workflow.defn(failure_exception_types=[KeyError])"),
        says="type='KeyError'",
    ),
    # cancelled
    Answer(
        "fail_for_good",
        "import asyncio\n" + parcel(raising("asyncio.CancelledError")),
        says="failed with CancelledError",
    ),
    # ---- plan_b: all in one place
    Answer(
        "plan_b",
        caught(
            "ActivityError as error",
            'if getattr(error.cause, "type", "") == "CardDeclined":\n',
            indent(INVOICE, "    "),
            "raise\n",
        ),
        CORRECT,
    ),
    # the activity's own class
    Answer("plan_b", caught("CardDeclined", INVOICE), says="`except CardDeclined` does not match"),
    # the link behind it
    Answer("plan_b", caught("ApplicationError", INVOICE), says="`except ApplicationError` does not match"),
    # the class behind it
    Answer(
        "plan_b",
        caught(
            "ActivityError as error",
            "if isinstance(error.cause, CardDeclined):\n",
            indent(INVOICE, "    "),
            "raise\n",
        ),
        says="no object of your class arrives",
    ),
    # by the words of the envelope
    Answer(
        "plan_b",
        caught(
            "ActivityError as error", 'if "CardDeclined" in str(error):\n', indent(INVOICE, "    "), "raise\n"
        ),
        says="in no message",
    ),
    # whatever it was
    Answer("plan_b", caught("ActivityError", INVOICE), says="and she got an invoice"),
    # the type of the envelope
    Answer(
        "plan_b",
        caught(
            "ActivityError as error", 'if error.type == "CardDeclined":\n', indent(INVOICE, "    "), "raise\n"
        ),
        says="which link of the chain has a `type`?",
    ),
    # one link too far
    Answer(
        "plan_b",
        caught(
            "ActivityError as error",
            'if error.cause.cause.type == "CardDeclined":\n',
            indent(INVOICE, "    "),
            "raise\n",
        ),
        says="which link of the chain has a `type`?",
    ),
    # the others are forgotten
    Answer(
        "plan_b",
        caught(
            "ActivityError as error",
            'if error.cause.type == "CardDeclined":\n',
            indent(INVOICE, "    "),
        ),
        says="is forgotten",
    ),
    # the invoice is sent, and forgotten
    Answer(
        "plan_b",
        caught(
            "ActivityError as error",
            'if error.cause.type != "CardDeclined":\n    raise\n',
            INVOICE.replace("return ", ""),
        ),
        says="return what `send_invoice` returns",
    ),
    # an invoice for all, after the charge
    Answer(
        "plan_b",
        replace(PURCHASE, "        return await", "        await") + indent(INVOICE, " " * 8),
        says="Ada's card is good",
    ),
]
