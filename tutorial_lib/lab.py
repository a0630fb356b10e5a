"""The lab as a learner has it: the stage's, and what there is to see of what runs on it."""

from __future__ import annotations

import contextlib
import difflib
import html
import os
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, cast, overload

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

from tutorial_lib import sdk
from tutorial_lib.cells import ipython
from tutorial_lib.cells.failures.uncaught import own_part
from tutorial_lib.cells.made_workers import MadeWorker, made_workers
from tutorial_lib.errors import TutorialError
from tutorial_lib.sdk import registered_name
from tutorial_lib.stage.opening import open_stage
from tutorial_lib.stage.server.registration import ServerRegistration
from tutorial_lib.stage.stage import Stage
from tutorial_lib.stage.target import Target

# A lab that shows no picture does not pay for any: the views are imported where they are made.
if TYPE_CHECKING:
    from tutorial_lib.exercises.predict import Prediction
    from tutorial_lib.exercises.progress_cards import LessonProgress
    from tutorial_lib.history import Event, History
    from tutorial_lib.history.reading import Source
    from tutorial_lib.replay import Detail, Recording
    from tutorial_lib.stage.web_ui import Link
    from tutorial_lib.views import (
        FailureChain,
        Fleet,
        HistoryTable,
        RetryChart,
        Stepper,
        TaskQueues,
        Timeline,
        Timeouts,
        WhoHeard,
    )
    from tutorial_lib.views.timeouts.options import Options

    Execution = WorkflowHandle[Any, Any]
    Story = Execution | History | Source

_Result = TypeVar("_Result")

_SIDES = 2  # versions of the code, or recordings, that a stepper shows side by side
_WITH_VALUES = 500  # events of a history whose replay notes the values before each line
_REMEMBERED = 20  # histories whose events `explain` knows


async def open_lab(
    name: str = "lab", *, db_filename: str | os.PathLike[str] | None = None, shared: bool | None = None
) -> Lab:
    """Open a lesson's lab: the course's server (started if need be), the lesson's namespace, a client.

    Runs that an earlier execution of this lesson left open are terminated, and its workers stopped; where
    another kernel works in the namespace, its runs and workers are left alone, and yours with them. With
    `TEMPORAL_PROFILE` or `TEMPORAL_ADDRESS` set, the lab is on that service instead and nothing is
    started, made or terminated.

    Args:
        name: The lesson, e.g. "lesson-03", or your program; also its namespace. A lesson's is one kernel's
            alone: a second one gets "lesson-03-2". Any other name is a place that notebooks share.
        shared: Whether other kernels may be in it: True joins them, False gets a namespace of its own.
            By default it is as `name` has it.
        db_filename: File that keeps the server's state, if this call starts it.

    Raises:
        UnusableNameError: If `name` is no name, but a path for instance.
        FolderError: If the state folder is not this user's alone.
        ServerError: If there is no server and none can be started, or the profile's does not answer.
    """
    return cast("Lab", await open_stage(name, db_filename=db_filename, shared=shared, kind=Lab))


