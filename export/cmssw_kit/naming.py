"""What CMSSW calls a network, and where its files lie in an area."""

from __future__ import annotations

import dataclasses
import keyword
import re

from export.cmssw_kit.cuts import ITERATIONS
from export.errors import KitError

MAX_LENGTH = 64
_SUBSYSTEM = "TrackDnn"
_GRAPHS = "RecoTracker/FinalTrackSelectors/data/TrackTfClassifier"
_FORM = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)

# Labels and files of graphs in cms-sw/cmssw and in cms-data/RecoTracker-
# FinalTrackSelectors (V01-05-00), and labels of modules that a process has anyway:
# a kit of such a name would replace them.
TAKEN = frozenset(
    name.lower()
    for name in (
        *ITERATIONS,
        "trackSelectionTf",
        "trackSelectionTfPLess",
        "trackSelectionTf_CKF",
        "trackSelectionTfDisplacedRegional",
        "trackTfClassifier",
        "trackTfClassifierDefault",
        "trackdnn",
        "trackdnn_CKF",
        "trackdnn_source",
        "tfGraphDefProducer",
        "CKF_2021Run3",
        "CKF_Run3_12_5_0_pre5",
        "MkFit4plus3_2021Run3",
        "MkFitDisplacedRegionalOnly_Run3_12_5_0_pre5",
        "MkFitPixelLessOnly_Run3_12_5_0_pre5",
        "MkFit_Run3_12_5_0_pre5",
        "QCDFlatPU_QCDHighPt_ZEE_DisplacedSUSY_2020",
    )
)


@dataclasses.dataclass(frozen=True)
class Places:
    """Where the parts of a kit lie, as `edm::FileInPath` and Python look for them.

    Args:
        name: Name of the network: label, file and package.

    Raises:
        KitError: If it cannot be all of these.
    """

    name: str

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def graph(self) -> str:
        """The frozen graph."""
        return f"{_GRAPHS}/{self.name}.pb"

    @property
    def onnx(self) -> str:
        """The ONNX file."""
        return f"{_GRAPHS}/{self.name}.onnx"

    @property
    def package(self) -> str:
        """The package of CMSSW that holds the rest."""
        return f"{_SUBSYSTEM}/{self.name}"

    @property
    def probe(self) -> str:
        """Inputs and scores for the unit tests."""
        return f"{self.package}/data/probe.bin"


def check_name(name: str) -> None:
    """Raise unless `name` can be a file, a package of Python and a label of CMSSW.

    Raises:
        KitError: With the rule that it breaks.
    """
    if not _FORM.fullmatch(name) or len(name) > MAX_LENGTH:
        raise KitError(
            "The name of a network in CMSSW must be a letter and then letters, digits "
            f"and underscores, in ASCII and at most {MAX_LENGTH} of them. "
            f"Received: name={name[:80]!r}"
        )
    if keyword.iskeyword(name):
        raise KitError(
            "The name of a network in CMSSW must not be a keyword of Python. "
            f"Received: name={name!r}"
        )
    if name.lower() in TAKEN:
        raise KitError(
            "The name of a network in CMSSW must be one that CMSSW does not use "
            f"itself. Received: name={name!r}"
        )


def default_name(sha256: str) -> str:
    """The name of a graph that was given none, from the digits of its SHA-256."""
    return f"trackdnn_{sha256[:8]}"
