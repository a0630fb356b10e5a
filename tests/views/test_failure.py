"""A failure's chain: what the picture says is what the caller really gets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy

from tests.support.cell_kernel import Kernel
from tests.support.story import happen, history, order, scheduled
from tests.support.waiting import BACKSTOP
from tests.views.failure_workflows import Order, Payment, charge
from tutorial_lib.history.events import Failure
from tutorial_lib.views import FailureChain
from tutorial_lib.views.failure.layout import MOST, failure_layout

DECLINED = Failure("insufficient funds", type="CardDeclined")
PAYING = Failure(
    "Activity task failed",
    kind="activity",
    name="charge",
    opened_by=5,
    retry_state="MaximumAttemptsReached",
    cause=DECLINED,
)


def failed(failure: Failure | None, type_: str = "WorkflowExecutionFailed", **more: Any) -> Any:
    """A history that ends so."""
    return history(
        happen(1, "WorkflowExecutionStarted", 0.0, "Order"),
        happen(4, "WorkflowTaskCompleted", 0.2, opened_by=2),
        scheduled(5, 0.2, "charge"),
        happen(6, "ActivityTaskStarted", 3.6, "charge", opened_by=5, attempt=3),
        happen(7, "ActivityTaskFailed", 4.0, "charge", opened_by=5, failure=DECLINED),
        happen(11, type_, 5.0, opened_by=1, failure=failure, **more),
    )


def names(layout: dict[str, Any]) -> list[str]:
    return [link["name"] for link in layout["links"]]


def test_the_chain_of_an_activity_that_gave_up():
    layout = failure_layout(failed(PAYING))
    assert (layout["title"], layout["state"], layout["mood"]) == ("Order", "✗ failed", "bad")
    assert [(link["path"], link["name"], link["message"]) for link in layout["links"]] == [
        ("error", "WorkflowFailureError", "Workflow execution failed"),
        ("error.cause", "ActivityError", "Activity task failed"),
        ("error.cause.cause", "ApplicationError", "insufficient funds"),
    ]
    assert [link["from"] for link in layout["links"]] == [
        "raised by `handle.result()`, in the client, for event 11, WorkflowExecutionFailed",
        "raised in workflow `Order`, where it awaits the activity `charge`",
        "raised by the code of activity `charge`",
    ]
    assert [link["facts"] for link in layout["links"]] == [
        [],
        ["3 attempts", "given up: no attempt is left"],
        ["type='CardDeclined'"],
    ]
    assert [link["reason"] for link in layout["links"]] == [False, False, True]
    assert layout["alt"] == (
        "Failure of workflow Order, failed. WorkflowFailureError: Workflow execution failed; caused by "
        "ActivityError: Activity task failed (3 attempts, given up: no attempt is left); caused by "
        "ApplicationError: insufficient funds (type='CardDeclined')."
    )


@pytest.mark.parametrize(
    ("type_", "more", "link"),
    [
        ("WorkflowExecutionTimedOut", {}, ("TimeoutError", "Workflow timed out", ["type=START_TO_CLOSE"])),
        (
            "WorkflowExecutionTerminated",
            {"attributes": {"reason": "enough"}},
            ("TerminatedError", "enough", []),
        ),
        ("WorkflowExecutionCanceled", {}, ("CancelledError", "Workflow cancelled", [])),
    ],
)
def test_an_end_without_a_failure_has_the_sdks_exception(type_: str, more: Any, link: Any):
    layout = failure_layout(failed(None, type_, **more))
    outermost, cause = layout["links"]
    assert outermost["name"] == "WorkflowFailureError"
    assert (cause["name"], cause["message"], cause["facts"]) == link
    assert cause["reason"]


@pytest.mark.parametrize(("worker", "who"), [("history-service", "the server"), ("4242@host", "somebody")])
def test_who_terminated_it_is_told_from_the_server(worker: str, who: str):
    layout = failure_layout(failed(None, "WorkflowExecutionTerminated", worker=worker))
    assert layout["links"][1]["from"] == f"{who} terminated workflow `Order`"


def test_one_that_runs_shows_what_holds_it_up_and_that_nobody_gets_it():
    bug = Failure("'price'", type="KeyError")
    events = [
        happen(1, "WorkflowExecutionStarted", 0.0, "Order"),
        happen(3, "WorkflowTaskStarted", 0.1, opened_by=2),
        happen(4, "WorkflowTaskFailed", 0.2, opened_by=2, failure=bug),
    ]
    layout = failure_layout(history(*events))
    assert layout["state"] == "▸ running"
    assert names(layout) == ["KeyError"]
    assert layout["links"][0]["path"] == ""
    assert layout["links"][0]["facts"] == []
    assert layout["note"] == (
        "The workflow has not failed: its workflow task failed in event 4, and is offered again until the "
        "code is mended. Its caller waits."
    )
    closed = happen(5, "WorkflowTaskFailed", 9.0, failure=bug, attributes={"cause": "ResetWorkflow"})
    assert failure_layout(history(*events, closed))["links"] == [], "a reset, which has a failure, too"
    mended = failure_layout(history(*events, happen(5, "WorkflowTaskCompleted", 9.0, opened_by=2)))
    assert mended["links"] == []
    assert mended["note"] == "No failure to show: the workflow is running."


def test_one_that_completed_says_so():
    view = FailureChain.of(history(*order()[:12], happen(13, "WorkflowExecutionCompleted", 9.0, opened_by=1)))
    assert repr(view) == ("Failure of workflow Order, completed. No failure to show: the workflow completed.")


def test_a_long_chain_is_cut_before_its_last_link():
    failure = Failure("the root", type="Root")
    for number in range(20):
        failure = Failure(f"behind {number}", type="Wrapped", cause=failure)
    layout = failure_layout(failed(failure))
    assert len(layout["links"]) == MOST
    assert layout["links"][-2]["message"] == "15 more"
    assert layout["links"][-1]["message"] == "the root"


def test_the_picture_is_xml_with_each_link_in_it_and_names_what_is_long_or_odd():
    odd = Failure("<b>&amp; " + "long " * 80, type="Odd<>", details=({"a": 1},), non_retryable=True)
    picture = FailureChain.of(failed(odd)).picture()
    root = ET.fromstring(picture.svg)  # noqa: S314 - made a moment ago
    said = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "✗ ApplicationError" in said
    assert any("type='Odd<>' · non_retryable=True · details=({'a': 1},)" in each for each in said)
    assert any(each.startswith("<b>&amp;") and each.endswith("…") for each in said)


# ---- what the caller really gets --------------------------------------------------------------------------


@pytest.fixture
async def shop(lab):
    lab.start_worker(task_queue="shop", workflows=[Order, Payment], activities=[charge])
    return lab


async def ended(lab: Any, workflow: type, how: str, **more: Any) -> WorkflowHandle[Any, Any]:
    handle: WorkflowHandle[Any, Any] = await lab.client.start_workflow(
        workflow.__name__, how, id=f"{workflow.__name__}-{how}", task_queue="shop", **more
    )
    return handle


def raised(error: BaseException | None) -> list[str]:
    """The classes of an exception and of those behind it, as a caller meets them: `error.cause` and on."""
    found = []
    while error is not None:
        found.append(type(error).__name__)
        error = getattr(error, "cause", None)
    return found


@pytest.mark.parametrize(
    ("workflow", "how", "facts"),
    [
        ("Payment", "down", ["3 attempts", "given up: no attempt is left", "type='ConnectionError'"]),
        ("Payment", "declined", ["1 attempt", "given up: its retry policy lists 'CardDeclined'"]),
        ("Payment", "fraud", ["given up: it was raised as non-retryable", "details=('case-7',)"]),
        ("Payment", "expected", ["non_retryable=True", "category=BENIGN"]),
        ("Payment", "wrapped", ["type='PaymentFailed'", "3 attempts", "type='ConnectionError'"]),
        ("Order", "down", ["type='ConnectionError'"]),
    ],
)
async def test_the_links_are_those_of_the_exception(shop, workflow: str, how: str, facts: list[str]):
    handle = await ended(shop, {"Payment": Payment, "Order": Order}[workflow], how)
    with pytest.raises(WorkflowFailureError) as caught:
        await handle.result()
    view = await shop.failure(handle)
    assert names(view.chain) == raised(caught.value)
    for link in view.chain["links"]:
        error = eval(link["path"], {"error": caught.value})  # noqa: S307 - what the picture tells to write
        assert type(error).__name__ == link["name"]
    told = [fact for link in view.chain["links"] for fact in link["facts"]]
    assert set(facts) <= set(told), told


async def test_the_end_of_an_execution_by_others_is_the_exception_of_the_sdk(shop):
    late = await ended(shop, Order, "sleeps", run_timeout=timedelta(seconds=1))
    with pytest.raises(WorkflowFailureError) as caught:
        await late.result()
    assert names((await shop.failure(late)).chain) == raised(caught.value)
    for end in ("terminate", "cancel"):
        handle = await ended(shop, Order, "sleeps")
        await getattr(handle, end)()
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
        view = await shop.failure(handle)
        assert names(view.chain) == raised(caught.value)
        assert view.chain["links"][-1]["message"] == str(caught.value.cause)


async def test_of_a_retried_workflow_the_last_run_counts(shop):
    policy = RetryPolicy(initial_interval=timedelta(milliseconds=1), maximum_attempts=2)
    handle = await ended(shop, Order, "again", retry_policy=policy)
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert names((await shop.failure(handle)).chain)[1] == "ChildWorkflowError"


async def test_a_bug_is_no_failure_of_the_workflow(shop):
    handle = await ended(shop, Order, "bug")
    async with asyncio.timeout(BACKSTOP):
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.HasField("workflow_task_failed_event_attributes"):
                break
    view = await shop.failure(handle)
    assert names(view.chain) == ["KeyError"]
    assert view.chain["note"].startswith("The workflow has not failed")
    await handle.terminate()


CELL = """
    %load_ext tutorial_lib
    from temporalio import workflow
    from temporalio.client import WorkflowFailureError
    from temporalio.exceptions import ApplicationError
    from tutorial_lib import open_lab

    @workflow.defn
    class Refused:
        @workflow.run
        async def run(self) -> None:
            raise ApplicationError("out of stock", type="Refused")

    lab = await open_lab("refused")
    lab.start_worker(task_queue="q", workflows=[Refused])
    handle = await lab.client.start_workflow(Refused.run, id="refused", task_queue="q")