class Lab(Stage):
    """A lesson's place on a Temporal service, with pictures of what happens there. Made by `open_lab`.

    Attributes:
        name: The lesson's name.
        namespace: The lesson's own namespace.
        client: A real `temporalio.client.Client` of it.
        workers: The workers made here; a table in a notebook.
        folder: A scratch directory of this lesson, for files its activities write.
    """

    def __init__(
        self, name: str, client: Client, target: Target, hold: ServerRegistration | None, others: int
    ) -> None:
        super().__init__(name, client, target, hold, others)
        self._opened = self.server_time()
        self._histories: deque[tuple[History, Client | None]] = deque(maxlen=_REMEMBERED)
        self._fleet: Fleet | None = None
        self._following: list[Fleet | TaskQueues | RetryChart | Timeouts] = []

    # ---- one execution ---------------------------------------------------------------------------

    async def history(self, handle: Story) -> History:
        """The event history of an execution as plain values.

        Args:
            handle: The execution; or a history in any form: a JSON text or file of
                `temporal workflow show -o json`, a `WorkflowHistory`, protobuf.

        Raises:
            HistoryError: If it is no history.
            temporalio.service.RPCError: If there is no such execution.
        """
        from tutorial_lib.history import History, fetch_history, read_history

        if isinstance(handle, WorkflowHandle):
            history = await fetch_history(handle)
        elif isinstance(handle, History):
            history = handle
        else:
            history = read_history(handle, data_converter=self.client.data_converter)
        client = sdk.client_of(handle) if isinstance(handle, WorkflowHandle) else self._client_of(history)
        self._histories.append((history, client))
        return history

    def explain(self, event: Event, *, names: bool = False) -> str:
        """What happened, who did it and what that means, in one plain sentence.

        Args:
            event: An event of a history that `lab.history` returned.
            names: Whether to name workers and clients, whose identities name machines.

        Raises:
            TutorialError: If the event is of another history.
        """
        from tutorial_lib.history.explain import explain

        for history, _client in reversed(self._histories):
            if any(event is each for each in history.events):
                return explain(event, history, names=names)
        raise TutorialError(
            f"event {event.id} ({event.type}) is of no history that this lab has read",
            "history = await lab.history(handle); lab.explain(history.event(5))",
        )

    async def timeline(self, handle: Story) -> Timeline:
        """What an execution did when: a lane for each activity, timer, child ...; live while it runs.

        Args:
            handle: As for `history`.
        """
        from tutorial_lib.views import Timeline

        if isinstance(handle, WorkflowHandle):
            return Timeline.follow(
                sdk.client_of(handle),
                handle.id,
                sdk.run_of(handle),
                link=self._link(handle),
                over=await _is_over(handle),
            )
        return Timeline.of(await self.history(handle))

    async def history_table(self, handle: Story) -> HistoryTable:
        """The events of an execution, each with a sentence and its decoded payloads; live while it runs.

        Args:
            handle: As for `history`.
        """
        from tutorial_lib.views import HistoryTable

        if isinstance(handle, WorkflowHandle):
            return HistoryTable.follow(
                sdk.client_of(handle),
                handle.id,
                sdk.run_of(handle),
                link=self._link(handle),
                over=await _is_over(handle),
            )
        return HistoryTable.of(await self.history(handle))

    async def failure(self, handle: Story) -> FailureChain:
        """Why an execution failed: the chain of exceptions that `handle.result()` raises.

        Of one that runs, the failure of the workflow task that holds it up. It is read from the history, so
        the execution may be anybody's; of one that was retried or continued as new, from its last run.

        Args:
            handle: As for `history`.
        """
        from tutorial_lib.views import FailureChain

        history = await self.history(handle)
        while isinstance(handle, WorkflowHandle) and (following := history.next_run_id):
            handle = sdk.client_of(handle).get_workflow_handle(handle.id, run_id=following)
            history = await self.history(handle)
        return FailureChain.of(history)

    async def who_heard(self, *handles: Story) -> WhoHeard:
        """Who hears of it, and when, if an execution is cancelled, terminated or reset.

        The workflow's code, its activities, and who awaits its result; several executions below each other.

        Args:
            handles: Each as for `history`.

        Raises:
            TutorialError: If there is none.
        """
        from tutorial_lib.views import WhoHeard

        if not handles:
            raise TutorialError("there is no execution to show", "await lab.who_heard(handle)")
        return WhoHeard.of(*[await self.history(handle) for handle in handles])

    async def result(self, handle: WorkflowHandle[Any, _Result], *, timeout: float = 30.0) -> _Result:
        """`await handle.result()`, except that a wait which cannot end raises with the reason.

        A failure of the workflow is raised as it is; where a cell does not catch it, `lab.failure(handle)`
        is shown above it.

        Args:
            handle: The execution.
            timeout: Seconds to wait at most.

        Raises:
            WorkflowStuckError: When no worker polls its queue, its task fails over and over, ...
            ServerGoneError: When the server ends meanwhile.
            temporalio.client.WorkflowFailureError: As `handle.result()` does.
        """
        _check_handle(handle)
        try:
            return await super().result(handle, timeout=timeout)
        except WorkflowFailureError as error:
            with contextlib.suppress(Exception):  # the error is what matters, the picture comes on top
                _show_above(error, await self.failure(handle))
            raise

    def ui(self, handle: Execution | None = None) -> Link:
        """A link to an execution in the Web UI, or to the namespace's list of workflows.

        Args:
            handle: The execution, in whatever namespace of the lab's server.

        Raises:
            TutorialError: If it is no handle.
            LocalServerNeededError: If a profile points the course at another service, or the execution is on
                another server.
        """
        if handle is not None:
            _check_handle(handle)
        return super().ui(handle)

    async def replay(self, handle: Story, *workflows: type) -> Recording:
        """Replay an execution and record what its code does in each workflow task. Nothing is executed.

        Args:
            handle: As for `history`.
            workflows: The class to replay it with; the notebook's own, as it is now, if none is given.

        Raises:
            HistoryError: If no class runs this workflow type, or it is no whole history.
        """
        from tutorial_lib.replay import record_replay

        history = await self.history(handle)
        return await record_replay(
            history, self._classes(workflows), detail=_detail(history), **self._ran_under(history)
        )

    async def what_if(
        self, handle: Story, event_id: int, *, result: Any = ..., failure: str | BaseException | None = None
    ) -> Recording:
        """Replay an execution up to an answer, with another answer: what does the code do then?

        Args:
            handle: As for `history`.
            event_id: An event that brought an answer: ActivityTaskCompleted, ChildWorkflowExecutionCompleted,
                NexusOperationCompleted; or, with `result` as the new argument (a tuple for several),
                WorkflowExecutionSignaled or WorkflowExecutionStarted.
            result: What it gives instead.
            failure: Or how it fails instead: a message, or an exception. For activities and children.

        Raises:
            HistoryError: If there is no such event, it carries no answer, or no workflow task delivers it.
        """
        from tutorial_lib.replay.what_if import what_if

        history = await self.history(handle)
        return await what_if(
            history,
            event_id,
            self._classes(()),
            **({} if result is ... else {"result": result}),
            failure=failure,
            detail=_detail(history),
            **self._ran_under(history),
        )

    async def step_through(
        self, handle: Story | Recording, *workflows: type | Recording, labels: tuple[str, ...] = ()
    ) -> Stepper:
        """Replay an execution and step through it: code on the left, history on the right.

            await lab.step_through(handle)
            await lab.step_through(handle, Before, After, labels=("before", "after"))
            await lab.step_through(await lab.replay(handle), await lab.what_if(handle, 7, result=500))

        Args:
            handle: As for `history`; or what `replay` or `what_if` recorded.
            workflows: The class to replay it with; the notebook's own, as it is now, if none is given. Two
                versions of it are shown side by side. Or, beside a recording, another one.
            labels: What to call the two sides: ("before", "after").

        Raises:
            HistoryError: If no class runs this workflow type, or it is no whole history.
        """
        from tutorial_lib.replay import Recording
        from tutorial_lib.views import Stepper

        recorded = [each for each in (handle, *workflows) if isinstance(each, Recording)]
        classes = [each for each in workflows if isinstance(each, type)]
        if (sides := len(recorded) + len(classes)) > _SIDES:
            raise TutorialError(
                f"a stepper shows two versions of a workflow side by side, not {sides}",
                "give one or two classes, or two recordings",
            )
        if isinstance(handle, Recording):
            recorded += [await self.replay(handle.history, each) for each in classes]
        else:
            history = await self.history(handle)
            choices: list[tuple[type, ...]] = [(each,) for each in classes] or [()]
            recorded = [*[await self.replay(history, *each) for each in choices], *recorded]
        if len(recorded) > 1:
            return Stepper.of(*recorded, labels=labels)
        (only,) = recorded

        async def what_if(event_id: int, answer: dict[str, Any]) -> Recording:
            from tutorial_lib.replay.what_if import what_if

            return await what_if(
                only.history,
                event_id,
                self._classes(classes),
                detail=_detail(only.history),
                **answer,
                **self._ran_under(only.history),
            )

        return Stepper.of(only, labels=labels, what_if=what_if)

    def _classes(self, workflows: Sequence[type]) -> Sequence[type]:
        """The classes to choose from by workflow type; the last one that fits is taken."""
        from tutorial_lib.replay.classes import notebook_workflows

        deployed = [each for worker in reversed(self._known_workers()) for each in worker.workflows]
        # What the notebook says now, before what a worker was made with.
        return workflows or [*deployed, *notebook_workflows()]

    def _client_of(self, history: History) -> Client | None:
        """The client by which a history was fetched; None if it is from elsewhere."""
        return next((client for known, client in self._histories if known is history), None)

    def _ran_under(self, history: History) -> dict[str, Any]:
        """What an execution ran under: the options of its worker, else what its client has."""
        from tutorial_lib.replay.conditions import replay_options, worker_of

        client = self._client_of(history)
        worker = worker_of(history, self._known_workers(), client)
        if worker is None:
            return replay_options(client or self.client)
        return replay_options(worker.client, worker.options)

    def _known_workers(self) -> list[MadeWorker]:
        """The workers of this lab and those that cells have made, the latest first."""
        own = [
            MadeWorker(
                self.client, each.spec.task_queue, each.spec.workflows, each.spec.options, each.identity
            )
            for each in self.workers
        ]
        return [*reversed(own), *made_workers()]

    # ---- what it runs on -------------------------------------------------------------------------

    def fleet(self) -> Fleet:
        """The workers of this lab, live: what each does and has cached, with buttons Start, Stop and Kill."""
        from tutorial_lib.views import Fleet

        if self._fleet is None:
            self._fleet = Fleet.follow(self.workers, self.client, self._check_server)
            self._following.append(self._fleet)
        return self._fleet

    async def task_queues(self) -> TaskQueues:
        """The task queues that workflows or workers use, live: who polls each, and what waits."""
        from tutorial_lib.views import TaskQueues

        view = await TaskQueues.follow(self.client, self.workers, self._opened)
        self._following.append(view)
        return view

    @overload
    def retry_chart(
        self, policy: RetryPolicy, *, schedule_to_close_timeout: timedelta | None = None
    ) -> RetryChart: ...

    @overload
    def retry_chart(
        self, policy: RetryPolicy | None, handle: Execution, *, activity: str | Callable[..., Any] = ""
    ) -> Awaitable[RetryChart]: ...

    def retry_chart(
        self,
        policy: RetryPolicy | None,
        handle: Execution | None = None,
        *,
        activity: str | Callable[..., Any] = "",
        schedule_to_close_timeout: timedelta | None = None,
    ) -> RetryChart | Awaitable[RetryChart]:
        """A retry policy as the attempts it will make; with a handle, the real ones over it, live.

            await lab.retry_chart(policy)
            await lab.retry_chart(policy, handle)

        Args:
            policy: The policy; with a handle None means the one that the server has.
            handle: An execution that runs an activity.
            activity: Which activity: its type, function or id; else the pending one with most attempts.
            schedule_to_close_timeout: Draws where this timeout of an activity ends its retries.
        """
        from tutorial_lib.views import RetryChart

        if handle is not None:
            _check_handle(handle)
            name = activity if isinstance(activity, str) else registered_name(activity)
            return self._retries(policy, handle, name)
        if policy is None:
            raise TutorialError(
                "there is nothing to draw: neither a policy nor an execution",
                "await lab.retry_chart(RetryPolicy(...)) or await lab.retry_chart(None, handle)",
            )
        return RetryChart.of(policy, schedule_to_close_timeout=schedule_to_close_timeout)

    async def _retries(self, policy: RetryPolicy | None, handle: Execution, activity: str) -> RetryChart:
        from tutorial_lib.views import RetryChart

        view = await RetryChart.follow(
            policy, sdk.client_of(handle), handle.id, sdk.run_of(handle), activity=activity
        )
        self._following.append(view)
        return view

    @overload
    def timeouts(self, **options: Unpack[ActivityConfig]) -> Timeouts: ...

    @overload
    def timeouts(
        self, *, handle: Execution, activity: str | Callable[..., Any] = "", **options: Unpack[ActivityConfig]
    ) -> Awaitable[Timeouts]: ...

    def timeouts(
        self,
        *,
        handle: Execution | None = None,
        activity: str | Callable[..., Any] = "",
        **options: Unpack[ActivityConfig],
    ) -> Timeouts | Awaitable[Timeouts]:
        """Where the four timeouts of an activity begin and end; with a handle, over its real attempts, live.

            await lab.timeouts(start_to_close_timeout=timedelta(seconds=2))
            await lab.timeouts(**OPTIONS)
            await lab.timeouts(handle=handle)

        Args:
            handle: An execution that runs an activity.
            activity: Which activity: its type, function or id; else the pending one with most attempts.
            options: As `workflow.execute_activity` takes them; with a handle, none means those that the
                server has.

        Raises:
            TutorialError: If there is no such option.
        """
        from tutorial_lib.views import Timeouts
        from tutorial_lib.views.timeouts.options import Options

        known = ActivityConfig.__annotations__
        if wrong := [name for name in options if name not in known]:
            near = difflib.get_close_matches(f"{wrong[0]}_timeout", known, 1, 0.5)
            raise TutorialError(
                f"`workflow.execute_activity` has no option {wrong[0]!r}",
                f"did you mean {near[0]!r}?" if near else "name it as in the call of the activity",
            )
        if handle is None:
            return Timeouts.of(Options.of(options))
        _check_handle(handle)
        name = activity if isinstance(activity, str) else registered_name(activity)
        return self._timeouts(Options.of(options) if options else None, handle, name)

    async def _timeouts(self, options: Options | None, handle: Execution, activity: str) -> Timeouts:
        from tutorial_lib.views import Timeouts

        view = await Timeouts.follow(
            options, sdk.client_of(handle), handle.id, sdk.run_of(handle), activity=activity
        )
        self._following.append(view)
        return view

    # ---- what is said and solved -----------------------------------------------------------------

    def predict(self, question: str, *choices: str) -> Prediction:
        """Ask what will happen, before it does. Shows the question in its cell; nothing waits for you.

            goes_on = lab.predict("Which orders go on?", "both", "only the older one", "neither")

        And where it has happened, `goes_on.was("only the older one")` shows your choice beside it.

        Args:
            question: In one line.
            choices: Two to four.

        Raises:
            PredictionError: If there is no question, or its choices are none to choose from.
        """
        from tutorial_lib.exercises.predict import Prediction

        prediction = Prediction(self.name, question, choices)
        prediction.ask()
        return prediction

    def progress(self) -> LessonProgress:
        """How far you are with this lesson: its exercises and its quiz.

        Raises:
            TutorialError: If this lab's lesson has none.
        """
        from tutorial_lib.course.overview import lesson_progress

        return lesson_progress(self.name)

    def close(self) -> None:
        """Stop the lab's views and workers. The server and what ran on it stay."""
        while self._following:
            self._following.pop().stop()
        self._fleet = None
        super().close()

    def _repr_html_(self) -> str:
        from tutorial_lib.views.kit.cards import card

        lines = [
            f"<b>{html.escape(self.name)}</b> is ready.",
            f"<b>Server</b> <code>{html.escape(self.address)}</code> ({html.escape(self._target.name)})",
            f"<b>Namespace</b> <code>{html.escape(self.namespace)}</code>{html.escape(self._company())}",
        ]
        if self._ui is not None:
            link = self._ui.link()
            shown = f'<a href="{html.escape(link.url)}" target="_blank">{html.escape(link.text)}</a>'
            lines.append(f"<b>Web UI</b> {shown}")
        command = f"temporal workflow list --address {self.address} --namespace {self.namespace}"
        lines.append(f"<b>In a terminal</b> <code>{html.escape(command)}</code>")
        return card(lines)

    def _link(self, handle: Execution) -> str:
        """Address of an execution in the Web UI; "" where there is none, as on another server."""
        return "" if self._ui is None or not self.hosts(handle) else self._ui.link(handle).url


