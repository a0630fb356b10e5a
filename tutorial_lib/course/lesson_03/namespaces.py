"""One client, several namespaces."""

from __future__ import annotations

from temporalio.client import Client


def in_namespace(client: Client, namespace: str) -> Client:
    """The same client for another namespace."""
    config = client.config()
    config["namespace"] = namespace
    return Client(**config)
