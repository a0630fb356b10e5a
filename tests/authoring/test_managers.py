"""Kernels without a learner in front of them need no ports."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nbformat
import psutil
import pytest

from tutorial_lib.authoring.headless.kernel_managers import FileKernelManager
from tutorial_lib.authoring.headless.run import run_notebook
from tutorial_lib.authoring.headless.run_result import ThisPython
from tutorial_lib.authoring.validate import arguments

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such sockets")

TRANSPORT = """
import json
from ipykernel.connect import get_connection_info
print(json.loads(get_connection_info())["transport"])
"""
HISTORY = """
kept = get_ipython().history_manager
%history
kept.enabled, kept.hist_file, kept.save_thread
"""


def write(path: Path) -> Path:
    said = nbformat.v4.new_output("stream", name="stdout", text="ipc\n")
    cell = nbformat.v4.new_code_cell(TRANSPORT.strip(), execution_count=1, outputs=[said])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path


def test_a_kernel_listens_on_files_and_leaves_none_behind():
    manager = FileKernelManager(kernel_spec_manager=ThisPython())
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        files = [Path(manager.connection_file), *Path(manager.ip).parent.glob(Path(manager.ip).name + "-*")]
        assert len(files) == 6
        assert manager.provisioner is not None
        kernel = psutil.Process(manager.provisioner.pid)
        listening = [each for each in kernel.net_connections("tcp") if each.status == "LISTEN"]
        assert len(listening) <= 1, "but for its debugger, which takes any port that is free"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    assert [each for each in files if each.exists()] == []


def test_a_temporary_folder_with_a_long_name_takes_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("long" * 25)))
    assert FileKernelManager().transport == "tcp"


def test_so_do_the_kernels_of_tutorial_run_and_of_nbval(tmp_path: Path):
    notebook = write(tmp_path / "transport.ipynb")
    result = run_notebook(notebook)
    assert result.ok, result.error
    assert "ipc" in str(result.notebook.cells[0].outputs)
    done = subprocess.run(
        arguments([str(notebook), "-p", "no:cacheprovider"]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_a_check_runs_is_not_in_the_users_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    cell = nbformat.v4.new_code_cell(HISTORY.strip())
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "history.ipynb")
    result = run_notebook(tmp_path / "history.ipynb")
    assert result.ok, result.error
    shown = str(result.notebook.cells[0].outputs)
    assert "(False, " in shown
    assert "get_ipython().history_manager" in shown, "of this session, there is one"
    assert list(tmp_path.rglob("history.sqlite*")) == []
