"""The notebook's definitions as a module that a worker *process* can import."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from tutorial_lib import sdk
from tutorial_lib.cells import ipython
from tutorial_lib.cells.export import pickled_values
from tutorial_lib.cells.export.project import export_project
from tutorial_lib.cells.export.written import written
from tutorial_lib.cells.program.objects import is_of_notebook
from tutorial_lib.cells.program.slice import Slice
from tutorial_lib.cells.sandbox.notebook import Notebook
from tutorial_lib.cells.sandbox.runner import NotebookWorkflowRunner
from tutorial_lib.cells.sandbox.snapshot import Snapshot, globals_of
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
        options: The worker's further arguments, for `pickled_values.loads` with the module's names.
    """

    path: pathlib.Path
    module: str
    options: bytes = dataclasses.field(repr=False)
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
    definitions: Iterable[Any],
    folder: pathlib.Path | str,
    *,
    name: str | None = None,
    force: bool = False,
    options: Mapping[str, Any] | None = None,
) -> WorkerModule:
    """Writes workflows and activities, and all that they need from the notebook, as one module.

    It is the slice of the notebook that an embedded worker has, and proved in the same way: the workflows are
    loaded in a sandbox, here, and compared. What lives in an importable module is not written, only
    referred to. What no statement can make again is stored beside the module.

    Args:
        definitions: Workflow classes; activities: functions, methods of objects, objects that can be called.
        folder: Where to write; made if needed.
        name: The module's name; by default one that changes with its content, so that a process that
            runs an older version is not disturbed.
        force: Replace files of these names that the course did not write.
        options: The worker's further arguments: the notebook's classes that they hold are written as well.

    Raises:
        ExportError: Something cannot be taken to another process.
        NotebookSourceError: A workflow uses something that has no source, or lives outside.
        RuntimeError: The sandbox refuses a workflow: the SDK's own error.
        UnusableNameError: `name` is no module's name.
        OverwriteError: A file of this name is there that the course did not write, or that was changed.
    """
    if name is not None and not check_name(name, "a module").isidentifier():
        raise UnusableNameError(
            f"{name!r} cannot be the name of a module", "take letters, digits and `_`: shop_worker"
        )
    chosen = tuple(definitions)
    outside = {id(obj): found for obj in chosen if (found := _outside_reference(obj)) is not None}
    inside = [obj for obj in chosen if id(obj) not in outside]
    stored = {name: _dumped(name, value) for name, value in (options or {}).items()}
    needs = sorted({each for _, needed in stored.values() for each in needed})
    failure_types = tuple((options or {}).get("workflow_failure_exception_types", ()))
    made = _Made(inside, failure_types, needs) if inside or needs else None
    text, pickles = (made.text, made.pickles) if made else (f'"""{_DOCSTRING}"""\n', {})
    digest = hashlib.sha256(b"".join([text.encode(), *(pickles[key] for key in sorted(pickles))])).hexdigest()
    module = name or f"notebook_{digest[:12]}"
    target = pathlib.Path(folder)
    path = target / f"{module}.py"
    values_first = {f"{module}.{key}.pickle": data for key, data in pickles.items()}
    write_files(target, {**values_first, path.name: text.encode()}, force=force, listed=name is not None)
    references = dict(outside)
    references |= {id(obj): f"{module}:{made.paths[id(obj)]}" for obj in inside if made}
    return WorkerModule(path, module, pickled_values.dump(dict(options or {}))[0], references, chosen)


