"""A payload codec: what it writes, nobody reads without it."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec


class Hide(PayloadCodec):
    """Turns the bytes round."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload(metadata={"encoding": b"hidden"}, data=p.SerializeToString()[::-1]) for p in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        assert all(payload.metadata["encoding"] == b"hidden" for payload in payloads)
        return [Payload.FromString(payload.data[::-1]) for payload in payloads]
