"""Packages whose public names are imported on first use."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

ROOMS = ["stage", "cells", "history", "views"]
PACKAGES = ["tutorial_lib", *(f"tutorial_lib.{room}" for room in ROOMS)]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_there_and_no_other(name: str):
    package = importlib.import_module(name)
    for public in package.__all__:
        assert getattr(getattr(package, public), "__name__", public) == public  # KINDS is a value
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nothing'"):
        _ = package.nothing


def test_importing_the_packages_costs_nothing():
    check = "assert not {'temporalio', 'IPython', 'tutorial_lib.stage.stage'} & set(sys.modules)"
    code = f"import sys, {', '.join(PACKAGES)}; {check}"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
