from __future__ import annotations

import uproot

from benchmarks import damaged_files
from benchmarks.damage import Case
from benchmarks.damaged_files import Campaign, report
from benchmarks.inputs import CODECS

TREE = "trackingNtuple/tree"


def test_report_counts_what_goes_unnoticed():
    outcomes = {Case(codec, "bit", 0): "refused" for codec in CODECS}
    outcomes[Case("none", "byte", 0)] = "unnoticed"
    outcomes[Case("zlib", "byte", 0)] = "KeyError: 'x'"
    outcomes[Case("lzma", "byte", 0)] = "hang"
    campaign = Campaign(outcomes, 12.3)

    text = report(campaign)

    assert "| none | 0/1 | 1/1 | 0/0 |" in text
    assert "8 files: 1 errors that are not for users, 1 without an end" in text
    assert campaign.unnoticed("none") == 1
    assert set(campaign.wrong().values()) == {"KeyError: 'x'", "hang"}


def test_outcome_tells_refusal_from_silence(ntuple_factory):
    path = ntuple_factory("damaged.root", counts=(3, 4), compression=uproot.ZLIB(0))
    _, keys, expected = damaged_files._intact(path)
    assert damaged_files._outcome(path, expected) == "same"

    content = bytearray(path.read_bytes())
    with uproot.open(path) as file:
        branch = file[TREE]["trk_pt"]
        place = int(branch.member("fBasketSeek")[0])
    assert place in keys
    header = int.from_bytes(content[place + 14 : place + 16], "big")
    content[place + header] ^= 1
    path.write_bytes(content)
    assert damaged_files._outcome(path, expected) == "unnoticed"

    path.write_bytes(content[:-9])
    assert damaged_files._outcome(path, expected) == "refused"


def test_outcome_names_an_error_that_is_our_bug(ntuple_factory, monkeypatch):
    path = ntuple_factory("damaged.root", counts=(3, 4))
    _, _, expected = damaged_files._intact(path)

    def fail(*_, **__):
        raise KeyError("x")

    monkeypatch.setattr(damaged_files, "read_tracks", fail)

    assert damaged_files._outcome(path, expected) == "KeyError: 'x'"
