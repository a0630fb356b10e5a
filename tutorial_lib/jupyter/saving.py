"""What JupyterLab writes into a notebook's file: pictures that are there without a kernel, too."""

from __future__ import annotations

from typing import Any

from tutorial_lib.authoring.committed_form import WIDGET_VIEW

__all__ = ["PICTURE", "WIDGET_VIEW", "keep_pictures"]

PICTURE = "text/html"


def keep_pictures(model: dict[str, Any], **_: Any) -> None:
    """Leaves a widget's view out of the file where there is a picture beside it.

    The view is a reference into a kernel. Opened again without that kernel, JupyterLab would show "model not
    found" in its place, and not the picture. What is on screen stays as it is. Jupyter Server's
    `pre_save_hook`.

    Args:
        model: What is to be saved; changed in place.
    """
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    for cell in model["content"].get("cells", []):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if WIDGET_VIEW in data and PICTURE in data:
                del data[WIDGET_VIEW]
