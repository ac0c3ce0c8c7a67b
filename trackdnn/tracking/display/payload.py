"""The numbers of a scene as the page reads them: typed arrays in base64."""

from __future__ import annotations

import base64
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from trackdnn.tracking.display.legend import legend
from trackdnn.tracking.display.outline import layer_of_hit, outline
from trackdnn.tracking.display.scene import LEAST_HITS
from trackdnn.tracking.kinematics import FIELD_TESLA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trackdnn.tracking.display.scene import Scene, TrackLines, TrueLines

    Arrays = dict[str, NDArray[Any]]

# Arrays of the browser by the type of ours.
TYPES = {
    "uint8": "Uint8Array",
    "uint16": "Uint16Array",
    "uint32": "Uint32Array",
    "int32": "Int32Array",
    "int64": "BigInt64Array",
    "float32": "Float32Array",
}


def payload(scene: Scene, min_pt: float = 0.0) -> dict[str, Any]:
    """What the page needs, ready for JSON.

    Args:
        scene: What is shown.
        min_pt: Threshold at which the page opens, GeV.
    """
    layers, _ = layer_of_hit(scene.hits)
    return {
        "name": scene.name,
        "minPt": min_pt,
        "leastHits": LEAST_HITS,
        "field": FIELD_TESLA,
        "layers": layers.tolist(),
        "outline": [dataclasses.asdict(layer) for layer in outline(scene.hits)],
        "legend": _legend(scene),
        "hits": _encode(_hits(scene)),
        "particles": scene.truth and _encode(_particles(scene.truth)),
        "tracks": scene.tracks and _encode(_tracks(scene.tracks)),
    }


def encode(values: NDArray[Any]) -> dict[str, str]:
    """An array as the name of its type and its bytes; integers as short as they fit."""
    short = _shortest(values) if values.dtype.kind in "iu" else values
    little = np.ascontiguousarray(short, dtype=short.dtype.newbyteorder("<"))
    text = base64.b64encode(little.tobytes()).decode("ascii")
    return {"type": TYPES[short.dtype.name], "base64": text}


def _encode(arrays: Arrays) -> dict[str, dict[str, str]]:
    return {name: encode(values) for name, values in arrays.items()}


def _shortest(values: NDArray[Any]) -> NDArray[Any]:
    lowest, highest = int(values.min(initial=0)), int(values.max(initial=0))
    for name in ("uint8", "uint16", "uint32", "int32"):
        range_ = np.iinfo(name)
        if range_.min <= lowest and highest <= range_.max:
            return values.astype(name)
    return values.astype(np.int64)


def _legend(scene: Scene) -> list[dict[str, Any]]:
    found = []
    for entry in legend(scene):
        content = {**vars(entry), "rows": encode(entry.rows)}
        found.append(content)
    return found


def _hits(scene: Scene) -> Arrays:
    hits = scene.hits
    _, layer = layer_of_hit(hits)
    return {
        "place": np.stack([hits.x, hits.y, hits.z], axis=1).astype(np.float32),
        "id": hits.hit_id,
        "layer": layer,
        "module": hits.module,
    }


def _particles(truth: TrueLines) -> Arrays:
    who = truth.particles
    vertex = np.stack([who.vx, who.vy, who.vz], axis=1)
    return {
        "hits": truth.lines.hits,
        "offsets": truth.lines.offsets,
        "id": who.particle_id,
        "pt": who.pt.astype(np.float32),
        "eta": who.eta.astype(np.float32),
        "phi": who.phi.astype(np.float32),
        "charge": who.charge,
        "vertex": vertex.astype(np.float32),
    }


def _tracks(tracks: TrackLines) -> Arrays:
    verdicts = tracks.verdicts
    return {
        "hits": tracks.lines.hits,
        "offsets": tracks.lines.offsets,
        "pt": tracks.pt,
        "eta": tracks.eta,
        "kind": verdicts.kind,
        "particle": verdicts.particle,
        "purity": verdicts.purity,
        "share": verdicts.share,
    }
