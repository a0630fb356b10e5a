"""Notebooks to take home as projects."""

from __future__ import annotations

import json
import pathlib

SETUP = """%load_ext tutorial_lib
from tutorial_lib import open_lab
lab = await open_lab("lesson-01")
lab"""
IMPORTS = """import asyncio, random
from dataclasses import dataclass
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.worker import Worker
with workflow.unsafe.imports_passed_through():
    import nbformat"""
DEFINITIONS = '''QUEUE = "orders-tq"

@dataclass
class Order:
    """What is bought."""
    item: str
    amount: int = 1

def clean(text: str) -> str:
    return text.strip()  # used on both sides

@activity.defn
def charge(order: Order) -> str:
    return f"charged {clean(order.item)} x{order.amount} with {nbformat.__name__}"

class Store:
    def __init__(self, name: str) -> None:
        self.name = name

    @activity.defn
    async def ship(self, order: Order) -> str:
        return f"shipped from {self.name}"

store = Store("north")'''
OLD_SHOP = """@workflow.defn
class Shop:
    @workflow.run
    async def run(self, order: Order) -> str:
        return "an older version" """
SHOP = """SOON = timedelta(seconds=10)

@workflow.defn
class Shop:
    @workflow.run
    async def run(self, order: Order) -> list[str]:
        charged = await workflow.execute_activity(charge, order, start_to_close_timeout=SOON)
        shipped = await workflow.execute_activity_method(Store.ship, order, start_to_close_timeout=SOON)
        return [clean(charged), shipped]

@workflow.defn
class Count:
    @workflow.run
    async def run(self, number: int) -> int:
        return number

@workflow.defn
class Hello:
    @workflow.run
    async def run(self) -> str:
        return "hello\""""
USE = """worker = lab.start_worker(
    task_queue=QUEUE, workflows=[Shop, Count, Hello], activities=[charge, store.ship])
!temporal workflow list
await lab.client.execute_workflow(Shop.run, Order("tea ", 2), id="order-1", task_queue=QUEUE)
for number in range(3):
    await lab.client.execute_workflow(Count.run, number, id=f"count-{number}", task_queue=QUEUE)"""
CELLS = [SETUP, IMPORTS, DEFINITIONS, OLD_SHOP, SHOP, USE]

# Two activities, one a thread's and one the loop's, each on a queue of its own; both wait for a file.
SLOW = """import pathlib, time
PARCEL = lab.folder / "parcel.txt"

@activity.defn
def wrap(name: str) -> str:
    place(name).write_text("begun")
    while place(name).read_text() != "go":
        time.sleep(0.02)
    return f"{name} wrapped"

@activity.defn
async def carry(name: str) -> str:
    place(name).write_text("begun")
    while place(name).read_text() != "go":
        await asyncio.sleep(0.02)
    return f"{name} carried"

def place(name: str) -> pathlib.Path:
    return PARCEL.with_name(name)

@workflow.defn
class Parcel:
    @workflow.run
    async def run(self) -> list[str]:
        soon = timedelta(seconds=60)
        return await asyncio.gather(
            workflow.execute_activity(wrap, "wrap.txt", start_to_close_timeout=soon),
            workflow.execute_activity(
                carry, "carry.txt", task_queue="drain-carry-tq", start_to_close_timeout=soon),
        )"""
USE_SLOW = """lab.start_worker(task_queue="drain-tq", workflows=[Parcel], activities=[wrap])
lab.start_worker(task_queue="drain-carry-tq", activities=[carry])"""


def notebook(path: pathlib.Path, *cells: str) -> pathlib.Path:
    code = [
        {"cell_type": "code", "source": cell.splitlines(keepends=True), "metadata": {}, "outputs": []}
        for cell in cells
    ]
    text = [{"cell_type": "markdown", "source": "# class NotCode:", "metadata": {}}]
    path.write_text(json.dumps({"cells": text + code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path
