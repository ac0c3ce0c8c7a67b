import base64
import json

import numpy as np
import pytest

from tests.trackdnn.tracking.display.events_with_tracks import every_kind
from trackdnn.events.event import without_truth
from trackdnn.tracking.display.payload import TYPES, encode, payload
from trackdnn.tracking.display.scene import make_scene

DTYPES = {name: dtype for dtype, name in TYPES.items()}


def decode(packed):
    """What the page makes of an array."""
    content = base64.b64decode(packed["base64"], validate=True)
    return np.frombuffer(content, np.dtype(DTYPES[packed["type"]]).newbyteorder("<"))


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([0, 255], "Uint8Array"),
        ([0, 256], "Uint16Array"),
        ([65536], "Uint32Array"),
        ([-1, 5], "Int32Array"),
        ([2**53 + 1], "BigInt64Array"),
        ([], "Uint8Array"),
    ],
)
def test_encoded_integers_are_short_and_exact(values, type_):
    packed = encode(np.array(values, dtype=np.int64))

    assert packed["type"] == type_
    assert decode(packed).tolist() == values


def test_encoded_floats_are_exact():
    values = np.array([0.1, np.nan, np.inf, -3e-30], dtype=np.float32)

    assert decode(encode(values)).tobytes() == values.tobytes()


def test_payload_has_exactly_the_numbers_of_the_scene():
    event, tracks = every_kind()
    scene = make_scene(event, tracks)

    read = json.loads(json.dumps(payload(scene, 0.9), allow_nan=False))

    hits = {name: decode(packed) for name, packed in read["hits"].items()}
    place = np.stack([event.hits.x, event.hits.y, event.hits.z], axis=1)
    assert (hits["place"].reshape(-1, 3) == place).all()
    assert (hits["id"] == event.hits.hit_id).all()
    layers = np.array(read["layers"])[hits["layer"]]
    assert (layers[:, 0] == event.hits.volume).all()
    assert (layers[:, 1] == event.hits.layer).all()
    assert (hits["module"] == event.hits.module).all()
    made = {name: decode(packed) for name, packed in read["particles"].items()}
    assert (made["hits"] == scene.truth.lines.hits).all()
    assert (made["offsets"] == scene.truth.lines.offsets).all()
    assert (made["id"] == event.particles.particle_id).all()
    assert (made["pt"] == event.particles.pt).all()
    assert (made["vertex"].reshape(-1, 3)[:, 2] == event.particles.vz).all()
    found = {name: decode(packed) for name, packed in read["tracks"].items()}
    assert (found["hits"] == scene.tracks.lines.hits).all()
    assert (found["pt"] == scene.tracks.pt).all()
    for name in ("kind", "particle", "purity", "share"):
        assert (found[name] == getattr(scene.tracks.verdicts, name)).all()
    assert read["minPt"] == 0.9
    fakes = next(one for one in read["legend"] if one["key"] == "fakes")
    assert decode(fakes["rows"]).tolist() == [7, 8]


def test_payload_of_hits_alone():
    event, _ = every_kind()

    read = payload(make_scene(without_truth(event)))

    assert read["particles"] is None
    assert read["tracks"] is None
