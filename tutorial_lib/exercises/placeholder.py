"""`____`: the gap in a starter cell. It fills in for anything until the learner has written something."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Self

__all__ = ["GAP", "Placeholder", "____"]

GAP = "____"


class Placeholder:
    """Lets a starter cell run as it is: called, subscripted or asked for an attribute, it stays itself."""

    def __call__(self, *_: Any, **__: Any) -> Placeholder:
        """Itself, whatever it is called with."""
        return self

    def __getattr__(self, name: str) -> Placeholder:
        if name.startswith("_"):  # copy, pickle, IPython and inspect ask for such names, and mean it
            raise AttributeError(name)
        return self

    def __getitem__(self, _: Any) -> Placeholder:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __repr__(self) -> str:
        return GAP

    def __reduce__(self) -> str:  # copied and pickled, it is still the one
        return GAP

    def _itself(self, *_: Any) -> Placeholder:
        return self

    def _no(self, _: Any) -> bool:
        return False

    def __await__(self) -> Generator[None, None, Placeholder]:
        yield from ()  # what makes this a generator
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing was begun."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was begun."""

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = __rmatmul__ = _itself
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _itself
    __pow__ = __rpow__ = __or__ = __ror__ = __and__ = __rand__ = __neg__ = __pos__ = __invert__ = _itself
    __lt__ = __le__ = __gt__ = __ge__ = _no


____ = Placeholder()
