"""Which statements a worker gets depends on what ran, how far, and in which order."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.cell_kernel import Kernel

FLOW = "@workflow.defn\nclass Flow:\n    @workflow.run\n    async def run(self) -> str:\n"


def flow(body: str) -> str:
    return FLOW + textwrap.indent(textwrap.dedent(body).strip("\n"), "        ")


STEPS = flow("return ' '.join(step() for step in STEPS)")


def test_a_cell_that_ran_again_counts_once(kernel: Kernel) -> None:
    kernel.good("STEPS = []\ndef counted(): return 'counted'")
    for _ in range(3):
        kernel.run("STEPS.append(counted)", cell_id="append")
    kernel.good(STEPS)
    output = kernel.run("await execute(Flow)")
    assert output.text == "'counted'\n"
    assert output.stderr == (
        f"STEPS has 3 entries here and 1 in the worker: In[{kernel.cells - 2}] ran 3 times\n"
    )


def test_a_cell_that_was_edited_and_ran_again_counts_as_edited(kernel: Kernel) -> None:
    kernel.good("STEPS = []\ndef old_one(): return 'old'\ndef new_one(): return 'new'")
    kernel.run("STEPS.append(old_one)", cell_id="edited")
    kernel.run("STEPS = []", cell_id="begin")
    kernel.run("STEPS.append(new_one)", cell_id="edited")
    kernel.good(STEPS)
    assert kernel.good("await execute(Flow)") == "'new'"


def test_a_definition_that_an_edit_took_away_is_still_there(kernel: Kernel) -> None:
    kernel.run("def kept_by_kernel(): return 'kept'\ndef other_one(): return 'other'", cell_id="taken")
    kernel.run("def other_one(): return 'other'", cell_id="taken")
    kernel.good(flow("return kept_by_kernel()"))
    assert kernel.good("await execute(Flow)") == "'kept'"


def test_a_cell_that_fails_halfway_did_what_is_above_the_line(kernel: Kernel) -> None:
    kernel.good("WHERE = 'before'")
    assert "ZeroDivisionError" in kernel.run("WHERE = 'above'\n1 / 0\nWHERE = 'below'").error
    kernel.good(flow("return WHERE"))
    assert kernel.good("await execute(Flow)") == "'above'"


def test_a_cell_that_is_no_python_did_nothing(kernel: Kernel) -> None:
    kernel.good("def whole(): return 'whole'")
    assert "SyntaxError" in kernel.run("def whole(): return 'never'\nclass class").error
    kernel.good(flow("return whole()"))
    assert kernel.good("await execute(Flow)") == "'whole'"


def test_a_running_cell_did_what_is_above_its_line(kernel: Kernel) -> None:
    cell = f"WORD = 'above'\n{flow('return WORD')}\nfound = await execute(Flow)\nWORD = 'below'\nfound"
    assert kernel.good(cell) == "'above'"


def test_a_running_cell_is_known_from_the_thread_of_a_worker(kernel: Kernel) -> None:
    kernel.good("""
        import threading
        def report_of(cls):
            found = []
            thread = threading.Thread(target=lambda: found.append(snapshot(cls).report))
            thread.start(); thread.join()
            return found[0]
    """)
    cell = f"DEPTH = 'above'\n{flow('return DEPTH')}\nfound = report_of(Flow)\nDEPTH = 'below'\nfound"
    assert "DEPTH = 'above'" in kernel.good(cell)
    assert "DEPTH = 'below'" not in kernel.good("found")


def test_a_name_that_was_deleted_is_gone(kernel: Kernel) -> None:
    kernel.good("def helper_to_go(): return 'there'\nhold = helper_to_go")
    kernel.good("del helper_to_go")
    kernel.good(flow("return hold()"))
    assert kernel.good("await execute(Flow)") == "'there'"
    kernel.good(flow("return helper_to_go()"))
    assert kernel.good("'helper_to_go' in [e.name for e in snapshot(Flow).report]") == "False"


def test_a_list_that_was_begun_anew_is_empty(kernel: Kernel) -> None:
    kernel.good("REGISTERED = {}\ndef one(): return 'one'\nREGISTERED['one'] = one\nOLDER = REGISTERED")
    kernel.good("REGISTERED = {}")
    kernel.good(flow("return f'{len(REGISTERED)} {len(OLDER)}'"))
    assert kernel.good("await execute(Flow)") == "'0 1'"


def test_a_file_that_ran_counts_as_a_cell(kernel: Kernel, tmp_path) -> None:
    path = tmp_path / "a sample.py"
    path.write_text(
        "from temporalio import workflow\n"
        "def said(): return 'from the file'\n"
        "@workflow.defn\nclass Filed:\n    @workflow.run\n"
        "    async def run(self) -> str:\n        return said()\n"
    )
    kernel.good(f"%run '{path}'")
    assert kernel.good("await execute(Filed)") == "'from the file'"


def test_a_file_may_run_its_worker_itself(kernel: Kernel, tmp_path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(
        "import asyncio, os, random\n"
        "from temporalio import workflow\nfrom temporalio.client import Client\n"
        "from temporalio.worker import Worker\n"
        "WORD = 'while it runs'\n"
        "@workflow.defn\nclass Sampled:\n    @workflow.run\n"
        "    async def run(self) -> str:\n        return WORD\n"
        "async def main():\n"
        "    client = await Client.connect('localhost:7233')\n"
        "    queue = f'sampled-{os.getpid()}-{random.random()}'\n"
        "    async with Worker(client, task_queue=queue, workflows=[Sampled]):\n"
        "        print(await client.execute_workflow(Sampled.run, id=queue, task_queue=queue))\n"
        "if __name__ == '__main__':\n    asyncio.run(main())\n"
    )
    assert kernel.good(f"%run {path}") == "while it runs"


def test_cells_that_ran_before_the_extension_are_known(bare_kernel: Kernel) -> None:
    bare_kernel.good("from temporalio import workflow\nEARLY = []\ndef early(): return 'early'")
    bare_kernel.good("EARLY.append(early)")
    bare_kernel.good(flow("return EARLY[0]()"))
    bare_kernel.good("""
        %load_ext tutorial_lib
        from tutorial_lib.cells import Snapshot
        from tutorial_lib.cells.sandbox.notebook import Notebook
    """)
    report = bare_kernel.good("Snapshot(Flow, Notebook.of_shell(get_ipython())).report")
    assert "EARLY.append(early)" in report


def test_a_reload_of_the_extension_in_the_middle_loses_nothing(fresh_kernel: Kernel) -> None:
    fresh_kernel.good("PARTS = []\ndef part(): return 'part'")
    fresh_kernel.run("PARTS.append(part)", cell_id="parts")
    fresh_kernel.good("%unload_ext tutorial_lib")
    fresh_kernel.run("PARTS.append(part)", cell_id="parts")
    fresh_kernel.good("%load_ext tutorial_lib")
    fresh_kernel.good("set_address_resolver(lambda target: os.environ['COURSE'])")
    fresh_kernel.good(flow("return str(len(PARTS))"))
    assert fresh_kernel.good("await execute(Flow)") == "'1'"


@pytest.mark.parametrize(
    "way", ["register = STEPS.append\nregister(seen_late)", "list(map(STEPS.append, [seen_late]))"]
)
def test_what_reading_misses_the_comparison_finds(kernel: Kernel, way: str) -> None:
    kernel.good("STEPS = []\ndef seen_late(): return 'seen'")
    for line in way.splitlines():
        kernel.good(line)
    kernel.good(STEPS)
    output = kernel.run("await execute(Flow)")
    assert (output.text, output.stderr) == ("'seen'\n", "")


def test_plain_data_is_as_in_the_notebook(kernel: Kernel) -> None:
    kernel.good("COUNT = 0\nSEEN = []")
    for _ in range(3):
        kernel.run("COUNT += 1\nSEEN.append(COUNT)", cell_id="counter")
    kernel.good(flow("return f'{COUNT} {SEEN}'"))
    output = kernel.run("await execute(Flow)")
    assert (output.text, output.stderr) == ("'3 [1, 2, 3]'\n", "")


def test_code_that_finds_names_by_strings_is_not_refused_for_what_it_does_not_use(
    fresh_kernel: Kernel,
) -> None:
    fresh_kernel.good("""
        import threading
        async def outer_lock(): return threading.Lock()
        lock_from_outside = await outer_lock()
        def uses_lock(): return lock_from_outside
        def makes():
            def inner(): return 1
            return inner
        async def later(): return makes()
        made_later = makes()
        made_later = await later()
        def found_by_name(): return 'found'
    """)
    fresh_kernel.good(flow("return globals()['found_by_name']()"))
    assert fresh_kernel.good("await execute(Flow)") == "'found'"


def test_a_value_may_have_been_made_in_a_thousand_steps(kernel: Kernel) -> None:
    kernel.good("def step(n): return n + 1\nclimbed = 0\n" + "climbed = step(climbed)\n" * 1000)
    kernel.good(
        "def link_0(): return 0\n" + "\n".join(f"def link_{n + 1}(): return link_{n}()" for n in range(400))
    )
    kernel.good(flow("return f'{climbed} {link_400.__name__}'"))
    assert kernel.good("await execute(Flow)") == "'1000 link_400'"
