"""The lab: a namespace, a client, the CLI and links, and a clean start every time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from tests.support.waiting import looks_async
from tests.support.workflows import Greeting, Sleeping, greet
from tutorial_lib import Lab, open_lab
from tutorial_lib.errors import LocalServerNeededError, ServerError, TutorialError
from tutorial_lib.stage import opening
from tutorial_lib.stage.namespaces import terminate_leftovers
from tutorial_lib.stage.opening import course_address
from tutorial_lib.stage.server.keeper import lock
from tutorial_lib.stage.target import external_target


async def test_a_new_namespace_can_be_used_at_once(lab):
    lab.start_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    result = await lab.client.execute_workflow(Greeting.run, "Ada", id="greet-ada", task_queue="greetings")
    assert result == "Hello, Ada!"


async def listed(lab: Lab) -> None:
    """Wait until the server lists an execution: visibility is behind, by milliseconds or more."""
    async for _ in looks_async():
        if [each async for each in lab.client.list_workflows()]:
            return


async def test_what_an_earlier_run_left_open_is_terminated(lab):
    handle = await lab.client.start_workflow(Sleeping.run, 600, id="sleeper", task_queue="nobody")
    await listed(lab)
    again = await open_lab(lab.name)
    assert again.namespace == lab.namespace
    description = await again.client.get_workflow_handle("sleeper").describe()
    assert description.status == WorkflowExecutionStatus.TERMINATED
    assert description.run_id == handle.result_run_id
    again.close()


async def test_one_kernel_at_a_time_opens_a_shared_lab_and_clears_it(own_state, monkeypatch):
    """What another one had just started there was terminated, as an earlier run's."""
    alone = []

    async def clear(client: Client) -> int:
        alone.append(lock(own_state / "labs" / ".shared.lock") is None)
        return await terminate_leftovers(client)

    monkeypatch.setattr(opening, "terminate_leftovers", clear)
    (await open_lab("shared")).close()
    assert alone == [True]
    held = lock(own_state / "labs" / ".shared.lock")
    waiting = asyncio.create_task(open_lab("shared"))
    await asyncio.wait({waiting}, timeout=0.3)  # short: it is to pass
    assert not waiting.done()
    held.close()
    lab = await waiting
    assert alone == [True, True]
    monkeypatch.setattr(opening, "OPENING_DEADLINE", 0.0)
    with lock(own_state / "labs" / ".shared.lock"):  # of one that is suspended
        lab = await open_lab("shared")
    lab.close()


def test_threads_that_look_for_the_server_at_the_same_time_end_with_one_hold(monkeypatch):
    monkeypatch.setattr(opening, "_holds", [])
    together, asked = threading.Barrier(3), []

    def hold_server(who: str, **_: object) -> SimpleNamespace:
        asked.append(who)
        time.sleep(0.05)
        return SimpleNamespace(alive=True)

    monkeypatch.setattr(opening, "hold_server", hold_server)

    def ask(who: str) -> object:
        together.wait()
        return opening.course_server(who)

    with ThreadPoolExecutor(3) as threads:
        assert len({id(hold) for hold in threads.map(ask, "abc")}) == 1
    assert len(asked) == 1


async def test_opening_again_stops_the_workers_of_before_and_says_so(lab, capsys):
    worker = lab.start_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    assert capsys.readouterr().out == ""
    again = await open_lab(lab.name)
    assert not worker.alive
    assert capsys.readouterr().out == (
        "Opened again, which stopped: worker on 'greetings'. Its cell starts it again.\n"
    )
    assert worker.identity in again.workers.gone()
    again.spawn_worker(task_queue="parcels", activities=[greet], name="worker-1")
    again.start_worker(task_queue="greetings", activities=[greet])
    stopped = again.start_worker(task_queue="bills", activities=[greet])
    stopped.stop()
    again = await open_lab(lab.name)
    assert capsys.readouterr().out == (
        "Opened again, which stopped: worker-1 on 'parcels', worker on 'greetings'. Their cells start them "
        "again.\n"
    )
    assert {worker.identity, stopped.identity} <= again.workers.gone()
    assert again.namespace == lab.namespace
    again.close()


