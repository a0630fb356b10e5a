"""Processes that end with the one that started them, whatever they do and however it ends.

A child that reads its stdin can end when that breaks; but not while a thread of it holds Python's lock, or
if it is no program of ours. So somebody else has to end it: Linux does by itself, when the *thread* that
started a child ends. Elsewhere a watcher does, a process of its own:

    parent ──stdin, held open──> watcher ──SIGKILL, when that breaks──> child

Standard library only: keepers need this.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import concurrent.futures

BY_SYSTEM = sys.platform == "linux"
BY_WATCHER = os.name == "posix" and not BY_SYSTEM

_PR_SET_PDEATHSIG = 1
_WATCHER = """
import os, select, sys
child = int(sys.argv[1])
try:
    if hasattr(select, "kqueue"):
        queue = select.kqueue()
        queue.control([
            select.kevent(0, select.KQ_FILTER_READ, select.KQ_EV_ADD),
            select.kevent(child, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT),
        ], 0)
        ended = any(event.filter == select.KQ_FILTER_PROC for event in queue.control(None, 2))
    else:
        handle = os.pidfd_open(child)
        poll = select.poll()
        poll.register(0)
        poll.register(handle, select.POLLIN)
        ended = any(event[0] == handle for event in poll.poll())
    if not ended:
        os.kill(child, 9)
except ProcessLookupError:
    pass
"""

_one_starter = threading.Lock()  # two threads may ask for the first one at the same time
_watchers: list[subprocess.Popen[bytes]] = []  # held: their stdin breaks when this process ends


def start_leashed(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a child that ends with this process. One of our own calls `take_leash` first of all.

    Args:
        command: Program and arguments.
        options: Further arguments of `subprocess.Popen`.
    """

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, **options)

    if BY_SYSTEM:  # from a thread that lives as long as this process: a button's thread does not
        with _one_starter:
            starter = _starter()
        return starter.submit(start).result()
    child = start()
    watch(child.pid)
    return child


def take_leash(parent: int, number: int = signal.SIGKILL) -> None:
    """In the child: ask Linux for a signal when the parent ends; end if it has ended already.

    Args:
        parent: Process id of the parent.
        number: The signal.
    """
    if BY_SYSTEM:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)


def watch(child: int) -> None:
    """Have a watcher kill a child when this process ends, where the system does not do it.

    Args:
        child: Its process id.
    """
    if not BY_WATCHER:
        return
    _watchers[:] = [each for each in _watchers if each.poll() is None]
    command = [sys.executable, "-S", "-I", "-c", _WATCHER, str(child)]
    _watchers.append(
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    )


@functools.cache
def _starter() -> concurrent.futures.Executor:
    from concurrent.futures import ThreadPoolExecutor  # not for keepers: it takes a third of their start

    return ThreadPoolExecutor(1, thread_name_prefix="starter of processes")