async def _is_over(handle: Execution) -> bool:
    """Whether an execution has ended, and its chain has no further run.

    Raises:
        temporalio.service.RPCError: If there is no such execution: that is no empty picture.
    """
    found = await handle.describe()
    if found.close_time is not None and sdk.run_of(handle) is not None:
        found = await sdk.client_of(handle).get_workflow_handle(handle.id).describe()
    return found.close_time is not None


def _check_handle(given: object) -> None:
    """Raise if what should be the handle of a workflow execution is something else.

    Raises:
        TutorialError: With what was given, and what to give.
    """
    if not isinstance(given, WorkflowHandle):
        from tutorial_lib.history.forms.strangers import instead_of_handle

        raise TutorialError(*instead_of_handle(given))


def _detail(history: History) -> Detail:
    """How much a replay notes: of a short history the values before each line, too."""
    from tutorial_lib.replay import Detail

    return Detail(values=len(history.events) <= _WITH_VALUES)


def _show_above(error: BaseException, view: FailureChain) -> None:
    """Have a cell show a view above an error, should nobody catch it. The error stays what it is."""
    left = [view]

    def lines() -> list[str]:
        if left and ipython.current() is not None:  # a kernel asks twice
            from IPython.display import display

            display(left.pop())
        return ipython.traceback_lines(error, own_part(error.__traceback__))

    # IPython asks an error how to show itself; nothing else knows this name.
    error._render_traceback_ = lines  # type: ignore[attr-defined]
