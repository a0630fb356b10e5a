"""The presenter's window: notes, clock and next scene of the lesson that another window shows.

An extension of Jupyter's server, so that the page is behind JupyterLab's own login. Which cell is active the
page hears from the other window (a BroadcastChannel of the same origin): nothing is kept here.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from tutorial_lib.presenting.runsheet import markdown
from tutorial_lib.presenting.sheet import promised_minutes, run_sheet

__all__ = ["PresenterHandler"]

_PAGE = Path(__file__).with_name("presenter.html")
# Served without login: nothing of a lesson is in it.
_STATIC = "lab/extensions/temporal-course/static"


class PresenterHandler(JupyterHandler):
    """Answers `/course/presenter/PATH-OF-A-NOTEBOOK`."""

    @web.authenticated
    async def get(self, path: str) -> None:
        """Sends the page, with the notebook's run sheet inside.

        Args:
            path: Of the notebook, from JupyterLab's root.

        Raises:
            HTTPError: 404 if there is no such notebook.
        """
        if not path.endswith(".ipynb"):
            raise web.HTTPError(404, f"{path or 'nothing'} is no notebook")
        contents: Any = self.contents_manager  # jupyter_server says that it is typed, and this is not
        model = contents.get(path, content=True, type="notebook")
        if inspect.isawaitable(model):
            model = await model
        notebook = nbformat.from_dict(model["content"])
        render = markdown()
        scenes = [
            vars(scene) | {"notes": [render(note) for note in scene.notes], "code": scene.code[:1]}
            for scene in run_sheet(notebook)
        ]
        promised = promised_minutes(notebook)
        sheet = {"path": path, "base": self.base_url, "promised": promised, "scenes": scenes}
        page = _PAGE.read_text(encoding="utf-8")
        # In a script element nothing but "</" and "<!--" would end the text.
        text = json.dumps(sheet).replace("<", "\\u003c")
        base = f"{self.base_url}{_STATIC}"
        self.finish(page.replace("$STATIC", base).replace("$SHEET", text))


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    base = server.web_app.settings["base_url"].rstrip("/")
    server.web_app.add_handlers(".*$", [(rf"{base}/course/presenter/(.*)", PresenterHandler)])
