"""What the exercises of lesson 03 share."""

from __future__ import annotations

from temporalio.client import Client

LESSON = "lesson-03"


def in_namespace(client: Client, namespace: str) -> Client:
    """The same client for another namespace."""
    config = client.config()
    config["namespace"] = namespace
    return Client(**config)
