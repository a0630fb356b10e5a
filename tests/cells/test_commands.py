"""`!command` in a cell: one that asks ends, with words; all others are as IPython runs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cell_kernel import Kernel
from tutorial_lib.cells.commands import ADVICE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a cell's commands have other shells there")


@pytest.fixture(scope="module")
def kernel(dev_server_address: str) -> Iterator[Kernel]:
    with Kernel(dev_server_address) as kernel:
        kernel.good("%load_ext tutorial_lib")
        kernel.good(f"""
            import os
            os.environ["PATH"] = {str(Path(sys.executable).parent)!r} + os.pathsep + os.environ["PATH"]
            os.environ["TEMPORAL_ADDRESS"] = os.environ["COURSE"]
        """)
        yield kernel


def test_a_delete_that_asks_ends_with_advice_and_deletes_nothing(kernel: Kernel) -> None:
    kernel.good("!temporal workflow start --type Any --task-queue nobody-polls --workflow-id asks")
    # Two in one line: each one that asks ends.
    told = kernel.good(
        "!temporal workflow delete --workflow-id asks; temporal operator namespace delete --namespace asks"
    )
    assert 'Delete Workflow "asks"? y/N' in told
    assert "Type namespace name to confirm" in told
    assert told.endswith(ADVICE)
    assert kernel.good("_exit_code") == "1"
    assert "asks" in kernel.good("!temporal workflow describe --workflow-id asks")
    assert ADVICE not in kernel.good("!temporal workflow delete --workflow-id asks --yes")


def test_a_script_that_asks_ends(kernel: Kernel) -> None:
    assert "EOFError" in kernel.good("!python -c 'input(\"Your name? \")'")


def test_commands_that_do_not_ask_are_as_they_were(kernel: Kernel) -> None:
    def lines(cell: str) -> list[str]:
        return kernel.good(cell).split()

    kernel.good("name, braces = 'Ada', '{name}'")
    told = lines("""!echo it\\'s {name} "$HOME" '{braces}'""")
    assert told == ["it's", "Ada", os.environ["HOME"], "{name}"]
    assert lines("!echo y | cat; echo after") == ["y", "after"]
    assert lines("!exit 3\n_exit_code") == ["3"]
    assert lines("!kill -9 $$\n_exit_code") == ["-9"]
    assert lines("here = !echo a; echo b\nhere") == ["['a',", "'b']"]
    assert lines("!test -t 1 && echo terminal") == ["terminal"]  # still one, for what it prints
    assert lines("def inside():\n    here = 5\n    !echo {here}\ninside()") == ["5"]


def test_stop_ends_a_command(kernel: Kernel) -> None:
    output = kernel.run_until("!echo begun; sleep 3600", "begun")
    assert output.finished
    assert kernel.good("!echo next").split() == ["next"]


def test_unloading_gives_the_commands_back(dev_server_address: str) -> None:
    with Kernel(dev_server_address) as kernel:
        kernel.good("import ipykernel.zmqshell as shell\nbefore = shell.system")
        kernel.good("%load_ext tutorial_lib")
        assert kernel.good("shell.system is before") == "False"
        kernel.good("%unload_ext tutorial_lib")
        assert kernel.good("shell.system is before") == "True"
