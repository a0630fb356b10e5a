"""What a workflow of cells costs beside the same text in a module file, and a worker in a long notebook."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.rounds import report, rounds
from tests.support.kernels import Kernel, kernel

pytestmark = pytest.mark.timeout(600)

HEAD = """
import enum
from dataclasses import dataclass
from datetime import timedelta
from temporalio import activity, workflow
"""
TYPES = "".join(f"\n@dataclass\nclass Part{n}:\n    name: str\n    count: int = 1\n" for n in range(3))
REST = """
class Kind(enum.StrEnum):
    TEA = "tea"

class Sold(Exception):
    pass

@activity.defn
async def ship(part: Part0) -> str:
    return part.name

def price(part: Part1) -> int:
    return 3 * part.count

@workflow.defn
class Flow:
    @workflow.run
    async def run(self, part: Part0) -> str:
        return f"{Kind.TEA} {price(Part1('a'))} {Part2('b')}"
"""
MEASURE = """
import dataclasses, statistics, sys, time
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from tutorial_lib import sdk
from tutorial_lib.cells import NotebookWorkflowRunner

def sandbox(runner, definition, times=40):
    began = time.perf_counter()
    for _ in range(times):
        SandboxedWorkflowRunner.prepare_workflow(runner, definition)
    return (time.perf_counter() - began) / times

def of_cells(cls):
    runner = NotebookWorkflowRunner()
    runner.prepare_workflow(sdk.workflow_definition(cls))
    return runner, dataclasses.replace(sdk.workflow_definition(cls), cls=runner.snapshots[cls].address)

def worker(cls):
    began = time.perf_counter()
    NotebookWorkflowRunner().prepare_workflow(sdk.workflow_definition(cls))
    return time.perf_counter() - began
"""


def seconds(one: Kernel, source: str) -> float:
    ran = one.run(f"print({source})")
    assert ran.error is None, ran
    return float(ran.text)


def opened(one: Kernel, folder: Path) -> None:
    (folder / "flow_in_a_file.py").write_text(HEAD + TYPES + REST)
    for cell in (
        "%load_ext tutorial_lib", HEAD, TYPES, REST, MEASURE,
        f"sys.path.insert(0, {str(folder)!r})\nimport flow_in_a_file",
        "file_runner = SandboxedWorkflowRunner()",
        "file_definition = sdk.workflow_definition(flow_in_a_file.Flow)",
    ):  # fmt: skip
        ran = one.run(cell)
        assert ran.error is None, ran


def test_a_run_of_cells_and_the_same_of_a_file(tmp_path: Path) -> None:
    with kernel(tmp_path / "state") as one:
        opened(one, tmp_path)
        one.run("runner, definition = of_cells(Flow)")
        cells, file = [], []
        for _ in range(rounds(5)):
            cells.append(seconds(one, "sandbox(runner, definition)"))
            file.append(seconds(one, "sandbox(file_runner, file_definition)"))
        report("one sandbox: cells / the same text in a module file", cells, file, "at most 1.0x")


def test_a_worker_in_a_notebook_of_300_cells(tmp_path: Path) -> None:
    with kernel(tmp_path / "state") as one:
        opened(one, tmp_path)
        short = [seconds(one, "worker(Flow)") for _ in range(rounds(5))]
        for number in range(int(os.environ.get("BENCH_CELLS", "300"))):
            one.run(
                f"def helper_{number}(n):\n    return n + {number}\n"
                f"TABLE_{number} = {{'a': helper_{number}}}\nTABLE_{number}['b'] = helper_{number}\n"
                f"total_{number} = helper_{number}({number})"
            )
        long = [seconds(one, "worker(Flow)") for _ in range(rounds(5))]
        report("the snapshots of a worker: after 300 cells / after 7", long, short, "0.1 s after 300 cells")
