"""Methods take turns: only one works at a time, and each tells how far it came."""

import pytest

from benchmarks.turns import Method, take_turns

# Works in pieces of a hundredth of a second, each of ten samples.
CHILD = """
import sys, time
from benchmarks.turns import Turns
turns = Turns()
turns.wait()
while True:
    time.sleep(0.01)
    turns.done(int(sys.argv[1]))
"""


def test_methods_take_turns():
    methods = {name: Method(["-c", CHILD, name]) for name in ("10", "20")}

    rates = take_turns(methods, rounds=2, seconds=0.05)

    assert {name: len(values) for name, values in rates.items()} == {"10": 2, "20": 2}
    # Sleeping takes at least as long as it was asked to.
    assert 0 < max(rates["10"]) <= 1000
    assert 0 < max(rates["20"]) <= 2000


def test_method_that_fails_is_named():
    bad = Method(["-c", "raise SystemExit(3)"])

    with pytest.raises(RuntimeError, match=r"SystemExit\(3\) ended without an answer"):
        take_turns({"bad": bad}, 1, 0.01)
