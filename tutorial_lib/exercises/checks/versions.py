"""Versions of a workflow that a check deploys, made from the text that the learner reads in the starter cell.

So old and new code cannot drift apart from what is printed, and a stepper has their lines to show.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import linecache

from temporalio.worker import UnsandboxedWorkflowRunner

__all__ = ["OURS", "version"]

OURS = UnsandboxedWorkflowRunner()
"""Runs such a version: it is this course's own code, and no module that a sandbox could import."""


class _Text(importlib.abc.SourceLoader):
    """Loads a module from a text."""

    def __init__(self, source: str, filename: str) -> None:
        self.source = source.strip("\n") + "\n"
        self.filename = filename

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002 - the loader's protocol
        """What a reader is to call the code."""
        return self.filename

    def get_data(self, path: str | bytes | object) -> bytes:  # noqa: ARG002 - there is one text only
        """The text."""
        return self.source.encode()


def version(source: str, name: str, label: str) -> type:
    """A workflow class out of a text.

    Args:
        source: A program that defines it.
        name: The class.
        label: What to call the code where its lines are shown: "order_v1.py".
    """
    loader = _Text(source, label)
    spec = importlib.util.spec_from_loader(label.removesuffix(".py"), loader)
    if spec is None:
        raise ImportError(label)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    linecache.cache[label] = (len(loader.source), None, loader.source.splitlines(keepends=True), label)
    made = getattr(module, name)
    if not isinstance(made, type):
        raise TypeError(f"{name} is no class")
    return made
