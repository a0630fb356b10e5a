"""The state folder: this user's alone, in a place that is safe, the same for all processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running_lab import clean_environment
from tutorial_lib import settings
from tutorial_lib.cli import doctor
from tutorial_lib.disk.folders import MARK, marked
from tutorial_lib.disk.state import state_folder, use_state_folder
from tutorial_lib.errors import FolderError
from tutorial_lib.stage import hold_server
from tutorial_lib.stage.server.shared import find_server, stop_server

USE = "from tutorial_lib.disk.state import state_folder; print(state_folder())"


def mode(path: Path) -> int:
    """Permissions of a folder."""
    return path.stat().st_mode & 0o777


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course that is no checkout, with home and temporary folder of its own; returns what all is in."""
    for name in ("home", "temporary", "site"):
        (tmp_path / name).mkdir()
    for name in ("TUTORIAL_STATE_DIR", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(settings, "CHECKOUT", tmp_path / "site")
    return tmp_path


@pytest.fixture
def checkout(installed: Path) -> Path:
    """The same, in a checkout; returns it."""
    (installed / "site" / "pyproject.toml").touch()
    return installed / "site"


def temporary_name(folder: Path) -> Path:
    """What anybody can work out: the state folder's name in the temporary folder."""
    homes = folder / "home" / ".local" / "state"
    name = next(homes.iterdir()).name.removeprefix("temporal-tutorial-")
    return folder / "temporary" / f"temporal-tutorial-{os.getuid()}-{name}"


def test_a_checkout_keeps_its_own(checkout: Path):
    assert state_folder() == checkout / ".tutorial"
    assert mode(checkout / ".tutorial") == 0o700
    assert state_folder() == checkout / ".tutorial"


def test_without_a_checkout_it_is_in_the_users_own_place(installed: Path, monkeypatch: pytest.MonkeyPatch):
    assert state_folder().parent == installed / "home" / ".local" / "state"
    assert mode(state_folder()) == mode(state_folder().parent) == 0o700
    monkeypatch.setenv("XDG_STATE_HOME", "relative/is/to/be/ignored")
    assert state_folder().parent == installed / "home" / ".local" / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(installed / "xdg"))
    assert state_folder().parent == installed / "xdg"
    assert not list((installed / "temporary").iterdir())


@pytest.mark.parametrize("planted", ["link", "folder"])
def test_what_another_user_planted_in_the_temporary_folder_is_not_used(
    installed: Path, foreign: Path, monkeypatch: pytest.MonkeyPatch, planted: str
):
    state_folder()
    predictable = temporary_name(installed)
    if planted == "link":
        predictable.symlink_to(installed / "site")
    else:
        _ = foreign.rename(predictable) if os.geteuid() == 0 else predictable.symlink_to(foreign)
    assert state_folder().parent == installed / "home" / ".local" / "state"
    # Nowhere else to go: then it is told.
    (installed / "file").touch()
    monkeypatch.setenv("HOME", str(installed / "file"))
    with pytest.raises(FolderError, match=r"is a link|belongs to"):
        state_folder()
    assert not (installed / "site" / MARK).exists()


def test_without_a_home_the_temporary_folder_is_private(installed: Path, monkeypatch: pytest.MonkeyPatch):
    (installed / "file").touch()
    monkeypatch.setenv("HOME", str(installed / "file"))
    assert state_folder().parent == installed / "temporary"
    assert mode(state_folder()) == 0o700


@pytest.mark.parametrize("named", [False, True])
def test_a_folder_of_an_earlier_version_goes_on_working(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, named: bool
):
    folder = checkout / ("named" if named else ".tutorial")
    (folder / "labs" / "lesson-01").mkdir(parents=True)
    (folder / "progress").mkdir()
    (folder / "progress" / "ada.json").write_text("{}")
    for name in ("keeper.lock", "keeper.log", "server.log", "mine.db"):
        (folder / name).touch()
    folder.chmod(0o775)  # as it was made with the umask of many systems
    if named:
        monkeypatch.setenv("TUTORIAL_STATE_DIR", str(folder))
    assert state_folder() == folder
    assert mode(folder) == 0o700
    assert marked(folder / "labs" / "lesson-01")
    assert (folder / "progress" / "ada.json").exists()


def test_an_earlier_versions_folder_in_the_temporary_folder_keeps_its_progress(installed: Path):
    state_folder()
    earlier = temporary_name(installed)
    (earlier / "progress").mkdir(parents=True)
    assert state_folder() == earlier
    assert mode(earlier) == 0o700


