"""Notebooks run headless, in order and all at once."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.support.waiting import BACKSTOP, looks
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.headless.run import run_notebook

both = pytest.mark.parametrize("queued", [False, True], ids=["in order", "queued"])

# With nest-asyncio 1.6.0 on ipykernel >= 7.1 this hangs, only when the cells are sent all at once.
RUN_ALL_TRAP = """\
# %%
import asyncio, nest_asyncio
nest_asyncio.apply()
# %%
asyncio.run(asyncio.sleep(0.3, "one"))
# %%
asyncio.run(asyncio.sleep(0.3, "two"))
# %%
asyncio.run(asyncio.sleep(0.3, "three"))
"""


@both
def test_a_good_notebook(save, queued):
    seen = []
    path = save(
        '# %%\nx = await __import__("asyncio").sleep(0, 20)\n'
        '# %% tags=["raises-exception"]\n1 / 0\n# %%\nx + 1'
    )
    before = path.read_bytes()
    result = run_notebook(path, queued=queued, on_cell=lambda done, total: seen.append((done, total)))
    assert (result.error, result.unfinished, result.cells, result.ok) == (None, (), 3, True)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert result.seconds > 0
    _, raised, last = committed_form.code_cells(result.notebook)
    assert raised.outputs[0].ename == "ZeroDivisionError"
    assert last.outputs[0].data["text/plain"] == "21"
    assert path.read_bytes() == before


@both
def test_an_error_names_its_cell(save, queued):
    result = run_notebook(
        save("# %%\nx = 1\n# %%\na = 1\nb = 2\nc = 3\nd = 4\n1 / 0\n# %%\nprint(x)"), queued=queued
    )
    assert result.error.cell == 2
    assert result.error.source == "a = 1\nb = 2\nc = 3\nd = 4\n..."
    assert result.error.message == "ZeroDivisionError: division by zero"
    assert committed_form.code_cells(result.notebook)[2].outputs == [], "cells behind an error do not run"


@both
def test_a_dead_kernel_is_seen_at_once(save, queued):
    dies = "import os, sys\nprint('last words', file=sys.__stderr__, flush=True)\nos._exit(3)"
    # Not by the timeout: that is an hour.
    result = run_notebook(save(f"# %%\nx = 1\n# %%\n{dies}\n# %%\nx"), queued=queued, timeout=3600)
    assert "the kernel died" in result.error.message
    assert "last words" in result.error.message
    assert "ended with exit code 3" in result.error.message
    assert 2 in result.unfinished


@both
def test_a_kernel_that_crashes_or_is_killed_leaves_what_its_cause_can_be_found_by(save, queued):
    no_core = "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))"
    crashes = "import ctypes\n\ndef somewhere():\n    ctypes.string_at(0)\n\nsomewhere()"
    result = run_notebook(save(f"# %%\n{no_core}\n{crashes}"), queued=queued, timeout=3600)
    assert "was ended by SIGSEGV" in result.error.message
    assert "Fatal Python error: Segmentation fault" in result.error.message
    assert " in somewhere" in result.error.message
    killed = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    result = run_notebook(save(f"# %%\n{killed}"), queued=queued, timeout=3600)
    assert "was ended by SIGKILL" in result.error.message


@both
def test_a_cell_that_takes_too_long_is_unfinished(save, queued):
    path = save("# %%\nx = 1\n# %%\nimport time\ntime.sleep(3600)\n# %%\nx")
    result = run_notebook(path, queued=queued, timeout=5)  # short: cell 2 is waited for; cell 1 takes no time
    assert result.error.cell == 2
    assert "not finished after 5 s" in result.error.message
    assert result.unfinished[0] == 2


def test_only_the_queued_run_sees_what_hangs_run_all(save):
    path = save(RUN_ALL_TRAP)
    assert run_notebook(path).ok
    result = run_notebook(path, timeout=4, queued=True)  # short: it hangs, and is waited for
    assert not result.ok
    assert "all sent at once" in result.error.message
    assert len(result.unfinished) > 1


@both
def test_ctrl_c_ends_the_run_and_its_kernel(save, queued):
    path = save("# %%\nimport time\nprint('begun')\ntime.sleep(3600)")
    code = f"""
import signal, sys
from tutorial_lib.authoring.headless.run import run_notebook
signal.signal(signal.SIGINT, signal.default_int_handler)
run_notebook({str(path)!r}, queued={queued}, on_cell=lambda done, total: print("started", flush=True))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "started\n"
        kernel = kernel_of(process.pid)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=BACKSTOP)
    assert stderr.strip().endswith("KeyboardInterrupt")
    kernel.wait(timeout=BACKSTOP)


def kernel_of(pid):
    for _ in looks(told=lambda: "no kernel was started"):
        for child in psutil.Process(pid).children():
            if len(child.threads()) > 3:  # it has begun to serve its channels
                return child
    raise AssertionError


def test_no_kernel_is_left(save):
    before = psutil.Process().children()  # kernels of other tests
    for queued in (False, True):
        run_notebook(save("# %%\n1 / 0"), queued=queued)
        run_notebook(save("# %%\n1"), queued=queued)
    children = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    left = [child for child in children if child not in before]
    assert not [child for child in left if "ipykernel" in " ".join(child.cmdline())]


def test_runs_in_the_notebooks_own_folder_with_this_python(save, tmp_path):
    result = run_notebook(save("# %%\nimport os, sys\nprint(os.getcwd())\nprint(sys.prefix)"))
    (cell,) = committed_form.code_cells(result.notebook)
    assert cell.outputs[0].text == f"{tmp_path.resolve()}\n{sys.prefix}\n"


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        run_notebook(tmp_path / "none.ipynb")


@both
def test_a_kernel_that_cannot_start_is_told_and_nothing_else(save, tmp_path, queued):
    path = save("# %%\n1")
    (tmp_path / "ipykernel_launcher.py").write_text("import sys; sys.exit('it is broken')")
    code = f"""
from tutorial_lib.authoring.headless.run import run_notebook
print(run_notebook({str(path)!r}, queued={queued}).error.message)
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        timeout=100,
        check=False,
    )
    assert done.stdout.startswith("the kernel died before its first cell")
    assert "it is broken" in done.stdout
    assert done.stderr == ""
