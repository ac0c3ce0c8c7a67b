"""Our digitization on the paths of a real event, beside the cells that it really has.

    python -m benchmarks.digitization_check FOLDER

FOLDER holds TrackML events with cells, truth and `detectors.csv`. The truth says where
and in which direction each particle crossed which module; `digitize` makes cells of
that. Noise is left out: the truth of TrackML has no momentum for it. With ACTS
installed, its modules are compared with those of the file too.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from benchmarks.event_realism import KINDS, table
from trackdnn.events.trackml import trackml_event, trackml_names
from trackdnn.simulation.geometric_digitization import Crossings, digitize
from trackdnn.simulation.modules import Modules

if TYPE_CHECKING:
    from trackdnn.events.event import Event

_IDS = ["volume_id", "layer_id", "module_id"]
_ROTATION = [f"rot_{axis}{local}" for axis in "xyz" for local in "uvw"]


def modules_of(frame: pd.DataFrame) -> Modules:
    """Modules out of `detectors.csv`; the identifiers are row numbers."""
    return Modules(
        identifier=np.arange(len(frame), dtype=np.uint64),
        volume=frame.volume_id.to_numpy(),
        layer=frame.layer_id.to_numpy(),
        module=frame.module_id.to_numpy(),
        center=frame[["cx", "cy", "cz"]].to_numpy(),
        rotation=frame[_ROTATION].to_numpy().reshape(-1, 3, 3),
        half_thickness=frame.module_t.to_numpy(),
        half_u=frame[["module_minhu", "module_maxhu"]].to_numpy(),
        half_v=frame.module_hv.to_numpy(),
        pitch=frame[["pitch_u", "pitch_v"]].to_numpy(),
    )


def rows(event: Event, frame: pd.DataFrame) -> list[list[str]]:
    """Per kind of sensor: cells, widths and charge, real and ours."""
    if event.clusters is None or event.truth is None:
        raise SystemExit(f"{event.name} must have cells and truth")
    hits, truth = event.hits, event.truth
    place = pd.Series(
        np.arange(len(frame)), index=pd.MultiIndex.from_frame(frame[_IDS])
    )
    keys = pd.MultiIndex.from_arrays([hits.volume, hits.layer, hits.module])
    module = place.reindex(keys).to_numpy()
    made = truth.particle_id != 0
    momentum = np.stack([truth.px, truth.py, truth.pz], axis=1).astype(np.float64)
    crossings = Crossings(
        module=module,
        position=np.stack([truth.x, truth.y, truth.z], axis=1).astype(np.float64),
        direction=momentum / np.linalg.norm(momentum, axis=1, keepdims=True),
    ).take(made)
    modules = modules_of(frame)
    ours = digitize(crossings, modules, np.random.default_rng(1))
    cells = np.bincount(ours.hit, minlength=len(crossings))
    charge = np.bincount(ours.hit, ours.value, len(crossings))
    width = ours.width()
    real = event.clusters[made]
    pitch = modules.pitch[crossings.module]
    real_width = np.rint(real[:, 4:6] / pitch).astype(int)
    lines = []
    for kind, volumes in KINDS.items():
        mine = np.isin(hits.volume[made], volumes)
        pairs = [
            (real[mine, 0], cells[mine]),
            (real_width[mine, 0], width[mine, 0]),
            (real_width[mine, 1], width[mine, 1]),
            (real[mine, 1], charge[mine]),
        ]
        equal = (real_width[mine] == width[mine]).all(axis=1).mean()
        means = [f"{one.mean():.3f} / {two.mean():.3f}" for one, two in pairs]
        lines.append([kind, str(mine.sum()), *means, f"{equal:.3f}"])
    return lines


def compare_modules(frame: pd.DataFrame) -> list[str]:
    """Distances of the modules of ACTS from those of the file, layer by layer."""
    from scipy.spatial import cKDTree

    from trackdnn.simulation.modules import read_modules

    acts = pd.DataFrame(read_modules().table())
    center, sizes = ["cx", "cy", "cz"], ["module_t", "module_minhu", "module_maxhu"]
    sizes += ["module_hv", "pitch_u", "pitch_v"]
    apart, turned, off, same = [], [], [], {}
    parts = dict(iter(acts.groupby(_IDS[:2])))
    for layer, theirs in frame.groupby(_IDS[:2]):
        ours = parts[layer]
        distance, place = cKDTree(theirs[center]).query(ours[center])
        matched = theirs.iloc[place]
        apart.append(distance.max())
        turned.append(np.abs(ours[_ROTATION].values - matched[_ROTATION].values).max())
        off.append(np.abs(ours[sizes].values - matched[sizes].values).max())
        same[layer] = (ours.module_id.values == matched.module_id.values).all()
    named = sorted({volume for (volume, _), equal in same.items() if equal})
    return [
        f"{len(acts)} modules of ACTS, {len(frame)} of the file",
        f"largest distance of centres {max(apart):.4f} mm, difference of rotations "
        f"{max(turned):.1e}, of sizes {max(off):.1e} mm",
        f"equal module numbers in the layers of the volumes {named}",
    ]


def main(folder: Path) -> None:
    """Print both comparisons."""
    frame = pd.read_csv(next(iter(sorted(folder.glob("detectors.csv*")))))
    header = ["sensor", "hits", "cells", "width u", "width v", "sum of values"]
    header = [*header[:2], *(f"{name}: real / ours" for name in header[2:])]
    for name in trackml_names(folder):
        found = rows(trackml_event(folder, name).load(), frame)
        print(table([*header, "both widths equal"], found))
    if importlib.util.find_spec("acts"):
        print("\n".join(["", *compare_modules(frame)]))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
