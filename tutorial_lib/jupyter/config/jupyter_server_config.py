"""JupyterLab as the course starts it; found through JUPYTER_CONFIG_PATH, so no user configuration is touched.

`tutorial lab` sets TUTORIAL_UI_PORT to the port of the server's Web UI.
"""

# ruff: noqa: INP001 - Jupyter finds this file by its name, in a folder of configuration

from pathlib import Path

from tutorial_lib import settings

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - Jupyter puts it into this file's namespace

# The Web UI refuses to be framed by a page of another origin (X-Frame-Options: SAMEORIGIN), so JupyterLab
# hands it on under its own. The server runs with --ui-public-path, hence the absolute URL.
c.ServerProxy.servers = {
    "temporal-ui": {
        "command": [],  # nothing to start: the course's server runs already
        "port": int(settings.UI_PORT.get() or settings.UI_PORT.default),
        "absolute_url": True,
        "new_browser_tab": False,
        "launcher_entry": {
            "title": "Temporal Web UI",
            "path_info": "temporal-ui/namespaces/default/workflows",
            "icon_path": str(Path(__file__).parent / "temporal-ui.svg"),
        },
    },
}

# What the course needs in the page itself. It is found in the package: nothing is installed anywhere.
c.LabApp.extra_labextensions_path = [str(Path(__file__).parents[1] / "labextensions")]

# The presenter's window: a page behind the same login.
c.ServerApp.jpserver_extensions = {"tutorial_lib.jupyter.presenter": True}

c.ServerApp.ip = "127.0.0.1"
# Dev containers and class-room machines often have no other user; the address is this machine's own and
# needs a token.
c.ServerApp.allow_root = True
# What the lessons need comes with the course; nothing is to be installed from a page.
c.LabApp.extension_manager = "readonly"
# Language servers are not installed; looking for two dozen of them costs time at each start.
c.LanguageServerManager.autodetect = False
# The kernel of the lessons is this Python, whatever `python3` the user's own Jupyter knows.
c.ServerApp.kernel_spec_manager_class = "tutorial_lib.jupyter.kernels.CourseKernels"
# A saved notebook is to show its pictures without the kernel that drew them.
c.ContentsManager.pre_save_hook = "tutorial_lib.jupyter.saving.keep_pictures"
