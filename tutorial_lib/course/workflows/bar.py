"""The workflow that an exercise of lesson 11 opens tabs with."""

from __future__ import annotations

from temporalio import workflow


@workflow.defn
class Tab:
    """What a table has ordered, until it is paid."""

    @workflow.init
    def __init__(self, table: str) -> None:
        self.table = table
        self.on_it: list[str] = []
        self.paid = False

    @workflow.run
    async def run(self, table: str) -> int:  # noqa: ARG002 - `__init__` has it
        """Wait for the bill."""
        await workflow.wait_condition(lambda: self.paid)
        return len(self.on_it)

    @workflow.update
    def add(self, drink: str) -> int:
        """Write a drink down."""
        self.on_it.append(drink)
        return len(self.on_it)

    @workflow.query
    def drinks(self) -> list[str]:
        """What is on it."""
        return self.on_it

    @workflow.signal
    def pay(self) -> None:
        """The end."""
        self.paid = True
