"""The notebook's definitions as a module that a worker *process* can import."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import pathlib
from collections.abc import Iterable
from typing import Any

from tutorial_lib import sdk
from tutorial_lib.cells import ipython
from tutorial_lib.cells.export.file_pieces import Pieces, import_block, module_text
from tutorial_lib.cells.export.names_in_kernel import NamesInKernel
from tutorial_lib.cells.export.project import export_project
from tutorial_lib.cells.sandbox import values
from tutorial_lib.cells.sandbox.notebook import Notebook
from tutorial_lib.disk.names import check_name
from tutorial_lib.disk.output import write_files
from tutorial_lib.errors import ExportError, UnusableNameError

__all__ = ["WorkerModule", "export_project", "write_worker_module"]

_DOCSTRING = "Workflows and activities of a notebook, written out for a worker process."
_LOADER = "from tutorial_lib.cells.export.pickled_values import load as _stored"


@dataclasses.dataclass(frozen=True)
class WorkerModule:
    """A module file with definitions of a notebook.

    Attributes:
        path: The file; stored values lie beside it.
        module: Name under which to import it, with `folder` on `sys.path`.
    """

    path: pathlib.Path
    module: str
    _references: dict[int, str] = dataclasses.field(repr=False)
    _held: tuple[Any, ...] = dataclasses.field(repr=False)  # keeps the ids above valid

    @property
    def folder(self) -> pathlib.Path:
        """The folder to put on `sys.path`."""
        return self.path.parent

    def reference(self, obj: Any) -> str:
        """Where a definition is found in another process.

        Args:
            obj: One of the definitions that the module was written for.

        Returns:
            `module:qualname`.

        Raises:
            ExportError: The module was not written for this object.
        """
        if id(obj) not in self._references:
            name = getattr(obj, "__name__", repr(obj))
            raise ExportError(f"{name!r} is not in {self.path.name}.", "Write the module for it as well.")
        return self._references[id(obj)]


def write_worker_module(
    definitions: Iterable[Any], folder: pathlib.Path | str, *, name: str | None = None, force: bool = False
) -> WorkerModule:
    """Writes workflows and activities, and all that they need from the notebook, as one module.

    What lives in an importable module is not written, only referred to. Values are made by the cell
    statement that assigned them where that works alone, else stored beside the module.

    Args:
        definitions: Workflow classes and activity functions.
        folder: Where to write; made if needed.
        name: The module's name; by default one that changes with its content, so that a process that
            runs an older version is not disturbed.
        force: Replace files of these names that the course did not write.

    Raises:
        ExportError: Something cannot be taken to another process.
        UnusableNameError: `name` is no module's name.
        OverwriteError: A file of this name is there that the course did not write, or that was changed.
    """
    if name is not None and not check_name(name, "a module").isidentifier():
        raise UnusableNameError(
            f"{name!r} cannot be the name of a module", "take letters, digits and `_`: shop_worker"
        )
    shell = ipython.current()
    live = NamesInKernel(Notebook.of_shell(shell)) if shell is not None else None
    pieces = Pieces(live.resolve if live else lambda _: None)
    chosen = tuple(definitions)
    outside = {id(obj): _outside_reference(obj) for obj in chosen}
    inside = [obj for obj in chosen if outside[id(obj)] is None]
    for obj in inside:
        if live is None:
            raise ExportError(
                f"{obj.__name__!r} is defined in __main__ of a plain script.",
                "Move it to a module of its own, which a worker process can import.",
            )
        pieces.add(obj.__name__, live.of_object(obj.__name__, obj))
    text = _module(pieces, [obj.__name__ for obj in inside if sdk.is_workflow(obj)])
    pickles = live.pickles if live else {}
    digest = hashlib.sha256(b"".join([text.encode(), *(pickles[key] for key in sorted(pickles))])).hexdigest()
    module = name or f"notebook_{digest[:12]}"
    target = pathlib.Path(folder)
    path = target / f"{module}.py"
    values_first = {f"{module}.{key}.pickle": data for key, data in pickles.items()}
    write_files(target, {**values_first, path.name: text.encode()}, force=force, listed=name is not None)
    references = {key: found or "" for key, found in outside.items()}
    references |= {id(obj): f"{module}:{obj.__qualname__}" for obj in inside}
    return WorkerModule(path, module, references, chosen)


def _module(pieces: Pieces, workflows: list[str]) -> str:
    """The file's text. Imports that only activities need are passed through the sandbox.

    In the notebook the sandbox never sees them; here it imports the whole file for every run.
    """
    names = pieces.names()
    in_workflows = pieces.reached(workflows, into_passed=False)
    imports = [n for n in names if pieces[n].is_import]
    passed = {n for n in imports if pieces[n].passed_through or n not in in_workflows}
    passed_lines = pieces.imports(passed)
    rest = [n for n in names if n not in imports]
    if any(not pieces[n].origin.statements for n in rest):
        passed_lines.append(_LOADER)
    block = import_block(pieces.imports(set(imports) - passed), passed_lines)
    return module_text(_DOCSTRING, [block], pieces.definitions(rest), future=pieces.needs_future(names))


def _outside_reference(obj: Any) -> str | None:
    """`module:qualname` of a definition in an importable module; None for one of the notebook's."""
    if inspect.ismethod(obj):
        owner = type(obj.__self__).__name__
        raise ExportError(
            f"Activity {obj.__name__!r} is a method of a {owner} object that lives in this process.",
            f"For a worker process, make it a function at the top level of a cell "
            f"(what the {owner} holds can be made inside it), or use lab.start_worker(...) instead.",
        )
    if not isinstance(obj, type) and not inspect.isfunction(inspect.unwrap(obj)):
        raise ExportError(
            f"{type(obj).__name__} object {obj!r} is neither a workflow class nor an activity function.",
            "Pass the decorated class or function itself.",
        )
    if values.in_notebook(obj):
        return None
    module, qualname = obj.__module__, obj.__qualname__
    if "<locals>" in qualname:
        raise ExportError(
            f"{obj.__name__!r} was made inside another function, so no other process can import it.",
            "Define it at the top level of a module or a cell.",
        )
    return f"{module}:{qualname}"
