"""Where plain SDK calls lead while the extension is loaded: one server, one namespace, installed programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cell_kernel import Kernel

OPEN = """
    %load_ext tutorial_lib
    from datetime import timedelta
    from temporalio import activity, workflow
    from temporalio.client import Client
    from temporalio.envconfig import ClientConfig
    from temporalio.testing import WorkflowEnvironment
    from temporalio.worker import Worker
    from tutorial_lib import open_lab
    lab = await open_lab("NAME")
"""
PROGRAM = """
    @activity.defn
    async def namespace_here() -> str:
        client = await Client.connect("localhost:7233")
        config = ClientConfig.load_client_connect_config()
        return f"{client.namespace} {config['namespace']}"

    @activity.defn
    async def skip_a_day() -> str:
        async with await WorkflowEnvironment.start_time_skipping() as skipping:
            await skipping.sleep(timedelta(days=1))
        async with await WorkflowEnvironment.start_local() as local:
            return local.client.namespace

    @workflow.defn
    class Ask:
        @workflow.run
        async def run(self, activity_type: str) -> str:
            return await workflow.execute_activity(
                activity_type, result_type=str, start_to_close_timeout=timedelta(seconds=60))

    @workflow.defn
    class Wait:
        @workflow.run
        async def run(self) -> None:
            await workflow.wait_condition(lambda: False)
"""


@pytest.fixture
def name(unique: Callable[[str], str]) -> str:
    """A lab's name of this test alone."""
    return unique("program")


@pytest.fixture
def kernel(dev_server_address: str, name: str) -> Iterator[Kernel]:
    """A kernel with a lab open."""
    with Kernel(dev_server_address) as kernel:
        kernel.good(OPEN.replace("NAME", name))
        kernel.good(PROGRAM)
        yield kernel


def test_whatever_names_no_namespace_is_in_the_labs(kernel: Kernel, name: str) -> None:
    ways = ("'localhost:7233'", "'http://localhost:7233'", "lab.address", "**config")
    kernel.good("config = ClientConfig.load_client_connect_config()")
    for way in ways:
        assert kernel.good(f"(await Client.connect({way})).namespace") == repr(name), way
    kernel.good(
        "await (await Client.connect('localhost:7233')).start_workflow('X', id='of-a-cell', task_queue='q')"
    )
    assert "of-a-cell" in kernel.good("!temporal workflow describe -w of-a-cell")
    kernel.good("process = lab.spawn_worker(task_queue='ask', workflows=[Ask], activities=[namespace_here])")
    kernel.good("other = await open_lab(lab.name + '-other')")  # the process is the first lab's for all that
    kernel.good(
        "handle = await lab.client.start_workflow(Ask.run, 'namespace_here', id='a', task_queue='ask')"
    )
    assert kernel.good("await lab.result(handle)") == repr(f"{name} {name}")
    assert kernel.good("(await Client.connect('localhost:7233')).namespace") == repr(f"{name}-other")


def test_a_namespace_that_is_named_stays(kernel: Kernel, dev_server_address: str) -> None:
    for named in ("default", "somewhere"):
        found = kernel.good(f"(await Client.connect('localhost:7233', namespace={named!r})).namespace")
        assert found == repr(named)
    # What is not the lab's server is none of the lab's business.
    assert kernel.good("(await Client.connect('localhost:7999', lazy=True)).namespace") == "'default'"
    kernel.good("%unload_ext tutorial_lib")
    found = kernel.good(f"(await Client.connect({dev_server_address!r})).namespace")
    assert found == "'default'"


def test_a_namespace_that_a_program_names_for_want_of_another_is_its_own(kernel: Kernel, name: str) -> None:
    kernel.good("config = ClientConfig.load_client_connect_config()")
    kernel.good("config.setdefault('target_host', 'localhost:7233')")
    assert kernel.good("config.setdefault('namespace', 'payments')") == "'payments'"
    assert kernel.good("config.setdefault('namespace', 'shipping')") == "'payments'"
    assert kernel.good("(await Client.connect(**config)).namespace") == "'payments'"
    # Who names none, or one outright, is where they were.
    kernel.good("config = ClientConfig.load_client_connect_config()")
    assert kernel.good("(await Client.connect(**config)).namespace") == repr(name)
    kernel.good("config['namespace'] = 'shipping'")
    assert kernel.good("config.setdefault('namespace', 'payments')") == "'shipping'"


PROFILES = """
import os
from pathlib import Path
from temporalio.envconfig import ClientConfigProfile
Path("config.toml").write_text(
    '[profile.staging]\\naddress = "localhost:9999"\\nnamespace = "staging"\\n'
    '[profile.bare]\\naddress = "localhost:7233"\\n'
)
def config(**named):
    found = ClientConfig.load_client_connect_config(**named)
    return found.get("target_host"), found.get("namespace")
"""


