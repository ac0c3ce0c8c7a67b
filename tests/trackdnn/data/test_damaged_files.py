"""Damaged files of all compressions and kinds: refused, harmless, or known to pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.damage import KINDS
from benchmarks.damaged_files import run
from benchmarks.inputs import CODECS

SAMPLE = Path(__file__).parents[3] / "samples" / "train.root"
# ROOT stores what does not get smaller as it is, without a checksum: of LZ4 that is
# most baskets of floats, of the others the smallest ones.
MOST_UNNOTICED = {"none": 0.4, "zlib": 0.03, "lzma": 0.04, "lz4": 0.4, "zstd": 0.4}


def check(positions):
    campaign = run(SAMPLE, positions)

    assert len(campaign.outcomes) == positions * len(CODECS) * len(KINDS)
    assert campaign.wrong() == {}
    assert campaign.memory < 200
    of_each = positions * len(KINDS)
    rates = {codec: campaign.unnoticed(codec) / of_each for codec in CODECS}
    assert all(
        rates[codec] <= most + 1 / of_each for codec, most in MOST_UNNOTICED.items()
    )


def test_damage_is_refused_or_harmless_or_known_to_pass():
    check(positions=1)


@pytest.mark.slow
def test_two_thousand_damaged_files():
    check(positions=50)