def test_a_checkouts_folder_that_is_a_link_or_anothers_is_refused(checkout: Path, foreign: Path):
    own = checkout / ".tutorial"
    own.symlink_to(checkout.parent / "home")
    with pytest.raises(FolderError, match=r"\.tutorial is a link, and the course does not follow it"):
        state_folder()
    own.unlink()
    if os.geteuid() == 0:
        foreign.rename(own)
        with pytest.raises(
            FolderError, match=r"\.tutorial belongs to .*uid 65534.*, not to .*\n  → set TUTORIAL"
        ):
            state_folder()


@pytest.mark.skipif(os.geteuid() != 0, reason="only the super-user can give a file to somebody else")
def test_what_another_user_put_into_it_is_told(checkout: Path):
    folder = state_folder()
    (folder / "server.json").write_text("{}")
    os.chown(folder / "server.json", 65534, -1)
    with pytest.raises(FolderError, match=r"server\.json belongs to"):
        state_folder()
    (folder / "server.json").unlink()
    deep = folder / "labs" / "lesson-01"
    deep.mkdir(parents=True)
    (deep / "worker.py").touch()
    os.chown(deep / "worker.py", 65534, -1)
    folder.chmod(0o777)
    with pytest.raises(FolderError, match=r"worker\.py belongs to"):
        state_folder()


def test_a_file_system_without_permissions_is_no_place(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    """As on a mounted Windows disk; a mount needs rights that a test has not."""
    mkdir, chmod = Path.mkdir, Path.chmod

    def make(path: Path, permissions: int = 0o777) -> None:
        mkdir(path, permissions)
        if path.parent == checkout:
            chmod(path, 0o777)

    monkeypatch.setattr(Path, "mkdir", make)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    assert state_folder().parent == checkout.parent / "home" / ".local" / "state"
    assert not (checkout / ".tutorial").exists()
    (checkout / ".tutorial").mkdir()
    with pytest.raises(FolderError, match="its file system keeps no permissions"):
        state_folder()


def test_a_folder_with_other_things_is_not_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    home.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TUTORIAL_STATE_DIR", "~")
    with pytest.raises(
        FolderError, match=r"holds other things than the course's state \(\.ssh\)\n.*temporal-tutorial"
    ):
        state_folder()
    assert mode(home) == 0o755
    (home / ".ssh").rename(home / "labs")  # a name of the course's, and yet not the course's
    with pytest.raises(FolderError, match=r"\(labs\)"):
        state_folder()
    assert [path.name for path in home.iterdir()] == ["labs"]


@pytest.mark.parametrize("value", ["state", "~/state", "./a/../state"])
def test_a_relative_folder_is_the_same_for_everybody(tmp_path: Path, value: str):
    home = tmp_path / "home"
    (tmp_path / "elsewhere").mkdir()
    home.mkdir()
    environment = clean_environment(tmp_path, home, TUTORIAL_STATE_DIR=value)
    code = (
        f"import os, subprocess, sys; {USE}; os.chdir('../elsewhere');"
        f"print(state_folder()); subprocess.run([sys.executable, '-c', {USE!r}], check=True)"
    )
    done = subprocess.run(
        [sys.executable, "-u", "-c", code],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(home / "state")] * 3


def test_a_server_starts_with_a_relative_folder(
    own_state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TUTORIAL_STATE_DIR", own_state.name)
    with hold_server(who="test") as hold:
        assert hold.alive
        assert find_server(own_state) == hold.info
        assert hold.info.log == own_state / "server.log"
    stop_server()


def test_doctor_tells_of_a_folder_that_is_not_the_users_alone(
    tmp_path: Path, foreign: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(foreign))
    [need] = [need for need in doctor.check_places() if need.name == "state folder"]
    assert need.state == "missing"
    assert "belongs to" in need.found or "holds other things" in need.found
    assert "TUTORIAL_STATE_DIR" in need.fix
    assert {need.name for need in doctor.check_ports()} == {"port 7233", "port 8233"}
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(tmp_path / "state"))
    [need] = [need for need in doctor.check_places() if need.name == "state folder"]
    assert (need.state, need.found) == ("ok", f"{tmp_path / 'state'}, yours alone")


def test_what_is_no_folder_is_told_in_words(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="file is not a folder"):
        use_state_folder(tmp_path / "file")
    with pytest.raises(FolderError, match=r"the state folder .* cannot be used: Not a directory"):
        use_state_folder(tmp_path / "file" / "state")
    with pytest.raises(FolderError, match=r"cannot be used: File name too long"):
        use_state_folder(tmp_path / ("x" * 300))