async def test_the_cli_speaks_to_this_lab(lab):
    await lab.client.start_workflow(Sleeping.run, 600, id="sleeper", task_queue="nobody")
    await listed(lab)
    found = lab.cli("workflow list -o json").json
    assert [item["execution"]["workflowId"] for item in found] == ["sleeper"]
    failed = lab.cli("workflow describe -w nobody")
    assert not failed.ok
    assert repr(failed).startswith("$ temporal workflow describe -w nobody\nError: ")
    assert repr(failed).endswith("(exit code 1)")
    with pytest.raises(TutorialError, match=r"(?s)failed:\n.* -w nobody\nError: .*1\)\n  →"):
        lab.cli("workflow describe -w nobody", check=True)
    assert lab.cli("workflow list", check=True).ok


async def test_programs_started_from_a_cell_find_the_lab(lab):
    done = subprocess.run(  # noqa: ASYNC221 - as a cell's `!` does
        ["temporal", "workflow", "count"], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "Total: 0"
    assert os.environ["TEMPORAL_NAMESPACE"] == lab.namespace


async def test_links_lead_to_the_execution(lab, monkeypatch):
    handle = await lab.client.start_workflow(Sleeping.run, 600, id="order 42/a", task_queue="nobody")
    link = lab.ui(handle)
    place = f"/namespaces/{lab.namespace}/workflows/order%2042%2Fa/{handle.result_run_id}/timeline"
    assert link.direct == f"http://127.0.0.1:{lab.server.ui_port}/temporal-ui{place}"
    monkeypatch.setenv("TUTORIAL_UI_BASE", "/user/ada/temporal-ui")
    assert f'href="/user/ada/temporal-ui{place}"' in lab.ui(handle)._repr_html_()


async def test_the_card_says_where_things_are(lab):
    card = lab._repr_html_()
    assert lab.address in card
    assert lab.namespace in card
    assert f"--namespace {lab.namespace}" in card


async def test_pasted_code_finds_the_course_on_temporals_default_address(lab):
    assert course_address("localhost:7233") == lab.address
    assert course_address("127.0.0.1:7233") == lab.address
    assert course_address("temporal.example.com:7233") == "temporal.example.com:7233"
    assert course_address("localhost:9999") == "localhost:9999"


async def test_an_address_in_the_environment_moves_the_whole_course(lab, monkeypatch, client: Client):
    """Another server stands for a cluster: here this run's own, named as a stranger's would be."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", client.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "default")
    monkeypatch.delenv("TUTORIAL_ADDRESS")
    there = await open_lab("elsewhere")
    assert there.namespace == "default"
    assert "TEMPORAL_ADDRESS" in there._repr_html_()
    with pytest.raises(LocalServerNeededError, match="needs the course's own dev server"):
        _ = there.server
    with pytest.raises(LocalServerNeededError):
        there.ui()
    there.start_worker(task_queue="external", workflows=[Greeting], activities=[greet])
    handle = await there.client.start_workflow(Greeting.run, "Ada", id="external-1", task_queue="external")
    assert await there.result(handle) == "Hello, Ada!"
    process = there.spawn_worker(task_queue="external-2", workflows=[Greeting], activities=[greet])
    handle = await there.client.start_workflow(Greeting.run, "Bob", id="external-2", task_queue="external-2")
    assert await there.result(handle) == "Hello, Bob!"
    assert process.alive
    assert course_address("localhost:7233") == "localhost:7233"
    there.close()


async def test_a_profile_names_address_and_namespace(tmp_path, monkeypatch, dev_server_address):
    config = tmp_path / "temporal.toml"
    config.write_text(f'[profile.cluster]\naddress = "{dev_server_address}"\nnamespace = "default"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(config))
    monkeypatch.setenv("TEMPORAL_PROFILE", "cluster")
    target = external_target()
    assert (target.address, target.namespace, target.name) == (dev_server_address, "default", "cluster")


def test_a_profile_that_is_missing_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))
    monkeypatch.setenv("TEMPORAL_PROFILE", "cluster")
    with pytest.raises(ServerError, match=r"profile 'cluster'.*\n.*temporal config"):
        external_target()


async def test_an_address_where_nothing_answers_is_a_clear_error(monkeypatch):
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ServerError, match=r"no Temporal service answers at 127\.0\.0\.1:1"):
        await open_lab("nowhere")
