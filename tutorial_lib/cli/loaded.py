"""Which packages a fresh Python really loads, from where: what a kernel gets, whatever the metadata list.

A folder in PYTHONPATH or the user's own site-packages precede the environment. What lies there is loaded,
and the environment's metadata do not show it.
"""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["FreshPythonError", "Loaded", "load_packages", "moved_names"]

_SECONDS = 120
_MODULES = {"pyyaml": "yaml"}  # where it is not the package's name

# Runs in the fresh Python. As in a kernel, the current folder is behind PYTHONPATH, before site-packages.
_START = """
import json, os, sys
here = sys.path.pop(0)
sites = ("site-packages", "dist-packages")
places = (place for place, path in enumerate(sys.path) if os.path.basename(path) in sites)
sys.path.insert(next(places, len(sys.path)), os.getcwd())
out, sys.stdout = sys.stdout, sys.stderr
"""
_PROBE = """
import importlib, importlib.metadata, importlib.util, traceback
found = {}
for package, name in json.loads(sys.argv[1]).items():
    told = found[package] = {"version": None, "file": None, "error": None}
    try:
        told["version"] = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        pass
    try:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.origin:
            continue  # a program alone; or not there, and then without metadata too
        told["file"] = spec.origin
        module = importlib.import_module(name)
    except BaseException as error:
        told["error"] = traceback.format_exception_only(error)[-1].strip()
        continue
    told["file"] = module.__file__
    folder = os.path.dirname(module.__file__)
    beside = importlib.metadata.distributions(
        name=package, path=[os.path.dirname(folder) if hasattr(module, "__path__") else folder]
    )
    own = getattr(module, "__version__", None)
    told["version"] = own if isinstance(own, str) else next((d.version for d in beside), told["version"])
json.dump(found, out)
"""
_MOVED = """
try:
    from tutorial_lib import sdk
except BaseException as error:
    told = {"error": f"{type(error).__name__}: {error}"}
else:
    told = {"moved": sdk.moved()}
json.dump(told, out)
"""


@dataclass(frozen=True)
class Loaded:
    """What importing a package gave.

    Attributes:
        version: Of what was loaded; None if it is not there.
        folder: Where the fresh Python started.
        file: What was loaded; None for a package of programs alone.
        error: Why it could not be imported, else None.
    """

    version: str | None
    file: str | None
    error: str | None
    folder: Path

    def intruder(self) -> tuple[str, str] | None:
        """What precedes the environment, and how to be rid of it; None if it is the environment's."""
        if self.file is None:
            return None
        file = Path(self.file)
        for folder in filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)):
            if file.is_relative_to(Path(folder).absolute()):
                return f"PYTHONPATH names {folder}", "unset PYTHONPATH, or take that folder out of it"
        own = site.getusersitepackages()
        if site.ENABLE_USER_SITE and file.is_relative_to(own):
            return f"your own {own} comes first", "set PYTHONNOUSERSITE=1, or remove it with pip uninstall"
        if file.is_relative_to(self.folder) and not file.is_relative_to(sys.prefix):
            own_name = file.parent.name if file.stem == "__init__" else file.name
            return "it lies beside the notebooks", f"rename {own_name}"
        return None


class FreshPythonError(RuntimeError):
    """A fresh Python does not even start, or ends while it imports."""


def load_packages(packages: Sequence[str], folder: Path | None = None) -> dict[str, Loaded]:
    """Import packages in a fresh Python.

    Args:
        packages: Their names, as pip knows them.
        folder: Where it starts, as a kernel does in its notebook's folder; here if None.

    Returns:
        What each of them gave.

    Raises:
        FreshPythonError: It ended without an answer; the message has its last lines.
    """
    modules = {package: _MODULES.get(package, package.replace("-", "_")) for package in packages}
    place = (folder or Path()).absolute()
    told = _ask(_PROBE, folder, json.dumps(modules))
    return {name: Loaded(**each, folder=place) for name, each in told.items()}


def moved_names(folder: Path | None = None) -> list[str]:
    """The private names of the SDK that the course relies on and a fresh Python does not find.

    Args:
        folder: Where it starts, as a kernel does in its notebook's folder; here if None.

    Raises:
        ImportError: The SDK, or what asks it, cannot be imported.
        FreshPythonError: It ended without an answer; the message has its last lines.
    """
    told = _ask(_MOVED, folder)
    if "error" in told:
        raise ImportError(told["error"])
    return list(told["moved"])


def _ask(program: str, folder: Path | None, *arguments: str) -> dict[str, Any]:
    """Run a program in a fresh Python; returns what it answers in JSON."""
    command = [sys.executable, "-W", "ignore", "-c", _START + program, *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise FreshPythonError(f"it imports for more than {_SECONDS} s") from None
    except ValueError:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise FreshPythonError(last[0]) from None
    return answer