def test_a_profile_that_a_program_names_precedes_what_the_lab_has_set(
    kernel: Kernel, name: str, dev_server_address: str, tmp_path: Path
) -> None:
    kernel.good(f"%cd -q {tmp_path}")
    kernel.good(PROFILES)
    staging = repr(("localhost:9999", "staging"))
    assert kernel.good("config(profile='staging', config_file='config.toml')") == staging
    kernel.good("found = ClientConfigProfile.load('staging', config_source=Path('config.toml'))")
    assert kernel.good("found.address, found.namespace") == staging
    # A profile without a namespace is where whatever names none is.
    kernel.good("bare = ClientConfig.load_client_connect_config('bare', config_file='config.toml')")
    assert kernel.good("(await Client.connect(**bare)).namespace") == repr(name)
    # What names no profile is the lab's, and what the learner's own environment has precedes a file, as ever.
    here = repr((dev_server_address, name))
    assert kernel.good("config()") == here
    kernel.good("os.environ |= {'TEMPORAL_PROFILE': 'staging', 'TEMPORAL_CONFIG_FILE': 'config.toml'}")
    assert kernel.good("config()") == staging
    kernel.good("os.environ['TEMPORAL_ADDRESS'] = 'localhost:8888'")
    assert kernel.good("config()[0]") == "'localhost:8888'"


def test_a_namespace_of_the_learners_environment_stays(kernel: Kernel, dev_server_address: str) -> None:
    kernel.good(f"""
        import os
        os.environ["TEMPORAL_ADDRESS"], os.environ["TEMPORAL_NAMESPACE"] = {dev_server_address!r}, "theirs"
        del os.environ["TUTORIAL_ADDRESS"]
        config = ClientConfig.load_client_connect_config()
    """)
    assert kernel.good("config.setdefault('namespace', 'payments')") == "'theirs'"


def test_two_notebooks_of_one_program_share_its_lab(
    kernel: Kernel, name: str, dev_server_address: str
) -> None:
    kernel.good(
        "worker = lab.start_worker(task_queue='ask', workflows=[Ask, Wait], activities=[namespace_here])"
    )
    kernel.good("await lab.client.start_workflow(Wait.run, id='of-the-first', task_queue='ask')")
    kernel.good("(lab.folder / 'note.txt').write_text('of the first')")
    with Kernel(dev_server_address) as starter:
        starter.good(OPEN.replace("NAME", name))
        assert starter.good("lab.namespace") == repr(name)
        assert "shared with another kernel: what runs there was left alone" in starter.good(
            "print(lab._repr_html_())"
        )
        starter.good("""
            client = await Client.connect("localhost:7233")
            handle = await client.start_workflow("Ask", "namespace_here", id="ask", task_queue="ask")
        """)
        assert starter.good("await lab.result(handle)") == repr(f"{name} {name}")
        starter.good("kept = await lab.client.get_workflow_handle('of-the-first').describe()")
        assert starter.good("kept.status.name") == "'RUNNING'"
        assert starter.good("(lab.folder / 'note.txt').read_text()") == "'of the first'"
        assert kernel.good("worker.alive") == "True"
        starter.good(f"alone = await open_lab({name!r}, shared=False)")
        assert starter.good("alone.namespace") == repr(f"{name}-2")
        assert f"(another kernel works in {name})" in starter.good("print(alone._repr_html_())")


def test_servers_of_tests_are_the_installed_ones(kernel: Kernel) -> None:
    kernel.good("""
        async with await WorkflowEnvironment.start_time_skipping() as skipping:
            before = await skipping.get_current_time()
            await skipping.sleep(timedelta(days=30))
            skipped = await skipping.get_current_time() - before
        async with await WorkflowEnvironment.start_local() as local:
            listed = [each async for each in local.client.list_workflows()]
        async with await WorkflowEnvironment.start_time_skipping_v2() as second:
            pass
    """)
    assert kernel.good("skipped.days, listed, local.client.namespace") == "(30, [], 'default')"
    kernel.good("process = lab.spawn_worker(task_queue='ask', workflows=[Ask], activities=[skip_a_day])")
    kernel.good("handle = await lab.client.start_workflow(Ask.run, 'skip_a_day', id='a', task_queue='ask')")
    assert kernel.good("await lab.result(handle)") == "'default'"


@pytest.mark.parametrize("start", ["start_local(dev_server", "start_time_skipping(test_server"])
def test_a_path_that_is_given_wins(kernel: Kernel, start: str) -> None:
    error = kernel.run(f"await WorkflowEnvironment.{start}_existing_path='/no/such/program')").error
    assert "executable does not exist: /no/such/program" in error


@pytest.mark.parametrize("start", ["start_local", "start_time_skipping"])
def test_after_unloading_the_sdk_downloads_again(kernel: Kernel, start: str) -> None:
    kernel.good("%unload_ext tutorial_lib")
    # Nothing answers there: what asks for a download fails at once, wherever this runs.
    kernel.good("import os; os.environ['HTTPS_PROXY'] = os.environ['https_proxy'] = 'http://127.0.0.1:9'")
    kernel.good("import tempfile; folder = tempfile.mkdtemp()")
    assert "download" in kernel.run(f"await WorkflowEnvironment.{start}(download_dest_dir=folder)").error
    assert kernel.good(f"WorkflowEnvironment.{start}.__func__.__module__") == "'temporalio.testing._workflow'"


def test_a_server_on_the_usual_port_that_code_started_is_reached_itself(kernel: Kernel) -> None:
    kernel.good("""
        from tutorial_lib.cells import connecting
        found = []
        async def start(cls, **kwargs):
            found.append(await Client.connect("localhost:7233", lazy=True))
        start_given = connecting._with_installed(start, "dev_server_existing_path", lambda: None)
        await start_given(WorkflowEnvironment)
    """)
    assert kernel.good("found[0].service_client.config.target_host") == "'localhost:7233'"
