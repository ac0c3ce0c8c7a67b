"""The file: tree `trackingNtuple/tree`, one entry per event, as CMS names it.

Arrays are written with a counter branch per group (`ntrk`, `nvtx`, …).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TREE = "trackingNtuple/tree"

_FLOATS = """
trk_px trk_py trk_pz trk_pt trk_inner_px trk_inner_py trk_inner_pz trk_inner_pt
trk_outer_px trk_outer_py trk_outer_pz trk_outer_pt trk_eta trk_lambda trk_cotTheta
trk_phi trk_dxy trk_dz trk_dxyPV trk_dzPV trk_dxyClosestPV trk_dzClosestPV trk_ptErr
trk_etaErr trk_lambdaErr trk_phiErr trk_dxyErr trk_dzErr trk_refpoint_x trk_refpoint_y
trk_refpoint_z trk_nChi2 trk_ndof trk_bestSimTrkShareFrac
vtx_x vtx_y vtx_z vtx_xErr vtx_yErr vtx_zErr vtx_ndof vtx_chi2
sim_pt sim_eta sim_phi sim_px sim_py sim_pz sim_vx sim_vy sim_vz
simvtx_x simvtx_y simvtx_z
bsp_x bsp_y bsp_z bsp_sigmax bsp_sigmay bsp_sigmaz
"""
_INTS = """
trk_q trk_bestSimTrkIdx trk_simTrkIdx sim_q sim_pdgId sim_event sim_bunchCrossing
simvtx_event simvtx_bunchCrossing simpv_idx
"""
_COUNTS = """
trk_nValid trk_nLost trk_nInactive trk_nPixel trk_nStrip trk_nOuterLost trk_nInnerLost
trk_nOuterInactive trk_nInnerInactive trk_nPixelLay trk_nStripLay trk_n3DLay
trk_nLostLay trk_nCluster trk_algo trk_originalAlgo trk_nShared trk_nSimTrk
sim_nValid sim_nPixel sim_nStrip lumi run
"""
_SHORTS = "trk_isHP trk_isTrue vtx_fake vtx_valid"

BRANCHES: dict[str, np.dtype[Any]] = {
    name: np.dtype(kind)
    for names, kind in (
        (_FLOATS, np.float32),
        (_INTS, np.int32),
        (_COUNTS, np.uint32),
        (_SHORTS, np.int16),
        ("trk_stopReason", np.uint16),
        ("trk_algoMask event", np.uint64),
    )
    for name in names.split()
}
_SCALARS = ("event", "lumi", "run", *(n for n in BRANCHES if n.startswith("bsp_")))
# One entry per event, but not one per track: these have counters of their own.
_ALONE = ("trk_simTrkIdx", "simpv_idx")
_GROUPS = ("trk", "vtx", "sim", "simvtx")


def group_members(group: str) -> list[str]:
    """Branches that share the counter of a group."""
    return [
        name for name in BRANCHES if name.split("_")[0] == group and name not in _ALONE
    ]


class NtupleWriter:
    """Writes events to a ROOT file; a context manager.

    Args:
        path: The file to make; an existing one is lost.
    """

    def __init__(self, path: Path) -> None:
        import uproot

        self._file = uproot.recreate(path, compression=uproot.ZSTD(5))
        types: dict[str, Any] = {name: BRANCHES[name] for name in _SCALARS}
        types |= {name: f"var * {BRANCHES[name]}" for name in _ALONE}
        types |= {group: _record_type(group) for group in _GROUPS}
        self._file.mktree(TREE, types, counter_name=lambda name: f"n{name}")

    def write(self, events: Sequence[Mapping[str, NDArray[Any]]]) -> None:
        """Append events.

        Args:
            events: For each event one array per branch.
        """
        import awkward as ak

        columns: dict[str, Any] = {name: _flat(events, name) for name in _SCALARS}
        columns |= {name: _jagged(events, name) for name in _ALONE}
        for group in _GROUPS:
            members = group_members(group)
            columns[group] = ak.zip(
                {
                    name.removeprefix(f"{group}_"): _jagged(events, name)
                    for name in members
                }
            )
        self._file[TREE].extend(columns)

    def __enter__(self) -> NtupleWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def _record_type(group: str) -> str:
    """Awkward type of the arrays of a group."""
    fields = ", ".join(
        f'"{name.removeprefix(f"{group}_")}": {BRANCHES[name]}'
        for name in group_members(group)
    )
    return f"var * {{{fields}}}"


def _flat(events: Sequence[Mapping[str, NDArray[Any]]], name: str) -> NDArray[Any]:
    """One branch of several events in a row, in the type of the branch."""
    values = np.concatenate([event[name] for event in events])
    return values.astype(BRANCHES[name])


def _jagged(events: Sequence[Mapping[str, NDArray[Any]]], name: str) -> Any:
    """One branch as an array of arrays."""
    import awkward as ak

    return ak.unflatten(_flat(events, name), [len(event[name]) for event in events])