class _Made:
    """The module of some definitions of the running notebook.

    Args:
        definitions: Workflow classes and activities of the notebook.
        failure_types: Types that workflows fail with.
        needs: Names of further classes and functions.

    Attributes:
        text: Its text.
        pickles: Values to be stored beside it, by name.
        paths: By id of each definition, its name in the module: `pay`, `store.ship`.
    """

    def __init__(
        self, definitions: list[Any], failure_types: tuple[type[BaseException], ...], needs: list[str]
    ) -> None:
        shell = ipython.current()
        if shell is None:
            name = [*needs, *(each.__name__ for each in definitions)][0]
            raise ExportError(
                f"{name!r} is defined in __main__ of a plain script.",
                "Move it to a module of its own, which a worker process can import.",
            )
        workflows = [each for each in definitions if sdk.is_workflow(each)]
        seen_by = next(filter(None, map(globals_of, workflows)), None)
        notebook = Notebook.of_shell(shell, seen_by=seen_by)
        self._namespace = dict(notebook.namespace)
        self.paths: dict[int, str] = {}
        roots = [each for each in definitions if self._is_root(each)]
        owners = [self._owner(each) for each in definitions if not self._is_root(each)]
        snapshots = _proved(workflows, failure_types)
        more = [kind for kind in failure_types if kind.__module__ == "__main__"]
        suspects = frozenset[str]().union(*(snapshot.suspects for snapshot in snapshots))
        self._taken = Slice(notebook.program, [*roots, *more], suspects, bodies_need=[*owners, *needs])
        for missing in self._taken.missing:
            raise _no_cell(missing)
        self.pickles: dict[str, bytes] = {}
        bind = self._stored()
        corrected: dict[str, Any] = {}
        for snapshot in snapshots:
            corrected |= snapshot.corrections()
        last = [f"{key} = {value!r}  # as in the notebook" for key, value in sorted(corrected.items())]
        imports = [_LOADER] if bind else []
        self.text = written(self._taken, bind, last=last, more=imports).text(_DOCSTRING)

    def _is_root(self, obj: Any) -> bool:
        """Whether a definition has a statement of its own: no method of an object."""
        if not sdk.is_workflow(obj) and not is_of_notebook(obj):
            return False
        self.paths[id(obj)] = obj.__qualname__
        return True

    def _owner(self, obj: Any) -> str:
        """The name of the object that a method belongs to, or of an object that can be called."""
        owner = obj.__self__ if inspect.ismethod(obj) else obj
        name = next((name for name, value in self._namespace.items() if value is owner), None)
        if name is None:  # `activities=[Store("north").ship]`
            name = f"{type(owner).__name__.lower()}_{len(self.paths)}"
            self._namespace[name] = owner
        self.paths[id(obj)] = f"{name}.{obj.__name__}" if inspect.ismethod(obj) else name
        return name

    def _stored(self) -> dict[str, tuple[int, str]]:
        """Values that no statement makes again lie beside the module; when and how the module reads them."""
        taken, bind = self._taken, dict[str, tuple[int, str]]()
        unnamed = self._namespace.keys() - taken.program.namespace.keys()
        while todo := ({n for n in taken.copies if n in self._namespace} | unnamed) - bind.keys():
            for name in sorted(todo):
                needs = self._store(name, self._namespace[name])
                for each in sorted(needs):
                    taken.need(each)
                made = [taken.program.definitions(each, taken.program.end) for each in needs]
                at = max([taken.copies.get(name, -1), *(found[0].at + 1 for found in made if found)])
                bind[name] = at, f"{name} = _stored(__file__, {name!r}, globals())"
        return bind

    def _store(self, name: str, value: Any) -> frozenset[str]:
        """Pickles a value. Returns names of the notebook's classes that it needs."""
        if is_of_notebook(value):
            raise _no_cell(name)
        self.pickles[name], needs = _dumped(name, value)
        return needs


def _dumped(name: str, value: Any) -> tuple[bytes, frozenset[str]]:
    """A value as bytes, and names of the notebook's classes that it needs."""
    try:
        return pickled_values.dump(value)
    except Exception as error:
        raise ExportError(
            f"{name!r} ({type(value).__name__}) cannot be taken to another process.",
            f"Make it where it is used, inside the activity, or assign it at the top level of a cell "
            f"without await and without names of this notebook's session ({name} = ...).",
        ) from error


def _proved(workflows: list[type], failure_types: tuple[type[BaseException], ...]) -> list[Snapshot]:
    """Loads workflows in a sandbox, as an embedded worker does, and compares what they got."""
    runner = NotebookWorkflowRunner(takes_files=False)  # what is written is a slice
    runner.set_worker_level_failure_exception_types(failure_types)
    for each in workflows:
        runner.prepare_workflow(sdk.workflow_definition(each))
    return [runner.snapshots[each] for each in workflows if each in runner.snapshots]


def _no_cell(name: str) -> ExportError:
    return ExportError(f"The cell that defines {name!r} cannot be found.", "Run its cell again.")


def _outside_reference(obj: Any) -> str | None:
    """`module:qualname` of a definition in an importable module; None for one of the notebook's."""
    if inspect.ismethod(obj) or not (isinstance(obj, type) or inspect.isfunction(inspect.unwrap(obj))):
        if inspect.ismethod(obj) or (callable(obj) and sdk.is_activity(type(obj))):
            return None
        raise ExportError(
            f"{type(obj).__name__} object {obj!r} is neither a workflow class nor an activity.",
            "Pass the decorated class, function or method itself.",
        )
    if is_of_notebook(obj):
        return None
    module, qualname = obj.__module__, obj.__qualname__
    if "<locals>" in qualname:
        raise ExportError(
            f"{obj.__name__!r} was made inside another function, so no other process can import it.",
            "Define it at the top level of a module or a cell.",
        )
    return f"{module}:{qualname}"
