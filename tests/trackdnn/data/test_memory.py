import subprocess
import sys

import numpy as np

from trackdnn.data import memory
from trackdnn.data.memory import peak_memory


def test_peak_memory_is_in_megabytes():
    held = np.ones(12_500_000)

    assert held.nbytes / 1e6 < peak_memory() < 1_000_000


def test_peak_memory_stays_when_memory_is_given_back():
    np.ones(12_500_000)

    assert peak_memory() >= 100


def test_peak_memory_without_proc_is_what_the_system_says(monkeypatch):
    known = peak_memory()
    monkeypatch.setattr(memory, "Path", Unreadable)

    assert peak_memory() >= 0.9 * known


class Unreadable:
    """A file that is not there."""

    def __init__(self, path):
        self.path = path

    def read_text(self, _):
        raise FileNotFoundError(self.path)


PARENT = """
import subprocess, sys
from trackdnn.data.memory import peak_memory
subprocess.run([sys.executable, "-c", "b'x' * 200_000_000"], check=True)
print(peak_memory(), peak_memory(workers=True))
"""


def test_peak_memory_of_workers_is_that_of_the_greatest():
    # On its own, because this process may be greater than any worker.
    done = subprocess.run(
        [sys.executable, "-c", PARENT], check=True, capture_output=True, text=True
    )

    own, all_of_them = map(float, done.stdout.split())
    assert own < 200 < all_of_them
