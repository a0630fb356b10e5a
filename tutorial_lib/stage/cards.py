"""What a lab shows of itself in a cell: a card, and links into the Web UI."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from temporalio.client import WorkflowHandle

UI_BASE_VARIABLE = "TUTORIAL_UI_BASE"  # set by `tutorial lab`: the Web UI's path in this JupyterLab


@dataclass(frozen=True)
class Link:
    """A link that opens in a tab of its own.

    Attributes:
        text: What is linked to.
        url: Where it leads.
        direct: The same, reached without JupyterLab's proxy.
    """

    text: str
    url: str
    direct: str

    def __repr__(self) -> str:
        return f"Web UI, {self.text}: {self.direct}"

    def _repr_html_(self) -> str:
        return f'Web UI: <a href="{html.escape(self.url)}" target="_blank">{html.escape(self.text)}</a>'


@dataclass(frozen=True)
class WebUI:
    """Addresses in the Web UI of one namespace.

    Attributes:
        direct: Where the Web UI is without a proxy, e.g. "http://127.0.0.1:8233/temporal-ui".
        namespace: The namespace.
    """

    direct: str
    namespace: str

    def link(self, handle: WorkflowHandle[Any, Any] | None = None) -> Link:
        """To one execution, or to the namespace's list of workflows."""
        path = f"namespaces/{quote(self.namespace, safe='')}/workflows"
        if handle is None:
            return self._at(path, f"workflows of {self.namespace}")
        path += f"/{quote(handle.id, safe='')}"
        if run_id := handle.run_id or handle.first_execution_run_id:
            path += f"/{run_id}/timeline"
        return self._at(path, handle.id)

    def start_form(self, **fields: str) -> Link:
        """To the form that starts a workflow, filled in.

        Args:
            fields: The form's own names: workflowId, taskQueue, workflowType.
        """
        path = f"namespaces/{quote(self.namespace, safe='')}/workflows/start-workflow"
        return self._at(f"{path}?{urlencode(fields)}" if fields else path, "Start Workflow form")

    def _at(self, path: str, text: str) -> Link:
        direct = f"{self.direct.rstrip('/')}/{path}"
        base = os.environ.get(UI_BASE_VARIABLE)
        return Link(text, f"{base.rstrip('/')}/{path}" if base else direct, direct)


def lab_card(name: str, rows: list[tuple[str, str]]) -> str:
    """The HTML card of a lab.

    Args:
        name: Its title.
        rows: Pairs of a word and the HTML that it stands for.
    """
    lines = [f"<b>{html.escape(name)}</b> is ready."]
    return card([*lines, *(f"<b>{html.escape(word)}</b> {value}" for word, value in rows)])


def card(lines: Sequence[str], edge: str = "#4f6bed") -> str:
    """A card in JupyterLab's own colours.

    Args:
        lines: HTML of each line.
        edge: Colour of its left edge.
    """
    style = (
        f"border:1px solid var(--jp-border-color1,#767676);border-left:4px solid {edge};border-radius:4px;"
        "padding:.5em .9em;max-width:46em;line-height:1.6;"
        "color:var(--jp-content-font-color1,#1f1f1f);background:var(--jp-layout-color1,#fff)"
    )
    return f'<div style="{style}">{"<br>".join(lines)}</div>'