"""
WORDS = "Failure of workflow Refused, failed. WorkflowFailureError: Workflow execution failed; caused by "


def test_a_cell_that_does_not_catch_it_shows_the_chain_above_the_plain_error(dev_server_address: str):
    with Kernel(dev_server_address) as kernel:
        kernel.good(CELL)
        shown = kernel.run("await lab.result(handle)")
        assert shown.displayed.count(WORDS) == 1
        assert "WorkflowFailureError: Workflow execution failed" in shown.error
        assert "ApplicationError: Refused: out of stock" in shown.error
        # Where the lab waited is none of the learner's lines, and would be sixty of them.
        assert "await lab.result(handle)" in shown.error
        assert "tutorial_lib" not in shown.error
        caught = kernel.run("""
            try:
                await lab.result(handle)
            except WorkflowFailureError as error:
                print(repr(error.cause))
        """)
        assert caught.text.strip() == "ApplicationError('Refused: out of stock')"
        assert (caught.displayed, caught.error) == ("", "")


async def test_without_a_notebook_it_is_the_sdks_error_and_nothing_else(shop, capsys):
    handle = await ended(shop, Payment, "declined")
    with pytest.raises(WorkflowFailureError, match="Workflow execution failed") as caught:
        await shop.result(handle)
    assert raised(caught.value) == ["WorkflowFailureError", "ActivityError", "ApplicationError"]
    assert capsys.readouterr().out == ""
