"""Command lines of `temporal` as learners write them: read, run, and a server that one of them starts.

text ─ arguments ─> what follows `temporal` ─> run_cli, or StartedServer: a process that ends with the check
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NoReturn

from temporalio.api.workflowservice.v1 import DescribeNamespaceResponse, ListNamespacesRequest
from temporalio.client import Client

from tutorial_lib.exercises.checks.patience import OFTEN, looks
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.stage.server.binary import find_binary
from tutorial_lib.stage.server.process import free_port, is_free, lacking

__all__ = ["PortLostError", "StartedServer", "arguments", "complaint", "namespaces_of", "on_a_port"]

_UP_SECONDS = 8.0  # until a server that starts in 0.2 s is given up
_HERE = ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104 - where a listener hears who connects to the first
_ATTEMPTS = 5
UI_ABOVE = 1000  # the Web UI's port is that of the frontend and this, if the command names none
_TAKEN = re.compile(r"listen tcp \S*:(?P<port>\d+): bind: (?:address already in use|Only one usage)")
# A line that goes on in the next one; a shell is stricter about blanks behind the backslash.
_CONTINUED = re.compile(r"\\[ \t]*(?:\n|$)")
# Linux: the server gets SIGKILL when this process ends, however it ends.
_LEASH = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])"
    if sys.platform == "linux"
    else ""
)


def arguments(line: str) -> list[str]:
    """What follows `temporal` in a command line.

    Args:
        line: As typed in a terminal or a cell; a prompt or `!` before it does not matter, nor do line breaks.

    Raises:
        NotYet: If a quote is left open, or it is another program's.
    """
    try:
        words = shlex.split(_CONTINUED.sub(" ", line).strip().lstrip("$!").strip())
    except ValueError:
        raise NotYet("a terminal would wait for more: a quote is opened and never closed") from None
    if not words or words[0] != "temporal":
        seen = f"the command begins with `{words[0]}`" if words else "the command is empty"
        raise NotYet(seen, "write it as you would type it in a terminal: `temporal ...`")
    return words[1:]


def complaint(stderr: str) -> str:
    """The CLI's error in one line, without the word `Error`; some are printed twice."""
    lines = [line.removeprefix("Error: ").strip() for line in stderr.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing"


async def namespaces_of(client: Client) -> dict[str, DescribeNamespaceResponse]:
    """The namespaces of a server, without the one that it keeps for itself."""
    answer = await client.workflow_service.list_namespaces(ListNamespacesRequest(page_size=100))
    own = "temporal-system"
    return {each.namespace_info.name: each for each in answer.namespaces if each.namespace_info.name != own}


class PortLostError(Exception):
    """A port that nobody but the check had chosen is in use: it says nothing of the learner's command."""


async def on_a_port(attempt: Callable[[int], Awaitable[str]]) -> str:
    """The answer of an attempt on a free port; on another one where somebody else was quicker to take it.

    Args:
        attempt: Gets a free port whose Web UI's port, 1000 above, is free as well.

    Raises:
        NotYet: What the attempt raises, or if it finds no port.
    """
    lost: PortLostError | None = None
    for _ in range(_ATTEMPTS):
        while not is_free((port := free_port()) + UI_ABOVE):
            pass
        try:
            return await attempt(port)
        except PortLostError as error:
            lost = error
    raise NotYet(f"other programs took each port that the check had chosen: {lost}", "run it once more")


class StartedServer:
    """A server that a learner's command line starts.

    Args:
        line: What follows `temporal`.
        port: Where it is to answer.
        folder: Directory that it is started in; its output is kept there.
    """

    def __init__(self, line: Sequence[str], port: int, folder: Path) -> None:
        self.line = list(line)
        self.port = port
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        program = [str(find_binary().path), *line]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TEMPORAL_")}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _LEASH, *program] if _LEASH else program,
                cwd=folder,
                env=environment | lacking(folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def client(self, namespace: str = "default") -> Client:
        """A client of it, as soon as it answers.

        Raises:
            NotYet: If the command ends, or the server answers elsewhere or not at all.
            PortLostError: If it ends for a port that the command does not name.
        """
        for _ in looks(_UP_SECONDS):
            if (client := await self._connected(namespace)) is not None:
                return client
            if self._process.poll() is not None:
                self._ended()
            if (banner := re.search(r"Temporal Server: +(\S+)", self.said)) and not self._is_mine(banner[1]):
                raise NotYet(
                    f"the server runs, but its banner says `Temporal Server: {banner[1]}`",
                    "it was to be on the port that the function was given",
                )
            await asyncio.sleep(OFTEN)
        raise NotYet(
            f"the command runs, but nothing answers at the port in {_UP_SECONDS:g} s", complaint(self.said)
        )

    def kill(self) -> None:
        """SIGKILL, as a power cut would. Returns when it is gone."""
        self._process.kill()
        self._process.wait()

    @property
    def said(self) -> str:
        """What it printed so far."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def _output(self) -> Path:
        return self.folder / "output.txt"

    async def _connected(self, namespace: str) -> Client | None:
        """A client, or None as long as it does not answer; it listens before it is healthy."""
        if not self._listens:
            return None
        connecting = asyncio.ensure_future(Client.connect(f"127.0.0.1:{self.port}", namespace=namespace))
        with contextlib.suppress(RuntimeError):
            while self._process.poll() is None:
                if (await asyncio.wait({connecting}, timeout=OFTEN))[0]:
                    return connecting.result()
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        return None

    @property
    def _listens(self) -> bool:
        """Whether it is this process that listens at the port: who answers there may be somebody else.

        Until a command finds out that its port is in use, it runs as one that will get it.
        """
        import psutil

        try:
            there = psutil.Process(self._process.pid).net_connections(kind="tcp")
        except psutil.Error:  # it has ended
            return False
        return any(
            each.status == psutil.CONN_LISTEN and each.laddr.port == self.port and each.laddr.ip in _HERE
            for each in there
        )

    def _is_mine(self, address: str) -> bool:
        return address.endswith(f":{self.port}")

    def _is_ours(self, taken: re.Match[str]) -> bool:
        """Whether somebody else has a port that the check gave the command, or that no word of it asks for.

        One that the command asks for is refused before anything starts ("can't set UI port ..."); for its
        services inside, the server chooses ports itself.
        """
        if sum(str(self.port) in word for word in self.line) > 1:
            return False  # two things on one port
        asked_for = "can't set" in self.said
        return int(taken["port"]) in {self.port, self.port + UI_ABOVE} or not asked_for

    def _ended(self) -> NoReturn:
        if self._process.returncode == 0:
            raise NotYet(
                "the command ended by itself, without an error: it starts no server",
                "the one that does is in the scene *Start a server*",
            )
        if (taken := _TAKEN.search(self.said)) and self._is_ours(taken):
            raise PortLostError(complaint(self.said))
        hint = "a server that starts does not end by itself; read closely what the CLI answers"
        if self.line[:2] != ["server", "start-dev"]:
            begun = " ".join(["temporal", *self.line[:3]])
            hint = f"`{begun} ...` starts no server; the scene *Start a server* has what does"
        elif "invalid argument" in self.said:
            hint = 'a flag wants another kind of value; `{name}` puts one into a text that begins `f"`'
        elif "frontend port" in self.said:
            hint = "the port for clients and workers is that of `--port`; left out, it is 7233"
        raise NotYet(f"the command is refused: {complaint(self.said)}", hint)
