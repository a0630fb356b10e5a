"""The import contract finds what is private to the SDK, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.contracts import is_private, private_names
from tutorial_lib import settings


@pytest.mark.parametrize(
    ("source", "found"),
    [
        # Private names that are imported.
        ("from temporalio.worker import _worker", [(1, "temporalio.worker._worker")]),
        ("from temporalio.worker._worker import Worker", [(1, "temporalio.worker._worker.Worker")]),
        ("import temporalio.worker._worker", [(1, "temporalio.worker._worker")]),
        ("import temporalio.worker._worker as public", [(1, "temporalio.worker._worker")]),
        ("def late():\n    from temporalio.client import _Thing", [(2, "temporalio.client._Thing")]),
        # Attributes of what was imported, under whichever name.
        (
            "import temporalio.runtime\ntemporalio.runtime._runtime_ref",
            [(2, "temporalio.runtime._runtime_ref")],
        ),
        ("from temporalio import workflow\nworkflow._Definition.name", [(2, "workflow._Definition")]),
        ("from temporalio import workflow as w\nw._Definition.from_class(x)", [(2, "w._Definition")]),
        # Marks: on anything.
        ('getattr(x, "__temporal_workflow_definition")', [(1, "__temporal_workflow_definition")]),
        ('hasattr(x, "__temporal_activity_definition")', [(1, "__temporal_activity_definition")]),
    ],
)
def test_what_is_private_to_the_sdk_is_found(source: str, found: list[tuple[int, str]]) -> None:
    assert list(private_names(source)) == found


@pytest.mark.parametrize(
    "source",
    [
        "from temporalio import workflow\nworkflow.defn",
        "from temporalio.worker import Worker\nWorker.__init__",
        "import temporalio.client\ntemporalio.client.Client.connect",
        "from tutorial_lib.sdk import registered_name as _name\n_name.x",
        "import temporalio_extras._private",
        "from elsewhere import _private\n_private._more",
        "self._client",
        "from temporalio.client import Client\nclient = Client()\nself._client = client",
        'text = "a temporal _mark"',
    ],
)
def test_what_is_public_or_somebody_elses_is_not(source: str) -> None:
    assert list(private_names(source)) == []


def test_a_name_with_two_underscores_is_pythons_own() -> None:
    assert is_private("temporalio._impl")
    assert not is_private("temporalio.__version__")
    assert not is_private("temporalio.worker.snake_case")


def test_the_contract_is_broken_by_a_line_outside_the_allowed_module(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").touch()
    line = "import temporalio.runtime\nslot = temporalio.runtime._runtime_ref\n"
    (house / "sdk.py").write_text(line)
    config = tmp_path / "contract.toml"
    config.write_text(
        '[tool.importlinter]\nroot_package = "house"\n'
        'contract_types = ["private_names: tests.support.contracts.PrivateNamesContract"]\n'
        '[[tool.importlinter.contracts]]\nname = "one"\ntype = "private_names"\nallowed = ["house.sdk"]\n'
    )

    def lint() -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("lint-imports")
        paths = os.pathsep.join([str(tmp_path), str(settings.CHECKOUT)])
        return subprocess.run(
            [program, "--config", config, "--no-logo", "--no-cache"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": paths, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    done = lint()
    assert done.returncode == 0, done.stdout + done.stderr
    (house / "room.py").write_text(line)
    done = lint()
    assert done.returncode == 1
    assert "house.room:2 temporalio.runtime._runtime_ref" in done.stdout
    assert "give it a function in sdk.py" in done.stdout
    assert "house.sdk:" not in done.stdout
