"""Attributes set for a time and put back exactly as they were."""

from __future__ import annotations

from typing import Any

_MISSING = object()


class Patches:
    """Remembers what attributes were, so that `undo()` restores them (or their absence)."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def remember(self, owner: Any, *names: str) -> None:
        """Notes the present values of attributes that somebody else is about to change."""
        for name in names:
            # vars(): an inherited attribute counts as absent, and class methods stay descriptors.
            self._before.append((owner, name, vars(owner).get(name, _MISSING)))

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Sets one attribute."""
        self.remember(owner, name)
        setattr(owner, name, value)

    def undo(self) -> None:
        """Puts everything back, the latest change first."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is not _MISSING:
                setattr(owner, name, value)
            elif name in vars(owner):
                delattr(owner, name)
