"""What earlier tests left does not fail a test that reaches the recursion limit."""

import gc
import json

import pytest


class Left:
    """Ends by code that needs a frame; in a cycle, so only a collection ends it."""

    ended: list[int]

    def __init__(self, ended):
        self.ended, self.me = ended, self

    def __del__(self):
        self.ended.append(sum(number for number in range(3)))


@pytest.mark.parametrize("text", ["[" * 100_000, b"[" * 100_000], ids=["text", "bytes"])
def test_nothing_is_finalized_at_the_recursion_limit(text):
    ended = []
    for _ in range(5):
        Left(ended)
    with pytest.raises(RecursionError):
        json.loads(text)
    assert ended == []
    assert not gc.isenabled()


def test_collections_run_in_all_other_tests():
    assert gc.isenabled()
