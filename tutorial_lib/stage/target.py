"""Which Temporal the course talks to: its own dev server, or the one a profile names.

With `TEMPORAL_PROFILE` or `TEMPORAL_ADDRESS` set before Jupyter starts, `temporalio.envconfig` decides
(a self-hosted cluster, Temporal Cloud with its API key or certificates) and nothing is started here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from tutorial_lib import settings
from tutorial_lib.cells.connecting import set_home
from tutorial_lib.errors import ServerError


@dataclass(frozen=True)
class Target:
    """A Temporal service to connect to.

    Attributes:
        address: Host and port of its gRPC endpoint.
        namespace: The namespace that a profile names, or None if lessons make their own.
        options: Further arguments of `Client.connect` (TLS, API key, ...).
        name: What to call it: "dev server", or the profile's name.
    """

    address: str
    namespace: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    name: str = "dev server"

    @property
    def external(self) -> bool:
        """Whether it is somebody else's: then no namespace is made and nothing is terminated."""
        return self.namespace is not None

    async def connect(self, namespace: str, **options: Any) -> Client:
        """A real `Client` that runs workflows defined in cells (through the notebook plugin).

        Args:
            namespace: Namespace of the client.
            options: Arguments of `Client.connect`, over those of the target.

        Raises:
            ServerError: If nothing answers at the address.
        """
        from tutorial_lib.cells.plugin import NotebookPlugin

        arguments: dict[str, Any] = {"plugins": [NotebookPlugin()], **self.options, **options}
        try:
            return await Client.connect(self.address, namespace=namespace, **arguments)
        except RuntimeError as error:
            raise ServerError(
                f"no Temporal service answers at {self.address} ({self.name}): {error}",
                "check the address" if self.external else "run `lab = await open_lab(...)` again",
            ) from error


def external_target(environment: Mapping[str, str] | None = None) -> Target | None:
    """The service that the environment's profile names, or None: then the course has its own.

    Args:
        environment: Variables to look at; `os.environ` if None.

    Raises:
        ServerError: If the profile cannot be read or names no address.
    """
    variables = os.environ if environment is None else environment
    address, profile = variables.get("TEMPORAL_ADDRESS"), variables.get("TEMPORAL_PROFILE")
    if not profile and (not address or address == variables.get(settings.OWN_ADDRESS.name)):
        return None
    try:
        options: dict[str, Any] = dict(
            ClientConfig.load_client_connect_config(override_env_vars=dict(variables))
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise ServerError(
            f"the profile {profile or 'of the environment'!r} cannot be read: {error}",
            "`temporal config list` shows the profiles; unset TEMPORAL_PROFILE for the course's own server",
        ) from error
    if not options.get("target_host"):
        raise ServerError(
            f"the profile {profile!r} names no address",
            "`temporal config set --profile NAME --prop address --value HOST:PORT`",
        )
    return Target(
        address=options.pop("target_host"),
        namespace=options.pop("namespace", "default"),
        options=options,
        name=profile or "TEMPORAL_ADDRESS",
    )


def publish(address: str, namespace: str, program: Path | None, *, own: bool) -> None:
    """Point whatever names no namespace at one: calls in cells, the `temporal` CLI, programs of cells.

    Args:
        address: Host and port.
        namespace: The lesson's namespace.
        program: The `temporal` program, put first on PATH; None leaves PATH alone.
        own: Whether the server is the course's own.
    """
    os.environ["TEMPORAL_NAMESPACE"] = namespace
    set_home(address)
    os.environ["NO_COLOR"] = "1"  # colour codes are noise in a cell's text
    if own:
        os.environ["TEMPORAL_ADDRESS"] = os.environ[settings.OWN_ADDRESS.name] = address
    if program is not None:
        paths = os.environ.get("PATH", "").split(os.pathsep)
        if str(program.parent) not in paths[:1]:
            os.environ["PATH"] = os.pathsep.join([str(program.parent), *paths])
