"""The workers of a lab: which there are, what each runs, whether it lives."""

from __future__ import annotations

import contextlib
import html
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from tutorial_lib.errors import TutorialError
from tutorial_lib.sdk import registered_name
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.stage.workers.process import WorkerProcess

AnyWorker: TypeAlias = EmbeddedWorker | WorkerProcess


class Workers(Sequence[AnyWorker]):
    """The workers that a lab has made, oldest first; shown as a table in a notebook."""

    def __init__(self) -> None:
        self._workers: list[AnyWorker] = []
        self._gone: set[str] = set()

    def __getitem__(self, index: Any) -> Any:
        return self._workers[index]

    def __len__(self) -> int:
        return len(self._workers)

    def __iter__(self) -> Iterator[AnyWorker]:
        return iter(list(self._workers))

    def add(self, worker: AnyWorker) -> None:
        """Take a worker in."""
        self._workers.append(worker)

    def replace(self, kind: str, task_queue: str, name: str = "") -> None:
        """Stop and forget the worker whose place a new one takes."""
        for old in self:
            if (old.kind, old.spec.task_queue, old.spec.name) == (kind, task_queue, name):
                self._remove(old)

    def close(self) -> None:
        """Stop all, processes without asking."""
        for worker in self:
            with contextlib.suppress(TutorialError):
                self._remove(worker)

    def alive(self) -> tuple[AnyWorker, ...]:
        """Those that run, oldest first."""
        return tuple(worker for worker in self if worker.alive)

    def inherit(self, others: Workers) -> None:
        """Know the workers of a lab that was opened before as ended.

        Args:
            others: That lab's; it has been closed.
        """
        self._gone |= others.gone()

    def gone(self) -> set[str]:
        """Identities of workers that have ended: the server lists them as pollers for minutes."""
        ended = self._gone.union(*(worker.former for worker in self), (worker.identity for worker in self))
        return ended - {worker.identity for worker in self if worker.alive}

    def __repr__(self) -> str:
        if not self._workers:
            return "no workers yet"
        rows = [("worker", "pid", "task queue", "runs", "state"), *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        return "\n".join("  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows)

    def _repr_html_(self) -> str:
        if not self._workers:
            return "<i>no workers yet</i>"
        head = "".join(
            f'<th style="text-align:left">{c}</th>' for c in ("worker", "task queue", "runs", "state")
        )
        body = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left">{html.escape(c)}</td>' for c in (n, q, r, s))
            + "</tr>"
            for n, _, q, r, s in self._rows()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _rows(self) -> list[tuple[str, str, str, str, str]]:
        return [
            (
                worker_name(worker),
                "<pid>",
                worker.spec.task_queue,
                ", ".join(
                    [
                        *map(registered_name, worker.spec.workflows),
                        *map(registered_name, worker.spec.activities),
                    ]
                ),
                _state(worker),
            )
            for worker in self._workers
        ]

    def _remove(self, worker: AnyWorker) -> None:
        if isinstance(worker, WorkerProcess):
            worker.close()
        else:
            worker.stop()
        self._workers.remove(worker)
        self._gone |= {worker.identity, *worker.former}


def worker_name(worker: AnyWorker) -> str:
    """What a worker is called where people read it."""
    return worker.spec.name or ("this kernel" if worker.kind == "embedded" else "process")


def _state(worker: AnyWorker) -> str:
    symbol = "◌" if worker.state == "stopping" else "●" if worker.alive else "✕"
    return f"{symbol} {worker.state}"
