"""Where plain SDK calls lead while the extension is loaded: to one server, one namespace, installed programs.

`Client.connect("localhost:7233")` finds the course's server. What names no namespace works in the one that
`TEMPORAL_NAMESPACE` names, as the `temporal` CLI and `ClientConfig` do: a lab that is opened sets it. A
program that has one of its own, `config.setdefault("namespace", "payments")` or a profile that it names, is
in that.
`WorkflowEnvironment.start_local()` and `.start_time_skipping()` start the programs that are installed here
instead of downloading them. Worker processes of a notebook do the same.
"""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import functools
import importlib
import inspect
import os
import shutil
import sys
import sysconfig
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from temporalio.client import Client

from tutorial_lib import settings
from tutorial_lib.cells.patches import Patches

if TYPE_CHECKING:
    from temporalio.envconfig import ClientConfigProfile
    from temporalio.testing import WorkflowEnvironment

AddressResolver = Callable[[str], str] | Callable[[str], Awaitable[str]]

# The addresses that every sample and page of documentation uses for "the dev server on this machine".
USUAL_ADDRESSES = ("localhost:7233", "127.0.0.1:7233")
_LOCAL = ("localhost", "127.0.0.1")
_STAGE = "tutorial_lib.stage.opening"
_BINARY = "tutorial_lib.stage.server.binary"
_NAMES = ("TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")  # how an environment names a profile
_TEST_SERVER = "temporal-test-server"

_resolver: AddressResolver | None = None
_home: str | None = None  # address of the server that the latest lab is on
_installed = False
# A server that code starts itself is reached where it listens, on port 7233 too.
_as_given: contextvars.ContextVar[bool] = contextvars.ContextVar("as given", default=False)


def set_address_resolver(resolver: AddressResolver | None) -> None:
    """Chooses which server `Client.connect("localhost:7233")` means in a cell.

    Args:
        resolver: Takes the target host and returns the address to connect to; sync (it may block, it
            runs in a thread) or async. None asks the stage for the course's server.
    """
    global _resolver  # noqa: PLW0603 - one extension a process, one resolver
    _resolver = resolver


def set_home(address: str) -> None:
    """Names the server whose clients work in the namespace of `TEMPORAL_NAMESPACE` unless they name one.

    Args:
        address: Host and port.
    """
    global _home  # noqa: PLW0603 - as the environment, it is the process'
    _home = address


def is_installed() -> bool:
    """Whether calls of this process are led."""
    return _installed


def install(patches: Patches) -> None:
    """Puts this in force; undoing the patches ends it."""
    from temporalio.envconfig import ClientConfig, ClientConfigProfile
    from temporalio.testing import WorkflowEnvironment

    load_profile = vars(ClientConfigProfile)["load"].__func__
    patches.set(ClientConfigProfile, "load", staticmethod(_own_profile_first(load_profile)))
    load = vars(ClientConfig)["load_client_connect_config"].__func__
    patches.set(ClientConfig, "load_client_connect_config", staticmethod(_yielding(load)))
    patches.set(sys.modules[__name__], "_installed", True)
    patches.set(Client, "connect", classmethod(_led(vars(Client)["connect"].__func__)))
    for name, argument, find in (
        ("start_local", "dev_server_existing_path", dev_server_program),
        ("start_time_skipping_v2", "dev_server_existing_path", dev_server_program),
        ("start_time_skipping", "test_server_existing_path", test_server_program),
    ):
        start = vars(WorkflowEnvironment)[name].__func__
        patches.set(WorkflowEnvironment, name, classmethod(_with_installed(start, argument, find)))


async def resolve_address(target_host: str) -> str:
    """The address to connect to for a target host of the learner's."""
    # Older samples write it as a URL, which the SDK still takes.
    if target_host.removeprefix("http://") not in USUAL_ADDRESSES:
        return target_host
    target_host = target_host.removeprefix("http://")
    resolver = _resolver or getattr(_late(_STAGE), "course_address", None)
    if resolver is None:
        return target_host
    if inspect.iscoroutinefunction(resolver):
        return str(await resolver(target_host))
    found = await asyncio.to_thread(resolver, target_host)
    return str(await found) if inspect.isawaitable(found) else str(found)


def namespace_at(address: str) -> str | None:
    """The namespace of clients that name none; None: the SDK's own default.

    Args:
        address: Host and port that the client connects to.
    """
    if _home is None or _canonical(address) != _canonical(_home):
        return None
    return os.environ.get("TEMPORAL_NAMESPACE") or None


class _LabsConfig(dict[str, Any]):
    """A connect config that is in the lab's namespace for want of one that the program names."""

    def __init__(self, config: Mapping[str, Any], namespace: str) -> None:
        super().__init__(config)
        self._lent: str | None = namespace

    def setdefault(self, key: str, default: Any = None) -> Any:
        """As of a dict, but the lab's namespace counts as none."""
        if key == "namespace" and self._lent is not None and self.get(key) == self._lent:
            self._lent = None
            self[key] = default
        return super().setdefault(key, default)


