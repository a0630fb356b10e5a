"""The fleet as data: what is cached where, what is refused and why, what the server still believes."""

from __future__ import annotations

import base64
import re
from types import SimpleNamespace
from typing import Any

from tests.support.workflows import Greeting, greet
from tutorial_lib.stage.workers.spec import WorkerSpec
from tutorial_lib.views.fleet.layout import WHY_NO_KILL, fleet_layout, sentence
from tutorial_lib.views.fleet.picture import MOST_NOTES, fleet_picture
from tutorial_lib.views.kit.census import Activity, Census, Execution, LatestTask


def worker(name: str = "worker-1", kind: str = "process", **changes: Any) -> Any:
    """What the layout reads of a worker."""
    facts = {
        "kind": kind,
        "spec": WorkerSpec("orders", [Greeting], [greet], changes.pop("options", {}), name),
        "pid": 4242,
        "identity": f"{name}@here",
        "alive": True,
        "started": 100.0,
        "former": set(),
    } | changes
    ended = "killed (SIGKILL)" if kind == "process" else "stopped"
    facts.setdefault("state", "alive" if facts["alive"] else ended)
    return SimpleNamespace(**facts)


def execution(at: str = "worker-1@here", when: float = 200.0, **changes: Any) -> Execution:
    return Execution("order-1", "run-1", "Order", "orders", LatestTask(at, when), **changes)


def test_a_worker_has_what_it_did_the_latest_workflow_task_of_in_its_cache():
    layout = fleet_layout([worker(), worker("worker-2")], Census((execution(),)))
    assert [row["cached"] for row in layout["rows"]] == [["order-1"], []]
    assert layout["homeless"] == []


def test_a_killed_workers_cache_is_gone_and_the_reason_is_told():
    layout = fleet_layout([worker(alive=False)], Census((execution(),)))
    assert layout["rows"][0]["cached"] == []
    assert layout["homeless"] == [
        {"id": "order-1", "why": "worker-1 had it, and is gone: the next worker rebuilds it by replay"}
    ]


def test_a_worker_started_anew_under_its_old_identity_has_an_empty_cache():
    layout = fleet_layout([worker(started=300.0)], Census((execution(),)))
    assert layout["rows"][0]["cached"] == []
    assert "before it was started again" in layout["homeless"][0]["why"]


def test_other_reasons_for_being_in_no_cache():
    reasons = {
        "no worker has taken it up yet": (execution("", 0.0), [worker()]),
        "its workflow task failed": (execution("", 200.0), [worker()]),
        "worker-1 keeps no cache: it replays at each workflow task": (
            execution(),
            [worker(options={"max_cached_workflows": 0})],
        ),
        "the worker that had it is gone: the next worker rebuilds it by replay": (execution("old@here"), []),
        "a worker that this lab did not make has it, or had it": (execution("stranger@there"), [worker()]),
    }
    for why, (one, workers) in reasons.items():
        assert fleet_layout(workers, Census((one,)), gone={"old@here"})["homeless"][0]["why"] == why


def test_the_load_counts_tasks_and_activities():
    running = (
        Activity("ship", "orders", "worker-1@here", 1),
        Activity("charge", "orders", "worker-1@here", 1),
        Activity("charge", "orders", "worker-1@here", 2),
        Activity("waits", "orders", "", 1),
    )
    census = Census((execution(working=True, activities=running[:2]),), running[2:])
    row = fleet_layout([worker()], census)["rows"][0]
    assert row["load"] == "1 workflow task, 3 activities: 2 of charge, ship"
    assert (row["tasks"], sorted(row["activities"])) == (1, ["charge", "charge", "ship"])


def test_what_a_dead_worker_was_doing_is_shown_as_the_server_sees_it():
    census = Census((execution(activities=(Activity("ship", "orders", "worker-1@here", 1),)),))
    row = fleet_layout([worker(alive=False)], census)["rows"][0]
    assert row["load"] == "1 activity: ship (lost; the server will know by a timeout)"
    again = worker(identity="new@here", former={"worker-1@here"})
    assert fleet_layout([again], census)["rows"][0]["load"].startswith("1 activity: ship (lost")


def test_a_refused_action_says_why():
    embedded, process, dead = worker("", "embedded"), worker(), worker("worker-2", alive=False)
    rows = fleet_layout([embedded, process, dead], None)["rows"]
    assert rows[0]["refusals"] == {"start": "It runs already.", "stop": "", "kill": WHY_NO_KILL}
    assert rows[1]["refusals"] == {"start": "It runs already.", "stop": "", "kill": ""}
    assert rows[2]["refusals"] == {"start": "", "stop": "It does not run.", "kill": "It does not run."}


def test_a_worker_that_hangs_while_it_stops_can_still_be_killed():
    row = fleet_layout([worker()], None, {"process/orders/worker-1": "stopping"})["rows"][0]
    assert (row["symbol"], row["state"]) == ("◌", "stopping")
    assert row["refusals"] == {"start": "It is stopping.", "stop": "It is stopping.", "kill": ""}


def test_the_sentence_has_no_pids_and_no_load():
    assert sentence([]) == "Fleet: no workers yet."
    busy = Census((execution(activities=(Activity("greet", "orders", "worker-1@here", 1),)),))
    rows = fleet_layout([worker("", "embedded"), worker(alive=False)], busy)["rows"]
    assert sentence(rows) == (
        "Fleet of 2 workers. this kernel on 'orders' runs Greeting, greet: alive; "
        "worker-1 on 'orders' runs Greeting, greet: killed (SIGKILL)."
    )


def test_the_picture_is_the_same_whatever_the_pids():
    one = fleet_picture(fleet_layout([worker(pid=1)], Census((execution(),))))
    two = fleet_picture(fleet_layout([worker(pid=2, identity="worker-1@here")], Census((execution(),))))
    assert one == two
    assert "order-1" in one.svg
    assert "● alive" in one.svg


def test_the_picture_escapes_names_and_folds_many_executions():
    many = tuple(Execution(f"<{n}>", f"run-{n}", "Order", "orders") for n in range(MOST_NOTES + 3))
    svg = fleet_picture(fleet_layout([worker("<b>&")], Census(many))).svg
    assert "&lt;b&gt;&amp;" in svg
    assert "<b>" not in svg
    assert "So are 3 more." in svg
    img = fleet_picture(fleet_layout([], None)).img()
    assert re.search(r'alt="Fleet: no workers yet\."', img)
    data = re.search(r"base64,([^\"]+)", img)
    assert data is not None
    assert "No workers yet." in base64.b64decode(data[1]).decode()


def test_a_worker_that_is_stopping_still_has_what_it_does_in_hand():
    stopping = worker("", "embedded", alive=False, state="stopping", identity="here")
    census = Census((execution("here", activities=(Activity("greet", "orders", "here", 1),)),))
    row = fleet_layout([stopping], census)["rows"][0]
    assert (row["state"], row["symbol"], row["load"]) == ("stopping", "◌", "1 activity: greet")
    assert row["cached"] == []
    assert row["refusals"]["start"] == row["refusals"]["stop"] == "It is stopping."
