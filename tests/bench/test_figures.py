"""Figures, as ratios of runs made side by side on the same machine in the same minute (`make bench`).

They are printed, not asserted: a busy machine is no bug.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bench import programs
from tests.bench.rounds import ROUNDS, report, rounds
from tests.support.kernels import kernel
from tutorial_lib.stage import find_server, hold_server, stop_server
from tutorial_lib.stage.server.binary import find_binary
from tutorial_lib.stage.server.process import ServerProcess

pytestmark = pytest.mark.timeout(600)

LOAD = "%load_ext tutorial_lib\nfrom tutorial_lib import open_lab"


def script(folder: Path, source: str, *arguments: str) -> str:
    """What a bare script prints. Its exit code may be that of the SDK's crash at exit: output counts."""
    path = folder / "script.py"
    path.write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path), *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout, done.stderr
    return done.stdout.strip()


def test_from_nothing_to_the_first_result(tmp_path):
    binary = str(find_binary().path)
    ours, bare = [], []
    for number in range(ROUNDS):
        # The server that the SDK starts prints its banner into the script's output, before it or after it.
        [took] = re.findall(
            r"^took (.+)$", script(tmp_path, programs.BARE_FIRST_RESULT, binary), re.MULTILINE
        )
        bare.append(float(took))
        state = tmp_path / f"state {number}"
        state.mkdir()
        with kernel(state) as one:
            one.run(LOAD)
            one.run(programs.DEFINITIONS)
            ours.append(float(one.run(programs.CELL_FIRST_RESULT).text))
        stop_server(state)
    report("open_lab to first result / start_local in a bare script", ours, bare, "<= 1.2x")


@contextmanager
def stock_server(folder: Path) -> Iterator[str]:
    """`temporal server start-dev` as it comes. Its address."""
    command = [str(find_binary().path), "server", "start-dev", "--ip", "127.0.0.1"]
    folder.mkdir(exist_ok=True)
    server = ServerProcess(command, folder / "stock.log", (0, 0))
    assert server.start()
    try:
        yield f"127.0.0.1:{server.grpc_port}"
    finally:
        server.stop()


@contextmanager
def our_server(state: Path) -> Iterator[str]:
    """The course's server. Its address."""
    with hold_server(who="bench", state_dir=state) as hold:
        yield hold.info.address
    stop_server(state)


def test_latency_on_the_courses_server_and_on_the_stock_one(tmp_path):
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    # By turns, and one server at a time, as a learner has it: one that idles costs the other CPU.
    for number in range(rounds(3)):
        for name, server in (("stock", stock_server), ("ours", our_server)):
            with server(tmp_path / f"{name} {number}") as address:
                for line in script(tmp_path, programs.BARE_LATENCY, address, str(rounds(30))).splitlines():
                    kind, seconds = line.split()
                    times[kind][name].append(float(seconds))
    for kind, what in (("Trivial", "trivial workflow"), ("Three", "three activities in a row")):
        report(f"{what}, course's server / stock", times[kind]["ours"], times[kind]["stock"], "<= 0.35x")


def test_throughput_of_cells_in_the_sandbox(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    ours, bare = [], []
    with kernel(state) as one:
        one.run(f'{LOAD}\nlab = await open_lab("lesson-01")')
        one.run(programs.DEFINITIONS)
        address = find_server(state).address
        for number in range(rounds(4)):
            ours.append(float(one.run(f"RUN = 'cell-{number}'\n{programs.CELL_BURST}", 120).text))
            bare.append(float(script(tmp_path, programs.BARE_BURST, address, f"bare-{number}")))
    stop_server(state)
    report("500 workflows, throughput of cells / module file", ours, bare, ">= 0.9x", speed=True)
