"""JupyterLab as the course shows it: notebook left, Web UI right, table of contents a click away.

Everything is read from this package and written to the course's own state directory: a learner's JupyterLab
settings are neither read nor written.

    config/                        server configuration, launcher icon, JupyterLab's default settings
    labextensions/                 what runs in the page, as plain modules: the Web UI that follows
    course.jupyterlab-workspace    which tabs are open, and where
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from tutorial_lib import settings
from tutorial_lib.disk.folders import within

__all__ = ["CONFIG", "WORKSPACE", "course_environment", "is_writable", "save_workspace", "scene_address"]

WORKSPACE = "temporal-course"
CONFIG = Path(__file__).with_name("config")
_TEMPLATE = Path(__file__).with_name("course.jupyterlab-workspace")


def course_environment(state_dir: Path, *, ui_port: int | None, home: Path | None = None) -> dict[str, str]:
    """The environment variables that make a JupyterLab, and its kernels, the course's own.

    Args:
        state_dir: A folder of the course that can be written.
        ui_port: Where the Web UI listens; None when the course runs against a server elsewhere, whose Web UI
            cannot be shown under JupyterLab's origin.
        home: The learner's home; of this process if None.

    Returns:
        Only what is to be set; to be merged into `os.environ` before JupyterLab is imported.
    """
    own = state_dir / "jupyter"
    variables = {
        "JUPYTER_CONFIG_PATH": str(CONFIG),
        # Theme and shortcuts that a learner chooses inside the course are kept here.
        "JUPYTER_CONFIG_DIR": str(own),
        # pydevd warns about frozen modules in every kernel of Python 3.11+ otherwise.
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    if ui_port is not None:
        variables |= {settings.UI_PORT.name: str(ui_port), settings.UI_BASE.name: settings.UI_PATH}
    # Where Jupyter and IPython keep their run-time files if nobody says otherwise. In a home that cannot be
    # written they would fail with a traceback, each in its own words.
    if home is None:
        try:
            home = Path.home()
        except RuntimeError:  # a container's user without a name, and no HOME: Jupyter needs one
            home = own
            variables["HOME"] = str(own)
    usual = {
        "JUPYTER_DATA_DIR": home / ".local" / "share" / "jupyter",
        "JUPYTER_RUNTIME_DIR": home / ".local" / "share" / "jupyter" / "runtime",
        "IPYTHONDIR": home / ".ipython",
    }
    for name, folder in usual.items():
        chosen = os.environ.get(name)
        if not is_writable(Path(chosen) if chosen else folder):
            variables[name] = str(own / name.removesuffix("_DIR").lower())
    return variables


def save_workspace(state_dir: Path, notebook: str, *, namespace: str | None = "default") -> Path:
    """Write the course's workspace, as new: JupyterLab changes its copy whenever a tab is moved.

    Args:
        state_dir: A folder of the course that can be written.
        notebook: Path of the notebook to open, from JupyterLab's root, with "/" between its parts.
        namespace: What the Web UI shows beside it; None if there is no Web UI to show.

    Returns:
        The folder it is in: where a JupyterLab with `course_environment` looks.
    """
    import json

    from jupyterlab_server.workspaces_handler import WorkspacesManager

    text = _TEMPLATE.read_text(encoding="utf-8")
    values = {
        "$NOTEBOOK": notebook,
        "$FOLDER": notebook.rpartition("/")[0],
        "$WORKFLOWS": f"{settings.UI_PATH}/namespaces/{namespace}/workflows",
    }
    for name, value in values.items():
        text = text.replace(name, json.dumps(value)[1:-1])
    workspace = json.loads(text)
    if namespace is None:
        workspace["data"]["layout-restorer:data"]["main"]["dock"]["children"].pop()
        del workspace["data"]["server-proxy:server-proxy:temporal-ui"]
    folder = within(state_dir, "jupyter") / "lab" / "workspaces"
    folder.mkdir(parents=True, exist_ok=True)
    WorkspacesManager(str(folder)).save(WORKSPACE, json.dumps(workspace))
    return folder


def is_writable(folder: Path) -> bool:
    """Whether a file can be made in a folder, which is made if it is not there.

    Trying is the only test that holds for read-only mounts, full disks and the super-user alike.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def scene_address(lab: str, notebook: str, number: str) -> str:
    """The address that shows a scene, and offers to run what stands above it: "Bring me to this scene".

    Args:
        lab: Where JupyterLab answers, e.g. "http://127.0.0.1:8888".
        notebook: Path of the notebook from JupyterLab's root.
        number: Of the scene, as the run sheet has it.
    """
    return f"{lab.rstrip('/')}/lab/workspaces/{WORKSPACE}/tree/{quote(notebook)}?scene={quote(number)}"
