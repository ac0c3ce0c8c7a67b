"""Event keys against SplitMix64 in plain integers."""

from __future__ import annotations

import numpy as np

from trackdnn.data.hashing import event_keys, mix, text_key, uniform

MASK = 2**64 - 1


def slow_mix(value: int) -> int:
    """One step of SplitMix64, as published."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def test_mix_equals_its_slow_twin():
    values = np.array([0, 1, 2**63, MASK, 1234567], dtype=np.uint64)

    assert mix(values).tolist() == [slow_mix(int(value)) for value in values]


def test_mix_starts_the_published_sequence():
    # First output of SplitMix64 with seed 0.
    assert mix(np.zeros(1, np.uint64))[0] == 0xE220A8397B1DCDAF


def test_event_keys_equal_their_slow_twin():
    run, lumi, event = (np.array([1, 1]), np.array([7, 7]), np.array([5, 6]))

    keys = event_keys("ttbar", run, lumi, event)

    for index in range(2):
        key = int(text_key("ttbar"))
        for column in (run, lumi, event):
            key = slow_mix(key ^ int(column[index]))
        assert keys[index] == key


def test_event_keys_differ_between_samples_and_orders_of_numbers():
    one, two = np.array([1]), np.array([2])

    keys = [event_keys("a", one, two), event_keys("a", two, one)]
    keys.append(event_keys("b", one, two))

    assert len({int(key[0]) for key in keys}) == 3


def test_text_key_is_the_same_on_every_machine():
    assert text_key("tracks") == 0x8B5CB8D2E7785285


def test_uniform_is_uniform_and_follows_the_seed():
    keys = np.arange(100_000, dtype=np.uint64)

    values = uniform(keys, seed=1)

    counts, _ = np.histogram(values, bins=20, range=(0, 1))
    chi2 = ((counts - 5000) ** 2 / 5000).sum()
    assert values.min() >= 0
    assert values.max() < 1
    assert chi2 < 45  # 19 degrees of freedom, p = 0.0007
    assert abs(np.corrcoef(values, uniform(keys, seed=2))[0, 1]) < 0.02