def _yielding(load: Callable[..., Any]) -> Callable[..., Any]:
    """`load_client_connect_config` whose namespace, if a lab has set it, gives way to the program's own.

    Samples with two namespaces name each by `config.setdefault`. Where a learner's environment or profile has
    a namespace, that one stays, as everywhere.
    """

    @functools.wraps(load)
    def load_yielding(*args: Any, **kwargs: Any) -> Any:
        config = load(*args, **kwargs)
        lent = _lent_namespace()
        return config if lent is None or config.get("namespace") != lent else _LabsConfig(config, lent)

    return load_yielding


def _own_profile_first(load: Callable[..., ClientConfigProfile]) -> Callable[..., ClientConfigProfile]:
    """`ClientConfigProfile.load`, but what a lab has set gives way to a profile that the program names.

    Variables of the environment precede a profile. Those of a learner's do here as well; a lab's are for
    programs that name nothing.
    """

    @functools.wraps(load)
    def load_own_first(*args: Any, **kwargs: Any) -> ClientConfigProfile:
        profile = load(*args, **kwargs)
        named = args or any(map(kwargs.get, ("profile", "config_source"))) or any(map(os.environ.get, _NAMES))
        lent = _lent_variables()
        if not named or not lent or kwargs.get("disable_env") or kwargs.get("override_env_vars") is not None:
            return profile
        others = {name: value for name, value in os.environ.items() if name not in lent}
        own = load(*args, **{**kwargs, "override_env_vars": others})
        return dataclasses.replace(
            profile, address=own.address or profile.address, namespace=own.namespace or profile.namespace
        )

    return load_own_first


def _lent_variables() -> set[str]:
    """The variables of the environment that are a lab's: where its server is, and its namespace."""
    own = os.environ.get(settings.OWN_ADDRESS.name)
    if not own or os.environ.get("TEMPORAL_ADDRESS") != own:
        return set()
    return {"TEMPORAL_ADDRESS", *(["TEMPORAL_NAMESPACE"] if _lent_namespace() else [])}


def _lent_namespace() -> str | None:
    """The namespace that a lab on the course's own server has put into the environment."""
    own = os.environ.get(settings.OWN_ADDRESS.name)
    return namespace_at(own) if own else None


def dev_server_program() -> str | None:
    """Path of the installed `temporal` program; None if there is none."""
    binary = _late(_BINARY)
    if binary is None:
        return None
    try:
        return str(binary.find_binary().path)
    except binary.BinaryNotFoundError:
        return None  # the SDK downloads one, or says why it cannot


def test_server_program() -> str | None:
    """Path of the installed time-skipping test server; None if there is none."""
    program = f"{_TEST_SERVER}.exe" if sys.platform == "win32" else _TEST_SERVER
    beside = Path(sysconfig.get_path("scripts")) / program
    return str(beside) if os.access(beside, os.X_OK) else shutil.which(_TEST_SERVER)


def _late(module: str) -> Any:
    """A module of the stage, found late: cells must work without the stage. None without it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and module.startswith(error.name):
            return None
        raise


def _canonical(address: str) -> str:
    host, _, port = address.removeprefix("http://").rpartition(":")
    return f"{_LOCAL[0] if host in _LOCAL else host}:{port}"


def _led(connect: Callable[..., Awaitable[Client]]) -> Callable[..., Awaitable[Client]]:
    @functools.wraps(connect)
    async def connect_led(cls: type[Client], target_host: str, **kwargs: Any) -> Client:
        if _as_given.get():
            return await connect(cls, target_host, **kwargs)
        address = await resolve_address(target_host)
        if "namespace" not in kwargs and (namespace := namespace_at(address)):
            kwargs["namespace"] = namespace
        return await connect(cls, address, **kwargs)

    return connect_led


def _with_installed(
    start: Callable[..., Awaitable[WorkflowEnvironment]], argument: str, find: Callable[[], str | None]
) -> Callable[..., Awaitable[WorkflowEnvironment]]:
    @functools.wraps(start)
    async def start_installed(cls: type[WorkflowEnvironment], **kwargs: Any) -> WorkflowEnvironment:
        # Who asks for another version, or a folder for it, wants a download.
        asks = any(name.partition("_server_")[2].startswith("download") for name in kwargs)
        if not asks and kwargs.get(argument) is None and "download_dest_dir" not in kwargs:
            kwargs[argument] = find()
        before = _as_given.set(True)
        try:
            return await start(cls, **kwargs)
        finally:
            _as_given.reset(before)

    return start_installed
