"""Links into the Web UI of a namespace."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from temporalio.client import WorkflowHandle

from tutorial_lib import sdk, settings


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
        """To one execution, in its client's namespace, or to this namespace's list of workflows."""
        namespace = self.namespace if handle is None else sdk.client_of(handle).namespace
        path = f"namespaces/{quote(namespace, safe='')}/workflows"
        if handle is None:
            return self._at(path, f"workflows of {namespace}")
        path += f"/{quote(handle.id, safe='')}"
        if run_id := sdk.run_of(handle):
            path += f"/{run_id}/timeline"
        elsewhere = "" if namespace == self.namespace else f" in namespace {namespace}"
        return self._at(path, f"{handle.id}{elsewhere}")

    def start_form(self, **fields: str) -> Link:
        """To the form that starts a workflow, filled in.

        Args:
            fields: The form's own names: workflowId, taskQueue, workflowType.
        """
        path = f"namespaces/{quote(self.namespace, safe='')}/workflows/start-workflow"
        return self._at(f"{path}?{urlencode(fields)}" if fields else path, "Start Workflow form")

    def _at(self, path: str, text: str) -> Link:
        direct = f"{self.direct.rstrip('/')}/{path}"
        base = settings.UI_BASE.get()
        return Link(text, f"{base.rstrip('/')}/{path}" if base else direct, direct)
