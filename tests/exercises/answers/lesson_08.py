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


def declined(what: str = INVOICE, asked: str = 'error.cause.type == "CardDeclined"') -> str:
    """The purchase that does something where its charge failed so."""
    return caught("ActivityError as error", f"if {asked}:\n", indent(what, "    "), "raise\n")


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
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "attempts=6", "attempts=5"),
        says="gives up after attempt 5, and that makes 4 retries",
    ),
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
    # all by place
    Answer(
        "as_the_bank_wishes",
        "policy = RetryPolicy(timedelta(seconds=0.2), 2, timedelta(milliseconds=500), 6)\n",
        CORRECT,
    ),
    # nothing for the first wait: the SDK's own default is another
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "timedelta(seconds=0.2)", "None"),
        says="`initial_interval` is None, no length of time",
    ),
    # the longest wait for the first one, and the other way round
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "seconds=0.2", "seconds=0.7", "seconds=0.5", "seconds=0.2"),
        says="the first wait is 0.7 s, and the longest one 0.2 s",
    ),
    # one short of one short
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "attempts=6", "attempts=4"),
        says="gives up after attempt 4, and that makes 3 retries",
    ),
    # a number in quotes, a length of time for a number
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "attempts=6", 'attempts="6"'),
        says="`maximum_attempts` is '6', no whole number",
    ),
    Answer(
        "as_the_bank_wishes",
        replace(POLICY, "coefficient=2", "coefficient=timedelta(seconds=2)"),
        says="`backoff_coefficient` is datetime.timedelta(seconds=2), no number",
    ),
    # a policy that tries what always fails only once
    Answer(
        "as_the_bank_wishes",
        replace(
            POLICY,
            "maximum_attempts=6,",
            'maximum_attempts=6,\n    non_retryable_error_types=["ConnectionError"],',
        ),
        says="gave up after attempt 1 (event 6), for non_retryable_error_types=['ConnectionError']",
    ),
    # a comma too many
    Answer("as_the_bank_wishes", POLICY.rstrip() + ",\n", says="this `tuple` is not a RetryPolicy"),
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
    # a subclass that has its type with it
    Answer(
        "fail_for_good",
        FAR
        + "\n\nclass NoDelivery(ApplicationError):\n    def __init__(self, country):\n"
        + '        super().__init__(f"not to {country}", type="NoDelivery")\n\n\n'
        + parcel(raising("NoDelivery(country)"), head=""),
        CORRECT,
    ),
    # nobody imported it
    Answer(
        "fail_for_good",
        parcel(raising('ApplicationError("no", type="NoDelivery")'), head=""),
        says="import it first: `from temporalio.exceptions import ApplicationError`",
    ),
    # without a message
    Answer(
        "fail_for_good",
        parcel(raising('ApplicationError(type="NoDelivery")')),
        says="a message for people comes first",
    ),
    # the right error, returned
    Answer(
        "fail_for_good",
        parcel(CHECKED.replace("raise {}", 'return ApplicationError("no", type="NoDelivery")')),
        says="an exception that is returned is a result, and no good one: `raise` it",
    ),
    # without quotes
    Answer(
        "fail_for_good",
        parcel(raising('ApplicationError("no", type=NoDelivery)')),
        says="the type is a text, so it has quotes: 'NoDelivery'",
    ),
    # caught, and another ordinary one raised from it
    Answer(
        "fail_for_good",
        parcel(
            "        try:\n    " + RETURN + "        except KeyError as error:\n",
            '            raise ValueError("no way") from error\n',
        ),
        says="ValueError: no way\n  → `ValueError` is an ordinary exception",
    ),
    Answer(
        "fail_for_good",
        parcel('        assert country in DAYS, "NoDelivery"\n', RETURN),
        says="`AssertionError` is an ordinary exception",
    ),
    # what is not there is None
    Answer(
        "fail_for_good",
        parcel('        return f"{DAYS.get(country)} days to {country}"\n'),
        says="returned 'None days to Atlantis'",
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
    # by what the cause looks like
    Answer(
        "plan_b",
        caught(
            "ActivityError as error",
            'match error.cause:\n    case ApplicationError(type="CardDeclined"):\n',
            indent(INVOICE, "        "),
            "raise\n",
        ),
        CORRECT,
    ),
    # nobody imported it
    Answer(
        "plan_b",
        declined().replace(ERRORS, ""),
        says="import it first: `from temporalio.exceptions import ActivityError`",
    ),
    # the function, which is not there
    Answer(
        "plan_b",
        declined(INVOICE.replace('"send_invoice"', "send_invoice")),
        says="it is called by its name",
    ),
    # an invoice for somebody else, for nobody, for all that begins
    Answer(
        "plan_b",
        declined(INVOICE.replace("customer", '"customer"')),
        says="asks for an invoice for 'customer', not for 'Bob'",
    ),
    Answer(
        "plan_b",
        declined(INVOICE.replace("customer, ", "")),
        says="`send_invoice` is called with the wrong arguments",
    ),
    # what it would return
    Answer(
        "plan_b",
        declined('return f"invoice for {customer}"\n'),
        says="with no `send_invoice` in its history",
    ),
    # the name is somewhere in what the cause says
    Answer(
        "plan_b",
        declined(asked='"CardDeclined" in str(error.cause)'),
        says="Zoe's card is stolen (StolenCard: no CardDeclined, but a thief), and she got an invoice",
    ),
    # a letter short; the wrong way round
    Answer(
        "plan_b", declined(asked='error.cause.type == "CardDecline"'), says="is compared letter by letter"
    ),
    Answer(
        "plan_b",
        declined(asked='error.cause.type != "CardDeclined"'),
        says="what happens where it is `CardDeclined`, and what where it is not?",
    ),
    # a stolen card is forgotten
    Answer(
        "plan_b",
        caught(
            "ActivityError as error",
            'if error.cause.type == "CardDeclined":\n',
            indent(INVOICE, "    "),
            'if error.cause.type == "ConnectionError":\n    raise\n',
            'return "no"\n',
        ),
        says="Zoe's card is stolen, and her purchase returned 'no'",
    ),
    # begun inside, awaited outside
    Answer(
        "plan_b",
        replace(
            caught("ActivityError", INVOICE),
            'return await workflow.execute_activity(\n                "charge"',
            'paid = workflow.execute_activity(\n                "charge"',
        )
        + "        return await paid\n",
        says="a failure is raised where the activity is awaited",
    ),
    # an invoice for all, after the charge
    Answer(
        "plan_b",
        replace(PURCHASE, "        return await", "        await") + indent(INVOICE, " " * 8),
        says="Ada's card is good",
    ),
]
