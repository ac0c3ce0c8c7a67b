"""TrackKinematics against scalar formulas, and against hostile input."""

import math

import keras
import numpy as np
import pytest

from network.custom.track_kinematics import QUANTITIES, TrackKinematics
from trackdnn.data.features import FEATURE_NAMES


def twin(x):
    """The table of the module, one track at a time, in float64."""
    rows = []
    for values in x.astype("f8"):
        t = dict(zip(FEATURE_NAMES, values, strict=True))
        cross = t["inner_px"] * t["outer_py"] - t["inner_py"] * t["outer_px"]
        dot = t["inner_px"] * t["outer_px"] + t["inner_py"] * t["outer_py"]
        transverse = t["inner_pt"] * t["outer_pt"]
        side = min(max(cross / transverse / 0.02, -1), 1)
        theta_i = math.atan2(t["inner_pt"], t["inner_pz"])
        theta_o = math.atan2(t["outer_pt"], t["outer_pz"])
        phi_i = math.atan2(t["inner_py"], t["inner_px"])
        size_i = math.hypot(t["inner_px"], t["inner_py"]) / t["inner_pt"]
        start = size_i * math.sin(phi_i - t["phi"])
        end = min(max(t["inner_pz"] / 1e-3, -1), 1)
        hits = t["nPixel"] + t["nStrip"]
        q = {
            "pt_resolution": t["ptErr"] / t["trk_pt"],
            "dxy_pv_pull": abs(t["dxyClosestPV"]) / t["dxyErr"],
            "dz_pv_pull": abs(t["dzClosestPV"]) / t["dzErr"],
            "dxy_pull": abs(t["dxy"]) / t["dxyErr"],
            "dz_pull": abs(t["dz"]) / t["dzErr"],
            "dxy_side": side * t["dxyClosestPV"] / t["dxyErr"],
            "dz_side": end * t["dzClosestPV"] / t["dzErr"],
            "pt_change": (t["outer_pt"] - t["inner_pt"]) / t["inner_pt"],
            "pt_start": (t["inner_pt"] - t["trk_pt"]) / t["trk_pt"],
            "bend_sin": abs(cross) / transverse,
            "bend_cos": dot / transverse,
            "bend_length": abs(cross) / transverse * t["trk_pt"],
            "polar_change": end * math.sin(theta_i - theta_o) / math.sin(theta_o),
            "start_sin": side * start,
            "hits": hits,
            "lost_share": t["nLostLay"] / max(hits + t["nLostLay"], 1),
            "chi2": t["nChi2"] * t["ndof"],
        }
        row = []
        for name, (scale, top) in QUANTITIES.items():
            size = math.log1p(abs(q[name]) / scale) / math.log1p(top / scale)
            row.append(min(max(math.copysign(size, q[name]), -1), 1))
        rows.append(row)
    return np.array(rows)


def tracks(count=400):
    rng = np.random.default_rng(5)
    t = {name: rng.lognormal(size=count) for name in FEATURE_NAMES}
    t["phi"] = rng.uniform(-np.pi, np.pi, count)
    for end, turn in (("inner", 0.05), ("outer", 0.4)):
        pt = t["trk_pt"] * rng.normal(1, 0.02, count)
        phi = t["phi"] + rng.choice([-1, 1], count) * turn / pt
        t[f"{end}_pt"] = pt
        t[f"{end}_px"], t[f"{end}_py"] = pt * np.cos(phi), pt * np.sin(phi)
        t[f"{end}_pz"] = pt * rng.normal(0, 3, count)
    for name in ("nPixel", "nStrip", "nLostLay"):
        t[name] = rng.poisson(4, count)
    for name in ("dxy", "dz", "dxyClosestPV", "dzClosestPV"):
        t[name] = t[name] * rng.choice([-1, 1], count)
    return np.stack([t[name] for name in FEATURE_NAMES], axis=1).astype("f4")


def test_track_kinematics_equals_its_twin(check_layer):
    x = tracks()

    check_layer(TrackKinematics(FEATURE_NAMES), x, expected=twin(x), atol=2e-5)


@pytest.mark.parametrize("symmetry", ["turn", "mirror_z", "mirror_y"])
def test_track_kinematics_keeps_the_symmetries_of_a_collider(symmetry):
    x = tracks()
    t = {name: x[:, column].copy() for column, name in enumerate(FEATURE_NAMES)}
    if symmetry == "turn":
        angle = 0.7
        t["phi"] = t["phi"] + angle
        for end in ("inner", "outer"):
            px, py = t[f"{end}_px"], t[f"{end}_py"]
            t[f"{end}_px"] = px * np.cos(angle) - py * np.sin(angle)
            t[f"{end}_py"] = px * np.sin(angle) + py * np.cos(angle)
    else:
        flipped = {
            "mirror_z": ("inner_pz", "outer_pz", "dz", "dzClosestPV", "eta"),
            "mirror_y": ("inner_py", "outer_py", "dxy", "dxyClosestPV", "phi"),
        }
        for name in flipped[symmetry]:
            t[name] = -t[name]
    moved = np.stack([t[name] for name in FEATURE_NAMES], axis=1).astype("f4")

    layer = TrackKinematics(FEATURE_NAMES)

    np.testing.assert_allclose(layer(moved), layer(x), atol=5e-5)


def test_track_kinematics_is_finite_and_bounded(raw_tracks):
    found = np.asarray(TrackKinematics(FEATURE_NAMES)(raw_tracks[0]))

    assert np.all(np.abs(found) <= 1)


def test_track_kinematics_finds_columns_by_name():
    x, order = tracks(), np.random.default_rng(1).permutation(len(FEATURE_NAMES))
    shuffled = TrackKinematics([FEATURE_NAMES[column] for column in order])

    np.testing.assert_array_equal(
        shuffled(x[:, order]), TrackKinematics(FEATURE_NAMES)(x)
    )


def test_track_kinematics_names_what_is_missing():
    names = [name.replace("dxyErr", "dxyError") for name in FEATURE_NAMES]

    with pytest.raises(ValueError, match=r"'dxyErr'.*nearest is 'dxyError'"):
        TrackKinematics(names)


def test_track_kinematics_refuses_inputs_of_another_width():
    with pytest.raises(ValueError, match="3 columns for 29 names"):
        TrackKinematics(FEATURE_NAMES)(np.zeros((2, 3), "f4"))


def test_track_kinematics_computes_in_float32():
    layer = TrackKinematics(FEATURE_NAMES, dtype="float16")

    assert keras.backend.standardize_dtype(layer(tracks()).dtype) == "float32"
