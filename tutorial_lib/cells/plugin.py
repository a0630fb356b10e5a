"""The plugin that `lab.client` carries: workers made with it run workflows of cells."""

from __future__ import annotations

from temporalio.plugin import SimplePlugin

from tutorial_lib.cells.sandbox.runner import default_runner


class NotebookPlugin(SimplePlugin):
    """Gives each worker and replayer its own notebook runner, unless the learner chose a runner."""

    def __init__(self) -> None:
        super().__init__("tutorial_lib.NotebookPlugin", workflow_runner=default_runner)
