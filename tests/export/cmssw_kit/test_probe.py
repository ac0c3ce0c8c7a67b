import struct

import numpy as np

from export.cmssw_kit.probe import pack_probe


def test_probe_is_laid_out_as_described():
    features = np.array([[1, np.nan], [np.inf, 4], [5, 6]], np.float32)
    probe = {
        "features": np.asfortranarray(features),
        "category": np.array([[4], [5], [22]], ">f4"),
        "score": np.array([[0.25], [0.5], [1]], np.float32),
    }

    content = pack_probe(probe)

    assert content[:8] == b"CMSPROBE"
    assert struct.unpack("<II", content[8:16]) == (3, 2)
    values = struct.unpack("<12f", content[16:])
    assert values[0] == 1
    assert np.isnan(values[1])
    assert values[2:] == (np.inf, 4, 5, 6, 4, 5, 22, 0.25, 0.5, 1)


def test_empty_probe_keeps_its_width():
    empty = {name: np.zeros((0, 1), np.float32) for name in ("category", "score")}

    content = pack_probe({"features": np.zeros((0, 29), np.float32), **empty})

    assert struct.unpack("<II", content[8:]) == (0, 29)
